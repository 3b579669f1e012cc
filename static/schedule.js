/** Learning-rate schedules, by the formulas of `keras.optimizers.schedules`. Pure. */

/** @import { Experiment } from "./types.js" */

/**
 * What the learning rate is multiplied by after so many steps.
 * @param {Experiment["training"]} training
 * @param {number} steps
 */
export function scheduleFactor({ schedule, decay_steps, decay_rate }, steps) {
  const along = steps / decay_steps;
  switch (schedule) {
    case "step":
      return decay_rate ** Math.floor(along);
    case "exponential":
      return decay_rate ** along;
    case "cosine":
      return 0.5 * (1 + Math.cos(Math.PI * Math.min(along, 1)));
    case "warm_up":
      return Math.min(along, 1);
    default:
      return 1;
  }
}

/**
 * The curve from the first step to `span` as the `d` of a path in a box, 1 at its top and 0 at its bottom; a
 * schedule that falls at once is drawn with corners.
 * @param {Experiment["training"]} training
 * @param {number} span steps
 * @param {number} width
 * @param {number} height
 */
export function scheduleCurve(training, span, width, height) {
  const points = 120;
  /** @param {number} i */
  const x = (i) => ((width * i) / points).toFixed(1);
  /** @param {number} i */
  const y = (i) => (height * (1 - scheduleFactor(training, (span * i) / points))).toFixed(1);
  const at = Array.from({ length: points + 1 }, (_, i) => {
    const corner = training.schedule === "step" && i > 0 ? `${x(i)} ${y(i - 1)}L` : "";
    return `${corner}${x(i)} ${y(i)}`;
  });
  return `M${at.join("L")}`;
}
