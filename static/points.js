/** Points over a picture: classes differ by colour and shape, training points are filled, test points hollow. */

import { classCss, classPath } from "./classes.js";
import { cssAt, inkOf } from "./colors.js";

/** @import { Look, Points } from "./types.js" */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {number} label its sign is its class, of more than two its number
 * @param {{ look: Look, hollow: boolean, graded: boolean, classes?: number }} how graded: coloured by how large
 *   the label is, -1 to 1
 */
export function drawPoint(context, x, y, radius, label, { look, hollow, graded, classes = 2 }) {
  const ink = inkOf(look);
  const several = classes > 2;
  const color = graded
    ? cssAt(look, label)
    : several
      ? classCss(look, label)
      : label > 0
        ? ink.positive
        : ink.negative;
  // A value near zero looks like the picture under it, so such points have an outline that is seen.
  const outline = graded ? ink.faint : ink.outline;
  if (several) {
    classPath(context, x, y, radius, label);
  } else if (label > 0) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
  } else {
    const reach = 1.28 * radius; // as large to the eye as the circle
    context.beginPath();
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
 * @param {{ look: Look, showTest: boolean, graded: boolean, classes: number, radius: number,
 *   reach?: number, place: (x1: number, x2: number) => [number, number] }} how reach: the largest number to predict
 */
export function drawPoints(
  context,
  { values, counts },
  { look, showTest, graded, classes, radius, reach = 1, place },
) {
  const shown = counts.train + (showTest ? counts.test : 0);
  for (let i = 0; i < shown; i += 1) {
    const [x1 = 0, x2 = 0, label = 0] = values.subarray(3 * i, 3 * i + 3);
    const [x, y] = place(x1, x2);
    drawPoint(context, x, y, radius, graded ? label / reach : label, {
      look,
      hollow: i >= counts.train,
      graded,
      classes,
    });
  }
}

/** The largest number to predict, as the network gives it. @param {Points} points */
export function reachOf({ values }) {
  let reach = 1;
  for (let i = 2; i < values.length; i += 3) reach = Math.max(reach, Math.abs(Number(values[i])));
  return reach > 2 ? reach : 1;
}
