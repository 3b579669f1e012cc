/** Where the parts of the network diagram go. Pure: numbers in, numbers out; all in CSS pixels. */

/**
 * What there is room for. Widths and heights in px: label and output of the outer columns, node the least and
 * the most, extra for the output's menu, which is wider than a small head; slot and body the least. share:
 * how much of the body's height a node takes; head: of the columns, in times the font's size.
 */
const WIDE = {
  label: 78,
  output: 118,
  node: [54, 72],
  share: 0.1,
  extra: 14,
  head: 6.5,
  slot: 66,
  body: 330,
};
const NARROW = { ...WIDE, label: 68, output: 72, node: [40, 40], extra: 0, slot: 60 }; // for phones
/** Without controls, and all of it in view. */
const PLAIN = { ...WIDE, node: [30, 110], share: 0.16, extra: 0, head: 1.8, slot: 34, body: 120 };
const NARROW_ROOM = 520;
const LOOSE_SLOT = 104; // below, a column's head is written small
const WIDEST_PITCH = 1.37; // in times a node's size
const NARROWEST_PITCH = 15;
const FOOT = 8;

/** @typedef {{ x: number, size: number, centers: number[] }} Column x is the middle of the nodes */

/**
 * @param {{ width: number, height: number, font: number, plain: boolean, features: number, hidden: number[], outputs: number }}
 *   given the room there is, the font's size, whether it is only to be looked at, the features that are
 *   offered, the neurons of each hidden layer and of the output layer
 */
export function layOut({ width: room, height, font, plain, features, hidden, outputs }) {
  const looks = plain ? PLAIN : room < NARROW_ROOM ? NARROW : WIDE;
  const { extra } = looks;
  const head = looks.head * font;
  const most = Math.max(1, features, ...hidden, outputs);
  const least = plain ? looks.body : Math.max(looks.body, most * NARROWEST_PITCH);
  const body = Math.max(height - head - FOOT, least);
  const [smallest = 0, largest = 0] = looks.node;
  const node = Math.min(largest, Math.max(smallest, looks.share * body));
  const first = looks.label + node / 2;
  const ends = first + looks.output / 2;
  const gaps = hidden.length + 1;
  const width = Math.max(room, ends + extra + gaps * looks.slot);
  const slot = (width - ends - extra) / gaps;
  const middle = head + body / 2;

  /** @param {number} x @param {number} nodes @param {number} widest @returns {Column} */
  function column(x, nodes, widest) {
    const pitch = Math.min(WIDEST_PITCH * node, body / nodes);
    const size = Math.floor(Math.min(node, 0.8 * pitch, widest));
    const centers = Array.from({ length: nodes }, (_, i) => middle + (i - (nodes - 1) / 2) * pitch);
    return { x, size, centers };
  }

  return {
    width,
    height: head + body + FOOT,
    least: head + least + FOOT,
    slot,
    compact: slot < LOOSE_SLOT,
    inputs: column(first, features, node),
    hidden: hidden.map((neurons, i) => column(first + slot * (i + 1), neurons, 0.52 * slot)),
    output: column(width - looks.output / 2, outputs, node),
  };
}

/** @typedef {ReturnType<typeof layOut>} Layout */

/**
 * Where the connections between neighbouring columns leave and arrive.
 * @param {Column[]} columns
 */
export function gapsBetween(columns) {
  /** @param {Column} column @param {1 | -1} side */
  const ports = ({ x, size, centers }, side) => centers.map((y) => ({ x: x + (side * size) / 2, y }));
  return columns.slice(1).map((column, i) => ({
    sources: ports(/** @type {Column} */ (columns[i]), 1),
    targets: ports(column, -1),
  }));
}

/**
 * The least distance between two neurons of a column.
 * @param {Column[]} columns
 */
export function spacingOf(columns) {
  return Math.min(...columns.map(({ centers }) => Number(centers[1] ?? Infinity) - Number(centers[0])));
}

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
