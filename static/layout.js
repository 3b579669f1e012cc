/** Where the parts of the network diagram go. Pure: numbers in, numbers out; all in CSS pixels. */

export const FEATURE_WIDTH = 116;
export const OUTPUT_WIDTH = 118;
export const HEAD_HEIGHT = 100;
const NARROWEST_SLOT = 68;
const LOOSE_SLOT = 100; // below, a column's head is written small
const LARGEST_NODE = 46;
const WIDEST_PITCH = 64;
const NARROWEST_PITCH = 15;
const LOWEST_BODY = 330;
const FOOT = 10;

/** @typedef {{ x: number, size: number, centers: number[] }} Column x is the middle of the nodes */

/**
 * @param {{ width: number, height: number, features: number, hidden: number[] }} given the room there is,
 *   the features that are offered, the neurons of each hidden layer
 */
export function layOut({ width: room, height, features, hidden }) {
  const slots = hidden.length;
  const width = Math.max(room, FEATURE_WIDTH + OUTPUT_WIDTH + slots * NARROWEST_SLOT);
  const most = Math.max(1, features, ...hidden);
  const body = Math.max(height - HEAD_HEIGHT - FOOT, LOWEST_BODY, most * NARROWEST_PITCH);
  const slot = (width - FEATURE_WIDTH - OUTPUT_WIDTH) / Math.max(1, slots);
  const middle = HEAD_HEIGHT + body / 2;

  /** @param {number} x @param {number} nodes @param {number} widest @returns {Column} */
  function column(x, nodes, widest) {
    const pitch = Math.min(WIDEST_PITCH, body / nodes);
    const size = Math.floor(Math.min(LARGEST_NODE, 0.8 * pitch, widest));
    const centers = Array.from({ length: nodes }, (_, i) => middle + (i - (nodes - 1) / 2) * pitch);
    return { x, size, centers };
  }

  const inputs = column(0, features, LARGEST_NODE);
  inputs.x = FEATURE_WIDTH - inputs.size / 2 - 2;
  return {
    width,
    height: HEAD_HEIGHT + body + FOOT,
    slot,
    compact: slot < LOOSE_SLOT,
    inputs,
    hidden: hidden.map((neurons, i) => column(FEATURE_WIDTH + slot * (i + 0.5), neurons, 0.6 * slot)),
    output: column(width - OUTPUT_WIDTH / 2, 1, LARGEST_NODE),
  };
}

/** @typedef {ReturnType<typeof layOut>} Layout */

/**
 * A connection: it leaves and arrives level, so that bundles read as flows.
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 */
export function linkPath(x0, y0, x1, y1) {
  const half = ((x0 + x1) / 2).toFixed(1);
  return `M${x0.toFixed(1)} ${y0.toFixed(1)}C${half} ${y0.toFixed(1)} ${half} ${y1.toFixed(1)} ${x1.toFixed(1)} ${y1.toFixed(1)}`;
}

/**
 * How far along its fall a connection is at x, from 0 (still at y0) to 1 (at y1).
 * With both inner control points half way, x(t) = 1.5 t - 1.5 t² + t³ of the width.
 * @param {number} x0
 * @param {number} x1
 * @param {number} x
 */
export function linkFall(x0, x1, x) {
  const wanted = Math.min(1, Math.max(0, (x - x0) / (x1 - x0)));
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i += 1) {
    const t = (low + high) / 2;
    if (1.5 * t - 1.5 * t * t + t * t * t < wanted) low = t;
    else high = t;
  }
  return low * low * (3 - 2 * low);
}
