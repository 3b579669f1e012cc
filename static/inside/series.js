/** What was said of the layers over a run, in bounded memory: when it is full, every second row goes. Pure. */

/** @import { LayersSaid, Snapshot } from "../types.js" */

export const QUANTILES = 7; // smallest, 5, 25, 50, 75 and 95 %, largest

/** What may be said of a row. Rows that go leave their marks to the next one. */
export const VANISHING = 1;
export const EXPLODING = 2;
export const GAP = 4; // nobody looked between the row before and this one
const WRONG = { vanishing: VANISHING, exploding: EXPLODING };

/** Where a layer's figures are. */
export const AT = { weights: 0, gradients: QUANTILES, norm: 14, gradientNorm: 15, dead: 16, saturated: 17 };
const PER_LAYER = 18;
const [EPOCH, MARKS, FIRST] = [0, 1, 2];

/** @param {number} [capacity] rows kept at most, besides the newest; an even number */
export function createSeries(capacity = 256) {
  let kept = new Float32Array();
  let last = new Float32Array();
  let width = 0;
  let layers = 0;
  let count = 0; // of kept
  let stride = 1;
  let seen = 0; // rows before the newest
  let carried = 0; // marks of rows that went
  let key = "";
  let step = NaN; // of the newest row
  let rested = false;

  /** @param {string} fresh @param {number} wanted layers */
  function begin(fresh, wanted) {
    key = fresh;
    if (wanted !== layers) {
      layers = wanted;
      width = FIRST + wanted * PER_LAYER;
      kept = new Float32Array(width * capacity);
      last = new Float32Array(width);
    }
    count = 0;
    stride = 1;
    seen = 0;
    carried = 0;
    step = NaN;
    rested = false;
  }

  /** The newest row takes its place among the others, if it is its turn. */
  function keep() {
    carried |= Number(last[MARKS]);
    if (seen % stride === 0) {
      if (count === capacity) halve();
      kept.set(last, count * width);
      kept[count * width + MARKS] = carried;
      carried = 0;
      count += 1;
    }
    seen += 1;
  }

  function halve() {
    let gone = Number(kept[width + MARKS]);
    for (let i = 1; i < capacity / 2; i += 1) {
      const odd = Number(kept[(2 * i + 1) * width + MARKS]);
      kept.copyWithin(i * width, 2 * i * width, (2 * i + 1) * width);
      kept[i * width + MARKS] = Number(kept[i * width + MARKS]) | gone;
      gone = odd;
    }
    carried |= gone;
    count = capacity / 2;
    stride *= 2;
  }

  /** @param {number} i @param {number} place */
  function at(i, place) {
    return i < count ? Number(kept[i * width + place]) : Number(last[place]);
  }

  return {
    /**
     * Takes a new look. Another run, or a network of another shape, begins anew; the same step again replaces
     * its row, as after an edit of a weight.
     * @param {Snapshot} snapshot that has just brought what is said
     * @param {LayersSaid} said
     * @param {Float32Array} weights quantiles, layer by layer
     * @param {Float32Array} gradients the same
     */
    take(snapshot, said, weights, gradients) {
      const fresh = [snapshot.run, ...snapshot.layers].join();
      if (fresh !== key || snapshot.step < step) begin(fresh, said.layers.length);
      const again = snapshot.step === step;
      if (!again && !Number.isNaN(step)) keep();
      const gap = rested && !again && seen > 0 ? GAP : again ? Number(last[MARKS]) & GAP : 0;
      rested = false;
      step = snapshot.step;
      last[EPOCH] = snapshot.epoch + snapshot.offset / snapshot.trainPoints;
      last[MARKS] = gap | (said.verdict === null ? 0 : WRONG[said.verdict]);
      for (const [i, layer] of said.layers.entries()) {
        const start = FIRST + i * PER_LAYER;
        last.set(weights.subarray(i * QUANTILES, (i + 1) * QUANTILES), start + AT.weights);
        last.set(gradients.subarray(i * QUANTILES, (i + 1) * QUANTILES), start + AT.gradients);
        last[start + AT.norm] = layer.norm;
        last[start + AT.gradientNorm] = layer.gradient_norm ?? NaN;
        last[start + AT.dead] = layer.dead ?? NaN;
        last[start + AT.saturated] = layer.saturated ?? NaN;
      }
    },

    /** Nobody looks any more; what comes later does not follow on what was. */
    rest() {
      rested = true;
    },

    /** How many rows there are, the newest included. */
    get count() {
      return Number.isNaN(step) ? 0 : count + 1;
    },

    get layers() {
      return layers;
    },

    /** @param {number} i row */
    epoch(i) {
      return at(i, EPOCH);
    },

    /** @param {number} i row; which of VANISHING, EXPLODING and GAP hold, added up */
    marks(i) {
      return i === count ? at(i, MARKS) | carried : at(i, MARKS);
    },

    /**
     * @param {number} layer from 0
     * @param {number} place of AT, plus the quantile's number
     * @param {number} i row
     */
    value(layer, place, i) {
      return at(i, FIRST + layer * PER_LAYER + place);
    },
  };
}

/** @typedef {ReturnType<typeof createSeries>} Series */

/**
 * The row nearest to an epoch.
 * @param {Series} series that has rows
 * @param {number} epoch
 */
export function nearest(series, epoch) {
  let [low, high] = [0, series.count - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (series.epoch(middle) <= epoch) low = middle;
    else high = middle;
  }
  return epoch - series.epoch(low) < series.epoch(high) - epoch ? low : high;
}

/**
 * Rows one after the other that have a mark: the first and the last of each stretch.
 * @param {Series} series
 * @param {number} mark
 * @returns {[number, number][]}
 */
export function stretches(series, mark) {
  /** @type {[number, number][]} */
  const found = [];
  for (let i = 0; i < series.count; i += 1) {
    if ((series.marks(i) & mark) === 0) continue;
    const before = found.at(-1);
    if (before?.[1] === i - 1) before[1] = i;
    else found.push([i, i]);
  }
  return found;
}
