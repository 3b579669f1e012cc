/** What differs between two moments' outputs over the plane. Pure. */

import { readRegion } from "../classes.js";
import { isCurve } from "../curve.js";
import { shownOf } from "../shown.js";

/** @import { Axis, Snapshot } from "../types.js" */

/**
 * @typedef {object} Difference
 * @property {number} side cells across, of the coarser of the two
 * @property {Float32Array} values B's output minus A's of every cell, row by row; of more
 *   than two classes empty
 * @property {number} reach the largest of them without its sign; 0 if they are the same
 * @property {number} higher on which share of the plane B's is the higher one
 * @property {Uint8Array | null} classes of more than two, of every cell: 0 where both take it for the same class,
 *   else 1 + B's class
 * @property {number} otherwise on which share of the plane the likeliest class differs; NaN for regression
 */

const WHOLE = { inspected: null, alone: null };

/**
 * @param {Snapshot} a
 * @param {Snapshot} b
 * @returns {Difference | null} null where the two do not show the same: other axes, classes or problems
 */
export function differenceOf(a, b) {
  if (!areAlike(a, b)) return null;
  const side = Math.min(a.boundary.side, b.boundary.side);
  const cells = side ** 2;
  const [inA, inB] = [cellsOf(a.boundary.side, side), cellsOf(b.boundary.side, side)];
  if (b.classes > 2) {
    const classes = new Uint8Array(cells);
    let count = 0;
    for (let i = 0; i < cells; i += 1) {
      const now = readRegion(Number(b.boundary.data[inB(i)])).index;
      if (readRegion(Number(a.boundary.data[inA(i)])).index === now) continue;
      classes[i] = 1 + now;
      count += 1;
    }
    return { side, values: new Float32Array(0), reach: 0, higher: NaN, classes, otherwise: count / cells };
  }
  const [from, to] = [valuesOf(a, b), valuesOf(b, a)];
  const values = new Float32Array(cells);
  let [reach, higher, others] = [0, 0, 0];
  for (let i = 0; i < cells; i += 1) {
    const [before, now] = [from.at(inA(i)), to.at(inB(i))];
    const value = (values[i] = now - before);
    reach = Math.max(reach, Math.abs(value));
    if (value > 0) higher += 1;
    if (before >= from.middle !== now >= to.middle) others += 1;
  }
  const otherwise = b.problem === "classification" ? others / cells : NaN;
  return { side, values, reach, higher: higher / cells, classes: null, otherwise };
}

/**
 * Of a picture with `own` cells a side, the one in which the middle of each of `side` x `side` cells lies.
 * @param {number} own
 * @param {number} side
 */
function cellsOf(own, side) {
  const along = Array.from({ length: side }, (_, i) => Math.floor(((i + 0.5) * own) / side));
  /** @param {number} i */
  return (i) => own * Number(along[Math.floor(i / side)]) + Number(along[i % side]);
}

/** Whether they can be laid over each other. @param {Snapshot} a @param {Snapshot} b */
function areAlike(a, b) {
  return (
    a.problem === b.problem &&
    a.classes === b.classes &&
    isCurve(a) === isCurve(b) &&
    placeOf(a.axes) === placeOf(b.axes)
  );
}

/** What of the space pictures show. @param {Axis[]} axes */
const placeOf = (axes) =>
  JSON.stringify(axes.map(({ name, low, high, held }, i) => [name, low, high, i > 1 && held]));

/**
 * The values of the cells: in the target's units for a number to predict; of classes as the network gives them, or,
 * where the two give other ones (a sigmoid and a tanh), from -1 to 1.
 * @param {Snapshot} snapshot
 * @param {Snapshot} other
 */
function valuesOf(snapshot, other) {
  const { bytes, start, scale } = shownOf(snapshot, WHOLE);
  const unlike = scale.middle !== shownOf(other, WHOLE).scale.middle;
  const { mean, scale: unit } = snapshot.target;
  const regression = snapshot.problem === "regression";
  /** @param {number} value */
  const inUnits = (value) =>
    regression ? mean + unit * value : unlike ? (value - scale.middle) / scale.reach : value;
  return {
    middle: inUnits(scale.middle),
    /** @param {number} i */
    at: (i) => inUnits(scale.low + (Number(bytes[start + i]) / 254) * (scale.high - scale.low)),
  };
}
