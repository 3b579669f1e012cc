/** Settings beyond the first ones: the optimizer's own numbers, the schedule, limits, and what each layer has. */

import { el, need, setText } from "../dom.js";
import { withLayer, withTraining } from "../edits.js";
import { count, plain } from "../format.js";
import { placeUnder } from "../popover.js";
import { scheduleCurve, scheduleFactor } from "../schedule.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Experiment, State, View } from "../types.js" */

const BOX = { width: 300, height: 56 }; // of the schedule's curve

/**
 * @typedef {object} Numbered a field for a number of the training settings
 * @property {"momentum" | "beta_1" | "beta_2" | "rho" | "epsilon" | "weight_decay" | "decay_steps" | "decay_rate" | "clip_norm" | "max_norm"} name
 * @property {HTMLInputElement} input
 * @property {HTMLElement} row
 */

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @returns {View}
 */
export function createMoreView(page, catalogue, actions) {
  const button = need(page, "#more-button", HTMLButtonElement);
  const menu = need(page, "#more-menu", HTMLElement);
  const hint = need(page, "#more-hint", HTMLElement);
  const own = need(page, "#own-numbers", HTMLElement);
  const schedule = need(page, "#schedule", HTMLSelectElement);
  const scheduleAbout = need(page, "#schedule-about", HTMLElement);
  const curve = need(page, "#schedule-curve", SVGSVGElement);
  const path = need(curve, "path", SVGPathElement);
  const marker = need(curve, "circle", SVGCircleElement);
  const now = need(page, "#schedule-now", HTMLElement);
  const layers = need(page, "#layer-settings", HTMLElement);
  const noLayers = need(page, "#no-layers", HTMLElement);
  placeUnder(button, menu);

  /** @type {Numbered[]} */
  const numbers = [...menu.querySelectorAll("input[data-number]")].map((input) => ({
    name: /** @type {Numbered["name"]} */ (/** @type {HTMLElement} */ (input).dataset["number"]),
    input: /** @type {HTMLInputElement} */ (input),
    row: /** @type {HTMLElement} */ (input.closest(".condition")),
  }));
  const optional = new Set(catalogue.optimizer_settings.map((row) => String(row.name)));

  /**
   * Whether a number will do, which is said if it will not.
   * @param {HTMLInputElement} input
   * @param {boolean} mayBeEmpty
   */
  function fits(input, mayBeEmpty) {
    const [low, high] = [Number(input.min), Number(input.max)];
    const whole = input.step === "1";
    const value = input.valueAsNumber;
    const empty = input.value === "" && !input.validity.badInput;
    const right =
      (empty && mayBeEmpty) || (value >= low && value <= high && (!whole || Number.isInteger(value)));
    input.setAttribute("aria-invalid", String(!right));
    hint.hidden = right;
    input.closest(".condition, table")?.after(hint); // where the eye is
    const about = page.getElementById(`${input.id}-about`)?.id ?? "";
    input.setAttribute("aria-describedby", right ? about : `${about} ${hint.id}`);
    const key = whole ? "training.whole_number" : "training.number";
    setText(hint, right ? "" : t(key, { low: plain(low), high: plain(high) }));
    return right;
  }

  /** A number that will not do is not kept in sight. */
  function restore() {
    hint.hidden = true;
    if (latest) show(latest);
  }

  for (const { name, input } of numbers) {
    input.addEventListener("blur", restore);
    input.addEventListener("input", () => {
      if (!fits(input, optional.has(name))) return;
      const value = input.value === "" ? null : input.valueAsNumber;
      actions.edit((e) => withTraining(e, { [name]: value }));
    });
  }
  schedule.addEventListener("change", () =>
    actions.edit((e) => withTraining(e, { schedule: schedule.value })),
  );

  /** @type {{ row: HTMLElement, dropout: HTMLInputElement, normal: HTMLInputElement }[]} */
  const rows = [];
  /** @param {number} index */
  function makeRow(index) {
    const [low, high] = catalogue.limits.dropout;
    const name = t("more.layer", { layer: index + 1 });
    const dropout = el("input", { type: "number", min: low, max: high, step: 0.05 });
    dropout.setAttribute("aria-label", `${name}: ${t("more.dropout")}`);
    const normal = el("input", { type: "checkbox" });
    normal.setAttribute("aria-label", `${name}: ${t("more.batch_normalization")}`);
    dropout.addEventListener("input", () => {
      if (fits(dropout, false)) actions.edit((e) => withLayer(e, index, { dropout: dropout.valueAsNumber }));
    });
    dropout.addEventListener("blur", restore);
    normal.addEventListener("change", () =>
      actions.edit((e) => withLayer(e, index, { batch_normalization: normal.checked })),
    );
    const row = el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, dropout), el("td", {}, normal));
    return { row, dropout, normal };
  }

  /** @param {Experiment} edited */
  function showLayers({ network }) {
    const { hidden } = network;
    for (const { row } of rows.splice(hidden.length)) row.remove();
    while (rows.length < hidden.length) {
      const made = makeRow(rows.length);
      rows.push(made);
      layers.append(made.row);
    }
    hidden.forEach((layer, i) => {
      const { dropout, normal } = rows[i] ?? makeRow(i);
      if (page.activeElement !== dropout) {
        dropout.value = plain(layer.dropout);
        dropout.setAttribute("aria-invalid", "false");
      }
      normal.checked = layer.batch_normalization;
    });
    noLayers.hidden = hidden.length > 0;
    /** @type {HTMLElement} */ (layers.closest("table")).hidden = hidden.length === 0;
  }

  /** @param {State} state */
  function showSchedule({ edited, snapshot }) {
    const { training } = edited;
    schedule.value = training.schedule;
    const row = catalogue.schedules.find(({ name }) => name === training.schedule);
    setText(scheduleAbout, [row?.formula, row?.help].filter(Boolean).join(": "));
    const constant = training.schedule === "constant";
    /** @type {HTMLElement} */ (curve.parentElement).hidden = constant;
    if (constant) return;
    const span = 2 * training.decay_steps;
    const step = snapshot?.step ?? 0;
    const factor = scheduleFactor(training, step);
    path.setAttribute("d", scheduleCurve(training, span, BOX.width, BOX.height));
    marker.setAttribute("cx", String((BOX.width * Math.min(step, span)) / span));
    marker.setAttribute("cy", String(BOX.height * (1 - factor)));
    const rate = plain(Number((training.learning_rate * factor).toPrecision(3)));
    setText(now, t("more.rate_now", { rate, step: count(step) }));
  }

  /** @type {State | null} */
  let latest = null;
  menu.addEventListener("beforetoggle", restore);

  /** @param {State} state */
  function show(state) {
    const { training } = state.edited;
    const settings = catalogue.optimizers.find((row) => row.name === training.optimizer)?.settings ?? {};
    const listed = catalogue.schedules.find((row) => row.name === training.schedule)?.settings ?? [];
    const none = Object.keys(settings).length === 0;
    setText(own, none ? t("more.no_numbers") : "");
    own.hidden = !none;
    for (const { name, input, row } of numbers) {
      if (optional.has(name)) {
        row.hidden = !(name in settings);
        input.placeholder = plain(settings[name] ?? 0);
      } else if (name === "decay_steps" || name === "decay_rate") {
        row.hidden = !listed.includes(name);
      }
      if (page.activeElement === input) continue;
      const value = training[name];
      input.value = value === null ? "" : plain(value);
      input.setAttribute("aria-invalid", "false");
    }
    showSchedule(state);
    showLayers(state.edited);
  }

  return {
    update(state) {
      latest = state;
      const { training, network } = state.edited;
      const layered = network.hidden.some((layer) => layer.dropout > 0 || layer.batch_normalization);
      const given = catalogue.optimizer_settings.some((row) => training[row.name] !== null);
      const used =
        layered ||
        given ||
        training.schedule !== "constant" ||
        training.clip_norm > 0 ||
        training.max_norm > 0;
      button.classList.toggle("active", used);
      button.setAttribute("aria-label", t(used ? "more.title_used" : "more.title"));
      if (menu.matches(":popover-open")) show(state);
    },
  };
}
