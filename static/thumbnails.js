/** Small drawings of the data sets and features in the menus: illustrations, not data of a run. */

import { colorAt, cssAt, inkOf } from "./colors.js";
import { context2d } from "./dom.js";

/** @import { Look } from "./types.js" */

/** A small generator with a seed, so that the drawings are always the same. @param {number} seed */
function stream(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param {() => number} random */
const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** @typedef {[number, number, number]} Point x1, x2, label */

/** @type {Record<string, (random: () => number, i: number, n: number) => Point>} */
const KINDS = {
  circle(random, i) {
    const inner = i % 2 === 0;
    const radius = 5 * (inner ? 0.5 * Math.sqrt(random()) : 0.72 + 0.28 * random());
    const angle = 2 * Math.PI * random();
    return [radius * Math.sin(angle), radius * Math.cos(angle), inner ? 1 : -1];
  },
  xor(random) {
    const [x, y] = [10 * random() - 5, 10 * random() - 5];
    return [x + 0.4 * Math.sign(x), y + 0.4 * Math.sign(y), x * y >= 0 ? 1 : -1];
  },
  gauss(random, i) {
    const label = i % 2 === 0 ? 1 : -1;
    return [2.3 * label + normal(random), 2.3 * label + normal(random), label];
  },
  spiral(_random, i, n) {
    const half = n / 2;
    const along = (i % half) / half;
    const turn = 1.75 * 2 * Math.PI * along + (i < half ? 0 : Math.PI);
    return [5.4 * along * Math.sin(turn), 5.4 * along * Math.cos(turn), i < half ? 1 : -1];
  },
  plane(random) {
    const [x, y] = [12 * random() - 6, 12 * random() - 6];
    return [x, y, (x + y) / 10];
  },
  multi_gauss(random) {
    const [x, y] = [12 * random() - 6, 12 * random() - 6];
    const hills = [
      [-4, 2.5, 1],
      [0, 2.5, -1],
      [4, 2.5, 1],
      [-4, -2.5, -1],
      [0, -2.5, 1],
      [4, -2.5, -1],
    ];
    let label = 0;
    for (const [cx = 0, cy = 0, sign = 0] of hills) {
      const height = Math.max(0, 1 - Math.hypot(x - cx, y - cy) / 2);
      if (height > Math.abs(label)) label = sign * height;
    }
    return [x, y, label];
  },
};

const COUNTS = /** @type {Record<string, number>} */ ({ plane: 260, multi_gauss: 420, spiral: 110 });

/**
 * Draws a data set's kind; x2 grows upwards. An unknown one stays empty.
 * @param {HTMLCanvasElement} canvas
 * @param {string} name
 * @param {Look} look
 */
export function drawDataSet(canvas, name, look) {
  const context = context2d(canvas);
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  const kind = KINDS[name];
  if (!kind) return;
  const random = stream(7);
  const n = COUNTS[name] ?? 130;
  const graded = name === "plane" || name === "multi_gauss";
  for (let i = 0; i < n; i += 1) {
    const [x1, x2, label] = kind(random, i, n);
    const [x, y] = [((x1 + 6.4) / 12.8) * width, ((6.4 - x2) / 12.8) * height];
    context.fillStyle = graded ? cssAt(look, label) : inkOf(look)[label > 0 ? "positive" : "negative"];
    context.beginPath();
    context.arc(x, y, 0.026 * width, 0, 2 * Math.PI);
    context.fill();
  }
}

/** @type {Record<string, (x1: number, x2: number) => number>} each within -1 to 1 */
const FEATURES = {
  x1: (x1) => x1 / 6,
  x2: (_x1, x2) => x2 / 6,
  x1_squared: (x1) => (x1 * x1) / 36,
  x2_squared: (_x1, x2) => (x2 * x2) / 36,
  x1x2: (x1, x2) => (x1 * x2) / 36,
  sin_x1: (x1) => Math.sin(x1),
  sin_x2: (_x1, x2) => Math.sin(x2),
  cos_x1: (x1) => Math.cos(x1),
  cos_x2: (_x1, x2) => Math.cos(x2),
};

/**
 * Draws a feature that the network does not use, of which no frame brings a picture.
 * @param {HTMLCanvasElement} canvas
 * @param {string} name
 * @param {Look} look
 */
export function drawFeature(canvas, name, look) {
  const value = FEATURES[name];
  if (!value) return;
  const { width, height } = canvas;
  const context = context2d(canvas);
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const t = value(12 * ((x + 0.5) / width) - 6, 6 - 12 * ((y + 0.5) / height));
      image.data.set([...colorAt(look, t), 255], 4 * (y * width + x));
    }
  }
  context.putImageData(image, 0, 0);
}
