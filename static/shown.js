/** Which picture the output's panel shows, and how its bytes are read. Pure. */

import { scaleOf } from "./colors.js";

/** @import { Snapshot, State } from "./types.js" */
/** @import { Scale } from "./colors.js" */

/**
 * @typedef {object} Shown a picture and what it is of
 * @property {Uint8Array} bytes
 * @property {number} start
 * @property {number} side
 * @property {Scale} scale
 * @property {number} regions how many classes a picture of regions tells apart; 0 for values
 * @property {number | null} unit the class whose probability it is, counted from 0; null for anything else
 */

/**
 * The class whose probability alone is to be seen, if there is such a class.
 * @param {Snapshot} snapshot
 * @param {Pick<State, "alone">} state
 */
export const aloneIn = ({ classes }, { alone }) =>
  alone !== null && classes > 2 && alone < classes ? alone : null;

/**
 * The neuron that is pointed at, else the class that was chosen, else the output of the whole network.
 * @param {Snapshot} snapshot
 * @param {Pick<State, "inspected" | "alone">} state
 * @returns {Shown}
 */
export function shownOf(snapshot, state) {
  const { layers, neurons, boundary, activations, problem, classes } = snapshot;
  const last = layers.length - 1;
  const several = Number(layers[last]) > 1;
  const alone = aloneIn(snapshot, state);
  const place = state.inspected ?? (alone === null ? null : { layer: last, unit: alone });
  if (place && (place.layer < last || several) && place.unit < Number(layers[place.layer])) {
    const before = layers.slice(1, place.layer).reduce((sum, n) => sum + n, 0);
    const index = before + place.unit;
    const [low = 0, high = 0] = neurons.ranges.subarray(2 * index, 2 * index + 2);
    const scale = scaleOf(low, high, activations[place.layer - 1] ?? "linear");
    const { data: bytes, side } = neurons;
    const unit = place.layer === last ? place.unit : null;
    return { bytes, start: index * side ** 2, side, scale, regions: 0, unit };
  }
  const [low = 0, high = 0] = boundary.ranges;
  const activation = activations.at(-1) ?? "linear";
  // Points have labels of -1 to 1: a fixed scale keeps their colours and the picture's comparable.
  const reach = low === 0 ? 0.5 : problem === "regression" ? 1.2 * Math.max(1, high) : 1;
  const scale = scaleOf(low, high, activation, reach);
  const regions = classes > 2 ? classes : 0;
  return { bytes: boundary.data, start: 0, side: boundary.side, scale, regions, unit: null };
}
