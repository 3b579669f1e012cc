/** What a link says of the page itself, beside the experiment: only what differs from the usual. */

import { hideable } from "./hides.js";
import { t } from "./text.js";

/** @import { Catalogue, StopConditions, ViewSettings } from "./types.js" */

/** @type {[string, "showTest" | "discretize" | "logScale" | "presenting"][]} name in the link, member */
const SWITCHES = [
  ["show_test", "showTest"],
  ["discretize", "discretize"],
  ["log_scale", "logScale"],
  ["present", "presenting"],
];
/** @type {[keyof Catalogue["limits"] & string, keyof StopConditions, boolean][]} name, member, whole */
const STOPS = [
  ["stop_epochs", "epochs", true],
  ["stop_loss", "test_loss", false],
  ["stop_accuracy", "test_accuracy", false],
  ["patience", "patience", true],
];

/** Every name that this file reads. */
export const VIEW_NAMES = [
  ...SWITCHES.map(([name]) => name),
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
    logScale: false,
    presenting: false,
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
export function viewOf({ showTest, discretize, logScale, presenting, hidden, speed, stop }) {
  return { showTest, discretize, logScale, presenting, hidden, speed, stop };
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
