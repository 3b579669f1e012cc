/** A run's history in bounded memory: when it is full, every second row goes. */

/** @import { Figures, Frame, HistoryRow, Snapshot } from "./types.js" */

/** What a row holds, in order; docs/protocol.md says what it means. */
const COLUMNS = /** @type {const} */ ([
  "epoch",
  "loss",
  "accuracy",
  "penalty",
  "testLoss",
  "testAccuracy",
  "testPenalty",
]);
const WIDTH = COLUMNS.length;

/** @typedef {"loss" | "testLoss" | "accuracy" | "testAccuracy"} Column */
/** @typedef {{ x: number[], y: number[] }} Series epochs and values */

/**
 * What a chart needs of a history.
 * @typedef {object} Curves
 * @property {HistoryRow | null} newest
 * @property {(column: Column, most?: number) => Series} series
 * @property {number} bytes that its rows take
 */

/** @param {number} [capacity] rows kept at most, besides the newest */
export function createHistory(capacity = 4000) {
  // One array for good: rows as objects would come and go by the thousand, and the page's memory with them.
  const kept = new Float32Array(WIDTH * capacity);
  const last = new Float32Array(WIDTH);
  let count = 0;
  let stride = 1;
  let seen = 0;
  let run = NaN;
  /** @type {HistoryRow | null} */
  let newest = null;

  /** @param {Float32Array} row */
  function push(row) {
    last.set(row);
    if (count === capacity) {
      count = Math.ceil(capacity / 2);
      for (let i = 1; i < count; i += 1) kept.copyWithin(i * WIDTH, 2 * i * WIDTH, (2 * i + 1) * WIDTH);
      stride *= 2;
    }
    if (seen % stride === 0) {
      kept.set(row, count * WIDTH);
      count += 1;
    }
    seen += 1;
  }

  function clear() {
    count = 0;
    newest = null;
    stride = 1;
    seen = 0;
  }

  return {
    /**
     * Takes a frame's new rows; whether there was anything new.
     * @param {Frame} frame
     */
    take(frame) {
      const fresh = frame.header.key || frame.header.run !== run;
      if (fresh) clear();
      run = frame.header.run;
      const values = frame.floats("history")?.data ?? new Float32Array(0);
      for (let at = 0; at + WIDTH <= values.length; at += WIDTH) push(values.subarray(at, at + WIDTH));
      if (values.length >= WIDTH) {
        const [epoch = NaN, loss = NaN, accuracy = NaN, penalty = NaN, ...test] = last;
        const [testLoss = NaN, testAccuracy = NaN, testPenalty = NaN] = test;
        newest = { epoch, loss, accuracy, penalty, testLoss, testAccuracy, testPenalty };
      }
      return fresh || values.length > 0;
    },

    /** The newest row, or null. */
    get newest() {
      return newest;
    },

    /**
     * Epochs and values for a chart: at most `most` points, and the newest.
     * @param {Column} column
     * @param {number} [most]
     */
    series: (column, most) => seriesOf(kept.subarray(0, count * WIDTH), newest && last, column, most),

    /** What it is now, for when the run is over. @returns {Curves} */
    copy() {
      const rows = kept.slice(0, count * WIDTH);
      const end = newest && last.slice();
      return {
        newest,
        series: (column, most) => seriesOf(rows, end, column, most),
        bytes: rows.byteLength,
      };
    },
  };
}

/**
 * @param {Float32Array} rows one after the other
 * @param {Float32Array | null} last the newest, which may be among them
 * @param {Column} column
 * @param {number} [most]
 * @returns {Series}
 */
function seriesOf(rows, last, column, most = 1000) {
  const place = COLUMNS.indexOf(column);
  const count = rows.length / WIDTH;
  const every = Math.max(1, Math.ceil(count / most));
  /** @type {Series} */
  const { x, y } = { x: [], y: [] };
  /** @param {Float32Array} from @param {number} at */
  const add = (from, at) => {
    const value = Number(from[at + place]);
    if (!Number.isFinite(value)) return;
    x.push(Number(from[at]));
    y.push(value);
  };
  for (let i = 0; i < count; i += every) add(rows, i * WIDTH);
  if (last && x.at(-1) !== last[0]) add(last, 0);
  return { x, y };
}

/**
 * The newest figures: after an edit those of the network as it is.
 * @param {Snapshot} snapshot
 * @param {HistoryRow | null} newest
 * @returns {Figures | null}
 */
export function figuresOf({ measured }, newest) {
  if (!measured) return newest;
  const [loss = NaN, accuracy = NaN, penalty = NaN, testLoss = NaN, testAccuracy = NaN] = measured.map(
    (value) => value ?? NaN,
  );
  return { loss, accuracy, penalty, testLoss, testAccuracy, testPenalty: penalty };
}

/** @typedef {ReturnType<typeof createHistory>} History */
