/** The axes of the output's picture: numbers in the units of the data, and what they are of. */

import { inkOf, linesOf } from "./colors.js";
import { MINUS } from "./format.js";
import { PLANE } from "./picture.js";

/** @import { Axis, Look, Snapshot } from "./types.js" */

/**
 * @typedef {object} Box where the picture is on its canvas, in CSS pixels
 * @property {number} left
 * @property {number} top
 * @property {number} size
 * @property {number} font
 * @property {string} fontFamily
 * @property {number} whole
 */

const TICKS = 6; // about as many
const SYMBOLS = /** @type {Record<string, string>} */ ({ x1: "x₁", x2: "x₂" });

/** What an axis is of. @param {Axis} axis */
export const nameOf = ({ name }) => SYMBOLS[name] ?? name;

/** Whether it is one of the synthetic plane. @param {Axis} axis */
const isPlain = ({ name }) => name in SYMBOLS;

/**
 * The number of the data at a place of the plane, -6 to 6.
 * @param {Axis} axis
 * @param {number} place
 */
export function at({ low, high }, place) {
  return low + ((place + PLANE) / (2 * PLANE)) * (high - low);
}

/**
 * Round numbers along an axis: 1, 2 or 5 times a power of ten apart.
 * @param {Axis} axis
 * @returns {{ share: number, text: string }[]} how far along, 0 to 1, and the number
 */
export function ticksOf({ low, high }) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const rough = span / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((times) => times * power >= rough * 0.999) ?? 10);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * span; i += 1) {
    const value = i * step;
    const size = Math.abs(value);
    const text = size >= 1e5 || (size > 0 && size < 1e-4) ? size.toExponential(0) : size.toFixed(digits);
    ticks.push({ share: (value - low) / span, text: value < 0 && Number(text) !== 0 ? MINUS + text : text });
  }
  return ticks;
}

/**
 * A number of an axis in words, to some thousandth of it.
 * @param {Axis} axis
 * @param {number} value
 */
export function numberOf({ low, high }, value) {
  const digits = Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(Math.max(1e-9, high - low)))));
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/**
 * The axis upwards: the second column's, or of a curve what is predicted.
 * @param {Snapshot} snapshot
 * @returns {Axis | null} null where nothing goes upwards
 */
export function upwards({ axes, problem, target, boundary }) {
  if (axes[1]) return axes[1];
  if (problem === "classification") return null;
  const [low = -1, high = 1] = boundary.ranges;
  return { ...target, low: target.mean + target.scale * low, high: target.mean + target.scale * high };
}

/**
 * Draws frame, ticks and, where they are not simply x₁ and x₂, names.
 * @param {CanvasRenderingContext2D} to
 * @param {Axis | null} across
 * @param {Axis | null} up
 * @param {Box} box
 * @param {Look} look
 */
export function drawAxes(to, across, up, { left, top, size, font, fontFamily, whole }, look) {
  const ratio = to.canvas.width / whole;
  to.setTransform(ratio, 0, 0, ratio, 0, 0);
  to.clearRect(0, 0, whole, whole);
  const ink = inkOf(look);
  to.strokeStyle = ink.grid;
  to.lineWidth = linesOf(look);
  to.strokeRect(left, top, size, size);
  to.fillStyle = ink.axis;
  to.strokeStyle = ink.axis;
  to.font = `${0.8 * font}px ${fontFamily}`;
  for (const { share, text } of across ? ticksOf(across) : []) {
    const x = left + share * size;
    to.beginPath();
    to.moveTo(x, top + size);
    to.lineTo(x, top + size + 4);
    to.stroke();
    to.textAlign = "center";
    to.textBaseline = "top";
    to.fillText(text, x, top + size + 6);
  }
  for (const { share, text } of up ? ticksOf(up) : []) {
    const y = top + (1 - share) * size;
    to.beginPath();
    to.moveTo(left, y);
    to.lineTo(left - 4, y);
    to.stroke();
    to.textAlign = "right";
    to.textBaseline = "middle";
    to.fillText(text, left - 6, y);
  }
}

/**
 * Writes what the axes are of into the picture, unless they are simply x₁ and x₂.
 * @param {CanvasRenderingContext2D} to
 * @param {Axis | null} across
 * @param {Axis | null} up
 * @param {Box} box
 * @param {Look} look
 */
export function drawNames(to, across, up, { left, top, size, font, fontFamily }, look) {
  const ink = inkOf(look);
  to.save(); // what is drawn next has corners
  to.font = `600 ${0.8 * font}px ${fontFamily}`;
  to.lineJoin = "round";
  to.lineWidth = 4;
  to.strokeStyle = ink.outline;
  to.fillStyle = ink.strong;
  /** @param {string} text @param {number} x @param {number} y */
  function write(text, x, y) {
    to.strokeText(text, x, y, size - 12);
    to.fillText(text, x, y, size - 12);
  }
  if (across && !isPlain(across)) {
    to.textAlign = "right";
    to.textBaseline = "bottom";
    write(`${nameOf(across)} →`, left + size - 6, top + size - 5);
  }
  if (up && !isPlain(up)) {
    to.textAlign = "left";
    to.textBaseline = "top";
    write(`↑ ${nameOf(up)}`, left + 6, top + 6);
  }
  to.restore();
}
