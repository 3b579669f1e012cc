/** Points that somebody draws on the plane, as the text that an experiment holds. Pure; see models/drawing.py. */

import { PLANE } from "./picture.js";

/** @import { Points } from "./types.js" */

/** @typedef {{ kind: number, x1: number, x2: number }} Drawn a point of a class, counted from 0 */

export const LEAST = 2;
export const MOST = 2000;
export const CLASSES = 8;
const STEPS = 16383;

/** @param {number} x */
const placeOf = (x) => Math.min(STEPS, Math.max(0, Math.round(((x + PLANE) * STEPS) / (2 * PLANE))));

/** @param {Drawn[]} points */
export function encode(points) {
  const bytes = new DataView(new ArrayBuffer(4 * points.length));
  points.forEach(({ kind, x1, x2 }, i) => {
    bytes.setUint32(4 * i, ((kind << 28) | (placeOf(x1) << 14) | placeOf(x2)) >>> 0);
  });
  const raw = String.fromCharCode(...new Uint8Array(bytes.buffer));
  return btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// Every frame asks for the same text again.
/** @type {{ text: string, points: Drawn[] | null }} */
let decoded = { text: "", points: [] };
/** @type {{ text: string, share: number, points: Points } | null} */
let split = null;

/**
 * @param {string} text
 * @returns {Drawn[] | null} null if it is no such text; not to be changed
 */
export function decode(text) {
  if (text !== decoded.text) decoded = { text, points: read(text) };
  return decoded.points;
}

/** @param {string} text */
function read(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null;
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  if (raw.length % 4 !== 0) return null;
  const bytes = new DataView(Uint8Array.from(raw, (character) => character.charCodeAt(0)).buffer);
  const points = Array.from({ length: raw.length / 4 }, (_, i) => {
    const word = bytes.getUint32(4 * i);
    const [x1 = 0, x2 = 0] = [(word >>> 14) & STEPS, word & STEPS].map(
      (place) => (2 * PLANE * place) / STEPS - PLANE,
    );
    return { kind: word >>> 28, x1, x2 };
  });
  return points.every(({ kind }) => kind < CLASSES) ? points : null;
}

/** How many classes there are, at least two. @param {string} text */
export function classCount(text) {
  return Math.max(2, ...(decode(text) ?? []).map(({ kind }) => kind + 1));
}

/**
 * The points as frames bring them: training points first, of each class every so many.
 * @param {string} text
 * @param {number} share of training points
 * @returns {Points} the same object for the same text and share
 */
export function pointsOf(text, share) {
  if (split?.text !== text || split.share !== share) split = { text, share, points: divide(text, share) };
  return split.points;
}

/** @param {string} text @param {number} share @returns {Points} */
function divide(text, share) {
  const drawn = decode(text) ?? [];
  const two = classCount(text) === 2;
  /** @type {Map<number, number>} */
  const seen = new Map();
  /** @type {[Drawn[], Drawn[]]} */
  const [train, test] = [[], []];
  for (const point of drawn) {
    const before = seen.get(point.kind) ?? 0;
    seen.set(point.kind, before + 1);
    (Math.ceil((before + 1) * share) > Math.ceil(before * share) ? train : test).push(point);
  }
  const values = [...train, ...test].flatMap(({ kind, x1, x2 }) => [x1, x2, two ? 2 * kind - 1 : kind]);
  return { values: Float32Array.from(values), counts: { train: train.length, test: test.length } };
}

/**
 * The points of a frame, to draw on from them.
 * @param {Points} points
 * @param {number} classes
 * @returns {Drawn[]}
 */
export function fromPoints({ values }, classes) {
  return Array.from({ length: Math.min(MOST, values.length / 3) }, (_, i) => {
    const [x1 = 0, x2 = 0, label = 0] = values.subarray(3 * i, 3 * i + 3);
    return { kind: classes > 2 ? label : label > 0 ? 1 : 0, x1, x2 };
  });
}
