/** Pictures from bytes: bilinear between the centres of the cells, so that edges are smooth at any size. */

import { FINE } from "./colors.js";

/**
 * Draws a picture of side x side bytes as it is: a pixel a cell.
 * @param {ImageData} image side x side
 * @param {Uint8Array} bytes the pictures
 * @param {number} start where this one begins
 * @param {Uint32Array} table from colorTable, of one step a byte
 */
export function paintCells(image, bytes, start, table) {
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i += 1) {
    pixels[i] = /** @type {number} */ (table[/** @type {number} */ (bytes[start + i])]);
  }
}

/**
 * Draws a picture of side x side bytes into an image of any size.
 * @param {ImageData} image
 * @param {Uint8Array} bytes the pictures
 * @param {number} start where this one begins
 * @param {number} side
 * @param {Uint32Array} table from colorTable, of FINE steps a byte
 */
export function paint(image, bytes, start, side, table) {
  const { width, height } = image;
  const pixels = new Uint32Array(image.data.buffer);
  const across = places(side, width);
  const down = places(side, height);
  for (let y = 0; y < height; y += 1) {
    const top = start + side * /** @type {number} */ (down.cell[y]);
    const v = /** @type {number} */ (down.part[y]);
    for (let x = 0; x < width; x += 1) {
      const at = top + /** @type {number} */ (across.cell[x]);
      const u = /** @type {number} */ (across.part[x]);
      const a = /** @type {number} */ (bytes[at]);
      const b = /** @type {number} */ (bytes[at + 1]);
      const c = /** @type {number} */ (bytes[at + side]);
      const d = /** @type {number} */ (bytes[at + side + 1]);
      const upper = a + (b - a) * u;
      const value = upper + (c + (d - c) * u - upper) * v;
      pixels[y * width + x] = /** @type {number} */ (table[Math.round(FINE * value)]);
    }
  }
}

/** @type {Map<string, { cell: Uint16Array, part: Float32Array }>} */
const known = new Map();

/**
 * For each pixel the cell before it and how far it is to the next; the rim goes on outwards.
 * @param {number} side
 * @param {number} size
 */
function places(side, size) {
  const key = `${side}/${size}`;
  let found = known.get(key);
  if (!found) {
    found = { cell: new Uint16Array(size), part: new Float32Array(size) };
    for (let i = 0; i < size; i += 1) {
      const at = Math.min(side - 1, Math.max(0, ((i + 0.5) * side) / size - 0.5));
      const cell = Math.min(side - 2, Math.floor(at));
      found.cell[i] = cell;
      found.part[i] = at - cell;
    }
    known.set(key, found);
  }
  return found;
}

/**
 * The value at a place of the plane, x1 and x2 from -6 to 6; NaN outside.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} side
 * @param {number} low
 * @param {number} high
 * @param {number} x1
 * @param {number} x2
 */
export function valueAt(bytes, start, side, low, high, x1, x2) {
  if (Math.abs(x1) > PLANE || Math.abs(x2) > PLANE) return NaN;
  return low + (byteAt(bytes, start, side, x1, x2) / 254) * (high - low);
}

/**
 * The byte of the cell at a place of the plane.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} side
 * @param {number} x1
 * @param {number} x2
 */
export function byteAt(bytes, start, side, x1, x2) {
  const column = Math.min(side - 1, Math.floor(((x1 + PLANE) / (2 * PLANE)) * side));
  const row = Math.min(side - 1, Math.floor(((PLANE - x2) / (2 * PLANE)) * side));
  return /** @type {number} */ (bytes[start + row * side + column]);
}

/** Pictures show [-PLANE, PLANE]². */
export const PLANE = 6;
