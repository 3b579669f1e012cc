/** Where the network has been on the surface, and the part of the surface that shows it. Pure. */

/** @typedef {number[]} Place a coordinate each way */
/** @typedef {{ low: number[], high: number[] }} Part */

const MOST = 400; // places; beyond, every second one goes, so that the way keeps its shape
const ROOM = 1.35; // how much wider than the path what is shown is
const RIM = 0.95; // of the part, beyond which the network has left it
const FURTHEST = 1e6; // as the protocol has it

/**
 * @param {Place[]} path
 * @param {Place} place
 * @returns {Place[]} the path and the place, unless it ends there
 */
export function extended(path, place) {
  const last = path.at(-1);
  if (!place.every(Number.isFinite) || last?.every((value, i) => value === place[i])) return path;
  const kept = path.length < MOST ? path : path.filter((_, i) => i % 2 === 0);
  return [...kept, place];
}

/**
 * The part around a place, as far in each way.
 * @param {Place} centre
 * @param {number} reach
 * @returns {Part}
 */
export function around(centre, reach) {
  const far = Math.min(FURTHEST / 4, reach);
  const within = centre.map((value) => Math.max(far - FURTHEST, Math.min(FURTHEST - far, value)));
  return { low: within.map((value) => value - far), high: within.map((value) => value + far) };
}

/** Half as wide as a part is. @param {Part} part */
export const reachOf = ({ low, high }) => (Number(high[0]) - Number(low[0])) / 2;

/**
 * Whether a place is well inside.
 * @param {Part} part
 * @param {Place} place
 */
export function holds({ low, high }, place) {
  return place.every((value, i) => {
    const [from = 0, to = 0] = [low[i], high[i]];
    return Math.abs(value - (from + to) / 2) <= (RIM * (to - from)) / 2;
  });
}

/**
 * The part that shows all of a path, no narrower than `reach` to each side.
 * @param {Place[]} path
 * @param {number} reach
 * @returns {Part}
 */
export function showing(path, reach) {
  const ways = path[0]?.length ?? 0;
  const ends = Array.from({ length: ways }, (_, i) => {
    const values = path.map((place) => Number(place[i]));
    return [Math.min(...values), Math.max(...values)];
  });
  const spans = ends.map(([low = 0, high = 0]) => high - low);
  return around(
    ends.map(([low = 0, high = 0]) => (low + high) / 2),
    Math.max(reach, (ROOM * Math.max(...spans)) / 2),
  );
}
