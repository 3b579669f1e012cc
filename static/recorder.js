/**
 * What the page was shown, in bounded memory: moments of this run and of those before it. Where there is no room,
 * the run that takes most of it gives up every second moment, so that each keeps its whole length.
 */

/** @import { Figures, Moment, Pictures, RecordedRun, Snapshot } from "./types.js" */
/** @import { Curves } from "./history.js" */

const BUDGET = 24 * 2 ** 20; // bytes
const MOMENT = 2000; // bytes of a moment beside its arrays, generously
const MOST_RUNS = 8;

/**
 * @typedef {RecordedRun & {
 *   kept: Moment[],
 *   stride: number,
 *   seen: number,
 *   bytes: number,
 *   of: Snapshot | null,
 * }} Run `seen` steps came, every `stride`th is kept; `of` is what was kept last, as it came
 */

/** @param {number} [budget] bytes that may be kept */
export function createRecorder(budget = BUDGET) {
  /** @type {Run[]} the present one is the last */
  let runs = [];
  /** @type {Moment | null} as it came */
  let newest = null;

  /** @param {Run} run @param {Snapshot} snapshot @param {Figures | null} row */
  function keep(run, snapshot, row) {
    const before = run.kept.at(-1)?.snapshot;
    const same = before && run.of?.points === snapshot.points && run.of.inputs === snapshot.inputs;
    const { verdict } = snapshot.panels;
    /** @type {Snapshot} */
    const own = {
      ...snapshot,
      state: snapshot.state === "playing" ? "paused" : snapshot.state, // it no longer moves
      panels: verdict === undefined ? {} : { verdict },
      panelBlocks: {},
      // A frame's arrays lie in one buffer, which would stay with the smallest of them.
      weights: snapshot.weights.slice(),
      normalization: snapshot.normalization.slice(),
      boundary: copied(snapshot.boundary),
      neurons: copied(snapshot.neurons),
      inputs: same ? before.inputs : copied(snapshot.inputs),
      points: same ? before.points : { ...snapshot.points, values: snapshot.points.values.slice() },
    };
    run.of = snapshot;
    run.kept.push({ run, snapshot: own, row });
    run.bytes += sizeOf(own) + (same ? 0 : sizeOfData(own));
    fit();
  }

  const total = () => runs.reduce((sum, { bytes }) => sum + bytes, 0);

  function fit() {
    while (total() > budget && shrink());
  }

  /** Makes room; whether there was anything left to give up. */
  function shrink() {
    const long = runs.filter(({ kept }) => kept.length > 2);
    if (long.length > 0) {
      const run = long.reduce((most, other) => (other.bytes > most.bytes ? other : most));
      const end = run.history ? run.kept.length - 1 : NaN; // a run that is over keeps its end
      run.kept = run.kept.filter((_, i) => i % 2 === 0 || i === end);
      run.stride *= 2;
      weigh(run);
      return true;
    }
    const [first] = runs;
    if (!first || runs.length > 1 || first.history) return runs.shift() !== undefined;
    const gone = first.kept.pop();
    weigh(first);
    return gone !== undefined;
  }

  /** The present run is over. @param {Curves} history of it */
  function end(history) {
    const run = runs.at(-1);
    if (!run || !newest) return;
    if (newest.snapshot.step === 0)
      runs.pop(); // nothing has happened in it
    else {
      run.history = history;
      run.bytes += history.bytes;
      if (run.kept.at(-1)?.snapshot.step !== newest.snapshot.step) keep(run, newest.snapshot, newest.row);
      run.of = null;
    }
    runs = runs.slice(1 - MOST_RUNS);
    fit();
  }

  return {
    /** Whether this is of another run than what came last. @param {Snapshot} snapshot */
    ends(snapshot) {
      const before = newest?.snapshot;
      return (
        before !== undefined && (snapshot.run !== before.run || (snapshot.step === 0 && before.step > 0))
      );
    },

    /**
     * Takes what a frame shows, in less than a tenth of a millisecond.
     * @param {Snapshot} snapshot
     * @param {Figures | null} row
     * @param {Curves | null} ended the curves of the run before, if this is a fresh one
     */
    take(snapshot, row, ended) {
      if (ended) end(ended);
      let run = runs.at(-1);
      if (!run || run.history) {
        const number = (run?.number ?? 0) + 1;
        run = { number, history: null, kept: [], stride: 1, seen: 0, bytes: 0, of: null };
        runs.push(run);
      } else if (newest && snapshot.step > newest.snapshot.step) {
        run.seen += 1;
      } else if (isCoarser(snapshot, run)) {
        newest = { run, snapshot, row };
        return; // of this very moment there is a finer picture
      } else {
        // The same step after an edit, or the last saved state after a restart: what was, is no more.
        const left = run.kept.filter((moment) => moment.snapshot.step < snapshot.step);
        if (left.length < run.kept.length) {
          run.kept = left;
          run.seen = left.length * run.stride;
          weigh(run);
        }
      }
      newest = { run, snapshot, row };
      if (run.seen >= run.kept.length * run.stride) keep(run, snapshot, row);
    },

    /** What there is, the oldest first; the last is what the newest frame showed, as it came. */
    moments() {
      const kept = runs.flatMap((run) => run.kept);
      if (!newest) return kept;
      const last = kept.at(-1);
      const there = last?.run === newest.run && last.snapshot.step === newest.snapshot.step;
      return [...(there ? kept.slice(0, -1) : kept), newest];
    },

    /** Whether there is anything before the newest. */
    get some() {
      const present = runs.at(-1);
      return runs.length > 1 || (present?.kept[0]?.snapshot.step ?? Infinity) < (newest?.snapshot.step ?? 0);
    },

    /** Bytes that are kept, besides the newest. */
    get bytes() {
      return total();
    },
  };
}

/** @typedef {ReturnType<typeof createRecorder>} Recorder */

/**
 * Whether it shows what was kept last, only coarser, as when a network at rest begins to train.
 * @param {Snapshot} snapshot
 * @param {Run} run
 */
function isCoarser(snapshot, { kept, of }) {
  const last = kept.at(-1)?.snapshot;
  return (
    last !== undefined &&
    snapshot.step === last.step &&
    snapshot.experiment === last.experiment &&
    snapshot.inputs === of?.inputs &&
    snapshot.boundary.side < last.boundary.side &&
    snapshot.weights.every((weight, i) => weight === last.weights[i])
  );
}

/** @param {Run} run */
function weigh(run) {
  const data = new Map(run.kept.map(({ snapshot }) => [snapshot.points, sizeOfData(snapshot)]));
  const moments = run.kept.reduce((sum, { snapshot }) => sum + sizeOf(snapshot), 0);
  run.bytes = moments + [...data.values()].reduce((sum, size) => sum + size, 0) + (run.history?.bytes ?? 0);
}

/** @param {Pictures} pictures @returns {Pictures} */
const copied = (pictures) => ({
  ...pictures,
  data: pictures.data.slice(),
  ranges: pictures.ranges.slice(),
});

/** @param {Pictures} pictures */
const sizeOfPictures = ({ data, ranges }) => data.byteLength + ranges.byteLength;

/** What a moment has of its own. @param {Snapshot} snapshot */
function sizeOf({ weights, normalization, boundary, neurons }) {
  const arrays = weights.byteLength + normalization.byteLength;
  return MOMENT + arrays + sizeOfPictures(boundary) + sizeOfPictures(neurons);
}

/** And what it shares with others on the same data. @param {Snapshot} snapshot */
const sizeOfData = ({ inputs, points }) => sizeOfPictures(inputs) + points.values.byteLength;
