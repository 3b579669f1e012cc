/** What a frame says of a point, layer by layer. Pure; docs/protocol.md says what its blocks are. */

import { featureLabel } from "../edits.js";
import { t } from "../text.js";

/** @import { Block, Catalogue, PointSaid, Snapshot } from "../types.js" */

export const EPSILON = 0.001; // of batch normalization, as Keras has it

/**
 * @typedef {object} Weights a layer's numbers of one kind
 * @property {Float32Array} kernel (inputs, units), row-major
 * @property {Float32Array} bias (units)
 */

/**
 * @typedef {object} Back slopes of the loss by a layer's numbers
 * @property {Float32Array} byA
 * @property {Float32Array} byY
 * @property {Float32Array} byZ
 * @property {Weights} gradient
 * @property {Weights} penalized the gradient with the penalty's part
 * @property {Weights} update
 */

/**
 * @typedef {object} LayerPass what a layer makes of the point
 * @property {number} number from 1, the output's last
 * @property {boolean} isOutput
 * @property {string} activation
 * @property {number} units
 * @property {string[]} from what goes in, by name
 * @property {Float32Array} x what goes in
 * @property {Weights} weights
 * @property {Float32Array} z
 * @property {Float32Array} y what goes into the activation
 * @property {Float32Array} a
 * @property {Float32Array[] | null} normal scale, shift, moving mean and variance of its units
 * @property {Back | null} back null without a target
 */

/**
 * What goes into each layer, by name.
 * @param {Catalogue} catalogue
 * @param {Snapshot} snapshot
 * @param {number} layer from 1
 */
export function sourcesOf(catalogue, { experiment, layers }, layer) {
  if (layer === 1) return experiment.features.map((name) => featureLabel(catalogue, experiment.data, name));
  return Array.from({ length: Number(layers[layer - 1]) }, (_, i) => symbolOf("a", i));
}

const LOWERED = "₀₁₂₃₄₅₆₇₈₉";

/** A letter with its number, from 1: a₁. @param {string} letter @param {number} index from 0 */
export function symbolOf(letter, index) {
  return letter + [...String(index + 1)].map((digit) => LOWERED[Number(digit)]).join("");
}

/**
 * The layer's name: hidden ones are counted.
 * @param {Snapshot} snapshot
 * @param {number} layer from 1
 */
export function layerName({ layers }, layer) {
  return layer === layers.length - 1 ? t("net.output") : t("net.layer", { n: layer });
}

/**
 * A row of the weights' size, as kernel and bias of every layer.
 * @param {Float32Array} values
 * @param {number[]} layers units of the inputs and of every layer
 * @returns {Weights[]}
 */
export function shaped(values, layers) {
  let at = 0;
  return layers.slice(1).map((units, i) => {
    const size = Number(layers[i]) * units;
    const kernel = values.subarray(at, at + size);
    const bias = values.subarray(at + size, at + size + units);
    at += size + units;
    return { kernel, bias };
  });
}

/**
 * A row of the neurons' size, layer by layer.
 * @param {Float32Array} values
 * @param {number[]} units of each layer
 */
function cut(values, units) {
  let at = 0;
  return units.map((count) => values.subarray(at, (at += count)));
}

/**
 * @param {Snapshot} snapshot
 * @param {string} name
 * @returns {Float32Array | null}
 */
export function block({ panelBlocks }, name) {
  const found = /** @type {Block<Float32Array> | undefined} */ (panelBlocks[name]);
  return found?.data ?? null;
}

/**
 * @param {Catalogue} catalogue
 * @param {Snapshot} snapshot that has just brought what the panel `point` shows
 * @param {PointSaid} said
 * @returns {LayerPass[] | null} null if it is of another network
 */
export function readPass(catalogue, snapshot, said) {
  const { layers, activations, experiment, weights } = snapshot;
  const units = layers.slice(1);
  const neurons = units.reduce((total, n) => total + n, 0);
  const [inputs, z, y, a] = ["inputs", "z", "normalized", "a"].map((name) =>
    block(snapshot, `point.${name}`),
  );
  if (!inputs || !z || !y || !a || a.length !== neurons || inputs.length !== layers[0]) return null;
  const [ofZ, ofY, ofA, ofWeights] = [cut(z, units), cut(y, units), cut(a, units), shaped(weights, layers)];
  const normals = normalsOf(snapshot);
  const backs = said.target === null ? null : backsOf(snapshot);
  const none = new Float32Array();
  return units.map((count, i) => ({
    number: i + 1,
    isOutput: i === units.length - 1,
    activation: activations[i] ?? "linear",
    units: count,
    from: sourcesOf(catalogue, snapshot, i + 1),
    x: i === 0 ? inputs : (ofA[i - 1] ?? none),
    weights: /** @type {Weights} */ (ofWeights[i]),
    z: ofZ[i] ?? none,
    y: ofY[i] ?? none,
    a: ofA[i] ?? none,
    normal: experiment.network.hidden[i]?.batch_normalization ? (normals.shift() ?? null) : null,
    back: backs?.[i] ?? null,
  }));
}

/** Of the layers that have batch normalization. @param {Snapshot} snapshot */
function normalsOf(snapshot) {
  const values = block(snapshot, "point.normalization") ?? new Float32Array();
  const units = snapshot.experiment.network.hidden.flatMap(({ neurons, batch_normalization: has }) =>
    has ? [neurons] : [],
  );
  return cut(
    values,
    units.map((count) => 4 * count),
  ).map((four, i) => cut(four, Array(4).fill(units[i])));
}

/** @param {Snapshot} snapshot @returns {Back[] | null} */
function backsOf(snapshot) {
  const { layers } = snapshot;
  const units = layers.slice(1);
  const neurons = ["by_a", "by_normalized", "by_z"].map((name) => block(snapshot, `point.${name}`));
  const whole = ["gradient", "gradient_with_penalty", "update"].map((name) =>
    block(snapshot, `point.${name}`),
  );
  if ([...neurons, ...whole].some((values) => values === null)) return null;
  const [byA = [], byY = [], byZ = []] = neurons.map((values) => cut(values ?? new Float32Array(), units));
  const [gradient = [], penalized = [], update = []] = whole.map((values) =>
    shaped(values ?? new Float32Array(), layers),
  );
  return units.map(
    (_, i) =>
      /** @type {Back} */ ({
        byA: byA[i],
        byY: byY[i],
        byZ: byZ[i],
        gradient: gradient[i],
        penalized: penalized[i],
        update: update[i],
      }),
  );
}
