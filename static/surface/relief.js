/** A surface in space, seen from far away: what is where on the canvas, and what is in front of what. Pure. */

/** @typedef {{ turn: number, tilt: number }} Camera degrees; at a tilt of 90 one looks straight down */
/** @typedef {[x: number, y: number]} Spot */

const HEIGHT = 1.1; // of the surface, where its ground is 2 by 2
const LIGHT = /** @type {const} */ ([-0.45, 0.35, 0.82]); // where it comes from, on the canvas: left, up, from before

/**
 * Projects ground coordinates from -1 to 1 and heights from 0 to 1.
 * @param {Camera} camera
 */
export function projection({ turn, tilt }) {
  const [angle, lean] = [(turn * Math.PI) / 180, (tilt * Math.PI) / 180];
  const [cos, sin, across, down] = [Math.cos(angle), Math.sin(angle), Math.cos(lean), Math.sin(lean)];
  return {
    /** Right and up of the middle. @param {number} x @param {number} y @param {number} z @returns {Spot} */
    spot: (x, y, z) => [x * cos - y * sin, (x * sin + y * cos) * down + (z - 0.5) * HEIGHT * across],
    /** The larger, the farther away. @param {number} x @param {number} y */
    depth: (x, y) => x * sin + y * cos,
    /**
     * How much light a slope gets, 0 to 1; by how much it rises each way, for 2 of ground and 1 of height.
     * @param {number} byX
     * @param {number} byY
     */
    light(byX, byY) {
      const [nx, ny, nz] = [-byX * HEIGHT, -byY * HEIGHT, 1];
      const back = nx * sin + ny * cos;
      const seen = [nx * cos - ny * sin, back * down + nz * across, nz * down - back * across];
      const toward = seen.reduce((sum, value, i) => sum + value * Number(LIGHT[i]), 0);
      return Math.max(0, toward / Math.hypot(nx, ny, nz));
    },
  };
}

/**
 * The squares of a grid, the farthest first.
 * @param {number} side points each way
 * @param {(x: number, y: number) => number} depth
 * @returns {number[]} of each its first point's number
 */
export function farthestFirst(side, depth) {
  const squares = Array.from({ length: (side - 1) ** 2 }, (_, i) => {
    const row = Math.floor(i / (side - 1));
    return row * side + (i % (side - 1));
  });
  /** @param {number} at */
  const of = (at) => depth(at % side, Math.floor(at / side));
  return squares.sort((a, b) => of(b) - of(a));
}
