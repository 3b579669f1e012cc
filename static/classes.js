/** Colours and shapes of three to eight classes, and pictures of which class is the likeliest where. */

/** @import { Look, Theme } from "./types.js" */
/** @import { Rgb } from "./palettes.js" */

/**
 * Hues far from each other that differ in lightness, too; the first two are those of two classes. After Okabe
 * and Ito, "Color Universal Design" (2008), made to stand out from each theme's ground.
 * @type {Record<Theme, Rgb[]>}
 */
const COLORS = {
  light: [
    [208, 90, 12],
    [11, 92, 173],
    [0, 122, 90],
    [178, 60, 140],
    [150, 118, 0],
    [38, 150, 190],
    [150, 30, 40],
    [80, 84, 96],
  ],
  dark: [
    [255, 150, 56],
    [86, 160, 240],
    [30, 190, 140],
    [232, 130, 200],
    [236, 214, 80],
    [130, 214, 250],
    [240, 90, 90],
    [196, 200, 210],
  ],
};
/** @type {Record<Theme, Rgb>} */
const GROUND = { light: [246, 246, 244], dark: [30, 34, 42] };
const LEVELS = 31; // of the probability in a byte
const FAINTEST = 0.3;
const FIRM = 0.62; // of a discretized picture

/** @param {Look} look @param {number} index of the class */
const colorOf = ({ theme }, index) => /** @type {Rgb} */ (COLORS[theme][index % COLORS[theme].length]);

/**
 * CSS text of a class's colour.
 * @param {Look} look
 * @param {number} index
 */
export const classCss = (look, index) => `rgb(${colorOf(look, index).join(" ")})`;

/**
 * A byte of a picture of regions: 32 times the class, and its probability in 31sts.
 * @param {number} byte
 */
export const readRegion = (byte) => ({ index: byte >> 5, probability: (byte & LEVELS) / LEVELS });

/**
 * Pixels of all bytes of such a picture: the surer, the stronger.
 * @param {Look} look
 * @param {number} classes
 * @param {boolean} discrete only the likeliest class
 */
export function regionTable(look, classes, discrete) {
  const table = new Uint32Array(256);
  const pixels = new Uint8ClampedArray(table.buffer);
  const ground = GROUND[look.theme];
  for (let byte = 0; byte < 256; byte += 1) {
    const { index, probability } = readRegion(byte);
    const sure = Math.max(0, (probability - 1 / classes) / (1 - 1 / classes));
    const part = discrete ? FIRM : FAINTEST + (0.9 - FAINTEST) * sure;
    const color = colorOf(look, index);
    pixels.set(
      [0, 1, 2].map((i) => Number(ground[i]) + (Number(color[i]) - Number(ground[i])) * part),
      4 * byte,
    );
    pixels[4 * byte + 3] = 255;
  }
  return table;
}

/** Corners of the shapes as [angle in turns, reach in radii]; a circle has none. @type {[number, number][][]} */
const SHAPES = [
  regular(4, 1.28, 0),
  [],
  regular(4, 1.3, 1 / 8),
  regular(3, 1.4, 0),
  regular(3, 1.4, 1 / 2),
  star(5),
  regular(6, 1.15, 1 / 12),
  star(4),
];

/** @param {number} corners @param {number} reach @param {number} turned @returns {[number, number][]} */
function regular(corners, reach, turned) {
  return Array.from({ length: corners }, (_, i) => [i / corners + turned, reach]);
}

/** @param {number} points @returns {[number, number][]} */
function star(points) {
  return Array.from({ length: 2 * points }, (_, i) => [i / (2 * points), i % 2 === 0 ? 1.5 : 0.65]);
}

/**
 * Lays the path of a class's marker.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {number} index
 */
export function classPath(context, x, y, radius, index) {
  const corners = SHAPES[index % SHAPES.length] ?? [];
  context.beginPath();
  if (corners.length === 0) context.arc(x, y, radius, 0, 2 * Math.PI);
  corners.forEach(([turn, reach], i) => {
    const angle = 2 * Math.PI * turn;
    const at = /** @type {const} */ ([
      x + reach * radius * Math.sin(angle),
      y - reach * radius * Math.cos(angle),
    ]);
    if (i === 0) context.moveTo(...at);
    else context.lineTo(...at);
  });
  context.closePath();
}
