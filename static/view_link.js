/** What a link says of the page itself, beside the experiment: only what differs from the usual. */

import { hideable } from "./hides.js";
import { t } from "./text.js";

/** @import { Catalogue, Chart, StopConditions, ViewSettings } from "./types.js" */

/** @type {[string, "showTest" | "discretize" | "residuals" | "logScale" | "presenting"][]} name in the link, member */
const SWITCHES = [
  ["show_test", "showTest"],
  ["discretize", "discretize"],
  ["residuals", "residuals"],
  ["log_scale", "logScale"],
  ["present", "presenting"],
];
/** What the curves' panel shows; the first is the usual. */
const CHARTS = /** @type {Chart[]} */ (["loss", "accuracy", "verdict"]);
/** @type {[keyof Catalogue["limits"] & string, keyof StopConditions, boolean][]} name, member, whole */
const STOPS = [
  ["stop_epochs", "epochs", true],
  ["stop_loss", "test_loss", false],
  ["stop_accuracy", "test_accuracy", false],
  ["patience", "patience", true],
];

const MOST_HELD = 6; // of eight inputs the plane shows two

/** Every name that this file reads. */
export const VIEW_NAMES = [
  ...SWITCHES.map(([name]) => name),
  "chart",
  "alone",
  "held",
  "speed",
  ...STOPS.map(([name]) => name),
  "hide",
];

/**
 * @param {Catalogue} catalogue
 * @returns {ViewSettings}
 */
export function usualView(catalogue) {
  return {
    showTest: false,
    discretize: false,
    residuals: false,
    logScale: false,
    presenting: false,
    chart: "loss",
    alone: null,
    held: [],
    hidden: [],
    speed: catalogue.default_speed,
    stop: { epochs: null, test_loss: null, test_accuracy: null, patience: null },
  };
}

/**
 * The members of a state that a link holds.
 * @param {ViewSettings} state
 * @returns {ViewSettings}
 */
export function viewOf(state) {
  const { showTest, discretize, residuals, logScale, presenting } = state;
  const { chart, alone, held, hidden, speed, stop } = state;
  return { showTest, discretize, residuals, logScale, presenting, chart, alone, held, hidden, speed, stop };
}

/**
 * @param {Catalogue} catalogue
 * @param {ViewSettings} view
 * @param {(value: number) => string} spell how numbers are written
 * @returns {string[]} `name=value` each
 */
export function viewParts(catalogue, view, spell) {
  const order = hideable(catalogue);
  const hidden = order.filter((name) => view.hidden.includes(name));
  return [
    ...SWITCHES.filter(([, member]) => view[member]).map(([name]) => `${name}=true`),
    ...(view.chart === CHARTS[0] ? [] : [`chart=${view.chart}`]),
    ...(view.alone === null ? [] : [`alone=${view.alone + 1}`]),
    ...(view.held.length === 0
      ? []
      : [
          `held=${view.held.map((value) => (value === null ? "" : encodeURIComponent(spell(value)))).join(",")}`,
        ]),
    ...(view.speed === catalogue.default_speed ? [] : [`speed=${view.speed}`]),
    ...STOPS.flatMap(([name, member]) => {
      const value = view.stop[member];
      return value === null ? [] : [`${name}=${encodeURIComponent(spell(value))}`];
    }),
    ...(hidden.length > 0 ? [`hide=${hidden.join(",")}`] : []),
  ];
}

/**
 * @param {Catalogue} catalogue
 * @param {Map<string, string>} texts all that the link says
 * @returns {{ view: ViewSettings, problems: string[] }}
 */
export function viewFrom(catalogue, texts) {
  const view = usualView(catalogue);
  /** @type {string[]} */
  const problems = [];
  /** @param {string} name @param {string} text */
  const refuse = (name, text) => problems.push(t("link.value", { name, text }));
  for (const [name, member] of SWITCHES) {
    const text = texts.get(name);
    if (text === "true") view[member] = true;
    else if (text !== undefined && text !== "false") refuse(name, text);
  }
  const chart = texts.get("chart");
  const found = CHARTS.find((name) => name === chart);
  if (found) view.chart = found;
  else if (chart !== undefined) refuse("chart", chart);
  const alone = texts.get("alone");
  const most = catalogue.limits.classes[1];
  if (alone !== undefined) {
    if (/^\d+$/.test(alone) && Number(alone) >= 1 && Number(alone) <= most) view.alone = Number(alone) - 1;
    else refuse("alone", alone);
  }
  const held = texts.get("held");
  if (held !== undefined) {
    const values = held.split(",").map((text) => (text.trim() === "" ? null : Number(text)));
    const numbers = values.every((value) => value === null || Number.isFinite(value));
    if (numbers && values.length <= MOST_HELD) view.held = values;
    else refuse("held", held);
  }
  const speed = texts.get("speed");
  if (speed !== undefined) {
    if (catalogue.speeds.some((row) => row.name === speed)) view.speed = speed;
    else refuse("speed", speed);
  }
  for (const [name, member, whole] of STOPS) {
    const text = texts.get(name);
    if (text === undefined) continue;
    const value = text.trim() === "" ? NaN : Number(text);
    const [low, high] = catalogue.limits[name];
    if (value >= low && value <= high && (!whole || Number.isInteger(value))) view.stop[member] = value;
    else refuse(name, text);
  }
  const known = hideable(catalogue);
  const asked = (texts.get("hide") ?? "").split(",").filter(Boolean);
  view.hidden = known.filter((name) => asked.includes(name));
  for (const name of asked) if (!known.includes(name)) problems.push(t("link.hide", { name }));
  return { view, problems };
}
