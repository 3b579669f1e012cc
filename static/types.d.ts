/** The types of the page, and those of the other two files under one name; no code. */

import type { Problem, Experiment } from "./catalogue.js";
import type { Curves } from "./history.js";
import type {
  LaneState,
  Block,
  PanelsAsked,
  PanelsSaid,
  Axis,
  Measured,
  Stopped,
  Counts,
  WeightPlace,
  NeuronPlace,
  StopConditions,
  EngineStatus,
  Waiting,
  Refused,
} from "./protocol.js";

export * from "./catalogue.js";
export * from "./protocol.js";

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

/** What the panel below the output shows. */
export type Chart = "loss" | "accuracy" | "verdict";

/** Square pictures of `side` x `side` bytes, one after the other, and the range of each. */
export interface Pictures {
  side: number;
  count: number;
  data: Uint8Array;
  /** Low and high of each picture, in turn. */
  ranges: Float32Array;
  /** Numbers of those that nobody saw, so that there is nothing in their place. */
  absent?: ReadonlySet<number>;
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
  /** What open panels show; their arrays are in `panelBlocks`, by `panel.block`. */
  panels: PanelsSaid;
  panelBlocks: Record<string, Block>;
  stop: StopConditions;
  experiment: Experiment;
  weights: Float32Array;
  /** Of every layer with batch normalization: scale, shift, moving mean and variance. */
  normalization: Float32Array;
  boundary: Pictures;
  neurons: Pictures;
  inputs: Pictures;
  points: Points;
  axes: Axis[];
  target: Axis;
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

/** What the counters say, at a step. */
export type Figures = Omit<HistoryRow, "epoch">;

/** A run of this page that was recorded. */
export interface RecordedRun {
  /** Counted from 1. */
  number: number;
  /** Its curves, if it is over. */
  history: Curves | null;
}

/** What the page was shown once. */
export interface Moment {
  run: RecordedRun;
  snapshot: Snapshot;
  row: Figures | null;
}

/** The neuron that a card is of, and the source of the weight that it opens at; null is the bias. */
export interface CardPlace extends NeuronPlace {
  source?: number | null;
}

/** What a link says of the page itself, beside the experiment. */
export interface ViewSettings {
  showTest: boolean;
  discretize: boolean;
  residuals: boolean;
  logScale: boolean;
  presenting: boolean;
  /** What the curves' panel shows. */
  chart: Chart;
  /** The class, counted from 0, whose probability alone the plane shows; null for all. */
  alone: number | null;
  /** Where the columns that the plane does not show are held, in their order; null: at the mean. */
  held: (number | null)[];
  /** Names of the controls that are hidden. */
  hidden: string[];
  speed: string;
  stop: StopConditions;
}

/** `stopping`: the server has said that it stops; the page waits until one is there again. */
export type Connection = "connecting" | "waiting" | "refused" | "open" | "lost" | "stopping" | "elsewhere";

export interface Message {
  id: number;
  kind: "error" | "notice";
  text: string;
}

export interface State {
  connection: Connection;
  /** Why there is no lane, while the connection is `waiting` or `refused`. */
  full: Waiting | Refused | null;
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
  /** What is looked at instead of the newest snapshot. */
  past: Moment | null;
  /** Grows with every change of the history. */
  historyVersion: number;
  inspected: NeuronPlace | null;
  /** The class, counted from 0, whose probability alone the plane shows; null for all. */
  alone: number | null;
  /** Where columns beyond the plane are held by the learner's choice, in their order; null: at the mean. */
  held: (number | null)[];
  /** The neuron whose weights a card shows. */
  card: CardPlace | null;
  /** Whether other data leave the weights as they are. */
  keepWeights: boolean;
  chart: Chart;
  /** The panels that are open beside what the page always shows, and what each is asked. */
  panels: Partial<PanelsAsked>;
  stop: StopConditions;
  showTest: boolean;
  discretize: boolean;
  /** Whether a curve shows how far it is from each point. */
  residuals: boolean;
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
  /** Shows an earlier moment while training goes on; null: what is now. What acts on the network does the latter, too. */
  lookBack(moment: Moment | null): void;
  setStop(change: Partial<StopConditions>): void;
  /** Moves what a picture does not show. */
  hold(column: string, value: number): void;
  /** Has frames say what this panel shows, until it is closed. */
  openPanel<K extends keyof PanelsAsked>(name: K, asked: PanelsAsked[K]): void;
  closePanel(name: keyof PanelsAsked): void;
  setWeight(weight: WeightPlace, value: number): void;
  /** A fresh run of the one layer that linear layers are. */
  collapse(): void;
  /**
   * Has the server load what was opened, and shows its experiment as the page's own.
   * What goes wrong is the caller's, and changes nothing.
   */
  load<T extends { experiment: Experiment }>(loading: () => Promise<T>): Promise<T>;
  /** After an overflow: the same run again with a learning rate ten times smaller. */
  tryLowerRate(): void;
  show(
    change: Partial<
      Pick<
        State,
        | "showTest"
        | "discretize"
        | "residuals"
        | "logScale"
        | "choice"
        | "presenting"
        | "alone"
        | "card"
        | "keepWeights"
        | "chart"
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

export interface PlotlyApi {
  react(element: HTMLElement, traces: object[], layout: object, config?: object): Promise<unknown>;
  relayout(element: HTMLElement, change: object): Promise<unknown>;
}

declare global {
  interface Window {
    Plotly?: PlotlyApi;
  }
}
