/** What the pictures of a loss surface share: what they get, axes, and marks on them. */

import { ticksOf } from "../axes.js";
import { inkOf, linesOf } from "../colors.js";
import { short } from "../inside/numbers.js";

/** @import { Look } from "../types.js" */
/** @import { Spot } from "./relief.js" */

/**
 * @typedef {object} Shown what is drawn
 * @property {Float32Array} loss (side) or (side, side)
 * @property {number} side
 * @property {number[]} low of the part that is shown, each way
 * @property {number[]} high
 * @property {string[]} names of the ways
 */

/**
 * @typedef {object} Mover what changes while the surface stays
 * @property {number[]} at where the network is
 * @property {number[][]} path where it was
 * @property {number[]} slope the loss's slope each way, where the surface was worked out
 * @property {[number, number][]} steps weight and loss of the next steps on a curve
 */

/**
 * @typedef {object} Canvas
 * @property {CanvasRenderingContext2D} to in CSS pixels
 * @property {number} width
 * @property {number} height
 * @property {number} font size
 * @property {string} fontFamily
 * @property {Look} look
 */

/** @typedef {{ left: number, top: number, width: number, height: number }} Box */
/** @typedef {{ spot(place: number[]): Spot | null, box: Box }} Drawn where a place is on the canvas */

/** A number beside a picture, with three figures. @param {number} value */
export const figure = (value) => short(Number(value.toPrecision(3)));

/** @param {Shown} shown @param {number} way @param {number} value its share of the part, from 0 to 1 */
export function shareOf({ low, high }, way, value) {
  const [from = 0, to = 1] = [low[way], high[way]];
  return (value - from) / (to - from);
}

/** @param {Canvas} canvas @param {number} [weight] */
export function write({ to, font, fontFamily, look }, weight = 400) {
  to.font = `${weight} ${font}px ${fontFamily}`;
  to.fillStyle = inkOf(look).axis;
}

/** Text that is read on any ground. @param {Canvas} canvas @param {string} text @param {number} x @param {number} y */
export function outlined({ to, look }, text, x, y) {
  to.lineJoin = "round";
  to.lineWidth = 4;
  to.strokeStyle = inkOf(look).outline;
  to.strokeText(text, x, y);
  to.fillStyle = inkOf(look).strong;
  to.fillText(text, x, y);
}

/**
 * Frame, ticks and names.
 * @param {Canvas} canvas
 * @param {Box} box
 * @param {Shown} shown
 * @param {{ low: number, high: number, name: string }} up
 */
export function axes(canvas, { left, top, width, height }, { low, high, names }, up) {
  const { to, look, font } = canvas;
  const ink = inkOf(look);
  to.strokeStyle = ink.axis;
  to.lineWidth = linesOf(look);
  to.strokeRect(left, top, width, height);
  write(canvas);
  to.textAlign = "center";
  to.textBaseline = "top";
  const across = { low: Number(low[0]), high: Number(high[0]) };
  for (const { share, text } of ticks(across, width / (4 * font))) {
    const x = left + share * width;
    to.fillRect(x - 0.5, top + height, 1, 4);
    to.fillText(text, x, top + height + 6);
  }
  to.textAlign = "right";
  to.textBaseline = "middle";
  for (const { share, text } of ticks(up, height / (2 * font))) {
    const y = top + (1 - share) * height;
    to.fillRect(left - 4, y - 0.5, 4, 1);
    to.fillText(text, left - 6, y);
  }
  write(canvas, 600);
  to.textAlign = "center";
  to.textBaseline = "bottom";
  to.fillText(names[0] ?? "", left + width / 2, canvas.height - 1, canvas.width);
  to.save();
  to.translate(font / 2 + 1, top + height / 2);
  to.rotate(-Math.PI / 2);
  to.textBaseline = "middle";
  to.fillText(up.name, 0, 0, canvas.height);
  to.restore();
}

/** No more ticks than there is room for. @param {{ low: number, high: number }} axis @param {number} most */
function ticks({ low, high }, most) {
  const all = ticksOf({ name: "", low, high, mean: 0, scale: 1, held: 0 });
  const every = Math.ceil(all.length / Math.max(2, most));
  const zero = Math.max(
    0,
    all.findIndex(({ text }) => Number(text) === 0),
  );
  return all.filter((_, i) => (i - zero) % every === 0);
}

/** @param {CanvasRenderingContext2D} to @param {Spot} at @param {number} radius @param {string} fill @param {string} edge */
export function dot(to, [x, y], radius, fill, edge) {
  to.beginPath();
  to.arc(x, y, radius, 0, 2 * Math.PI);
  to.fillStyle = fill;
  to.fill();
  to.lineWidth = 2;
  to.strokeStyle = edge;
  to.stroke();
}

/** @param {CanvasRenderingContext2D} to @param {Spot} from @param {Spot} end */
export function segment(to, from, end) {
  to.moveTo(...from);
  to.lineTo(...end);
}
