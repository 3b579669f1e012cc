/** Colour scales. Only data carries colour on the page: orange is negative, blue is positive. */

/** @import { Theme } from "./types.js" */

/** @typedef {[number, number, number]} Rgb */

/** @type {Record<Theme, { negative: Rgb[], neutral: Rgb, positive: Rgb[] }>} from the middle outwards */
const STOPS = {
  light: {
    negative: [
      [253, 220, 181],
      [248, 164, 82],
      [226, 103, 16],
    ],
    neutral: [246, 246, 244],
    positive: [
      [199, 222, 244],
      [106, 169, 221],
      [20, 99, 176],
    ],
  },
  dark: {
    negative: [
      [86, 56, 33],
      [176, 95, 28],
      [255, 150, 56],
    ],
    neutral: [30, 34, 42],
    positive: [
      [31, 62, 94],
      [38, 112, 181],
      [92, 178, 255],
    ],
  },
};

/** What is drawn over pictures and around them. */
export const INK = {
  light: {
    negative: "#c2410c",
    positive: "#0b5cad",
    outline: "#ffffff",
    faint: "#5b6474",
    axis: "#3b4250",
    text: "#3b4250",
    grid: "#dfe3ea",
    train: "#0f8a7e",
    test: "#a8267f",
    surface: "#ffffff",
    strong: "#14171d",
  },
  dark: {
    negative: "#ffa550",
    positive: "#6bb8ff",
    outline: "#0d1016",
    faint: "#8f9aab",
    axis: "#b9c1cf",
    text: "#c3cad6",
    grid: "#2c333f",
    train: "#35d0bf",
    test: "#ff7cc8",
    surface: "#171b22",
    strong: "#f3f5f9",
  },
};

/**
 * The colour at t from -1 (negative) to 1 (positive); beyond, the ends; NaN is neutral.
 * @param {Theme} theme
 * @param {number} t
 * @returns {Rgb}
 */
export function colorAt(theme, t) {
  const stops = STOPS[theme];
  const way = [stops.neutral, ...(t < 0 ? stops.negative : stops.positive)];
  const place = Math.min(1, Math.abs(t) || 0) * (way.length - 1);
  const from = Math.min(way.length - 2, Math.floor(place));
  const part = place - from;
  const [a, b] = [/** @type {Rgb} */ (way[from]), /** @type {Rgb} */ (way[from + 1])];
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}

/**
 * CSS text of the colour at t.
 * @param {Theme} theme
 * @param {number} t
 */
export function cssAt(theme, t) {
  return `rgb(${colorAt(theme, t).map(Math.round).join(" ")})`;
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
  const middle = activation === "sigmoid" ? 0.5 : 0;
  const furthest = Math.max(Math.abs(high - middle), Math.abs(low - middle));
  return { low, high, middle, reach: reach ?? (furthest > 0 ? furthest : 1) };
}

const SHADES = 1024; // of a whole scale
const CLASS_SHADE = 0.62; // of the two colours that a discretized output has

/** @type {Partial<Record<Theme, Uint32Array>>} */
const shades = {};

/**
 * The scale as pixels, from -1 to 1 in SHADES steps.
 * @param {Theme} theme
 */
function shadesOf(theme) {
  const known = shades[theme];
  if (known) return known;
  const table = new Uint32Array(SHADES + 1);
  const pixels = new Uint8ClampedArray(table.buffer); // RGBA in memory order, whatever the byte order is
  for (let i = 0; i <= SHADES; i += 1) {
    const [r, g, b] = colorAt(theme, (2 * i) / SHADES - 1);
    pixels.set([r, g, b, 255], 4 * i);
  }
  shades[theme] = table;
  return table;
}

/**
 * Colours of a picture's bytes as pixels: entry `steps * byte`, with `steps - 1` entries in between.
 * @param {Theme} theme
 * @param {Scale} scale
 * @param {number} steps 1, or FINE
 * @param {boolean} [discrete] only the two colours of the classes
 * @returns {Uint32Array}
 */
export function colorTable(theme, { low, high, middle, reach }, steps, discrete = false) {
  const from = shadesOf(theme);
  const table = new Uint32Array(254 * steps + 1);
  for (let i = 0; i < table.length; i += 1) {
    const t = (low + (i / (254 * steps)) * (high - low) - middle) / reach;
    const shown = discrete ? (t < 0 ? -CLASS_SHADE : CLASS_SHADE) : Math.max(-1, Math.min(1, t || 0));
    table[i] = /** @type {number} */ (from[Math.round(((shown + 1) / 2) * SHADES)]);
  }
  return table;
}
