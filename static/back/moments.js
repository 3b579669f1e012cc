/** Moments in words, and where they are in a list. Pure. */

import { count } from "../format.js";
import { t } from "../text.js";

/** @import { Moment } from "../types.js" */

/**
 * When it was, with the run where there are several.
 * @param {Moment} moment
 * @param {boolean} several
 */
export function whenOf({ run, snapshot: { epoch } }, several) {
  return t(several ? "back.run_epoch" : "back.epoch", { run: run.number, epoch: count(epoch) });
}

/**
 * The same with the step, if it was in the midst of an epoch.
 * @param {Moment} moment
 * @param {boolean} several
 */
export function exactlyWhen(moment, several) {
  const { offset, step } = moment.snapshot;
  const when = whenOf(moment, several);
  return offset > 0 ? t("back.step", { when, step: count(step) }) : when;
}

/**
 * Where a moment is, or what was nearest before it if it is no longer kept.
 * @param {Moment[]} moments
 * @param {Moment} sought
 */
export function placeOf(moments, { run, snapshot }) {
  const place = moments.findLastIndex(
    (other) =>
      other.run.number < run.number ||
      (other.run.number === run.number && other.snapshot.step <= snapshot.step),
  );
  return Math.max(0, place);
}
