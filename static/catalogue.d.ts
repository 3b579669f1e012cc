/** What can be chosen, and an experiment: the types of `/api/catalogue`; no code. */

export type Problem = "classification" | "regression";

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
  kind: "plane" | "curve" | "real" | "own" | "drawn";
  /** Of a real table: its columns, those used unless others are chosen, its classes. */
  columns: string[];
  first: string[];
  class_names: string[];
  target: string;
  source: string;
  sample: [number, number, number][];
}

export interface FeatureRow extends Row {
  symbol: string;
  /** How many columns the data must have. */
  columns: number;
  /** Which of them it is, from 0; null if it is made from the first two. */
  column: number | null;
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
  | "switch"
  | "text"
  | "texts"
  | "optional"
  | "optional_integer";

/** One member of an experiment in the URL: its flat name and its path in the JSON. */
export interface FieldRow {
  name: string;
  path: string;
  kind: FieldKind;
  choices: string[];
}

/** A table that the server fetches from its source. */
export interface Download extends Row {
  host: string;
  rows: number;
  source: string;
}

/** A file that can be made of a run; `file` is its name. */
export interface ExportRow extends Row {
  media_type: string;
  file: string;
}

export type Range = [number, number];

export interface Catalogue {
  problems: Row[];
  data_sets: DataSetRow[];
  downloads: Download[];
  exports: ExportRow[];
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
  code_styles: (Row & { trains: boolean })[];
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
    /** Columns of a table that are used; none: the usual ones. */
    inputs: string[];
    standardize: boolean;
    /** Of the learner's own table: its digest, what is predicted, the names of its classes. */
    table: string;
    target: string;
    labels: string[];
    /** Points drawn by hand, as static/drawing.js writes them. */
    drawn: string;
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
