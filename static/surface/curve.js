/** Draws the loss over one weight, and the steps that gradient descent would take on it. */

import { inkOf, linesOf } from "../colors.js";
import { rangeOf } from "./grid.js";
import { axes, dot, segment, shareOf } from "./picture.js";

/** @import { Canvas, Drawn, Mover, Shown } from "./picture.js" */
/** @import { Spot } from "./relief.js" */

/**
 * The loss over one weight.
 * @param {Canvas} canvas
 * @param {Shown} shown
 * @returns {Drawn}
 */
export function drawCurve(canvas, shown) {
  const { to, look, font, width, height } = canvas;
  const { loss, side } = shown;
  const { low, high } = rangeOf(loss);
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  const box = { left: 5.2 * font, top: 0.6 * font, width: width - 5.8 * font, height: height - 3.8 * font };
  const up = { low: low - room, high: high + room, name: shown.names[1] ?? "" };
  /** @param {number} share @param {number} value @returns {Spot} */
  const on = (share, value) => [
    box.left + share * box.width,
    box.top + (1 - (value - up.low) / (up.high - up.low)) * box.height,
  ];
  axes(canvas, box, shown, up);
  to.save();
  to.beginPath();
  to.rect(box.left, box.top, box.width, box.height);
  to.clip();
  to.beginPath();
  loss.forEach((value, i) => Number.isFinite(value) && to.lineTo(...on(i / (side - 1), value)));
  to.lineWidth = 2.75 * linesOf(look);
  to.lineJoin = "round";
  to.strokeStyle = inkOf(look).train;
  to.stroke();
  to.restore();
  return {
    box,
    spot: ([x = NaN, y]) => {
      const share = shareOf(shown, 0, x);
      const value = y ?? between(loss, share * (side - 1));
      return Number.isFinite(value) ? on(share, value) : null;
    },
  };
}

/** The height between two points of a curve; NaN beyond it. @param {Float32Array} loss @param {number} x */
function between(loss, x) {
  if (!(x >= 0 && x <= loss.length - 1)) return NaN;
  const before = Math.min(loss.length - 2, Math.floor(x));
  const [a, b] = [Number(loss[before]), Number(loss[before + 1])];
  return a + (b - a) * (x - before);
}

/**
 * Where the network was and is on a curve, its slope there, and the next steps of plain gradient descent.
 * @param {Canvas} canvas
 * @param {Drawn} drawn
 * @param {Mover} mover
 * @param {Shown} shown
 */
export function drawSteps({ to, look }, { spot, box }, { at, path, slope, steps }, shown) {
  const ink = inkOf(look);
  to.save();
  to.beginPath();
  to.rect(box.left, box.top, box.width, box.height);
  to.clip();
  to.globalAlpha = 0.45;
  for (const place of path) {
    const one = spot(place);
    if (one) dot(to, one, 2.5, ink.strong, ink.strong);
  }
  to.globalAlpha = 1;
  const [first] = steps;
  if (first) {
    // The tangent, as far as the next step goes and a bit.
    const [w, loss] = first;
    const reach = (Number(shown.high[0]) - Number(shown.low[0])) / 8;
    const ends = [-reach, reach].map((by) => spot([w + by, loss + by * Number(slope[0])]));
    const [from, end] = ends;
    if (from && end) {
      to.setLineDash([6, 5]);
      to.strokeStyle = ink.axis;
      to.lineWidth = 1.75 * linesOf(look);
      to.beginPath();
      segment(to, from, end);
      to.stroke();
      to.setLineDash([]);
    }
  }
  const spots = steps.map((step) => spot(step)).filter((one) => one !== null);
  to.strokeStyle = ink.test;
  to.lineWidth = 1.75 * linesOf(look);
  to.beginPath();
  for (const one of spots) to.lineTo(...one);
  to.stroke();
  for (const one of spots.slice(1)) dot(to, one, 3.5, ink.test, ink.outline);
  const now = spot(at);
  if (now) dot(to, now, 6, ink.strong, ink.outline);
  to.restore();
}
