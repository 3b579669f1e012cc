/** One point: where it is, what it should be, and its way through the network and back. */

import { nameOf as axisName } from "../axes.js";
import { copyText, el, need, setText } from "../dom.js";
import { plain } from "../format.js";
import { h, patch } from "../patch.js";
import { t } from "../text.js";
import { backwardCode, backwardMatrices, chains } from "./backward.js";
import { figures } from "./batch.js";
import { activationOf, formulas, forwardCode, matrices, nameOf } from "./forward.js";
import { spotFor } from "./marks.js";
import { short } from "./numbers.js";
import { layerName, readPass, symbolOf } from "./reading.js";
import { NEAREST, NONE, NUMBER, askedFor, columnsAt, labelsOf, nearestLabel, placeAt } from "./target.js";

/** @import { AskedPoint, Catalogue, PointSaid, Snapshot } from "../types.js" */
/** @import { Part } from "../patch.js" */
/** @import { LayerPass } from "./reading.js" */
/** @import { Spot } from "./marks.js" */

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {(asked: AskedPoint) => void} ask has frames show another point
 */
export function createPoint(page, catalogue, ask) {
  const fields = need(page, "#inside-columns", HTMLElement);
  const target = need(page, "#inside-target", HTMLSelectElement);
  const number = need(page, "#inside-number", HTMLInputElement);
  const step = need(page, "#inside-step", HTMLElement);
  const back = need(page, "#inside-back", HTMLButtonElement);
  const next = need(page, "#inside-next", HTMLButtonElement);
  const neuron = need(page, "#inside-neuron", HTMLSelectElement);
  const copy = need(page, "#inside-copy", HTMLButtonElement);
  const copySaid = need(page, "#inside-copied", HTMLElement);
  const summary = need(page, "#inside-figures", HTMLElement);
  const body = need(page, "#inside-body", HTMLElement);
  const choices = need(page, "#inside-choices", HTMLElement);

  /** @type {Snapshot | null} */
  let latest = null;
  /** @type {number[]} of the point, in their own units */
  let columns = [];
  /** @type {number | null} a number to predict, in its own units */
  let typed = null;
  let made = ""; // what data the fields are of
  let offered = ""; // what labels the menu holds
  let current = 1; // layer
  let unit = 0;
  /** @type {Set<string>} sums that are shown in full */
  const opened = new Set();
  /** @type {PointSaid | null | undefined} */
  let said;
  /** @type {LayerPass[] | null} of what was said, with the weights of then */
  let pass = null;
  let code = "";

  const chosen = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement | null} */ (choices.querySelector(`input[name="${name}"]:checked`))?.value ??
    "";

  choices.addEventListener("change", render);
  back.addEventListener("click", () => go(-1));
  next.addEventListener("click", () => go(1));
  neuron.addEventListener("change", () => {
    unit = Number(neuron.value);
    render();
  });
  target.addEventListener("change", () => {
    number.hidden = target.value !== NUMBER;
    if (target.value === NUMBER && typed === null) takeNumber(nearest() ?? 0);
    tell();
  });
  number.addEventListener("input", () => {
    const fits = Number.isFinite(number.valueAsNumber);
    number.setAttribute("aria-invalid", String(!fits));
    if (!fits) return;
    typed = number.valueAsNumber;
    tell();
  });
  body.addEventListener("click", ({ target: clicked }) => {
    const key = clicked instanceof Element && clicked.closest("[data-terms]")?.getAttribute("data-terms");
    if (!key) return;
    if (!opened.delete(key)) opened.add(key);
    render();
  });
  copy.addEventListener("click", () => void copyCode());

  async function copyCode() {
    const done = await copyText(code, need(body, "pre", HTMLElement));
    setText(copySaid, t(done ? "inside.copied" : "inside.copy_by_hand"));
  }

  /** @param {-1 | 1} by */
  function go(by) {
    current += by;
    unit = 0;
    render();
  }

  /** @param {number} label as the network gives it */
  function takeNumber(label) {
    const { mean, scale } = latest?.target ?? { mean: 0, scale: 1 };
    typed = Number((mean + scale * label).toPrecision(4));
    number.value = plain(typed);
  }

  const nearest = () => latest && nearestLabel(latest, placeAt(latest, columns));

  /** The label that is asked for. @returns {number | null} */
  function label() {
    if (target.value === NONE || !latest) return null;
    if (target.value === NEAREST) return nearest();
    if (target.value !== NUMBER) return Number(target.value);
    return ((typed ?? 0) - latest.target.mean) / latest.target.scale;
  }

  function asked() {
    return latest && askedFor(latest, columns, label());
  }

  function tell() {
    const question = asked();
    if (question) ask(question);
    offer();
  }

  /** A field for each column. @param {Snapshot} snapshot */
  function build({ axes, points }) {
    const [x1 = 0, x2 = 0] = points.values;
    columns = latest ? columnsAt(latest, [x1, x2]) : [];
    typed = null;
    target.value = NEAREST;
    number.hidden = true;
    fields.replaceChildren(
      ...axes.map((axis, i) => {
        const input = el("input", {
          type: "number",
          step: "any",
          id: `inside-column-${i}`,
          inputmode: "text",
        });
        input.value = plain(columns[i] ?? 0);
        input.addEventListener("input", () => {
          const fits = Number.isFinite(input.valueAsNumber);
          input.setAttribute("aria-invalid", String(!fits));
          if (!fits) return;
          columns[i] = input.valueAsNumber;
          tell();
        });
        return el("div", { class: "inline-field" }, el("label", { for: input.id }, axisName(axis)), input);
      }),
    );
  }

  /** The labels to choose from. */
  function offer() {
    if (!latest) return;
    const labels = labelsOf(catalogue, latest);
    const regression = latest.problem === "regression";
    const near = nearest();
    const named = regression
      ? short(latest.target.mean + latest.target.scale * (near ?? NaN))
      : (labels.find(([value]) => value === near)?.[1] ?? "");
    /** @type {[string, string][]} */
    const options = [
      [NEAREST, t("inside.nearest", { label: named })],
      ...(regression
        ? [/** @type {[string, string]} */ ([NUMBER, t("inside.a_number")])]
        : labels.map(([value, name]) => /** @type {[string, string]} */ ([String(value), name]))),
      [NONE, t("inside.no_target")],
    ];
    const key = JSON.stringify(options);
    if (key === offered) return;
    offered = key;
    const before = target.value;
    target.replaceChildren(...options.map(([value, name]) => el("option", { value }, name)));
    target.value = options.some(([value]) => value === before) ? before : NEAREST;
  }

  /** @param {LayerPass} layer @returns {Part[]} */
  function parts(layer) {
    const { snapshot: seen, said: told } = { snapshot: latest, said };
    if (!seen || !told) return [];
    code = "";
    const way = chosen("inside-way");
    const output = layer.isOutput && told.loss !== null ? [lossRule(seen, told)] : [];
    if (chosen("inside-direction") === "forward") {
      if (way === "code") return block(forwardCode(layer));
      return [
        ...(way === "matrices" ? matrices(layer, catalogue) : formulas(layer, catalogue, opened)),
        ...output,
      ];
    }
    if (!layer.back) return [h("p", { class: "small" }, t("inside.needs_target"))];
    const course = {
      layer,
      back: layer.back,
      next: pass?.[layer.number],
      experiment: seen.experiment,
      unit,
      opened,
    };
    if (way === "code") return block(backwardCode(course));
    return way === "matrices" ? backwardMatrices(course, catalogue) : chains(course, catalogue);
  }

  /** @param {string} text @returns {Part[]} */
  function block(text) {
    code = text;
    return [h("pre", { class: "code" }, h("code", {}, text))];
  }

  /** @param {Snapshot} snapshot */
  const lossOf = ({ experiment }) => catalogue.losses.find(({ name }) => name === experiment.training.loss);

  /** @param {Snapshot} snapshot @param {PointSaid} told */
  function lossRule(snapshot, told) {
    return h(
      "p",
      { class: "rule" },
      h("span", {}, `L = ${lossOf(snapshot)?.formula ?? ""} = ${short(told.loss ?? NaN)}`),
    );
  }

  /** @param {Snapshot} snapshot @param {PointSaid} told */
  function total(snapshot, { outputs, target: wanted, loss, penalty, rate }) {
    const { mean, scale } = snapshot.target;
    const several = outputs.length > 1;
    /** @param {number} value */
    const inUnits = (value) => (scale === 1 && mean === 0 ? "" : ` (${short(mean + scale * value)})`);
    const numbers = snapshot.problem === "regression";
    const penalized = snapshot.experiment.training.regularization !== "none";
    return [
      ...outputs.map((value, i) => [
        several ? `${t("net.output")} ${symbolOf("o", i)}` : `${t("net.output")} o`,
        short(value ?? NaN) + (numbers ? inUnits(value ?? NaN) : ""),
      ]),
      ...(wanted === null
        ? []
        : [
            [
              `${t("inside.target")} t`,
              several ? targetName(snapshot, wanted) : short(wanted) + (numbers ? inUnits(wanted) : ""),
            ],
          ]),
      ...(loss === null ? [] : [[`${lossOf(snapshot)?.label ?? ""} L`, short(loss)]]),
      ...(loss !== null && penalized
        ? [[t("inside.loss_with_penalty"), short(loss + (penalty ?? NaN))]]
        : []),
      [`${t("training.learning_rate")} η`, short(rate)],
    ];
  }

  /** @param {Snapshot} snapshot @param {number} wanted */
  function targetName(snapshot, wanted) {
    return labelsOf(catalogue, snapshot)[wanted]?.[1] ?? String(wanted + 1);
  }

  function render() {
    if (!latest) return;
    const count = latest.layers.length - 1;
    current = Math.max(1, Math.min(count, current));
    const layer = pass?.[current - 1];
    const backward = chosen("inside-direction") === "backward";
    if (layer) {
      unit = Math.min(unit, layer.units - 1);
      const names = Array.from({ length: layer.units }, (_, i) => nameOf(layer, i));
      patch(
        neuron,
        names.map((name, i) => h("option", { value: i }, name)),
      );
      neuron.value = String(unit);
    }
    const chain = backward && chosen("inside-way") === "formula" && layer?.back;
    /** @type {HTMLElement} */ (neuron.parentElement).hidden = !chain || Number(layer?.units) < 2;
    copy.hidden = chosen("inside-way") !== "code" || (backward && !layer?.back);
    if (copy.hidden) setText(copySaid, "");
    const of = current === count && count > 1 ? ` · ${layerName(latest, current)}` : "";
    const { label: activation } = activationOf(catalogue, latest.activations[current - 1] ?? "");
    setText(step, `${t("inside.step", { layer: current, count })}${of} · ${activation}`);
    back.disabled = current <= 1;
    next.disabled = current >= count;
    patch(summary, said ? [figures(total(latest, said))] : []);
    patch(body, layer ? parts(layer) : [h("p", { class: "small" }, t("inside.waiting"))]);
  }

  return {
    /**
     * What to ask for when the tab opens.
     * @param {Snapshot} snapshot
     */
    begin(snapshot) {
      latest = snapshot;
      fit(snapshot);
      return asked();
    },

    /** @param {Snapshot} snapshot */
    update(snapshot) {
      latest = snapshot;
      if (fit(snapshot)) tell();
      const now = snapshot.panels.point;
      if (now === said && now !== undefined) return;
      said = now;
      pass = now ? readPass(catalogue, snapshot, now) : null;
      render();
    },

    /** @param {[number, number]} place of the plane */
    choose(place) {
      if (!latest) return;
      columns = columnsAt(latest, place);
      for (const [i, input] of fields.querySelectorAll("input").entries())
        input.value = plain(columns[i] ?? 0);
      tell();
    },

    /** Where its ring is. @param {Snapshot} snapshot @returns {Spot[]} */
    spots(snapshot) {
      return [spotFor(snapshot, ...placeAt(snapshot, columns), label())];
    },
  };

  /** Begins anew with other data. @param {Snapshot} snapshot */
  function fit(snapshot) {
    const { axes, problem, classes, target: predicted } = snapshot;
    const key = JSON.stringify([
      axes.map(({ name, mean, scale }) => [name, mean, scale]),
      problem,
      classes,
      predicted.scale,
    ]);
    const fresh = key !== made;
    if (fresh) {
      made = key;
      build(snapshot);
    }
    offer();
    return fresh;
  }
}
