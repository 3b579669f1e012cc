/** What goes over the WebSocket, as docs/protocol.md has it; no code. */

import type { Experiment, Problem } from "./catalogue.js";

export type Numbers = Float32Array | Uint8Array;

export interface Block<T extends Numbers = Numbers> {
  data: T;
  shape: number[];
}

export type LaneState = "paused" | "playing" | "diverged";

/** Header of a frame; docs/protocol.md says what its members mean. */
export interface FrameHeader {
  seq: number;
  key: boolean;
  applied: number;
  run: number;
  step: number;
  epoch: number;
  offset: number;
  train_points: number;
  state: LaneState;
  speed: string;
  exact: boolean;
  layers: number[];
  activations: string[];
  problem: Problem;
  classes: number;
  running: (number | null)[] | null;
  measured: Measured | null;
  stopped: Stopped | null;
  touched: boolean;
  /** What open panels show, where it is new; null where the network has nothing of what was asked. */
  panels: PanelsSaid;
  stop: StopConditions;
  /** Which neurons' pictures there are; without it all. */
  pictured?: number[] | null;
  experiment?: Experiment;
  counts?: Counts;
  /** In key frames: of every column, and of a number to predict. */
  axes?: Axis[];
  target?: Axis;
  blocks: [string, string, number[]][];
}

/** What each panel of the page is asked to show. */
export interface PanelsAsked {
  verdict: Record<string, never>;
  point: AskedPoint;
  batch: Record<string, never>;
  layers: Record<string, never>;
  linear: Record<string, never>;
  surface: AskedSurface;
}

export interface PanelsSaid {
  verdict?: Verdict | null;
  point?: PointSaid | null;
  batch?: BatchSaid | null;
  layers?: LayersSaid | null;
  /** What there is to know is in its blocks. */
  linear?: Record<string, never> | null;
  surface?: SurfaceSaid | null;
}

/** One number a column, as the network gets them, and the label: of two classes -1 or 1, of more their number. */
export interface AskedPoint {
  at: number[];
  target: number | null;
}

/** The loss over one or two weights, or over two random directions where there are none. */
export interface AskedSurface {
  weights: WeightPlace[];
  low: number[];
  high: number[];
  /** Which random directions. */
  seed: number;
}

/** Where the network is on the surface; null where numbers overflowed. */
export interface SurfaceSaid extends AskedSurface {
  points: number;
  loss: number | null;
  penalty: number | null;
  rate: number;
  at: (number | null)[];
  slope: (number | null)[];
  /** Of the steps on a curve. */
  course: "settled" | "shrink" | "overshoot" | "grow" | "longer" | null;
  ratio: number | null;
}

/** One point's way through the network; null where numbers overflowed, or without a target. */
export interface PointSaid {
  loss: number | null;
  penalty: number | null;
  target: number | null;
  outputs: (number | null)[];
  /** The learning rate in force. */
  rate: number;
}

/** The step that comes next. */
export interface BatchSaid {
  /** The mean over its points, without penalty. */
  loss: number | null;
  penalty: number | null;
  points: number;
  rate: number;
}

export interface LayersSaid {
  /** How many training points were looked at. */
  points: number;
  layers: LayerSaid[];
  /** The first layer's gradient by the last one's. */
  ratio: number | null;
  verdict: "vanishing" | "exploding" | null;
}

/** A layer's kernel and its gradient: norms, mean magnitude, how far the histograms reach to both sides. */
export interface LayerSaid {
  norm: number;
  mean: number;
  gradient_norm: number | null;
  /** Of batch normalization; null for a layer without. */
  scale_gradient_norm: number | null;
  shift_gradient_norm: number | null;
  reach: number;
  gradient_reach: number;
  /** Shares of its units; null for a softmax. */
  dead: number | null;
  saturated: number | null;
}

/** Confusion matrices, or R²; null where there are no points. */
export interface Verdict {
  train: number[][] | number | null;
  test: number[][] | number | null;
}

/** What pictures show of a column, in its own units: mean + scale times what the network gets or gives. */
export interface Axis {
  name: string;
  low: number;
  high: number;
  mean: number;
  scale: number;
  /** Where it is while pictures do not show it. */
  held: number;
}

/** Loss, accuracy, penalty, test loss, test accuracy of the network as it is, after an edit. */
export type Measured = [number, number | null, number, number | null, number | null];

/** Which of its stop conditions paused the lane, and after which epoch. */
export interface Stopped {
  reason: "epochs" | "test_loss" | "test_accuracy" | "patience";
  epoch: number;
}

export interface Counts {
  train: number;
  test: number;
}

export interface Frame {
  header: FrameHeader;
  /** The block of that name, or null. */
  floats(name: string): Block<Float32Array> | null;
  bytes(name: string): Block<Uint8Array> | null;
  /** Those of open panels, by `panel.block`. */
  panelBlocks(): Record<string, Block>;
}

/** One weight or, without a source, bias: its layer counts from 1, source and unit from 0. */
export interface WeightPlace {
  layer: number;
  source: number | null;
  unit: number;
}

/** One neuron: layer 1 is the first hidden one; layer 0 are the inputs; units count from 0. */
export interface NeuronPlace {
  layer: number;
  unit: number;
}

/** When a playing lane pauses by itself; null: not for that reason. Accuracy is a fraction. */
export interface StopConditions {
  epochs: number | null;
  test_loss: number | null;
  test_accuracy: number | null;
  patience: number | null;
}

/** Commands without their id. */
export type Command =
  | { type: "set"; experiment: Experiment; keep_weights?: boolean }
  | ({ type: "stop" } & StopConditions)
  | ({ type: "weight"; value: number } & WeightPlace)
  | { type: "collapse" }
  | { type: "play" }
  | { type: "pause" }
  | { type: "step"; unit: "epoch" | "batch"; count: number }
  | { type: "rewind" }
  | { type: "speed"; speed: string }
  | { type: "panels"; open: Partial<PanelsAsked> }
  | { type: "hold"; column: string; value: number }
  | { type: "view"; visible: boolean; boundary: number; neurons: number; pictures: number[] | null };

export interface Welcome {
  type: "welcome";
  id: number;
  session: string;
  resumed: boolean;
  device: string;
  version: string;
}

/** There is no lane yet; the welcome comes by itself. `place` is the one in the queue, from 1. */
export interface Waiting {
  type: "waiting";
  id: number;
  place: number;
  reason: "lanes" | "memory" | "address";
  message: string;
}

/** There is no place, not even to wait; the connection is closed. */
export interface Refused {
  type: "refused";
  reason: "queue" | "connections";
  /** In seconds. */
  retry_after: number;
  message: string;
}

export interface ErrorEvent {
  type: "error";
  id: number | null;
  code: string;
  message: string;
  expected: string;
}

export interface Notice {
  type: "notice";
  code: string;
  message: string;
}

export interface EngineStatus {
  state: "warming" | "ready" | "restarting";
  message: string;
  progress: number;
  device: string;
}

export type ServerEvent =
  Welcome | Waiting | Refused | ({ type: "status" } & EngineStatus) | ErrorEvent | Notice;
