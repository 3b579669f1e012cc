/** Small drawings of the data sets and features in the menus. */

import { classCss } from "./classes.js";
import { colorAt, cssAt, inkOf } from "./colors.js";
import { context2d } from "./dom.js";

/** @import { DataSetRow, Look } from "./types.js" */

/**
 * Draws a data set by some of its points; x2 grows upwards.
 * @param {HTMLCanvasElement} canvas
 * @param {DataSetRow} row
 * @param {Look} look
 */
export function drawDataSet(canvas, { sample, problem, kind, several, class_names }, look) {
  const context = context2d(canvas);
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  const curve = kind === "curve";
  for (const [x1, x2, label] of sample) {
    const up = curve ? 4.5 * label : x2;
    const [x, y] = [((x1 + 6.4) / 12.8) * width, ((6.4 - up) / 12.8) * height];
    context.fillStyle =
      problem === "regression"
        ? cssAt(look, curve ? 1 : label)
        : several || class_names.length > 2
          ? classCss(look, label)
          : inkOf(look)[label > 0 ? "positive" : "negative"];
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
