/**
 * Links of the TensorFlow Playground: the parameters in their hash, and the choices that were that
 * playground's own. Its names, defaults and limits are those of its `state.ts`, `playground.ts` and `nn.ts`.
 * Pure.
 */

import { PLAIN_LAYER, randomSeed } from "./edits.js";
import { t } from "./text.js";
import { usualView } from "./view_link.js";

/** @import { Catalogue, Experiment, Problem, ViewSettings } from "./types.js" */

const ACTIVATIONS = ["relu", "tanh", "sigmoid", "linear"];
const PENALTIES = /** @type {Record<string, string>} */ ({ none: "none", L1: "l1", L2: "l2" });
const DATA = ["circle", "xor", "gauss", "spiral"];
const REGRESSION = /** @type {Record<string, string>} */ ({
  "reg-plane": "plane",
  "reg-gauss": "multi_gauss",
});
const FEATURES = /** @type {Record<string, string>} */ ({
  x: "x1",
  y: "x2",
  xSquared: "x1_squared",
  ySquared: "x2_squared",
  xTimesY: "x1x2",
  sinX: "sin_x1",
  sinY: "sin_x2",
  cosX: "cos_x1",
  cosY: "cos_x2",
});
/** Controls that `<name>_hide=true` hides, and our names of them; features go by FEATURES. */
const HIDES = /** @type {Record<string, string>} */ ({
  playButton: "play",
  stepButton: "step",
  resetButton: "rewind",
  learningRate: "learning_rate",
  activation: "activation",
  regularization: "regularization",
  regularizationRate: "regularization_rate",
  problem: "problem",
  dataset: "data",
  regDataset: "data",
  percTrainData: "train_share",
  noise: "noise",
  batchSize: "batch_size",
  numHiddenLayers: "hidden",
  networkShape: "hidden",
  showTestData: "show_test",
  discretize: "discretize",
});
const BIAS = 0.1;
const FEWEST_NEURONS = 1;

/** What its state has besides; known, and of no effect here. */
const WITHOUT_EFFECT = ["collectStats", "tutorial", "hideText"];
const OWN = [
  ...["activation", "regularization", "batchSize", "dataset", "regDataset", "learningRate"],
  ...["regularizationRate", "noise", "networkShape", "seed", "showTestData", "discretize"],
  ...["percTrainData", "problem", "initZero"],
  ...Object.keys(FEATURES),
  ...WITHOUT_EFFECT,
];
/** Names that links of ours have, too. */
const SHARED = ["activation", "regularization", "noise", "seed", "discretize"];

/**
 * Whether a hash is a link of the TensorFlow Playground: it has a name that only that has, or a value.
 * @param {Map<string, string>} texts
 */
export function isTfp(texts) {
  for (const [name, text] of texts) {
    if (name.endsWith("_hide")) return true;
    if (OWN.includes(name) && !SHARED.includes(name)) return true;
    if (name === "noise" && Number(text) > 1) return true;
    if (name === "regularization" && /^L[12]$/.test(text)) return true;
  }
  return false;
}

/**
 * A text as 32 bits, by FNV-1a (Fowler, Noll and Vo); its seeds are texts such as 0.16563.
 * @param {string} text
 */
export function hashed(text) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * What such a link opens. What is unknown or out of range is replaced, and a problem says by what.
 * @param {Catalogue} catalogue
 * @param {Map<string, string>} written
 * @returns {{ experiment: Experiment, view: ViewSettings, problems: string[] }}
 */
export function fromTfp(catalogue, written) {
  // As there, a name without a value says nothing; but a network without layers is written as nothing.
  const texts = new Map([...written].filter(([name, text]) => text.trim() !== "" || name === "networkShape"));
  /** @type {string[]} */
  const problems = [];
  const { limits } = catalogue;

  /** @param {string} name @param {string} text @param {string | number} used */
  const replaced = (name, text, used) => problems.push(t("link.instead", { name, text, used }));

  /** @param {string} name @param {string} fallback @param {string[]} choices */
  function choice(name, fallback, choices) {
    const text = texts.get(name);
    if (text === undefined || choices.includes(text)) return text ?? fallback;
    replaced(name, text, fallback);
    return fallback;
  }

  /** @param {string} name @param {number} fallback @param {number} low @param {number} high @param {boolean} [whole] */
  function number(name, fallback, low, high, whole = false) {
    const text = texts.get(name);
    if (text === undefined) return fallback;
    const given = text.trim() === "" ? NaN : Number(text);
    const rounded = whole ? Math.round(given) : given;
    const value = Number.isFinite(given) ? Math.min(high, Math.max(low, rounded)) : fallback;
    if (value !== given) replaced(name, text, value);
    return value;
  }

  /** @param {string} name @param {boolean} fallback */
  const flag = (name, fallback) => choice(name, String(fallback), ["true", "false"]) === "true";

  for (const name of texts.keys()) {
    const hidden = name.endsWith("_hide") ? name.slice(0, -"_hide".length) : null;
    const known = hidden === null ? OWN.includes(name) : hidden in HIDES || hidden in FEATURES;
    if (!known) problems.push(t("link.unknown", { name }));
  }

  const problem = /** @type {Problem} */ (
    choice("problem", "classification", ["classification", "regression"])
  );
  const set = choice("dataset", "circle", DATA);
  const regressionSet = choice("regDataset", "reg-plane", Object.keys(REGRESSION));
  const data = problem === "regression" ? (REGRESSION[regressionSet] ?? "plane") : set;

  /** @param {string} feature */
  const symbolOf = (feature) => catalogue.features.find((row) => row.name === feature)?.symbol ?? feature;
  let features = catalogue.features
    .map((row) => row.name)
    .filter((ours) => {
      const [theirs = ""] = Object.entries(FEATURES).find(([, name]) => name === ours) ?? [];
      return flag(theirs, theirs === "x" || theirs === "y");
    });
  const [fewest, most] = limits.features;
  if (features.length > most) {
    problems.push(t("link.features", { most, left: features.slice(most).map(symbolOf).join(", ") }));
    features = features.slice(0, most);
  }
  if (features.length < fewest) {
    problems.push(t("link.no_feature"));
    features = ["x1", "x2"];
  }

  const activation = choice("activation", "tanh", ACTIVATIONS);
  const zeros = flag("initZero", false);
  const seed = texts.has("seed") ? hashed(texts.get("seed") ?? "") : randomSeed();
  const penalty = choice("regularization", "none", Object.keys(PENALTIES));
  /** @type {Experiment} */
  const experiment = {
    data: {
      ...catalogue.defaults.data,
      name: data,
      noise: number("noise", 0, 0, 50) / 100,
      train_share: number("percTrainData", 50, 10, 90) / 100,
      seed,
    },
    features,
    network: {
      hidden: neurons().map((n) => ({ ...PLAIN_LAYER, neurons: n, activation })),
      output_activation: problem === "regression" ? "linear" : "tanh",
      initializer: zeros ? "zeros" : "uniform",
      bias: zeros ? 0 : BIAS,
    },
    training: {
      ...catalogue.defaults.training,
      loss: "half_squared_error",
      optimizer: "sgd",
      learning_rate: number("learningRate", 0.03, ...limits.learning_rate),
      regularization: PENALTIES[penalty] ?? "none",
      regularization_rate: number("regularizationRate", 0, ...limits.regularization_rate),
      batch_size: number("batchSize", 10, 1, 30, true),
    },
    seed,
  };

  function neurons() {
    const text = texts.get("networkShape") ?? "4,2";
    const items = text.split(",").filter((item) => item.trim() !== "");
    const [, widest] = limits.neurons;
    const [, deepest] = limits.hidden_layers;
    const used = items
      .map((item) => Math.round(Number(item)))
      .filter(Number.isFinite)
      .map((n) => Math.min(widest, Math.max(FEWEST_NEURONS, n)))
      .slice(0, deepest);
    if (used.join(",") !== items.map((item) => item.trim()).join(",")) {
      replaced("networkShape", text, used.join(",") || t("net.none"));
    }
    return used;
  }

  const hidden = [...texts].flatMap(([name, text]) => {
    if (!name.endsWith("_hide") || text !== "true") return [];
    const control = name.slice(0, -"_hide".length);
    return HIDES[control] ?? FEATURES[control] ?? [];
  });
  const view = {
    ...usualView(catalogue),
    showTest: flag("showTestData", false),
    discretize: flag("discretize", false),
    hidden: [...new Set(hidden)],
  };
  return { experiment, view, problems };
}
