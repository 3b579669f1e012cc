/** A layer's backward pass for one point: the chain of factors, matrices, NumPy. Pure, as forward.js is. */

import { h } from "../patch.js";
import { t } from "../text.js";
import {
  activationOf,
  forwardLines,
  given,
  line,
  matrix,
  nameOf,
  operator,
  vector,
  weightsInto,
} from "./forward.js";
import { ACTIVATIONS, LOSS_SLOPES } from "./functions.js";
import { aligned, factor, short } from "./numbers.js";
import { EPSILON } from "./reading.js";

/** @import { Catalogue, Experiment } from "../types.js" */
/** @import { Part } from "../patch.js" */
/** @import { Back, LayerPass } from "./reading.js" */

/**
 * @typedef {object} Way back through a layer
 * @property {LayerPass} layer
 * @property {Back} back
 * @property {LayerPass | undefined} next the layer after it
 * @property {Experiment} experiment
 * @property {number} unit whose weights are looked at
 * @property {Set<string>} opened sums that are shown in full
 */

/** Whether the output's slope comes from all outputs together. @param {LayerPass} layer */
const isSoftmax = ({ activation }) => activation === "softmax";

/**
 * f′ where the neuron is, out of two slopes that the server has worked out.
 * @param {Back} back
 * @param {number} unit
 */
const slopeOf = ({ byA, byY }, unit) => Number(byY[unit]) / Number(byA[unit]);

/** Where the slopes by the layer's activations come from. @param {Way} way @returns {Part[]} */
function origin({ layer, back, next, experiment, unit, opened }) {
  const value = short(back.byA[unit] ?? NaN);
  if (next?.back) {
    const { units, weights, back: after } = next;
    /** @type {[number, ...number[]][]} */
    const terms = Array.from(after.byZ, (slope, k) => [slope, weights.kernel[unit * units + k] ?? NaN]);
    return line("dL/da = Σ dL/dz·w = ", terms, ` = ${value}`, `a${layer.number}.${unit}`, opened);
  }
  if (isSoftmax(layer)) return [`dL/dz = o − t = ${short(back.byZ[unit] ?? NaN)}`];
  const slope = LOSS_SLOPES[experiment.training.loss] ?? "";
  return [`dL/da = ${slope && `${slope} = `}${value}`];
}

/** From dL/da to dL/dz. @param {Way} way */
function through({ layer, back, unit }) {
  const byZ = short(back.byZ[unit] ?? NaN);
  const [byA, slope] = [factor(back.byA[unit] ?? NaN), slopeOf(back, unit)];
  const derivative = Number.isFinite(slope) ? factor(slope) : "f′(z)";
  if (!layer.normal) return `dL/dz = dL/da · f′(z) = ${byA}·${derivative} = ${byZ}`;
  const [scale = NaN, , , variance = NaN] = layer.normal.map((values) => values[unit]);
  const stretched = `${factor(scale)} / √(${short(variance)} + ${EPSILON})`;
  return `dL/dz = dL/da · f′(y) · γ / √(σ² + ${EPSILON}) = ${byA}·${derivative}·${stretched} = ${byZ}`;
}

/** The slope of the activation as a formula. @param {LayerPass} layer @param {Catalogue} catalogue */
function rule(layer, catalogue) {
  const { formula } = activationOf(catalogue, layer.activation);
  const slope = ACTIVATIONS[layer.activation]?.slope ?? "";
  const into = layer.normal ? "y" : "z";
  return [
    h("span", {}, "dL/dw = dL/dz · x"),
    h("span", {}, formula),
    slope ? h("span", {}, `f′(${into}) = ${slope.replace(/\bz\b/g, into)}`) : null,
  ].filter((part) => part !== null);
}

/**
 * The chosen neuron: where its slope comes from, and the chain of factors of each weight.
 * @param {Way} way
 * @param {Catalogue} catalogue
 * @returns {Part[]}
 */
export function chains(way, catalogue) {
  const { layer, back, unit, experiment } = way;
  const { units, weights, from, x, normal } = layer;
  const penalty = experiment.training.regularization !== "none";
  const slope = slopeOf(back, unit);
  const whole = isSoftmax(layer) || normal || !Number.isFinite(slope);
  const before = whole ? [factor(back.byZ[unit] ?? NaN)] : [factor(back.byA[unit] ?? NaN), factor(slope)];
  /** @param {string} name @param {number} w @param {string[]} factors @param {(numbers: { kernel: Float32Array, bias: Float32Array }) => number | undefined} at */
  const row = (name, w, factors, at) => {
    const [gradient = NaN, penalized = NaN, update = NaN] = [back.gradient, back.penalized, back.update].map(
      at,
    );
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h("td", {}, aligned(w)),
      h("td", {}, `${factors.join("·")} = ${short(gradient)}`),
      penalty ? h("td", {}, aligned(penalized)) : null,
      h("td", {}, aligned(update)),
      h("td", {}, aligned(w + update)),
    );
  };
  const rows = weightsInto(layer, unit).map((w, i) =>
    row(
      t("card.weight", { from: from[i] ?? "" }),
      w,
      [...before, factor(x[i] ?? NaN)],
      ({ kernel }) => kernel[i * units + unit],
    ),
  );
  const bias = normal
    ? []
    : [row(t("card.bias"), weights.bias[unit] ?? NaN, [...before, "1"], ({ bias: all }) => all[unit])];
  const chain = whole ? "dL/dz · x" : "dL/da · f′(z) · x";
  return [
    h("p", { class: "rule" }, ...rule(layer, catalogue)),
    h(
      "div",
      { class: "calculation alone" },
      h("span", { class: "calculation-name" }, nameOf(layer, unit)),
      h("span", { class: "formula" }, ...origin(way)),
      isSoftmax(layer) ? null : h("span", { class: "formula" }, through(way)),
    ),
    h(
      "table",
      { class: "numbers" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td", {}),
          h("th", { scope: "col" }, t("inside.weight")),
          h("th", { scope: "col" }, `dL/dw = ${chain}`),
          penalty ? h("th", { scope: "col" }, t("inside.with_penalty")) : null,
          h("th", { scope: "col" }, t("inside.update")),
          h("th", { scope: "col" }, t("inside.afterwards")),
        ),
      ),
      h("tbody", {}, ...rows, ...bias),
    ),
  ];
}

/**
 * All neurons of the layer at once.
 * @param {Way} way
 * @param {Catalogue} catalogue
 * @returns {Part[]}
 */
export function backwardMatrices({ layer, back }, catalogue) {
  const { x, units, weights } = layer;
  const inputs = x.length;
  const slopes = Array.from(back.byA, (_, unit) => slopeOf(back, unit));
  const known = !isSoftmax(layer) && !layer.normal && slopes.every(Number.isFinite);
  const before = known
    ? [matrix("dL/da", back.byA, 1, units), operator("∘"), matrix("f′(z)", slopes, 1, units), operator("=")]
    : [];
  /** @type {number[]} */
  const down = Array.from(x, (_, i) =>
    back.byZ.reduce((total, slope, k) => total + slope * Number(weights.kernel[i * units + k]), 0),
  );
  return [
    h("p", { class: "rule" }, ...rule(layer, catalogue)),
    h("div", { class: "matrices" }, ...before, matrix("dL/dz", back.byZ, 1, units)),
    h(
      "div",
      { class: "matrices" },
      matrix("xᵀ", x, inputs, 1),
      operator("·"),
      matrix("dL/dz", back.byZ, 1, units),
      operator("="),
      matrix("dL/dW", back.gradient.kernel, inputs, units),
    ),
    ...(layer.number > 1
      ? [
          h(
            "div",
            { class: "matrices" },
            matrix("dL/dz", back.byZ, 1, units),
            operator("·"),
            matrix("Wᵀ", transposed(weights.kernel, inputs, units), units, inputs),
            operator("="),
            matrix("dL/dx", down, 1, inputs),
          ),
        ]
      : []),
  ];
}

/** @param {Float32Array} values (rows, columns) @param {number} rows @param {number} columns */
function transposed(values, rows, columns) {
  return Array.from(
    { length: columns * rows },
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? NaN,
  );
}

/**
 * The layer's backward pass in NumPy, with its numbers.
 * @param {Way} way
 */
export function backwardCode({ layer, back }) {
  const { normal } = layer;
  const slope = ACTIVATIONS[layer.activation]?.slopeCode ?? "";
  const into = normal ? "dy" : "dz";
  const chain = isSoftmax(layer)
    ? [`dz = ${vector(back.byZ)}  # dL/dz = o - t`]
    : [
        `da = ${vector(back.byA)}  # dL/da`,
        `${into} = da * (${normal ? slope.replace(/\bz\b/g, "y") : slope})`,
        ...(normal ? [`dz = dy * gamma / np.sqrt(variance + ${EPSILON})`] : []),
      ];
  return [
    ...given(layer),
    ...forwardLines(layer),
    "",
    ...chain,
    `dW = np.outer(x, dz)  # (${layer.x.length}, ${layer.units})`,
    ...(normal ? [] : ["db = dz"]),
    "dx = W @ dz  # dL/dx",
    "print(dW)",
    "",
  ].join("\n");
}
