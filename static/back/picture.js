/** What a network puts out, small: a picture of the plane, or the curve over one column. */

import { regionTable } from "../classes.js";
import { colorTable } from "../colors.js";
import { drawCurve, isCurve } from "../curve.js";
import { context2d, el } from "../dom.js";
import { paintCells } from "../picture.js";
import { shownOf } from "../shown.js";

/** @import { Look, Snapshot } from "../types.js" */

/** @typedef {{ left: number, top: number, size: number }} Square in pixels of the canvas */

const sheet = el("canvas");
const cells = context2d(sheet);

/**
 * Draws one colour a cell, smoothed.
 * @param {CanvasRenderingContext2D} to
 * @param {number} side cells across
 * @param {(image: ImageData) => void} paint
 * @param {Square} square
 */
export function drawCells(to, side, paint, { left, top, size }) {
  if (sheet.width !== side) sheet.width = sheet.height = side;
  const image = new ImageData(side, side);
  paint(image);
  cells.putImageData(image, 0, 0);
  to.imageSmoothingQuality = "high";
  to.drawImage(sheet, left, top, size, size);
}

/**
 * @param {CanvasRenderingContext2D} to
 * @param {Snapshot} snapshot
 * @param {Look} look
 * @param {Square} square
 * @param {boolean} discrete only the colours of the classes
 */
export function drawOutput(to, snapshot, look, square, discrete) {
  const { bytes, start, side, scale, regions } = shownOf(snapshot, { inspected: null, alone: null });
  if (isCurve(snapshot)) {
    const { left, top, size } = square;
    const { low, high } = scale;
    drawCurve(to, { bytes, start, side, low, high }, { left, top, size }, look);
    return;
  }
  const table = regions > 0 ? regionTable(look, regions, discrete) : colorTable(look, scale, 1, discrete);
  drawCells(to, side, (image) => paintCells(image, bytes, start, table), square);
}
