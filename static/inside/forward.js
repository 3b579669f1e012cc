/** A layer's forward pass for one point: as formulas, as matrices, in NumPy. Pure: descriptions for patch.js. */

import { h } from "../patch.js";
import { t } from "../text.js";
import { ACTIVATIONS } from "./functions.js";
import { aligned, factor, python, short, sum } from "./numbers.js";
import { EPSILON, symbolOf } from "./reading.js";

/** @import { Catalogue } from "../types.js" */
/** @import { Part } from "../patch.js" */
/** @import { LayerPass } from "./reading.js" */

const MOST_TERMS = 4; // of a sum that is not opened

/**
 * What an activation is called, and its formula.
 * @param {Catalogue} catalogue
 * @param {string} name
 */
export function activationOf(catalogue, name) {
  const row = [...catalogue.activations, ...catalogue.output_activations].find((one) => one.name === name);
  return { label: row?.label ?? name, formula: row?.formula ?? "" };
}

/** The weights into a neuron. @param {LayerPass} layer @param {number} unit */
export function weightsInto({ weights, units, from }, unit) {
  return from.map((_, i) => weights.kernel[i * units + unit] ?? NaN);
}

/**
 * A sum that may be long: then it ends in a button that shows the rest.
 * @param {string} before
 * @param {[number, ...number[]][]} terms
 * @param {string} after
 * @param {string} key of the sum
 * @param {Set<string>} opened keys of those that are shown in full
 * @returns {Part[]}
 */
export function line(before, terms, after, key, opened) {
  if (terms.length <= MOST_TERMS) return [`${before}${sum(terms)}${after}`];
  const open = opened.has(key);
  const label = open ? t("inside.fewer_terms") : t("inside.all_terms", { count: terms.length });
  const text = open ? sum(terms) : sum(terms, MOST_TERMS - 1).replace(/…$/, "");
  const button = h(
    "button",
    { type: "button", class: "terms", "data-terms": key, "aria-expanded": String(open), "aria-label": label },
    open ? "«" : "…",
  );
  return [`${before}${text} `, button, after];
}

/**
 * @param {LayerPass} layer
 * @param {Catalogue} catalogue
 * @param {Set<string>} opened
 * @returns {Part[]}
 */
export function formulas(layer, catalogue, opened) {
  const { z, y, a, x, weights, normal, units } = layer;
  const { formula } = activationOf(catalogue, layer.activation);
  const into = normal ? "y" : "z";
  const rows = Array.from({ length: units }, (_, unit) => {
    /** @param {string} letter */
    const named = (letter) => (units > 1 ? symbolOf(letter, unit) : letter);
    /** @type {[number, ...number[]][]} */
    const products = weightsInto(layer, unit).map((w, i) => [w, x[i] ?? NaN]);
    /** @type {[number, ...number[]][]} */
    const terms = normal ? products : [[weights.bias[unit] ?? NaN], ...products];
    const sums = line(
      `${named("z")} = `,
      terms,
      ` = ${short(z[unit] ?? NaN)}`,
      `z${layer.number}.${unit}`,
      opened,
    );
    return h(
      "li",
      { class: "calculation" },
      h("span", { class: "calculation-name" }, nameOf(layer, unit)),
      h("span", { class: "formula" }, ...sums),
      normal ? h("span", { class: "formula" }, normalized(normal, named, unit, z, y)) : null,
      h("span", { class: "formula" }, `${named("a")} = f(${named(into)}) = ${short(a[unit] ?? NaN)}`),
    );
  });
  const rule = normal
    ? `z = Σ w·x,  y = γ·(z − μ) / √(σ² + ${EPSILON}) + β,  a = f(y)`
    : "z = b + Σ w·x,  a = f(z)";
  return [
    h("p", { class: "rule" }, h("span", {}, rule), h("span", {}, formula)),
    h("ol", { class: "calculations" }, ...rows),
  ];
}

/** @param {LayerPass} layer @param {number} unit */
export function nameOf({ isOutput, units }, unit) {
  if (!isOutput) return t("inside.neuron", { unit: unit + 1 });
  return units > 1 ? t("net.output_of", { unit: unit + 1 }) : t("net.output_neuron");
}

/**
 * @param {Float32Array[]} normal
 * @param {(letter: string) => string} named
 * @param {number} unit
 * @param {Float32Array} z
 * @param {Float32Array} y
 */
function normalized(normal, named, unit, z, y) {
  const [scale = NaN, shift = NaN, mean = NaN, variance = NaN] = normal.map((values) => values[unit]);
  const centred = `(${short(z[unit] ?? NaN)} − ${factor(mean)})`;
  const root = `√(${short(variance)} + ${EPSILON})`;
  return `${named("y")} = ${short(scale)}·${centred} / ${root} + ${factor(shift)} = ${short(y[unit] ?? NaN)}`;
}

/**
 * A matrix with its name and shape.
 * @param {string} name
 * @param {ArrayLike<number>} values row-major
 * @param {number} rows
 * @param {number} columns
 */
export function matrix(name, values, rows, columns) {
  const shape = t("inside.shape", { rows, columns });
  return h(
    "figure",
    { class: "matrix" },
    h("figcaption", {}, h("b", {}, name), ` ${shape}`),
    h(
      "table",
      { "aria-label": `${name} ${shape}` },
      h(
        "tbody",
        {},
        ...Array.from({ length: rows }, (_, i) =>
          h(
            "tr",
            {},
            ...Array.from({ length: columns }, (__, j) => {
              const value = values[i * columns + j] ?? NaN;
              return h("td", { "data-sign": value < 0 ? "negative" : "positive" }, aligned(value));
            }),
          ),
        ),
      ),
    ),
  );
}

/** @param {string} text */
export const operator = (text) => h("span", { class: "operator" }, text);

/**
 * @param {LayerPass} layer
 * @param {Catalogue} catalogue
 * @returns {Part[]}
 */
export function matrices(layer, catalogue) {
  const { x, z, y, a, weights, units, normal } = layer;
  const { formula } = activationOf(catalogue, layer.activation);
  const inputs = x.length;
  const bias = normal ? [] : [operator("+"), matrix("b", weights.bias, 1, units)];
  return [
    h("p", { class: "rule" }, h("span", {}, normal ? "z = x W" : "z = x W + b"), h("span", {}, formula)),
    h(
      "div",
      { class: "matrices" },
      matrix("x", x, 1, inputs),
      operator("·"),
      matrix("W", weights.kernel, inputs, units),
      ...bias,
      operator("="),
      matrix("z", z, 1, units),
    ),
    h(
      "div",
      { class: "matrices" },
      ...(normal ? [matrix("y", y, 1, units), operator("→ f(y) =")] : [operator("f(z) =")]),
      matrix("a", a, 1, units),
    ),
    h("p", { class: "small" }, [t("inside.fits", { inputs, units }), turned(inputs, units)].join(" ").trim()),
  ];
}

/**
 * What becomes of the product the other way round.
 * @param {number} inputs
 * @param {number} units
 */
function turned(inputs, units) {
  if (units > 1) return t("inside.no_fit", { inputs, units });
  return inputs > 1 ? t("inside.other_fit", { inputs }) : "";
}

/** @param {ArrayLike<number>} values */
const row = (values) => `[${Array.from(values, python).join(", ")}]`;

/** A vector in NumPy. @param {ArrayLike<number>} values */
export const vector = (values) => `np.array(${row(values)})`;

/** A kernel in NumPy, a row an input. @param {LayerPass} layer */
function kernelCode({ weights, x, units }) {
  const rows = Array.from(x, (_, i) => row(weights.kernel.subarray(i * units, (i + 1) * units)));
  return `np.array([${rows.join(",\n              ")}])`;
}

/** The lines that define what both passes begin with. @param {LayerPass} layer */
export function given(layer) {
  const { x, weights, normal, activation } = layer;
  return [
    ...(activation === "gelu" ? ["import math", ""] : []),
    "import numpy as np",
    "",
    `x = ${vector(x)}  # (${x.length},)`,
    `W = ${kernelCode(layer)}  # (${x.length}, ${layer.units})`,
    ...(normal
      ? ["gamma", "beta", "mean", "variance"].map((name, i) => `${name} = ${vector(normal[i] ?? [])}`)
      : [`b = ${vector(weights.bias)}  # (${layer.units},)`]),
  ];
}

/** The lines that compute the layer. @param {LayerPass} layer */
export function forwardLines({ normal, activation }) {
  const code = ACTIVATIONS[activation]?.code ?? "z";
  return normal
    ? [
        "z = x @ W",
        `y = gamma * (z - mean) / np.sqrt(variance + ${EPSILON}) + beta`,
        `a = ${code.replace(/\bz\b/g, "y")}`,
      ]
    : ["z = x @ W + b", `a = ${code}`];
}

/**
 * The layer's forward pass in NumPy, with its numbers.
 * @param {LayerPass} layer
 */
export function forwardCode(layer) {
  return [...given(layer), "", ...forwardLines(layer), `print(a)  # ${row(layer.a)}`, ""].join("\n");
}
