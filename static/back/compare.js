/**
 * The dialog "Compare": two moments side by side, the difference of their outputs, their figures and which settings
 * differ. It is loaded when it is first wanted.
 */

import { regionTable } from "../classes.js";
import { cssAt, colorTable, inkOf } from "../colors.js";
import { heightAt, isCurve } from "../curve.js";
import { context2d, el, need, setText } from "../dom.js";
import { DASH, loss, percent, plain, signed } from "../format.js";
import { figuresOf } from "../history.js";
import { PLANE } from "../picture.js";
import { shownOf } from "../shown.js";
import { t } from "../text.js";
import { differenceOf } from "./difference.js";
import { whenOf } from "./moments.js";
import { drawCells, drawOutput } from "./picture.js";
import { changedSettings } from "./settings.js";

/** @import { Look, Moment, Snapshot } from "../types.js" */
/** @import { Parts } from "../views/back.js" */
/** @import { Difference } from "./difference.js" */

/** @typedef {{ name: string, label: string, moment: Moment | null }} Choice null: what is now */

const PIXELS = 320; // of a picture
const WHOLE = { left: 0, top: 0, size: PIXELS };
const EVERY = 250; // ms: what is now is drawn no more often

/**
 * @param {Document} page
 * @param {Parts} parts
 */
export function createCompare(page, { catalogue, store, history, recorder }) {
  const dialog = need(page, "#compare-dialog", HTMLDialogElement);
  const body = need(page, "#compare-body", HTMLElement);
  const [a, b] = [makeSide("a", "A"), makeSide("b", "B")];
  const picture = makePicture();
  const legend = el("canvas", { width: 254, height: 1, class: "legend-bar" });
  const ticks = el("div", { class: "legend-ticks" });
  const legendBox = el("div", { class: "compare-legend", "aria-hidden": "true" }, legend, ticks);
  const words = el("p", { class: "small", role: "status", id: "compare-words" });
  const figures = el("table", { id: "compare-figures" });
  const settings = el("div", { class: "compare-settings", id: "compare-settings" });
  /** @type {Choice[]} */
  let choices = [];
  let timer = 0;
  let drawnAt = 0;

  const third = el("section", { class: "compare-one" }, el("h3", {}, t("compare.difference")));
  third.append(picture, legendBox, words);
  body.append(
    el("div", { class: "compare-pictures" }, a.section, b.section, third),
    el(
      "div",
      { class: "compare-parts" },
      el("section", { class: "compare-part" }, el("h3", {}, t("compare.figures")), figures),
      el("section", { class: "compare-part" }, el("h3", {}, t("compare.settings")), settings),
    ),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  for (const { menu } of [a, b]) menu.addEventListener("change", draw);
  store.watch(["snapshot", "look", "discretize"], () => {
    if (!dialog.open || timer) return;
    timer = window.setTimeout(draw, Math.max(0, drawnAt + EVERY - performance.now()));
  });

  function makePicture() {
    return el("canvas", { width: PIXELS, height: PIXELS, class: "compare-picture", role: "img" });
  }

  /** @param {string} name @param {string} letter */
  function makeSide(name, letter) {
    const menu = el("select", { id: `compare-${name}` });
    const label = el("label", { for: `compare-${name}` }, letter);
    const canvas = makePicture();
    const section = el("section", { class: "compare-one" });
    section.append(el("div", { class: "field" }, label, menu), canvas);
    return { menu, canvas, section };
  }

  /** What is now. @returns {Moment | null} */
  function now() {
    const { snapshot } = store.get();
    const run = recorder.moments().at(-1)?.run;
    return snapshot && run ? { run, snapshot, row: figuresOf(snapshot, history.newest) } : null;
  }

  /** What can be compared. @param {Moment | null} pinned @returns {Choice[]} */
  function choicesOf(pinned) {
    const moments = recorder.moments();
    const runs = [...new Set(moments.map(({ run }) => run))];
    const { past } = store.get();
    const several = runs.length > 1;
    /** @param {string} key @param {Moment} moment */
    const named = (key, moment) => t(`compare.${key}`, { when: whenOf(moment, several) });
    return [
      ...(pinned ? [{ name: "pinned", label: named("pinned", pinned), moment: pinned }] : []),
      ...(past ? [{ name: "past", label: named("looked_at", past), moment: past }] : []),
      ...runs.flatMap((run) => {
        const own = moments.filter((moment) => moment.run === run);
        const ends = run.history ? [own[0], own.at(-1)] : [own[0]];
        return ends.flatMap((moment, i) =>
          moment
            ? [
                {
                  name: `${i === 0 ? "start" : "end"} ${run.number}`,
                  label: named(i === 0 ? "start" : "end", moment),
                  moment,
                },
              ]
            : [],
        );
      }),
      { name: "now", label: t("compare.now"), moment: null },
    ];
  }

  /** @param {string} name @returns {Moment | null} */
  const chosen = (name) => choices.find((choice) => choice.name === name)?.moment ?? now();

  function draw() {
    clearTimeout(timer);
    timer = 0;
    drawnAt = performance.now();
    const [first, second] = [chosen(a.menu.value), chosen(b.menu.value)];
    if (!first || !second) return;
    const several = first.run !== second.run;
    const { look, discretize } = store.get();
    for (const { moment, canvas, letter } of [
      { moment: first, canvas: a.canvas, letter: "A" },
      { moment: second, canvas: b.canvas, letter: "B" },
    ]) {
      const context = context2d(canvas);
      context.clearRect(0, 0, PIXELS, PIXELS);
      drawOutput(context, moment.snapshot, look, WHOLE, discretize);
      canvas.setAttribute("aria-label", t("compare.output", { letter, when: whenOf(moment, several) }));
    }
    const difference = differenceOf(first.snapshot, second.snapshot);
    drawDifference(first.snapshot, second.snapshot, difference, look);
    setText(words, wordsOf(difference, isCurve(second.snapshot)));
    picture.setAttribute("aria-label", t("compare.difference"));
    picture.setAttribute("aria-describedby", words.id);
    fill(first, second, several);
    list(first.snapshot, second.snapshot);
  }

  /** @param {Snapshot} from @param {Snapshot} to @param {Difference | null} difference @param {Look} look */
  function drawDifference(from, to, difference, look) {
    const context = context2d(picture);
    context.clearRect(0, 0, PIXELS, PIXELS);
    picture.hidden = difference === null;
    const curve = isCurve(to);
    legendBox.hidden = difference === null || difference.classes !== null || curve || difference.reach === 0;
    if (!difference) return;
    const { side, values, classes, reach } = difference;
    if (curve) drawCurves(context, from, to, look);
    else if (classes) {
      const table = regionTable(look, to.classes, true);
      const same = colorTable(look, { low: 0, high: 0, middle: 0, reach: 1 }, 1)[0] ?? 0;
      drawCells(
        context,
        side,
        (image) => {
          const pixels = new Uint32Array(image.data.buffer);
          classes.forEach((kind, i) => (pixels[i] = kind === 0 ? same : (table[32 * (kind - 1)] ?? same)));
        },
        WHOLE,
      );
    } else {
      const scale = { low: -1, high: 1, middle: 0, reach: 1 };
      const table = colorTable(look, scale, 1);
      drawCells(
        context,
        side,
        (image) => {
          const pixels = new Uint32Array(image.data.buffer);
          values.forEach((value, i) => {
            pixels[i] = table[Math.round(127 + 127 * (reach > 0 ? value / reach : 0))] ?? 0;
          });
        },
        WHOLE,
      );
      drawLegend(reach, look);
    }
  }

  /** @param {number} reach @param {Look} look */
  function drawLegend(reach, look) {
    const bar = context2d(legend);
    for (let i = 0; i < legend.width; i += 1) {
      bar.fillStyle = cssAt(look, (2 * (i + 0.5)) / legend.width - 1);
      bar.fillRect(i, 0, 1, 1);
    }
    const text = plain(Number(reach.toPrecision(2)));
    ticks.replaceChildren(
      el("span", {}, t("compare.a_higher", { value: text })),
      el("span", {}, "0"),
      el("span", {}, t("compare.b_higher", { value: text })),
    );
  }

  /** @param {Moment} first @param {Moment} second @param {boolean} several */
  function fill(first, second, several) {
    const [from, to] = [first.row, second.row];
    /** @param {string} name @param {number | undefined} x @param {number | undefined} y @param {(value: number) => string} say @param {(value: number) => string} [change] */
    const row = (name, x = NaN, y = NaN, say, change = (value) => changed(value, 4)) => {
      const cells = [say(x), say(y), Number.isFinite(y - x) ? change(y - x) : DASH];
      return el("tr", {}, el("th", { scope: "row" }, name), ...cells.map((text) => el("td", {}, text)));
    };
    /** @param {number} share */
    const points = (share) => t("compare.points", { n: changed(100 * share, 1) });
    const accuracies =
      Number.isFinite(from?.accuracy) || Number.isFinite(to?.accuracy)
        ? [
            row(t("compare.train_accuracy"), from?.accuracy, to?.accuracy, percent, points),
            row(t("compare.test_accuracy"), from?.testAccuracy, to?.testAccuracy, percent, points),
          ]
        : [];
    /** @param {number} value */
    const whole = (value) => String(value);
    const heads = ["A", "B", "B − A"].map((text) => el("th", { scope: "col" }, text));
    figures.replaceChildren(
      el("thead", {}, el("tr", {}, el("td"), ...heads)),
      el(
        "tbody",
        {},
        ...(several ? [row(t("compare.run"), first.run.number, second.run.number, whole, () => "")] : []),
        row(t("run.epoch"), first.snapshot.epoch, second.snapshot.epoch, whole, (value) => changed(value, 0)),
        row(t("run.train_loss"), from?.loss, to?.loss, loss),
        row(t("run.test_loss"), from?.testLoss, to?.testLoss, loss),
        ...accuracies,
      ),
    );
  }

  /** @param {Snapshot} from @param {Snapshot} to */
  function list(from, to) {
    const changed = changedSettings(catalogue, from.experiment, to.experiment);
    const heads = [t("compare.setting"), "A", "B"].map((text) => el("th", { scope: "col" }, text));
    const rows = changed.map((row) =>
      el("tr", {}, el("th", { scope: "row" }, row.label), el("td", {}, row.a), el("td", {}, row.b)),
    );
    const shown =
      rows.length > 0
        ? el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows))
        : el("p", { class: "small" }, t("compare.same_settings"));
    if (settings.textContent !== shown.textContent) settings.replaceChildren(shown);
  }

  return {
    /** @param {Moment | null} pinned */
    open(pinned) {
      const { past } = store.get();
      choices = choicesOf(pinned);
      for (const { menu } of [a, b]) {
        menu.replaceChildren(...choices.map(({ name, label }) => el("option", { value: name }, label)));
      }
      // What was pinned or is looked at against what is now; else the run before, else this run's start.
      const before = choices.findLast(({ name }) => name.startsWith("end ")) ?? choices[0];
      a.menu.value = pinned ? "pinned" : past ? "past" : (before?.name ?? "now");
      b.menu.value = pinned && past ? "past" : "now";
      dialog.showModal();
      draw();
    },
  };
}

/** A number with its sign. @param {number} value @param {number} digits */
function changed(value, digits) {
  const text = signed(value, digits);
  return Number(text) > 0 ? `+${text}` : text;
}

/**
 * The difference in words, for those who cannot see it.
 * @param {Difference | null} difference
 * @param {boolean} curve
 */
function wordsOf(difference, curve) {
  if (!difference) return t("compare.unlike");
  const { reach, higher, classes, otherwise } = difference;
  if (classes === null && reach === 0) return t("compare.alike");
  const other = Number.isNaN(otherwise) ? "" : t("compare.otherwise", { share: percent(otherwise) });
  if (classes) return `${other} ${t("compare.coloured")}`;
  const values = { share: percent(higher), value: plain(Number(reach.toPrecision(3))) };
  return [curve ? t("compare.curves") : other, t("compare.higher", values)].filter(Boolean).join(" ");
}

/**
 * Two functions of one column on one scale: A's dashed, B's whole.
 * @param {CanvasRenderingContext2D} to
 * @param {Snapshot} a
 * @param {Snapshot} b
 * @param {Look} look
 */
function drawCurves(to, a, b, look) {
  const curves = [a, b].map((snapshot) => {
    const { bytes, start, side, scale } = shownOf(snapshot, { inspected: null, alone: null });
    return { bytes, start, side, low: scale.low, high: scale.high };
  });
  const low = Math.min(...curves.map((curve) => curve.low));
  const high = Math.max(...curves.map((curve) => curve.high));
  to.lineWidth = 3;
  to.lineJoin = "round";
  to.strokeStyle = inkOf(look).strong;
  for (const [i, curve] of curves.entries()) {
    to.setLineDash(i === 0 ? [7, 5] : []);
    to.beginPath();
    for (let x = 0; x <= PIXELS; x += 2) {
      const value = heightAt(curve, PLANE * ((2 * x) / PIXELS - 1));
      to.lineTo(x, ((high - value) / (high - low)) * PIXELS);
    }
    to.stroke();
  }
  to.setLineDash([]);
}
