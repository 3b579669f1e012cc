/** Small charts of a layer over epochs, all alike but for what goes up. Pure: descriptions for patch.js. */

import { percent } from "../format.js";
import { h } from "../patch.js";
import { t } from "../text.js";
import { brief, short, tenTo } from "./numbers.js";
import { AT, EXPLODING, GAP, QUANTILES, VANISHING, stretches } from "./series.js";

/** @import { Part } from "../patch.js" */
/** @import { Series } from "./series.js" */

const [WIDTH, HEIGHT] = [1000, 400]; // of the drawing; the page stretches it
const STRIP = 28;
const LEAST = 8; // how wide a single look is
const DECADES = 12; // that an axis of powers of ten shows at most

/**
 * @typedef {object} Scale what goes up
 * @property {(value: number) => number} y
 * @property {[string, string]} ends the upper and the lower
 * @property {number[]} lines where there are some
 */

/** @typedef {{ scale: Scale, shapes: Part[], told: (row: number) => string[] }} Drawing */

/** @param {number} low @param {number} high */
function linear(low, high) {
  const [from, to] = low < high ? [low, high] : [Math.min(low, 0), Math.max(high, 1e-30)];
  const y = (/** @type {number} */ value) => Math.round((HEIGHT * (to - value)) / (to - from));
  const zero = from < 0 && to > 0 ? [y(0)] : [];
  return { y, ends: /** @type {[string, string]} */ ([brief(to), brief(from)]), lines: zero };
}

/** Powers of ten around all these. @param {Iterable<number>} values */
function logarithmic(values) {
  let [from, to] = [Infinity, -Infinity];
  for (const value of values) {
    if (!(value > 0)) continue;
    from = Math.min(from, Math.floor(Math.log10(value)));
    to = Math.max(to, Math.ceil(Math.log10(value)));
  }
  if (from > to) [from, to] = [-1, 0];
  if (from === to) to += 1;
  from = Math.max(from, to - DECADES);
  const y = (/** @type {number} */ value) =>
    Math.round(HEIGHT * Math.min(1, (to - Math.log10(value)) / (to - from)));
  const inner = Array.from({ length: to - from - 1 }, (_, i) => y(10 ** (from + 1 + i)));
  return { y, ends: /** @type {[string, string]} */ ([tenTo(to), tenTo(from)]), lines: inner };
}

/**
 * The charts of all layers: five each, in this order.
 * @param {Series} series that has rows
 * @param {string[]} names of the layers
 */
export function smallCharts(series, names) {
  const rows = Array.from({ length: series.count }, (_, i) => i);
  const last = series.count - 1;
  const [first, end] = [series.epoch(0), series.epoch(last)];
  const x = (/** @type {number} */ i) =>
    end > first ? Math.round((WIDTH * (series.epoch(i) - first)) / (end - first)) : 0;

  /** Stretches without a gap and without what is no number. @param {(i: number) => number} value */
  function runs(value) {
    /** @type {number[][]} */
    const found = [];
    let whole = false;
    for (const i of rows) {
      const there = !Number.isNaN(value(i));
      if (there && whole && (series.marks(i) & GAP) === 0) found.at(-1)?.push(i);
      else if (there) found.push([i]);
      whole = there;
    }
    return found;
  }

  /** @param {number[]} run @param {(i: number) => number} y @returns {string[]} */
  const corners = (run, y) =>
    run.length === 1
      ? run.flatMap((i) => [`${x(i)} ${y(i)}`, `${Math.min(x(i) + LEAST, WIDTH + LEAST)} ${y(i)}`])
      : run.map((i) => `${x(i)} ${y(i)}`);

  /** @param {(i: number) => number} value @param {Scale} scale @param {string} style */
  function line(value, scale, style) {
    const d = runs(value).map((run) => `M${corners(run, (i) => scale.y(value(i))).join("L")}`);
    return h("path", { d: d.join(""), class: style });
  }

  /** What is between two values. @param {(i: number) => number} low @param {(i: number) => number} high @param {Scale} scale @param {string} style */
  function between(low, high, scale, style) {
    const d = runs(low).map((run) => {
      const above = corners(run, (i) => scale.y(high(i)));
      const below = corners(run, (i) => scale.y(low(i))).reverse();
      return `M${[...above, ...below].join("L")}Z`;
    });
    return h("path", { d: d.join(""), class: style });
  }

  /** Quantiles as bands: left of zero in the histogram is below zero here. @param {number} start of AT @returns {(layer: number) => Drawing} */
  const bands = (start) => (layer) => {
    const quantile = (/** @type {number} */ q) => (/** @type {number} */ i) =>
      series.value(layer, start + q, i);
    const [smallest, largest] = [quantile(0), quantile(QUANTILES - 1)];
    let [low, high] = [0, 0];
    for (const i of rows) {
      low = Math.min(low, smallest(i) || 0);
      high = Math.max(high, largest(i) || 0);
    }
    const scale = linear(low, high);
    const shapes = [0, 1, 2].flatMap((q) => {
      const [from, to] = [quantile(q), quantile(QUANTILES - 1 - q)];
      return [
        between(
          (i) => Math.min(from(i), 0),
          (i) => Math.min(to(i), 0),
          scale,
          `band bar-negative band-${q}`,
        ),
        between(
          (i) => Math.max(from(i), 0),
          (i) => Math.max(to(i), 0),
          scale,
          `band bar-positive band-${q}`,
        ),
      ];
    });
    return {
      scale,
      shapes: [...shapes, line(quantile(3), scale, "trace")],
      told: (i) => [t("inside.time.from_to", { low: brief(smallest(i)), high: brief(largest(i)) })],
    };
  };

  /** @param {number} layer @returns {Drawing} */
  const weightNorm = (layer) => {
    const value = (/** @type {number} */ i) => series.value(layer, AT.norm, i);
    const scale = linear(0, Math.max(...rows.map(value).filter(Number.isFinite)));
    return { scale, shapes: [line(value, scale, "trace")], told: (i) => [short(value(i))] };
  };

  const gradientNorm = (/** @type {number} */ layer) => (/** @type {number} */ i) =>
    series.value(layer, AT.gradientNorm, i);
  // One axis for all layers: whether the first gets as much as the last is what one looks for.
  const sizes = logarithmic(names.flatMap((_, layer) => rows.map(gradientNorm(layer))));
  /** @param {number} layer @returns {Drawing} */
  const gradientSize = (layer) => {
    const value = gradientNorm(layer);
    return { scale: sizes, shapes: [line(value, sizes, "trace")], told: (i) => [short(value(i))] };
  };

  /** @param {number} layer @returns {Drawing} */
  const stuck = (layer) => {
    const scale = { ...linear(0, 1), ends: /** @type {[string, string]} */ (["100 %", "0 %"]), lines: [] };
    const [dead, saturated] = [AT.dead, AT.saturated].map(
      (place) => (/** @type {number} */ i) => series.value(layer, place, i),
    );
    if (!dead || !saturated) return { scale, shapes: [], told: () => [] };
    return {
      scale,
      shapes: [line(dead, scale, "trace"), line(saturated, scale, "trace dashed")],
      told: (i) => [percent(dead(i)), percent(saturated(i))],
    };
  };

  /** When gradients vanished or exploded: a strip along the top, and a breath of its colour below. */
  const marked = [VANISHING, EXPLODING].flatMap((mark) =>
    stretches(series, mark).flatMap(([from, to]) => {
      const style = mark === VANISHING ? "when-vanishing" : "when-exploding";
      const across = { x: x(from), y: 0, width: Math.max(x(to) - x(from), LEAST) };
      return [
        h("rect", { ...across, height: HEIGHT, class: `${style} breath` }),
        h("rect", { ...across, height: STRIP, class: style }),
      ];
    }),
  );
  /** @type {[string[], (layer: number) => Drawing, boolean][]} what is shown, how, and whether it is of gradients */
  const charts = [
    [["inside.weights"], bands(AT.weights), false],
    [["inside.weight_norm"], weightNorm, false],
    [["inside.gradients"], bands(AT.gradients), true],
    [["inside.gradient_norm"], gradientSize, true],
    [["inside.dead", "inside.saturated"], stuck, false],
  ];
  const drawn = names.map((_, layer) => charts.map(([, draw]) => draw(layer)));

  /**
   * Those of a layer, with the figures of one row.
   * @param {number} layer from 0
   * @param {number} row
   */
  return (layer, row) =>
    charts.map(([keys, , ofGradients], place) => {
      const found = drawn[layer]?.[place];
      if (!found) return "";
      const { scale, shapes, told } = found;
      const what = keys.map((key) => t(key)).join(", ");
      const [here, begin, now] = [row, 0, last].map((i) => told(i));
      const said = {
        what,
        layer: names[layer] ?? "",
        from: epochText(first),
        to: epochText(end),
        before: (begin ?? []).join(", "),
        now: (now ?? []).join(", "),
      };
      return h(
        "figure",
        { class: "small-chart" },
        h(
          "figcaption",
          {},
          ...keys.map((key, i) =>
            h(
              "span",
              { class: keys.length > 1 ? `key-${i}` : false },
              t(key),
              " ",
              h("b", {}, here?.[i] ?? ""),
            ),
          ),
        ),
        h(
          "p",
          { class: "chart-ends", "aria-hidden": "true" },
          ...scale.ends.map((end) => h("span", {}, end)),
        ),
        h(
          "svg",
          {
            viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
            preserveAspectRatio: "none",
            role: "img",
            "aria-label": t("inside.time.chart", said),
          },
          ...(ofGradients ? marked : []),
          ...scale.lines.map((y) => h("path", { d: `M0 ${y}H${WIDTH}`, class: "zero" })),
          ...shapes,
          h("path", { d: `M${x(row)} 0V${HEIGHT}`, class: row === last ? "cursor at-end" : "cursor" }),
        ),
        h(
          "p",
          { class: "histogram-ticks", "aria-hidden": "true" },
          ...[epochText(first), t("inside.epoch"), epochText(end)].map((text) => h("span", {}, text)),
        ),
      );
    });
}

/** @param {number} epoch which may be in the middle of one */
export function epochText(epoch) {
  return String(epoch >= 10 ? Math.floor(epoch) : Number(epoch.toFixed(1)));
}
