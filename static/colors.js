/** Colours of values: -1 is negative, 1 positive, in the palette and theme of a look. */

import { PALETTES } from "./palettes.js";

/** @import { Look } from "./types.js" */
/** @import { Rgb } from "./palettes.js" */

/**
 * What is drawn over pictures and around them.
 * @param {Look} look
 */
export const inkOf = ({ palette, theme }) => PALETTES[palette].themes[theme].ink;

/**
 * How thick lines are drawn, in times the usual.
 * @param {Look} look
 */
export const linesOf = ({ palette }) => PALETTES[palette].lines;

/**
 * The colour at t from -1 (negative) to 1 (positive); beyond, the ends; NaN is neutral.
 * @param {Look} look
 * @param {number} t
 * @returns {Rgb}
 */
export function colorAt(look, t) {
  const { stops } = PALETTES[look.palette].themes[look.theme];
  const way = [stops.neutral, ...(t < 0 ? stops.negative : stops.positive)];
  const place = Math.min(1, Math.abs(t) || 0) * (way.length - 1);
  const from = Math.min(way.length - 2, Math.floor(place));
  const part = place - from;
  const [a, b] = [/** @type {Rgb} */ (way[from]), /** @type {Rgb} */ (way[from + 1])];
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}

/**
 * CSS text of the colour at t.
 * @param {Look} look
 * @param {number} t
 */
export function cssAt(look, t) {
  return `rgb(${colorAt(look, t).map(Math.round).join(" ")})`;
}

/** The steps between two bytes that a table tells apart. */
export const FINE = 4;

/**
 * What a byte of a picture means: value = low + byte / 254 (high - low); `middle` is drawn neutral and
 * `middle ± reach` at the ends of the scale.
 * @typedef {{ low: number, high: number, middle: number, reach: number }} Scale
 */

/**
 * The scale of a picture: sigmoids are neutral at one half, everything else at zero.
 * @param {number} low
 * @param {number} high
 * @param {string} activation
 * @param {number} [reach] fixed, instead of as far as the picture goes
 * @returns {Scale}
 */
export function scaleOf(low, high, activation, reach) {
  const middle = activation === "sigmoid" || activation === "softmax" ? 0.5 : 0;
  const furthest = Math.max(Math.abs(high - middle), Math.abs(low - middle));
  return { low, high, middle, reach: reach ?? (furthest > 0 ? furthest : 1) };
}

const SHADES = 1024; // of a whole scale
export const CLASS_SHADE = 0.62; // of the two colours that a discretized output has

/** @type {Map<object, Uint32Array>} by the stops that they go through */
const shades = new Map();

/**
 * The scale as pixels, from -1 to 1 in SHADES steps.
 * @param {Look} look
 */
function shadesOf(look) {
  const { stops } = PALETTES[look.palette].themes[look.theme];
  const known = shades.get(stops);
  if (known) return known;
  const table = new Uint32Array(SHADES + 1);
  const pixels = new Uint8ClampedArray(table.buffer); // RGBA in memory order, whatever the byte order is
  for (let i = 0; i <= SHADES; i += 1) {
    const [r, g, b] = colorAt(look, (2 * i) / SHADES - 1);
    pixels.set([r, g, b, 255], 4 * i);
  }
  shades.set(stops, table);
  return table;
}

/**
 * Colours of a picture's bytes as pixels: entry `steps * byte`, with `steps - 1` entries in between.
 * @param {Look} look
 * @param {Scale} scale
 * @param {number} steps 1, or FINE
 * @param {boolean} [discrete] only the two colours of the classes
 * @returns {Uint32Array}
 */
export function colorTable(look, { low, high, middle, reach }, steps, discrete = false) {
  const from = shadesOf(look);
  const table = new Uint32Array(254 * steps + 1);
  for (let i = 0; i < table.length; i += 1) {
    const t = (low + (i / (254 * steps)) * (high - low) - middle) / reach;
    const shown = discrete ? (t < 0 ? -CLASS_SHADE : CLASS_SHADE) : Math.max(-1, Math.min(1, t || 0));
    table[i] = /** @type {number} */ (from[Math.round(((shown + 1) / 2) * SHADES)]);
  }
  return table;
}
