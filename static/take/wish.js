/** What is asked of the server as code. Pure. */

/** @import { Catalogue, Experiment, HistoryRow, State } from "../types.js" */

/** What code trains for when the page has not trained yet. */
const USUAL_EPOCHS = 100;

/**
 * @typedef {object} Wish as app/code.py takes it
 * @property {Experiment} experiment
 * @property {string} style
 * @property {number} epochs
 * @property {number[] | null} weights
 * @property {number[] | null} normalization
 * @property {(number | null)[] | null} [history_row]
 */

/**
 * The epochs that the page shows.
 * @param {State} state
 * @param {Catalogue} catalogue
 */
export function epochsOf({ snapshot }, catalogue) {
  return Math.min(snapshot?.epoch || USUAL_EPOCHS, catalogue.limits.stop_epochs[1]);
}

/**
 * The experiment as the controls show it; with weights as the network has it, whose weights they are.
 * @param {State} state
 * @param {Catalogue} catalogue
 * @param {string} style
 * @param {boolean} withWeights
 * @returns {Wish}
 */
export function wishOf(state, catalogue, style, withWeights) {
  const { snapshot, edited } = state;
  const epochs = epochsOf(state, catalogue);
  if (!withWeights || !snapshot)
    return { experiment: edited, style, epochs, weights: null, normalization: null };
  const { experiment, weights, normalization } = snapshot;
  return { experiment, style, epochs, weights: [...weights], normalization: [...normalization] };
}

/**
 * The page's figures, for a notebook to compare its own with; null where they are not those of its network.
 * @param {State} state
 * @param {HistoryRow | null} row the newest
 * @param {boolean} withWeights
 * @returns {(number | null)[] | null}
 */
export function figuresOf({ snapshot, edited, inForce }, row, withWeights) {
  if (!snapshot || !row || row.epoch !== snapshot.epoch || snapshot.epoch === 0 || edited !== inForce)
    return null;
  if (withWeights ? snapshot.measured || snapshot.offset > 0 : snapshot.touched) return null;
  const { epoch, loss, accuracy, penalty, testLoss, testAccuracy, testPenalty } = row;
  return [epoch, loss, accuracy, penalty, testLoss, testAccuracy, testPenalty].map((value) =>
    Number.isFinite(value) ? value : null,
  );
}
