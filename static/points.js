/** Points over a picture: classes differ by colour and shape, training points are filled, test points hollow. */

import { cssAt, inkOf } from "./colors.js";

/** @import { Look, Points } from "./types.js" */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {number} label its sign is its class
 * @param {{ look: Look, hollow: boolean, graded: boolean }} how graded: coloured by how large the label is
 */
export function drawPoint(context, x, y, radius, label, { look, hollow, graded }) {
  const ink = inkOf(look);
  const color = graded ? cssAt(look, label) : label > 0 ? ink.positive : ink.negative;
  // A value near zero looks like the picture under it, so such points have an outline that is seen.
  const outline = graded ? ink.faint : ink.outline;
  context.beginPath();
  if (label > 0) {
    context.arc(x, y, radius, 0, 2 * Math.PI);
  } else {
    const reach = 1.28 * radius; // as large to the eye as the circle
    context.moveTo(x, y - reach);
    context.lineTo(x + reach, y);
    context.lineTo(x, y + reach);
    context.lineTo(x - reach, y);
    context.closePath();
  }
  if (hollow && !graded) {
    context.lineWidth = 0.95 * radius;
    context.strokeStyle = outline;
    context.stroke();
    context.lineWidth = 0.55 * radius;
    context.strokeStyle = color;
    context.stroke();
    return;
  }
  // Where the inside shows the value, a dark rim tells test points from the others.
  context.lineWidth = (graded ? 0.35 : 0.6) * radius;
  context.strokeStyle = hollow ? ink.strong : outline;
  context.stroke();
  context.fillStyle = color;
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Points} points
 * @param {{ look: Look, showTest: boolean, graded: boolean, radius: number,
 *   place: (x1: number, x2: number) => [number, number] }} how
 */
export function drawPoints(context, { values, counts }, { look, showTest, graded, radius, place }) {
  const shown = counts.train + (showTest ? counts.test : 0);
  for (let i = 0; i < shown; i += 1) {
    const [x1 = 0, x2 = 0, label = 0] = values.subarray(3 * i, 3 * i + 3);
    const [x, y] = place(x1, x2);
    drawPoint(context, x, y, radius, label, { look, hollow: i >= counts.train, graded });
  }
}
