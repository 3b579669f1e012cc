/** Heights on a square grid: their range, the value between them, and lines of one height. Pure. */

/** @typedef {{ values: Float32Array, side: number }} Grid row after row from low to high, as rows themselves */

/**
 * Lowest and highest that is finite, and where the lowest is; NaN where nothing is.
 * @param {ArrayLike<number>} values
 */
export function rangeOf(values) {
  let [low, high, lowest] = [Infinity, -Infinity, -1];
  for (let i = 0; i < values.length; i += 1) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    if (value < low) [low, lowest] = [value, i];
    high = Math.max(high, value);
  }
  return lowest < 0 ? { low: NaN, high: NaN, lowest } : { low, high, lowest };
}

/**
 * The height between the grid's points; NaN outside. Places count points, from 0 to side - 1.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 */
export function heightAt({ values, side }, x, y) {
  if (!(x >= 0 && y >= 0 && x <= side - 1 && y <= side - 1)) return NaN;
  const [column, row] = [Math.min(side - 2, Math.floor(x)), Math.min(side - 2, Math.floor(y))];
  const [u, v] = [x - column, y - row];
  const at = row * side + column;
  const [a, b] = [Number(values[at]), Number(values[at + 1])];
  const [c, d] = [Number(values[at + side]), Number(values[at + side + 1])];
  return (a + (b - a) * u) * (1 - v) + (c + (d - c) * u) * v;
}

/**
 * Heights to draw lines at. They are closer together near the bottom: on a bowl, whose sides get ever steeper, the
 * lines are evenly apart.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function levels(low, high, count) {
  if (!(high > low)) return [];
  return Array.from({ length: count }, (_, i) => low + (high - low) * ((i + 1) / (count + 1)) ** 2);
}

/** Corners of a square, from its first point around; each edge goes from a corner to the next one. */
const CORNERS = /** @type {const} */ ([
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
]);

/**
 * Where the surface has one height, as pieces of a line within each square of the grid (marching squares).
 * @param {Grid} grid
 * @param {number} level
 * @returns {number[]} x, y, x, y of each piece
 */
export function line({ values, side }, level) {
  /** @type {number[]} */
  const pieces = [];
  for (let row = 0; row + 1 < side; row += 1) {
    for (let column = 0; column + 1 < side; column += 1) {
      const heights = CORNERS.map(([right, up]) => Number(values[(row + up) * side + column + right]));
      if (!heights.every(Number.isFinite)) continue;
      /** @type {number[][]} where the edges are crossed, in turn */
      const crossed = [];
      CORNERS.forEach(([right, up], i) => {
        const next = (i + 1) % CORNERS.length;
        const [from, to] = [Number(heights[i]), Number(heights[next])];
        if (from < level === to < level) return;
        const part = (level - from) / (to - from);
        const [x, y] = CORNERS[next] ?? [0, 0];
        crossed.push([column + right + (x - right) * part, row + up + (y - up) * part]);
      });
      // Of a saddle all four are crossed: its middle says which of them belong together.
      const middle = heights.reduce((sum, height) => sum + height, 0) / CORNERS.length;
      const apart = crossed.length === 4 && middle < level !== Number(heights[0]) < level;
      for (const place of apart ? [...crossed.slice(1), ...crossed.slice(0, 1)] : crossed)
        pieces.push(...place);
    }
  }
  return pieces;
}
