/** What the page says in words. Pure. */

import { percent, signed } from "./format.js";
import { PLANE, valueAt } from "./picture.js";

/** @import { Snapshot, State } from "./types.js" */

/**
 * What the engine and the lane are doing.
 * @param {State} state
 */
export function statusWords({ connection, engine, snapshot, playing }) {
  if (connection === "elsewhere") return "Open in another tab";
  if (connection === "lost") return "Reconnecting";
  if (connection === "connecting") return "Connecting";
  if (engine && engine.state !== "ready") {
    const what = engine.state === "warming" ? "Warming up" : "Restarting";
    return engine.message ? `${what}: ${engine.message}` : what;
  }
  if (!snapshot) return "Loading";
  if (snapshot.state === "diverged") return "Diverged";
  return playing ? "Playing" : "Paused";
}

const AREAS = [
  ["top left", "top", "top right"],
  ["left", "centre", "right"],
  ["bottom left", "bottom", "bottom right"],
];

/**
 * The decision boundary in words, for those who cannot see it.
 * @param {Snapshot} snapshot
 * @param {{ train: string, test: string }} losses
 */
export function describeOutput(snapshot, losses) {
  const { boundary, problem, activations } = snapshot;
  const [low = 0, high = 0] = boundary.ranges;
  const middle = activations.at(-1) === "sigmoid" ? 0.5 : 0;
  const third = boundary.side / 3;
  const above = AREAS.map((row) => row.map(() => 0));
  const cells = AREAS.map((row) => row.map(() => 0));
  let total = 0;
  for (let i = 0; i < boundary.data.length; i += 1) {
    const row = Math.min(2, Math.floor(i / boundary.side / third));
    const column = Math.min(2, Math.floor((i % boundary.side) / third));
    const positive = low + (Number(boundary.data[i]) / 254) * (high - low) >= middle;
    /** @type {number[]} */ (cells[row])[column] = (cells[row]?.[column] ?? 0) + 1;
    if (!positive) continue;
    total += 1;
    /** @type {number[]} */ (above[row])[column] = (above[row]?.[column] ?? 0) + 1;
  }
  const named = AREAS.flatMap((row, r) =>
    row.filter((_, c) => (above[r]?.[c] ?? 0) > 0.5 * (cells[r]?.[c] ?? 1)),
  );
  const share = total / boundary.data.length;
  const where =
    named.length === 0 ? "nowhere for the most part" : named.length === 9 ? "everywhere" : named.join(", ");
  const what =
    problem === "classification"
      ? `${percent(share)} of the plane is classified as positive (blue): ${where}. The rest is negative (orange).`
      : `The output goes from ${signed(low)} to ${signed(high)} and is above zero (blue) on ${percent(share)} of the plane: ${where}.`;
  const right =
    problem === "classification"
      ? ` ${percent(rightShare(snapshot, middle))} of all points lie on their side.`
      : "";
  const test = losses.test === "–" ? "there is no test set" : `test loss ${losses.test}`;
  return `After ${snapshot.epoch} ${snapshot.epoch === 1 ? "epoch" : "epochs"}: ${what}${right} Training loss ${losses.train}, ${test}.`;
}

/**
 * @param {Snapshot} snapshot
 * @param {number} middle
 */
function rightShare({ boundary, points }, middle) {
  const [low = 0, high = 0] = boundary.ranges;
  const { values } = points;
  let right = 0;
  let inside = 0;
  for (let i = 0; i + 2 < values.length; i += 3) {
    const [x1 = 0, x2 = 0, label = 0] = values.subarray(i, i + 3);
    if (Math.abs(x1) > PLANE || Math.abs(x2) > PLANE) continue;
    inside += 1;
    const value = valueAt(boundary.data, 0, boundary.side, low, high, x1, x2);
    if (value >= middle === label > 0) right += 1;
  }
  return inside > 0 ? right / inside : NaN;
}
