/** Draws the loss over two ways as colours and lines of one height, with the path so far. */

import { inkOf, linesOf } from "../colors.js";
import { heightAt, levels, line, rangeOf } from "./grid.js";
import { axes, dot, figure, outlined, segment, shareOf, write } from "./picture.js";
import { shadeAt } from "./shades.js";

/** @import { Look } from "../types.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Box, Canvas, Drawn, Mover, Shown } from "./picture.js" */
/** @import { Spot } from "./relief.js" */

const LINES = 14;
const ARROW = 34; // px
const APART = 24; // px between two labels of lines

/**
 * The loss over two ways as colours and lines.
 * @param {Canvas} canvas
 * @param {Shown} shown
 * @returns {Drawn}
 */
export function drawContour(canvas, shown) {
  const { to, look, font } = canvas;
  const { loss, side } = shown;
  const [left, top] = [4.6 * font, 0.6 * font];
  const size = Math.max(40, Math.min(canvas.width - left - font, canvas.height - top - 3.2 * font));
  const box = { left, top, width: size, height: size };
  const grid = { values: loss, side };
  const { low, high } = rangeOf(loss);
  to.drawImage(cells(grid, look, low, high), 0.5, 0.5, side - 1, side - 1, left, top, size, size);
  const step = size / (side - 1);
  to.lineWidth = 0.9 * linesOf(look);
  to.strokeStyle = inkOf(look).axis;
  to.globalAlpha = 0.55;
  const heights = levels(low, high, LINES);
  for (const level of heights) {
    const pieces = line(grid, level);
    to.beginPath();
    for (let i = 0; i + 3 < pieces.length; i += 4) {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = pieces.slice(i, i + 4);
      to.moveTo(left + x1 * step, top + size - y1 * step);
      to.lineTo(left + x2 * step, top + size - y2 * step);
    }
    to.stroke();
  }
  to.globalAlpha = 1;
  labels(canvas, box, grid, heights);
  axes(canvas, box, shown, {
    low: Number(shown.low[1]),
    high: Number(shown.high[1]),
    name: shown.names[1] ?? "",
  });
  return {
    box,
    spot: ([x = NaN, y = NaN]) => [
      left + shareOf(shown, 0, x) * size,
      top + (1 - shareOf(shown, 1, y)) * size,
    ],
  };
}

/** The grid's heights as a picture, a pixel a point. @param {Grid} grid @param {Look} look @param {number} low @param {number} high */
function cells({ values, side }, look, low, high) {
  const picture = document.createElement("canvas");
  picture.width = picture.height = side;
  const image = new ImageData(side, side);
  for (let i = 0; i < values.length; i += 1) {
    const [row, column] = [Math.floor(i / side), i % side];
    const shade = shadeAt(look, Math.sqrt((Number(values[i]) - low) / (high - low)));
    image.data.set([...shade, 255], 4 * ((side - 1 - row) * side + column));
  }
  picture.getContext("2d")?.putImageData(image, 0, 0);
  return picture;
}

/** What loss lines stand for, on the way from the lowest point to the farthest corner. @param {Canvas} canvas @param {Box} box @param {Grid} grid @param {number[]} heights */
function labels(canvas, { left, top, width }, grid, heights) {
  const { lowest } = rangeOf(grid.values);
  if (lowest < 0) return;
  const { side } = grid;
  const from = [lowest % side, Math.floor(lowest / side)];
  const end = from.map((value) => (value < side / 2 ? 0.88 : 0.12) * (side - 1));
  const { to, font } = canvas;
  write({ ...canvas, font: 0.85 * font });
  to.textAlign = "center";
  to.textBaseline = "middle";
  let [before, last] = [NaN, -Infinity];
  const count = 4 * side;
  for (let i = 0; i <= count; i += 1) {
    const [x = 0, y = 0] = from.map((value, way) => value + ((Number(end[way]) - value) * i) / count);
    const height = heightAt(grid, x, y);
    const level = heights.find((one) => before < one && one <= height);
    before = height;
    const along = Math.hypot(x - Number(from[0]), y - Number(from[1])) * (width / (side - 1));
    if (level === undefined || along - last < APART || along < APART) continue;
    last = along;
    outlined(canvas, figure(level), left + (x * width) / (side - 1), top + width - (y * width) / (side - 1));
  }
}

/**
 * The path so far, where the network is, and the way down.
 * @param {Canvas} canvas
 * @param {Drawn} drawn
 * @param {Mover} mover
 * @param {boolean} flat whether directions on the canvas are those of the weights
 */
export function drawPath({ to, look }, { spot, box }, { at, path, slope }, flat) {
  const spots = path.map(spot).filter((one) => one !== null);
  const ink = inkOf(look);
  to.save();
  to.beginPath();
  to.rect(box.left, box.top, box.width, box.height);
  to.clip();
  to.lineJoin = to.lineCap = "round";
  const begins = spots[0];
  for (const [color, width] of /** @type {const} */ ([
    [ink.outline, 5],
    [ink.strong, 2],
  ])) {
    to.strokeStyle = color;
    to.lineWidth = width * linesOf(look);
    to.beginPath();
    for (const one of spots) to.lineTo(...one);
    to.stroke();
  }
  if (begins) dot(to, begins, 3.5, ink.outline, ink.strong);
  const now = spot(at);
  if (now) {
    if (flat) arrow(to, now, slope, ink);
    dot(to, now, 6, ink.strong, ink.outline);
  }
  to.restore();
}

/** Against the gradient. @param {CanvasRenderingContext2D} to @param {Spot} from @param {number[]} slope @param {{ strong: string, outline: string }} ink */
function arrow(to, [x, y], [byX = 0, byY = 0], { strong, outline }) {
  const length = Math.hypot(byX, byY);
  if (!(length > 1e-9)) return;
  const [right, up] = [-byX / length, -byY / length];
  const [endX, endY] = [x + ARROW * right, y - ARROW * up];
  const head = [-0.5, 0.5].map((angle) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return /** @type {Spot} */ ([endX - 10 * (right * cos - up * sin), endY + 10 * (up * cos + right * sin)]);
  });
  for (const [color, width] of /** @type {const} */ ([
    [outline, 5.5],
    [strong, 2.5],
  ])) {
    to.strokeStyle = color;
    to.lineWidth = width;
    to.beginPath();
    to.moveTo(x, y);
    to.lineTo(endX, endY);
    for (const one of head) segment(to, one, [endX, endY]);
    to.stroke();
  }
}
