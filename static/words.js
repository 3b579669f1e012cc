/** What the page says in words. Pure. */

import { DASH, percent, signed } from "./format.js";
import { readRegion } from "./classes.js";
import { PLANE, byteAt, valueAt } from "./picture.js";
import { has, t } from "./text.js";

/** @import { ErrorEvent, Snapshot, State } from "./types.js" */

/**
 * What the engine and the lane are doing, as one word for code and style sheets.
 * @param {State} state
 * @returns {"elsewhere" | "lost" | "connecting" | "warming" | "restarting" | "loading" | "diverged" | "playing" | "paused"}
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
 */
export function describeOutput(snapshot, losses) {
  const { boundary, problem, classes: several } = snapshot;
  if (several > 2) return describeRegions(snapshot, losses);
  const [low = 0, high = 0] = boundary.ranges;
  const middle = low === 0 ? 0.5 : 0; // sigmoid and softmax begin at 0
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
  const where =
    named.length === 0
      ? t("words.nowhere")
      : named.length === 9
        ? t("words.everywhere")
        : named.map((area) => t(area)).join(", ");
  const classes = problem === "classification";
  const colors = {
    positive: t("words.color.positive"),
    negative: t("words.color.negative"),
  };
  const place = { share: percent(total / boundary.data.length), where, ...colors };
  const what = classes
    ? t("words.classified", place)
    : t("words.valued", { ...place, low: signed(low), high: signed(high) });
  const right = classes ? t("words.right", { share: percent(rightShare(snapshot, middle)) }) : "";
  return afterEpochs(snapshot, what, right, losses);
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
 */
function describeRegions(snapshot, losses) {
  const { boundary, classes, points } = snapshot;
  const cells = Array.from({ length: classes }, () => 0);
  for (const byte of boundary.data) {
    const { index } = readRegion(byte);
    cells[index] = (cells[index] ?? 0) + 1;
  }
  const shares = cells.map((count, i) =>
    t("words.region", {
      name: t("output.class", { n: i + 1 }),
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
  return afterEpochs(
    snapshot,
    what,
    t("words.right", { share: percent(inside > 0 ? right / inside : NaN) }),
    losses,
  );
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
