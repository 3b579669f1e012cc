/** Changes of an experiment. Pure: each takes one and returns another that the server will accept. */

import { classCount } from "./drawing.js";
import { t } from "./text.js";

/** @import { Catalogue, DataSetRow, Experiment, Layer, LossRow, Problem } from "./types.js" */

/** What a layer has beside neurons and activation, unless something else is chosen. */
export const PLAIN_LAYER = { dropout: 0, batch_normalization: false };
const NEW_LAYER_NEURONS = 2;
const LAST_SEED = 2 ** 32 - 1;

/** @returns {number} a seed, 0 to 2^32 - 1 */
export function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? LAST_SEED;
}

/**
 * @param {Catalogue} catalogue
 * @param {Experiment["data"]} data
 * @returns {DataSetRow}
 */
export function rowOf(catalogue, { name }) {
  const row = catalogue.data_sets.find((candidate) => candidate.name === name) ?? catalogue.data_sets[0];
  if (!row) throw new Error("the catalogue has no data set");
  return row;
}

/**
 * @param {Catalogue} catalogue
 * @param {Experiment["data"]} data
 * @returns {Problem}
 */
export function problemOf(catalogue, data) {
  const { kind, problem } = rowOf(catalogue, data);
  return kind === "own" ? (data.labels.length > 0 ? "classification" : "regression") : problem;
}

/**
 * What the classes are called; empty where they are only numbers or colours.
 * @param {Catalogue} catalogue
 * @param {Experiment["data"]} data
 */
export function classNamesOf(catalogue, data) {
  const { kind, class_names } = rowOf(catalogue, data);
  return kind === "own" ? data.labels : class_names;
}

/**
 * How many classes the experiment tells apart; 0 for regression.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 */
export function classesOf(catalogue, { data }) {
  if (problemOf(catalogue, data) !== "classification") return 0;
  if (data.drawn) return classCount(data.drawn);
  return classNamesOf(catalogue, data).length || (rowOf(catalogue, data).several ? data.classes : 2);
}

/** @param {DataSetRow} row */
export const isTable = ({ kind }) => kind === "real" || kind === "own";

/**
 * The columns of a table that are used; empty for a synthetic set.
 * @param {Catalogue} catalogue
 * @param {Experiment["data"]} data
 */
export function inputsOf(catalogue, data) {
  return data.inputs.length > 0 ? data.inputs : rowOf(catalogue, data).first;
}

/**
 * How many numbers describe a point.
 * @param {Catalogue} catalogue
 * @param {Experiment["data"]} data
 */
export function columnsOf(catalogue, data) {
  const row = rowOf(catalogue, data);
  if (isTable(row)) return inputsOf(catalogue, data).length;
  return row.kind === "curve" ? 1 : 2;
}

/**
 * The features that the data have columns for.
 * @param {Catalogue} catalogue
 * @param {Experiment["data"]} data
 */
export function featuresFor(catalogue, data) {
  const columns = columnsOf(catalogue, data);
  return catalogue.features.filter((row) => row.columns <= columns);
}

/**
 * The names of a table's columns in place of x1, x2 and so on.
 * @param {Catalogue} catalogue
 * @param {Experiment["data"]} data
 * @param {string} feature
 */
export function featureLabel(catalogue, data, feature) {
  const row = catalogue.features.find(({ name }) => name === feature);
  const column = row?.column ?? null;
  const named = column === null ? undefined : inputsOf(catalogue, data)[column];
  return named ?? row?.symbol ?? feature;
}

/**
 * With every column of the data as a feature, unless the columns are as many as before.
 * @param {Catalogue} catalogue
 * @param {Experiment} before
 * @param {Experiment} changed
 * @returns {Experiment}
 */
function withItsFeatures(catalogue, before, changed) {
  const columns = columnsOf(catalogue, changed.data);
  if (columns === columnsOf(catalogue, before.data)) return changed;
  const features = catalogue.features
    .filter(({ column }) => column !== null && column < columns)
    .map(({ name }) => name);
  return { ...changed, features };
}

/**
 * How many neurons the output layer has: one for each class with softmax.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 */
export function outputsOf(catalogue, experiment) {
  const given = experiment.network.output_activation;
  const loss = catalogue.losses.find((row) => row.name === experiment.training.loss);
  const classes = classesOf(catalogue, experiment);
  const used = given === "auto" && classes > 0 ? loss?.outputs[0] : given;
  return used === "softmax" ? classes : 1;
}

/**
 * The losses for the experiment's problem.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @returns {LossRow[]}
 */
export function lossesFor(catalogue, experiment) {
  const problem = problemOf(catalogue, experiment.data);
  const several = classesOf(catalogue, experiment) > 2;
  return catalogue.losses.filter(
    (row) => row.problems.includes(problem) && (!several || row.outputs.includes("softmax")),
  );
}

/**
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {string} name of a data set
 * @returns {Experiment}
 */
export function withDataSet(catalogue, experiment, name) {
  return withItsData(catalogue, experiment, { name });
}

/**
 * Other data, with the loss and the features that go with them. What said which the last ones were goes with
 * their name.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {Partial<Experiment["data"]>} change
 * @returns {Experiment}
 */
export function withItsData(catalogue, experiment, change) {
  const { inputs, table, target, labels, drawn } = catalogue.defaults.data;
  const renamed = (change.name ?? experiment.data.name) !== experiment.data.name;
  const plain = renamed ? { inputs, table, target, labels, drawn } : {};
  const moved = { ...experiment, data: { ...experiment.data, ...plain, ...change } };
  const changed = withItsFeatures(catalogue, experiment, moved);
  // Numbers, two classes or several: each has its usual loss, which only stays within its kind.
  /** @param {Experiment} e */
  const kind = (e) => Math.min(3, classesOf(catalogue, e));
  if (kind(changed) === kind(experiment)) return changed;
  return {
    ...changed,
    network: { ...experiment.network, output_activation: "auto" },
    training: {
      ...experiment.training,
      loss: lossesFor(catalogue, changed)[0]?.name ?? experiment.training.loss,
    },
  };
}

/**
 * The first data set of the problem, and the loss that belongs to it.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {string} problem
 * @returns {Experiment}
 */
export function withProblem(catalogue, experiment, problem) {
  const first = catalogue.data_sets.find((row) => row.problem === problem);
  return first ? withDataSet(catalogue, experiment, first.name) : experiment;
}

/**
 * A loss that needs a certain output activation gets it.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {string} name
 * @returns {Experiment}
 */
export function withLoss(catalogue, experiment, name) {
  const loss = catalogue.losses.find((row) => row.name === name);
  const output = experiment.network.output_activation;
  const fits = output === "auto" || loss?.outputs.includes(output);
  return {
    ...experiment,
    network: { ...experiment.network, output_activation: fits ? output : "auto" },
    training: { ...experiment.training, loss: name },
  };
}

/**
 * Why an output activation does not go with the loss, or null.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {string} name
 */
export function outputRefused(catalogue, experiment, name) {
  const loss = catalogue.losses.find((row) => row.name === experiment.training.loss);
  if (!loss || name === "auto" || loss.outputs.includes(name)) return null;
  const needed = catalogue.output_activations.filter((row) => loss.outputs.includes(row.name));
  return t("net.output_needs", { loss: loss.label, output: needed.map((row) => row.label).join(", ") });
}

/**
 * A tenth of a learning rate, as far as the limits go, without the digits that rounding leaves.
 * @param {Catalogue} catalogue
 * @param {number} rate
 */
export function tenth({ limits }, rate) {
  return Math.max(limits.learning_rate[0], Number((rate / 10).toPrecision(6)));
}

/**
 * @param {Experiment} experiment
 * @param {Partial<Experiment["training"]>} change
 * @returns {Experiment}
 */
export function withTraining(experiment, change) {
  return { ...experiment, training: { ...experiment.training, ...change } };
}

/**
 * @param {Experiment} experiment
 * @param {Partial<Experiment["network"]>} change
 * @returns {Experiment}
 */
export function withNetwork(experiment, change) {
  return { ...experiment, network: { ...experiment.network, ...change } };
}

/**
 * @param {Experiment} experiment
 * @param {Partial<Experiment["data"]>} change
 * @returns {Experiment}
 */
export function withData(experiment, change) {
  return { ...experiment, data: { ...experiment.data, ...change } };
}

/**
 * Features stay in the catalogue's order.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {string} name
 * @param {boolean} used
 * @returns {Experiment}
 */
export function withFeature(catalogue, experiment, name, used) {
  const features = catalogue.features
    .map((row) => row.name)
    .filter((other) => (other === name ? used : experiment.features.includes(other)));
  const [fewest, most] = catalogue.limits.features;
  return features.length >= fewest && features.length <= most ? { ...experiment, features } : experiment;
}

/**
 * One more hidden layer behind the others, or one fewer.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {1 | -1} by
 * @returns {Experiment}
 */
export function withLayers(catalogue, experiment, by) {
  const { hidden } = experiment.network;
  const [fewest, most] = catalogue.limits.hidden_layers;
  if (by < 0)
    return hidden.length > fewest ? withNetwork(experiment, { hidden: hidden.slice(0, -1) }) : experiment;
  if (hidden.length >= most) return experiment;
  const activation = hidden.at(-1)?.activation ?? catalogue.defaults.network.hidden[0]?.activation ?? "tanh";
  return withNetwork(experiment, {
    hidden: [...hidden, { ...PLAIN_LAYER, neurons: NEW_LAYER_NEURONS, activation }],
  });
}

/**
 * @param {Experiment} experiment
 * @param {number} index of the hidden layer, from 0
 * @param {Partial<Layer>} change
 * @returns {Experiment}
 */
export function withLayer(experiment, index, change) {
  const hidden = experiment.network.hidden.map((layer, i) => (i === index ? { ...layer, ...change } : layer));
  return withNetwork(experiment, { hidden });
}

/**
 * @param {Experiment} experiment
 * @param {string} activation of every hidden layer
 * @returns {Experiment}
 */
export function withActivation(experiment, activation) {
  const hidden = experiment.network.hidden.map((layer) => ({ ...layer, activation }));
  return withNetwork(experiment, { hidden });
}

/**
 * The activation that all hidden layers have, or null if they differ or there is none.
 * @param {Experiment} experiment
 */
export function commonActivation(experiment) {
  const [first, ...others] = experiment.network.hidden;
  return first && others.every((layer) => layer.activation === first.activation) ? first.activation : null;
}
