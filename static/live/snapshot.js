/** A notebook's model as the page's panels know networks: a snapshot, and an experiment with its data. Pure. */

import { FrameError } from "../frame.js";
import { PLANE } from "../picture.js";

/** @import { Axis, Experiment, Pictures, Snapshot } from "../types.js" */
/** @import { About, LiveFrame } from "./types.js" */

const NONE = new Float32Array(0);
const STATES = /** @type {const} */ ({
  waiting: "paused",
  learning: "playing",
  diverged: "diverged",
  finished: "paused",
  quiet: "paused",
});

/**
 * What is known of the data: that it is somebody's own, and what its classes are called.
 * @param {Experiment} usual
 * @param {About} about
 * @returns {Experiment}
 */
export function experimentOf(usual, { axes, classes, names }) {
  const labels = Array.from({ length: classes }, (_, i) => names[i] ?? String(i));
  const inputs = axes.map(({ name }) => name);
  return { ...usual, data: { ...usual.data, name: "own", inputs, target: "y", labels } };
}

/**
 * @param {string} name
 * @param {number} low
 * @param {number} high
 * @param {number} mean
 * @param {number} scale
 * @returns {Axis}
 */
const axis = (name, low, high, mean, scale) => ({ name, low, high, mean, scale, held: 0 });

/**
 * What the model shows after a frame.
 * @param {Snapshot | null} before
 * @param {About} about the model
 * @param {Experiment} experiment from experimentOf
 * @param {LiveFrame} frame
 * @returns {Snapshot} a FrameError if the first frame is no key frame
 */
export function snapshotOf(before, about, experiment, frame) {
  const { seq, run, step, epoch, state } = frame.header;
  const boundary = frame.bytes("boundary");
  const ranges = frame.floats("ranges");
  const drawn = frame.floats("points");
  const points = drawn
    ? { values: drawn.data, counts: { train: about.train, test: about.test } }
    : before?.points;
  if (!boundary || !ranges || !points) throw new FrameError("the first frame is no key frame");
  const side = boundary.shape[0] ?? 0;
  const outputs = frame.bytes("neurons");
  const several = about.classes > 2 ? about.classes : 1;
  /** @type {Pictures} */
  const none = { side, count: 0, data: new Uint8Array(0), ranges: NONE };
  const { mean, scale } = about.target;
  return {
    seq,
    applied: 0,
    run,
    step,
    epoch,
    offset: 0,
    trainPoints: 0,
    state: STATES[state],
    speed: "",
    exact: true,
    layers: [2, several],
    activations: [about.activation],
    problem: about.problem,
    classes: about.classes,
    measured: null,
    stopped: null,
    touched: false,
    panels: {},
    panelBlocks: {},
    stop: { epochs: null, test_loss: null, test_accuracy: null, patience: null },
    experiment,
    weights: NONE,
    normalization: NONE,
    boundary: { side, count: 1, data: boundary.data, ranges: ranges.data.subarray(-2) },
    neurons: outputs
      ? { side, count: several, data: outputs.data, ranges: ranges.data.subarray(0, -2) }
      : none,
    inputs: none,
    points,
    axes: about.axes.map(({ name, low, high }) =>
      axis(name, low, high, (low + high) / 2, (high - low) / (2 * PLANE)),
    ),
    target: axis("y", mean - scale, mean + scale, mean, scale),
  };
}
