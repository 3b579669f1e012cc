/** Where a frame keeps each weight: layer by layer, a kernel (inputs x units, row-major) and its biases. Pure. */

/** @import { WeightPlace } from "./types.js" */

/**
 * @param {number[]} layers units of the inputs and of every layer
 * @param {WeightPlace} place
 * @returns {number} its index in the weights
 */
export function weightIndex(layers, { layer, source, unit }) {
  let at = 0;
  for (let i = 1; i < layer; i += 1) at += (Number(layers[i - 1]) + 1) * Number(layers[i]);
  const units = Number(layers[layer]);
  return at + (source ?? Number(layers[layer - 1])) * units + unit;
}
