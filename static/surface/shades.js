/** The colours of a surface: from the colour of the training loss, where it is low, to the page's ground. Pure. */

import { inkOf } from "../colors.js";

/** @import { Look } from "../types.js" */
/** @import { Rgb } from "../palettes.js" */

const DEEPEST = 0.85; // of the colour at the bottom, so that what is drawn over it is seen
const DARKEST = 0.45; // of a slope that is turned away from the light

/** @param {string} hex @returns {Rgb} */
function rgb(hex) {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return [r, g, b];
}

/** @param {Rgb} a @param {Rgb} b @param {number} part @returns {Rgb} */
function mixed(a, b, part) {
  const [r = 0, g = 0, c = 0] = a.map((value, i) => value + (Number(b[i]) - value) * part);
  return [r, g, c];
}

/**
 * The colour of a height.
 * @param {Look} look
 * @param {number} share 0 at the bottom, 1 at the top; NaN is the top
 * @returns {Rgb}
 */
export function shadeAt(look, share) {
  const { train, surface, grid } = inkOf(look);
  const top = mixed(rgb(surface), rgb(grid), 0.35);
  return mixed(top, rgb(train), DEEPEST * (1 - Math.min(1, Number.isNaN(share) ? 1 : Math.max(0, share))));
}

/**
 * The same as CSS text, darker the less light it gets.
 * @param {Look} look
 * @param {number} share
 * @param {number} light 0 to 1
 */
export function litShade(look, share, light) {
  const shade = mixed([0, 0, 0], shadeAt(look, share), 1 - DARKEST * (1 - light));
  return `rgb(${shade.map(Math.round).join(" ")})`;
}
