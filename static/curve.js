/** A function of one column: a curve through points, and how far it is from each. */

import { inkOf } from "./colors.js";
import { PLANE } from "./picture.js";
import { drawPoint } from "./points.js";

/** @import { Look, Points, Snapshot } from "./types.js" */
/** @import { Box } from "./axes.js" */

/**
 * @typedef {object} Curve a picture of which every row is the same
 * @property {Uint8Array} bytes
 * @property {number} start
 * @property {number} side
 * @property {number} low
 * @property {number} high
 */

/** Whether the output is a function of one column. @param {Snapshot} snapshot */
export const isCurve = ({ axes, problem }) => axes.length === 1 && problem === "regression";

/**
 * The function's value where a place of the plane is, -6 to 6.
 * @param {Curve} curve
 * @param {number} x
 */
export function heightAt({ bytes, start, side, low, high }, x) {
  const column = ((x + PLANE) / (2 * PLANE)) * side - 0.5;
  const before = Math.min(side - 1, Math.max(0, Math.floor(column)));
  const after = Math.min(side - 1, before + 1);
  const part = Math.min(1, Math.max(0, column - before));
  const a = Number(bytes[start + before]);
  const b = Number(bytes[start + after]);
  return low + ((a + (b - a) * part) / 254) * (high - low);
}

/**
 * @param {CanvasRenderingContext2D} to
 * @param {Curve} curve
 * @param {Pick<Box, "left" | "top" | "size">} box
 * @param {Look} look
 */
export function drawCurve(to, curve, { left, top, size }, look) {
  const { side, low, high } = curve;
  to.beginPath();
  for (let i = 0; i <= 2 * side; i += 1) {
    const x = PLANE * (i / side - 1);
    const y = (high - heightAt(curve, x)) / (high - low);
    to.lineTo(left + (i / (2 * side)) * size, top + y * size);
  }
  to.lineJoin = "round";
  to.lineWidth = Math.max(2.5, size / 110);
  to.strokeStyle = inkOf(look).strong;
  to.stroke();
}

/**
 * The points over a column, and on request a line from each to the curve.
 * @param {CanvasRenderingContext2D} to
 * @param {Points} points
 * @param {Curve} curve of the output
 * @param {Box} box
 * @param {{ look: Look, showTest: boolean, residuals: boolean }} how
 */
export function drawOver(to, { values, counts }, curve, { left, top, size }, { look, showTest, residuals }) {
  const shown = counts.train + (showTest ? counts.test : 0);
  const ink = inkOf(look);
  const { low, high } = curve;
  /** @param {number} value */
  const y = (value) => top + ((high - value) / (high - low)) * size;
  const radius = Math.max(2.6, size / 95);
  to.lineWidth = 1.5;
  for (let i = 0; i < shown; i += 1) {
    const [x1 = 0, , label = 0] = values.subarray(3 * i, 3 * i + 3);
    const x = left + ((x1 + PLANE) / (2 * PLANE)) * size;
    if (residuals) {
      const fitted = heightAt(curve, x1);
      to.strokeStyle = label > fitted ? ink.positive : ink.negative;
      to.beginPath();
      to.moveTo(x, y(label));
      to.lineTo(x, y(fitted));
      to.stroke();
    }
    // One colour: height says what the value is. A circle for training points, a ring for test points.
    drawPoint(to, x, y(label), radius, 1, { look, hollow: i >= counts.train, graded: false });
  }
}
