/** A run's history in bounded memory: when it is full, every second row goes. */

/** @import { Frame, HistoryRow } from "./types.js" */

const COLUMNS = 7; // epoch, loss, accuracy, penalty, val_loss, val_accuracy, val_penalty

/** @param {number} [capacity] rows kept at most, besides the newest */
export function createHistory(capacity = 4000) {
  /** @type {HistoryRow[]} */
  let rows = [];
  /** @type {HistoryRow | null} */
  let newest = null;
  let stride = 1;
  let seen = 0;
  let run = NaN;

  /** @param {HistoryRow} row */
  function push(row) {
    newest = row;
    if (seen % stride === 0) rows.push(row);
    seen += 1;
    if (rows.length > capacity) {
      rows = rows.filter((_, i) => i % 2 === 0);
      stride *= 2;
    }
  }

  function clear() {
    rows = [];
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
      const block = frame.floats("history");
      const values = block?.data ?? new Float32Array(0);
      for (let i = 0; i + COLUMNS <= values.length; i += COLUMNS) {
        const [epoch = NaN, loss = NaN, accuracy = NaN, penalty = NaN, ...test] = values.subarray(
          i,
          i + COLUMNS,
        );
        const [testLoss = NaN, testAccuracy = NaN, testPenalty = NaN] = test;
        push({ epoch, loss, accuracy, penalty, testLoss, testAccuracy, testPenalty });
      }
      return fresh || values.length > 0;
    },

    /** The newest row, or null. */
    get newest() {
      return newest;
    },

    /**
     * Epochs and values for a chart: at most `most` points, the first and the newest among them.
     * @param {"loss" | "testLoss" | "accuracy" | "testAccuracy"} column
     * @param {number} [most]
     */
    series(column, most = 1000) {
      const every = Math.max(1, Math.ceil(rows.length / most));
      const chosen = rows.filter((_, i) => i % every === 0);
      if (newest && chosen.at(-1) !== newest) chosen.push(newest);
      const shown = chosen.filter((row) => Number.isFinite(row[column]));
      return { x: shown.map((row) => row.epoch), y: shown.map((row) => row[column]) };
    },
  };
}

/** @typedef {ReturnType<typeof createHistory>} History */
