/** What the page says in words. Pure. */

import { nameOf, numberOf } from "./axes.js";
import { heightAt, isCurve } from "./curve.js";
import { DASH, percent, signed } from "./format.js";
import { readRegion } from "./classes.js";
import { PLANE, byteAt, valueAt } from "./picture.js";
import { shownOf } from "./shown.js";
import { has, t } from "./text.js";

/** @import { ErrorEvent, Snapshot, State } from "./types.js" */

/**
 * What the engine and the lane are doing, as one word for code and style sheets.
 * @param {State} state
 * @returns {"elsewhere" | "lost" | "stopping" | "connecting" | "waiting" | "refused" | "warming" | "restarting" | "loading" | "diverged" | "playing" | "paused"}
 */
export function statusKind({ connection, engine, snapshot, playing }) {
  if (connection !== "open") return connection;
  if (engine && engine.state !== "ready") return engine.state;
  if (!snapshot) return "loading";
  if (snapshot.state === "diverged") return "diverged";
  return playing ? "playing" : "paused";
}

/**
 * The same for people.
 * @param {State} state
 */
export function statusWords(state) {
  const kind = statusKind(state);
  const what = t(`status.${kind}`);
  const message = kind === "warming" || kind === "restarting" ? engineWords(state.engine?.message ?? "") : "";
  return message ? t("status.detail", { what, message }) : what;
}

/**
 * What the engine says of itself, in the page's language where there are words for it. Numbers in it stand in
 * the message's key as #.
 * @param {string} message
 */
export function engineWords(message) {
  const key = `engine.${message.replace(/\d+/g, "#")}`;
  const [a = "", b = ""] = message.match(/\d+/g) ?? [];
  return has(key) ? t(key, { a, b }) : message;
}

/** What of an experiment the server may refuse, by its path, and the label of its control. */
const LABELS = /** @type {Record<string, string>} */ ({
  "data.name": "data.set",
  "data.noise": "data.noise",
  "data.train_share": "data.train_share",
  features: "net.features",
  "network.hidden": "net.layers_group",
  "network.output_activation": "net.output_activation",
  "network.initializer": "training.initializer",
  "training.loss": "training.loss",
  "training.optimizer": "training.optimizer",
  "training.learning_rate": "training.learning_rate",
  "training.regularization": "training.regularization",
  "training.regularization_rate": "training.regularization_rate",
  "training.batch_size": "training.batch_size",
});
/** Codes that say all there is to say. */
const PLAIN = ["busy", "too_fast"];

/**
 * Why the server refused something, in the page's language; its own words come after that, in parentheses.
 * @param {ErrorEvent} event
 */
export function errorWords({ code, message, expected }) {
  const key = has(`error.${code}`) ? `error.${code}` : "error.misunderstood";
  if (PLAIN.includes(code)) return t(key);
  const detail = expected ? t("error.expected", { message, expected }) : message;
  const path = /^(?:experiment: )?([a-z][\w.]*): /.exec(message)?.[1] ?? "";
  const label = Object.keys(LABELS).find((known) => path === known || path.startsWith(`${known}.`));
  const what = label ? t("error.setting", { name: t(LABELS[label] ?? "") }) : t(key);
  return t("error.detail", { what, detail });
}

const AREAS = [0, 3, 6].map((row) => [0, 1, 2].map((column) => `words.area.${row + column}`));

/**
 * The decision boundary in words, for those who cannot see it.
 * @param {Snapshot} snapshot
 * @param {{ train: string, test: string }} losses
 * @param {string[]} names of the classes, as far as they have any
 * @param {number | null} [alone] the class whose probability alone is shown
 */
export function describeOutput(snapshot, losses, names, alone = null) {
  const { boundary, problem, classes: several } = snapshot;
  if (isCurve(snapshot)) return describeCurve(snapshot, losses);
  if (several > 2) {
    return alone === null
      ? describeRegions(snapshot, losses, names)
      : describeAlone(snapshot, losses, names[alone] ?? t("output.class", { n: alone + 1 }), alone);
  }
  const [low = 0, high = 0] = boundary.ranges;
  const middle = low === 0 ? 0.5 : 0; // sigmoid and softmax begin at 0
  const classes = problem === "classification";
  const colors = {
    positive: t("words.color.positive"),
    negative: t("words.color.negative"),
  };
  const [no = t("output.negative"), yes = t("output.positive")] = names;
  const shown = { bytes: boundary.data, start: 0, side: boundary.side, scale: { low, high } };
  const place = { ...whereAbove(shown, middle), yes, no, ...colors };
  const { mean, scale } = snapshot.target;
  /** @param {number} value */
  const inUnits = (value) => signed(mean + scale * value);
  const what = classes
    ? t("words.classified", place)
    : t("words.valued", { ...place, low: inUnits(low), high: inUnits(high), middle: inUnits(middle) });
  const right = classes ? rightWords(snapshot, rightShare(snapshot, middle)) : "";
  return afterEpochs(snapshot, what, right, losses);
}

/**
 * @param {Snapshot} snapshot
 * @param {{ train: string, test: string }} losses
 * @param {string} name of the class
 * @param {number} unit
 */
function describeAlone(snapshot, losses, name, unit) {
  const shown = shownOf(snapshot, { inspected: null, alone: unit });
  const what = t("words.alone", { name, ...whereAbove(shown, 0.5) });
  return afterEpochs(snapshot, what, snapshot.axes.length > 2 ? t("words.slice") : "", losses);
}

/**
 * On how much of the plane a picture is at least so high, and in which of its nine parts for the most part.
 * @param {{ bytes: Uint8Array, start: number, side: number, scale: { low: number, high: number } }} picture
 * @param {number} middle
 */
function whereAbove({ bytes, start, side, scale: { low, high } }, middle) {
  const third = side / 3;
  const above = AREAS.map((row) => row.map(() => 0));
  const cells = AREAS.map((row) => row.map(() => 0));
  let total = 0;
  for (let i = 0; i < side * side; i += 1) {
    const row = Math.min(2, Math.floor(i / side / third));
    const column = Math.min(2, Math.floor((i % side) / third));
    const positive = low + (Number(bytes[start + i]) / 254) * (high - low) >= middle;
    /** @type {number[]} */ (cells[row])[column] = (cells[row]?.[column] ?? 0) + 1;
    if (!positive) continue;
    total += 1;
    /** @type {number[]} */ (above[row])[column] = (above[row]?.[column] ?? 0) + 1;
  }
  const named = AREAS.flatMap((row, r) =>
    row.filter((_, c) => (above[r]?.[c] ?? 0) > 0.5 * (cells[r]?.[c] ?? 1)),
  );
  const where =
    named.length === 0
      ? t("words.nowhere")
      : named.length === 9
        ? t("words.everywhere")
        : named.map((area) => t(area)).join(", ");
  return { share: percent(total / (side * side)), where };
}

/**
 * How many points are on their side, as far as the picture says it: of more than two columns it is a slice.
 * @param {Snapshot} snapshot
 * @param {number} share
 */
function rightWords({ axes }, share) {
  return axes.length > 2 ? t("words.slice") : t("words.right", { share: percent(share) });
}

/**
 * Where a curve begins, passes and ends.
 * @param {Snapshot} snapshot
 * @param {{ train: string, test: string }} losses
 */
function describeCurve(snapshot, losses) {
  const { boundary, axes, target } = snapshot;
  const [axis] = axes;
  const [low = 0, high = 0] = boundary.ranges;
  const curve = { bytes: boundary.data, start: 0, side: boundary.side, low, high };
  const [start = "", middle = "", end = ""] = [-PLANE, 0, PLANE].map((place) =>
    signed(target.mean + target.scale * heightAt(curve, place)),
  );
  const words = axis
    ? { name: nameOf(axis), from: numberOf(axis, axis.low), to: numberOf(axis, axis.high) }
    : { name: "", from: "", to: "" };
  return afterEpochs(snapshot, t("words.curve", { ...words, start, middle, end }), "", losses);
}

/**
 * @param {Snapshot} snapshot
 * @param {string} what
 * @param {string} right
 * @param {{ train: string, test: string }} losses
 */
function afterEpochs({ epoch }, what, right, losses) {
  const test = losses.test === DASH ? t("words.no_test") : t("words.test_loss", { loss: losses.test });
  return t("words.after", { n: epoch, what, right, train: losses.train, test });
}

/**
 * Which class has how much of the plane.
 * @param {Snapshot} snapshot
 * @param {{ train: string, test: string }} losses
 * @param {string[]} names
 */
function describeRegions(snapshot, losses, names) {
  const { boundary, classes, points } = snapshot;
  const cells = Array.from({ length: classes }, () => 0);
  for (const byte of boundary.data) {
    const { index } = readRegion(byte);
    cells[index] = (cells[index] ?? 0) + 1;
  }
  const shares = cells.map((count, i) =>
    t("words.region", {
      name: names[i] ?? t("output.class", { n: i + 1 }),
      share: percent(count / boundary.data.length),
    }),
  );
  let [right, inside] = [0, 0];
  for (let i = 0; i + 2 < points.values.length; i += 3) {
    const [x1 = 0, x2 = 0, label = 0] = points.values.subarray(i, i + 3);
    if (Math.abs(x1) > PLANE || Math.abs(x2) > PLANE) continue;
    inside += 1;
    if (readRegion(byteAt(boundary.data, 0, boundary.side, x1, x2)).index === label) right += 1;
  }
  const what = t("words.regions", { shares: shares.join(", ") });
  return afterEpochs(snapshot, what, rightWords(snapshot, inside > 0 ? right / inside : NaN), losses);
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
