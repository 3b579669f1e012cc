/** Experiment and view as the part of the address behind the #: what differs from the default, by the catalogue. */

import { LEAST, MOST, decode } from "./drawing.js";
import { featuresFor, lossesFor, outputRefused, withItsData } from "./edits.js";
import { t } from "./text.js";
import { fromTfp, isTfp } from "./tfp.js";
import { VIEW_NAMES, usualView, viewFrom, viewParts } from "./view_link.js";

/** @import { Catalogue, Experiment, FieldRow, Layer, ViewSettings } from "./types.js" */

const LONGEST_SHOWN = 60; // characters of what cannot be read

/** What says which data they are; the rest follows from these, where nothing else is said. */
const WHICH = ["data", "inputs", "target", "labels", "table", "drawn"];

/**
 * The default experiment on those data: its loss is the first of its problem, its features all columns.
 * @param {Catalogue} catalogue
 * @param {Experiment["data"]} data
 * @returns {Experiment}
 */
function defaultsOn(catalogue, { name, inputs, target, labels, table, drawn }) {
  return withItsData(catalogue, catalogue.defaults, { name, inputs, target, labels, table, drawn });
}

/**
 * @param {Experiment} experiment
 * @param {string} path
 * @returns {unknown}
 */
function get(experiment, path) {
  /** @type {unknown} */
  let value = experiment;
  for (const part of path.split(".")) value = /** @type {Record<string, unknown>} */ (value)[part];
  return value;
}

/**
 * A number as the server writes it: the shortest text that reads back the same, in Python's style.
 * @param {number} value
 */
function shortest(value) {
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < 16)) return String(value);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/**
 * @param {FieldRow} field
 * @param {Experiment} experiment
 * @returns {string}
 */
export function textOf(field, experiment) {
  const value = get(experiment, field.path);
  switch (field.kind) {
    case "names":
      return /** @type {string[]} */ (value).join(",");
    case "texts":
      return /** @type {string[]} */ (value).map((item) => item.replace(/[\\,]/g, "\\$&")).join(",");
    case "neurons":
      return /** @type {Layer[]} */ (value).map((layer) => layer.neurons).join(",");
    case "activations":
      return shared(/** @type {Layer[]} */ (value).map((layer) => layer.activation));
    case "layers":
      return shared(/** @type {Layer[]} */ (value).map((layer) => ofLayer(layer[layerMember(field)])));
    case "number":
      return shortest(Number(value));
    case "optional":
    case "optional_integer":
      return value === null ? "" : shortest(Number(value));
    default:
      return String(value);
  }
}

/** @param {number | boolean} value */
const ofLayer = (value) => (typeof value === "number" ? shortest(value) : String(value));

/** One text if the layers share it, else each layer's. @param {string[]} texts */
const shared = (texts) => (new Set(texts).size === 1 ? String(texts[0]) : texts.join(","));

/** @param {FieldRow} field @returns {"dropout" | "batch_normalization"} */
const layerMember = (field) => (field.name === "dropout" ? "dropout" : "batch_normalization");

const OF_LAYERS = ["neurons", "activations", "layers"];

/**
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {ViewSettings} [view]
 * @returns {string} without the #; empty for the default
 */
export function toHash(catalogue, experiment, view = usualView(catalogue)) {
  const defaults = defaultsOn(catalogue, experiment.data);
  const parts = [];
  for (const field of catalogue.fields) {
    const text = textOf(field, experiment);
    const usual = textOf(field, WHICH.includes(field.name) ? catalogue.defaults : defaults);
    // Without hidden layers there are no activations to write.
    if (text === usual || (OF_LAYERS.includes(field.kind) && field.kind !== "neurons" && text === ""))
      continue;
    parts.push(`${field.name}=${encodeURIComponent(text).replaceAll("%2C", ",")}`);
  }
  return [...parts, ...viewParts(catalogue, view, shortest)].join("&");
}

/**
 * Reads a hash, also one of the TensorFlow Playground. What cannot be read has its default, and a problem
 * that says so.
 * @param {Catalogue} catalogue
 * @param {string} hash with or without the #
 * @returns {{ experiment: Experiment, view: ViewSettings, problems: string[] }}
 */
export function fromHash(catalogue, hash) {
  const texts = new Map(new URLSearchParams(hash.replace(/^#/, "")));
  if (isTfp(texts)) return fromTfp(catalogue, texts);
  const known = new Map(catalogue.fields.map((field) => [field.name, field]));
  const { view, problems } = viewFrom(catalogue, texts);
  for (const name of texts.keys()) {
    if (!known.has(name) && !VIEW_NAMES.includes(name)) problems.push(t("link.unknown", { name }));
  }
  const experiment = structuredClone(defaultsOn(catalogue, dataOf(catalogue, texts, problems)));
  for (const [name, text] of texts) {
    const field = known.get(name);
    if (!field || OF_LAYERS.includes(field.kind) || WHICH.includes(name)) continue;
    const value = valueOf(catalogue, field, text);
    if (value === null) problems.push(t("link.value", { name, text }));
    else put(experiment, field.path, value);
  }
  const hidden = hiddenOf(catalogue, texts);
  if (hidden) experiment.network.hidden = hidden;
  else problems.push(t("link.hidden"));
  return { experiment: fitting(catalogue, experiment, problems), view, problems };
}

/**
 * Which data a link is about; the default ones, and a problem, if they do not fit together.
 * @param {Catalogue} catalogue
 * @param {Map<string, string>} texts
 * @param {string[]} problems
 * @returns {Experiment["data"]}
 */
function dataOf(catalogue, texts, problems) {
  const { data } = catalogue.defaults;
  const name = texts.get("data") ?? data.name;
  const row = catalogue.data_sets.find((candidate) => candidate.name === name);
  const chosen = {
    ...data,
    name,
    inputs: textsOf(texts.get("inputs") ?? ""),
    target: texts.get("target") ?? "",
    labels: textsOf(texts.get("labels") ?? ""),
    table: texts.get("table") ?? "",
    drawn: texts.get("drawn") ?? "",
  };
  const { inputs, target, labels, table, drawn } = chosen;
  const points = decode(drawn)?.length ?? 0;
  const own = target !== "" || labels.length > 0 || table !== "";
  const fits =
    (row?.kind === "drawn" ? points >= LEAST && points <= MOST : drawn === "") &&
    inputs.length <= catalogue.limits.features[1] &&
    new Set(inputs).size === inputs.length &&
    (row?.kind === "own"
      ? inputs.length > 0 && target !== "" && labels.length !== 1 && /^[0-9a-f]{32}$/.test(table)
      : !own && inputs.every((column) => row?.columns.includes(column)));
  if (row && fits) return chosen;
  const unread = drawn ? "drawn" : row ? "inputs" : "data";
  problems.push(t("link.value", { name: unread, text: (texts.get(unread) ?? name).slice(0, LONGEST_SHOWN) }));
  return row && !["own", "drawn"].includes(row.kind) ? { ...data, name } : data;
}

/** Items with commas between; a backslash makes a comma or a backslash a part of one. @param {string} text */
function textsOf(text) {
  if (text === "") return [];
  const found = [...text.matchAll(/((?:[^\\,]|\\.?)*)(?:,|$)/gs)].map(([, item = ""]) => item);
  const last = text.endsWith(",") && !text.endsWith("\\,") ? found : found.slice(0, -1);
  return last.map((item) => item.replace(/\\(.?)/gs, "$1").trim());
}

/**
 * What has a right name but does not go with the rest gets the usual: a loss of another problem, an output
 * activation that the loss does not take.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {string[]} problems
 * @returns {Experiment}
 */
function fitting(catalogue, experiment, problems) {
  let { training, network, features } = experiment;
  const there = featuresFor(catalogue, experiment.data).map((row) => row.name);
  if (!features.every((name) => there.includes(name))) {
    problems.push(t("link.value", { name: "features", text: features.join(",") }));
    features = defaultsOn(catalogue, experiment.data).features;
  }
  if (!lossesFor(catalogue, experiment).some((row) => row.name === training.loss)) {
    problems.push(t("link.value", { name: "loss", text: training.loss }));
    training = { ...training, loss: defaultsOn(catalogue, experiment.data).training.loss };
  }
  const changed = { ...experiment, features, training };
  if (outputRefused(catalogue, changed, network.output_activation)) {
    problems.push(t("link.value", { name: "output_activation", text: network.output_activation }));
    network = { ...network, output_activation: "auto" };
  }
  return { ...changed, network };
}

/**
 * @param {Experiment} experiment
 * @param {string} path
 * @param {unknown} value
 */
function put(experiment, path, value) {
  const parts = path.split(".");
  const last = /** @type {string} */ (parts.pop());
  const parent = parts.length > 0 ? get(experiment, parts.join(".")) : experiment;
  /** @type {Record<string, unknown>} */ (parent)[last] = value;
}

/** @param {string} text */
const items = (text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);

/**
 * The value of a text, or null if it will not do.
 * @param {Catalogue} catalogue
 * @param {FieldRow} field
 * @param {string} text
 * @returns {string | number | boolean | string[] | null}
 */
function valueOf(catalogue, field, text) {
  if (field.kind === "switch") return field.choices.includes(text) ? text === "true" : null;
  if (field.kind === "name") return field.choices.includes(text) ? text : null;
  if (field.kind === "names") {
    const given = items(text);
    const most = catalogue.limits.features[1];
    const fits =
      given.length > 0 && given.length <= most && given.every((item) => field.choices.includes(item));
    return fits && new Set(given).size === given.length ? given : null;
  }
  const value = text.trim() === "" ? NaN : Number(text);
  /** @type {Record<string, [number, number]>} */
  const limits = { ...catalogue.limits };
  for (const { name, limits: own } of catalogue.optimizer_settings) limits[name] = own;
  const [low, high] = limits[field.name] ??
    limits[field.path.split(".").at(-1) ?? ""] ?? [-Infinity, Infinity];
  if (!(value >= low && value <= high)) return null;
  return !field.kind.endsWith("integer") || Number.isInteger(value) ? value : null;
}

/** One text for all layers, or one each. @param {string} text @param {number} layers */
function each(text, layers) {
  const given = items(text);
  return given.length === 1 ? Array.from({ length: layers }, () => String(given[0])) : given;
}

/**
 * @param {Catalogue} catalogue
 * @param {Map<string, string>} texts
 * @returns {Layer[] | null}
 */
function hiddenOf(catalogue, texts) {
  const usual = catalogue.defaults.network.hidden;
  const neurons = items(texts.get("hidden") ?? usual.map((layer) => layer.neurons).join(",")).map(Number);
  const used = each(texts.get("activation") ?? usual[0]?.activation ?? "tanh", neurons.length);
  const [fewest, most] = catalogue.limits.neurons;
  const dropout = each(texts.get("dropout") ?? "0", neurons.length).map(Number);
  const normal = each(texts.get("batch_normalization") ?? "false", neurons.length);
  const [least, largest] = catalogue.limits.dropout;
  const fits =
    dropout.length === neurons.length &&
    normal.length === neurons.length &&
    dropout.every((rate) => rate >= least && rate <= largest) &&
    normal.every((text) => text === "true" || text === "false") &&
    neurons.length <= catalogue.limits.hidden_layers[1] &&
    neurons.every((n) => Number.isInteger(n) && n >= fewest && n <= most) &&
    (neurons.length === 0 || used.length === neurons.length) &&
    used.every((name) => catalogue.activations.some((row) => row.name === name));
  if (!fits) return null;
  return neurons.map((n, i) => ({
    neurons: n,
    activation: String(used[i]),
    dropout: Number(dropout[i]),
    batch_normalization: normal[i] === "true",
  }));
}
