/** Shared types; no code. */

export type Problem = "classification" | "regression";
export type Theme = "light" | "dark";
export type Palette = "orange_blue" | "colour_blind_safe" | "high_contrast";
/** The colours in force. */
export interface Look {
  theme: Theme;
  palette: Palette;
}
/** What was chosen of them; what was not, the system decides. */
export interface LookChoice {
  theme: Theme | null;
  palette: Palette | null;
}

/** A choice of the catalogue. */
export interface Row {
  name: string;
  label: string;
  formula?: string;
  help?: string;
}
export interface DataSetRow extends Row {
  problem: Problem;
  points: number;
  several: boolean;
  sample: [number, number, number][];
}
export interface FeatureRow extends Row {
  symbol: string;
}
/** A loss is defined for some output activations. */
export interface LossRow extends Row {
  problems: Problem[];
  outputs: string[];
}
/** `settings`: the numbers of its own, with Keras's defaults. */
export interface OptimizerRow extends Row {
  settings: Record<string, number>;
}
export interface OptimizerSettingRow extends Row {
  name: OptimizerSetting;
  limits: Range;
}
/** `settings`: which of decay_steps and decay_rate it has. */
export interface ScheduleRow extends Row {
  settings: ("decay_steps" | "decay_rate")[];
}
export type OptimizerSetting = "momentum" | "beta_1" | "beta_2" | "rho" | "epsilon" | "weight_decay";
export type FieldKind =
  | "number"
  | "integer"
  | "name"
  | "names"
  | "neurons"
  | "activations"
  | "layers"
  | "optional"
  | "optional_integer";
/** One member of an experiment in the URL: its flat name and its path in the JSON. */
export interface FieldRow {
  name: string;
  path: string;
  kind: FieldKind;
  choices: string[];
}
export type Range = [number, number];

export interface Catalogue {
  problems: Row[];
  data_sets: DataSetRow[];
  features: FeatureRow[];
  activations: Row[];
  output_activations: Row[];
  losses: LossRow[];
  optimizers: OptimizerRow[];
  optimizer_settings: OptimizerSettingRow[];
  schedules: ScheduleRow[];
  regularizations: Row[];
  initializers: Row[];
  speeds: Row[];
  default_speed: string;
  learning_rates: number[];
  regularization_rates: number[];
  limits: {
    hidden_layers: Range;
    neurons: Range;
    points: Range;
    classes: Range;
    noise: Range;
    train_share: Range;
    batch_size: Range;
    learning_rate: Range;
    regularization_rate: Range;
    features: Range;
    bias: Range;
    clip_norm: Range;
    max_norm: Range;
    decay_steps: Range;
    decay_rate: Range;
    dropout: Range;
    seed: Range;
    weight: Range;
    stop_epochs: Range;
    stop_loss: Range;
    stop_accuracy: Range;
    patience: Range;
  };
  defaults: Experiment;
  fields: FieldRow[];
}

export interface Layer {
  neurons: number;
  activation: string;
  dropout: number;
  batch_normalization: boolean;
}
/** Everything that determines a run; never changed in place. */
export interface Experiment {
  data: {
    name: string;
    points: number | null;
    classes: number;
    noise: number;
    train_share: number;
    seed: number;
  };
  features: string[];
  network: { hidden: Layer[]; output_activation: string; initializer: string; bias: number };
  training: {
    loss: string;
    optimizer: string;
    learning_rate: number;
    regularization: string;
    regularization_rate: number;
    batch_size: number;
    schedule: string;
    decay_steps: number;
    decay_rate: number;
    clip_norm: number;
    max_norm: number;
  } & Record<OptimizerSetting, number | null>;
  seed: number;
}

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
  stop: StopConditions;
  experiment?: Experiment;
  counts?: Counts;
  blocks: [string, string, number[]][];
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
}

/** Square pictures of `side` x `side` bytes, one after the other, and the range of each. */
export interface Pictures {
  side: number;
  count: number;
  data: Uint8Array;
  /** Low and high of each picture, in turn. */
  ranges: Float32Array;
}
/** x1, x2 and label of each point, in turn; training points first. */
export interface Points {
  values: Float32Array;
  counts: Counts;
}
/** What the lane showed last: frames merged, so that everything is there. */
export interface Snapshot {
  seq: number;
  applied: number;
  run: number;
  step: number;
  epoch: number;
  offset: number;
  trainPoints: number;
  state: LaneState;
  speed: string;
  exact: boolean;
  layers: number[];
  activations: string[];
  problem: Problem;
  classes: number;
  measured: Measured | null;
  stopped: Stopped | null;
  touched: boolean;
  stop: StopConditions;
  experiment: Experiment;
  weights: Float32Array;
  boundary: Pictures;
  neurons: Pictures;
  inputs: Pictures;
  points: Points;
}

/** A row of the history; NaN where there is no figure. */
export interface HistoryRow {
  epoch: number;
  loss: number;
  accuracy: number;
  /** What regularization adds to the loss, over the epoch as the loss itself is. */
  penalty: number;
  testLoss: number;
  testAccuracy: number;
  /** The same at the epoch's end. */
  testPenalty: number;
}

/** One neuron: layer 1 is the first hidden one; layer 0 are the inputs; units count from 0. */
export interface NeuronPlace {
  layer: number;
  unit: number;
}

/** The neuron that a card is of, and the source of the weight that it opens at; null is the bias. */
export interface CardPlace extends NeuronPlace {
  source?: number | null;
}
/** One weight or, without a source, bias: its layer counts from 1, source and unit from 0. */
export interface WeightPlace {
  layer: number;
  source: number | null;
  unit: number;
}

/** When a playing lane pauses by itself; null: not for that reason. Accuracy is a fraction. */
export interface StopConditions {
  epochs: number | null;
  test_loss: number | null;
  test_accuracy: number | null;
  patience: number | null;
}

/** What a link says of the page itself, beside the experiment. */
export interface ViewSettings {
  showTest: boolean;
  discretize: boolean;
  logScale: boolean;
  presenting: boolean;
  /** Names of the controls that are hidden. */
  hidden: string[];
  speed: string;
  stop: StopConditions;
}

export interface EngineStatus {
  state: "warming" | "ready" | "restarting";
  message: string;
  progress: number;
  device: string;
}
export type Connection = "connecting" | "open" | "lost" | "elsewhere";

export interface Message {
  id: number;
  kind: "error" | "notice";
  text: string;
}

export interface State {
  connection: Connection;
  engine: EngineStatus | null;
  device: string;
  /** What the server has carried out. */
  inForce: Experiment;
  /** What the controls show: ahead of `inForce` while a change is on its way. */
  edited: Experiment;
  speed: string;
  /** Whether the lane is wanted to play, which the server may not have carried out yet. */
  playing: boolean;
  snapshot: Snapshot | null;
  /** Grows with every change of the history. */
  historyVersion: number;
  inspected: NeuronPlace | null;
  /** The neuron whose weights a card shows. */
  card: CardPlace | null;
  /** Whether other data leave the weights as they are. */
  keepWeights: boolean;
  chart: "loss" | "accuracy";
  stop: StopConditions;
  showTest: boolean;
  discretize: boolean;
  logScale: boolean;
  choice: LookChoice;
  /** What the choice and the system come to; another object only if it is another look. */
  look: Look;
  /** For a projector: large type, and only the output, the network and the curves. */
  presenting: boolean;
  /** Names of the controls that the link hides. */
  hidden: string[];
  messages: Message[];
}

/** What the learner can do; views call these and nothing else. */
export interface Actions {
  edit(change: (experiment: Experiment) => Experiment): void;
  togglePlay(): void;
  step(unit?: "epoch" | "batch"): void;
  rewind(): void;
  setSpeed(name: string): void;
  inspect(place: NeuronPlace | null): void;
  setStop(change: Partial<StopConditions>): void;
  setWeight(weight: WeightPlace, value: number): void;
  /** After an overflow: the same run again with a learning rate ten times smaller. */
  tryLowerRate(): void;
  show(
    change: Partial<
      Pick<
        State,
        "showTest" | "discretize" | "logScale" | "choice" | "presenting" | "card" | "keepWeights" | "chart"
      >
    >,
  ): void;
  dismiss(id: number): void;
  notify(text: string): void;
}

/** A view: given the state whenever something that it shows changed. */
export interface View {
  update(state: State): void;
}

/** Commands without their id. */
export type Command =
  | { type: "set"; experiment: Experiment; keep_weights?: boolean }
  | ({ type: "stop" } & StopConditions)
  | ({ type: "weight"; value: number } & WeightPlace)
  | { type: "play" }
  | { type: "pause" }
  | { type: "step"; unit: "epoch" | "batch"; count: number }
  | { type: "rewind" }
  | { type: "speed"; speed: string };

export interface Welcome {
  type: "welcome";
  id: number;
  session: string;
  resumed: boolean;
  device: string;
  version: string;
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
export type ServerEvent = Welcome | ({ type: "status" } & EngineStatus) | ErrorEvent | Notice;

export interface PlotlyApi {
  react(element: HTMLElement, traces: object[], layout: object, config?: object): Promise<unknown>;
}

declare global {
  interface Window {
    Plotly?: PlotlyApi;
  }
}
