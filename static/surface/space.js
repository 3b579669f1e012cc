/** Draws the loss over two ways as a surface in space. */

import { inkOf, linesOf } from "../colors.js";
import { heightAt, rangeOf } from "./grid.js";
import { figure, segment, shareOf, write } from "./picture.js";
import { farthestFirst, projection } from "./relief.js";
import { litShade } from "./shades.js";

/** @import { Camera, Spot } from "./relief.js" */
/** @import { Canvas, Drawn, Shown } from "./picture.js" */

/** Of the ground. @type {[number, number][]} */
const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
];

/**
 * The loss over two ways in space.
 * @param {Canvas} canvas
 * @param {Shown} shown
 * @param {Camera} camera
 * @returns {Drawn}
 */
export function drawRelief(canvas, shown, camera) {
  const { to, look, font, width, height } = canvas;
  const { loss, side } = shown;
  const { low, high } = rangeOf(loss);
  const { spot, depth, light } = projection(camera);
  // As large as there is room for with numbers around it and two names below.
  const corners = CORNERS.flatMap(([x, y]) => [spot(x, y, 0), spot(x, y, 1)]);
  const [rights, ups] = [corners.map(([right]) => right), corners.map(([, up]) => up)];
  const [lowest, highest, wide] = [Math.min(...ups), Math.max(...ups), Math.max(...rights)];
  const [above, below] = [1.8 * font, 4.6 * font];
  const scale = Math.min(
    (width - 10 * font) / (2 * wide),
    (height - above - below) / Math.max(0.5, highest - lowest),
  );
  const middle = above + (height - above - below) / 2 + (scale * (highest + lowest)) / 2;
  /** @param {number} x @param {number} y @param {number} z @returns {Spot} */
  const on = (x, y, z) => {
    const [right, up] = spot(x, y, z);
    return [width / 2 + right * scale, middle - up * scale];
  };
  /** @param {number} value */
  const rise = (value) => (high > low && Number.isFinite(value) ? (value - low) / (high - low) : NaN);
  /** @param {number} column @param {number} row @returns {Spot} */
  const corner = (column, row) =>
    on(
      (2 * column) / (side - 1) - 1,
      (2 * row) / (side - 1) - 1,
      rise(Number(loss[row * side + column])) || 0,
    );

  ground(canvas, shown, on, depth);
  to.lineWidth = 0.6 * linesOf(look);
  to.lineJoin = "round";
  for (const at of farthestFirst(side, depth)) {
    const [column, row] = [at % side, Math.floor(at / side)];
    const heights = [at, at + 1, at + side + 1, at + side].map((one) => rise(Number(loss[one])));
    if (!heights.every(Number.isFinite)) continue;
    const [a = 0, b = 0, c = 0, d = 0] = heights;
    const across = ((b + c - a - d) / 4) * (side - 1);
    const along = ((c + d - a - b) / 4) * (side - 1);
    to.fillStyle = litShade(look, Math.sqrt((a + b + c + d) / 4), light(across, along));
    to.strokeStyle = to.fillStyle;
    to.beginPath();
    to.moveTo(...corner(column, row));
    to.lineTo(...corner(column + 1, row));
    to.lineTo(...corner(column + 1, row + 1));
    to.lineTo(...corner(column, row + 1));
    to.closePath();
    to.fill();
    to.stroke();
    // Every fourth line of the grid, so that one sees how it bends.
    to.strokeStyle = inkOf(look).axis;
    to.globalAlpha = 0.35;
    to.beginPath();
    if (row % 4 === 0) segment(to, corner(column, row), corner(column + 1, row));
    if (column % 4 === 0) segment(to, corner(column, row), corner(column, row + 1));
    to.stroke();
    to.globalAlpha = 1;
  }
  return {
    box: { left: 0, top: 0, width, height },
    spot: ([x = NaN, y = NaN]) => {
      const [u, v] = [shareOf(shown, 0, x), shareOf(shown, 1, y)];
      const z = rise(heightAt({ values: loss, side }, u * (side - 1), v * (side - 1)));
      return Number.isFinite(z) ? on(2 * u - 1, 2 * v - 1, z) : null;
    },
  };
}

/**
 * The ground with its axes, at the edges that are nearest.
 * @param {Canvas} canvas
 * @param {Shown} shown
 * @param {(x: number, y: number, z: number) => Spot} on
 * @param {(x: number, y: number) => number} depth
 */
function ground(canvas, { low, high, names, loss }, on, depth) {
  const { to, look, font } = canvas;
  to.strokeStyle = inkOf(look).axis;
  to.lineWidth = linesOf(look);
  to.beginPath();
  for (const [i, [x, y]] of CORNERS.entries()) {
    const [nextX, nextY] = CORNERS[(i + 1) % CORNERS.length] ?? [0, 0];
    segment(to, on(x, y, 0), on(nextX, nextY, 0));
  }
  to.stroke();
  // The two edges in front are the axes: numbers at their ends, outside, and what they are of below.
  const [nearX, nearY] = [depth(1, 0) < 0 ? 1 : -1, depth(0, 1) < 0 ? 1 : -1];
  const edges = [
    { way: 0, ends: [on(-1, nearY, 0), on(1, nearY, 0)] },
    { way: 1, ends: [on(nearX, -1, 0), on(nearX, 1, 0)] },
  ].sort(
    (a, b) =>
      Number(a.ends[0]?.[0]) + Number(a.ends[1]?.[0]) - Number(b.ends[0]?.[0]) - Number(b.ends[1]?.[0]),
  );
  for (const [i, { way, ends }] of edges.entries()) {
    write(canvas);
    to.textAlign = i === 0 ? "right" : "left";
    to.textBaseline = "top";
    for (const [end, [x, y]] of ends.entries()) {
      to.fillText(figure(Number((end === 0 ? low : high)[way])), x + (i === 0 ? -5 : 5), y + 2);
    }
    write(canvas, 600);
    to.textAlign = "left";
    to.textBaseline = "bottom";
    to.fillText(
      `${"↙↘"[i]} ${names[way] ?? ""}`,
      2,
      canvas.height - (1 - i) * 1.35 * font - 1,
      canvas.width - 4,
    );
  }
  write(canvas);
  // The loss stands at the corner that is farthest to the left; in the picture's own corner nothing hides its range.
  const range = rangeOf(loss);
  const leftmost = CORNERS.reduce((best, one) => (on(...one, 0)[0] < on(...best, 0)[0] ? one : best));
  to.beginPath();
  segment(to, on(...leftmost, 0), on(...leftmost, 1));
  to.stroke();
  to.textAlign = "left";
  to.textBaseline = "top";
  to.fillText(`↑ ${names[2] ?? ""} ${figure(range.low)} – ${figure(range.high)}`, 2, 2);
}
