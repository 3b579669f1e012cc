/** Wires the page together: state, connection and one view a panel. */

import { createControl } from "./control.js";
import { need } from "./dom.js";
import { randomSeed } from "./edits.js";
import { createHistory } from "./history.js";
import { listenToKeys } from "./keyboard.js";
import { createConnection } from "./socket.js";
import { createStore } from "./store.js";
import { fromHash } from "./url.js";
import { createBoundaryView } from "./views/boundary.js";
import { createCurvesView } from "./views/curves.js";
import { createDataView } from "./views/data.js";
import { createMessagesView } from "./views/messages.js";
import { createNetworkView } from "./views/network.js";
import { createRunView } from "./views/run.js";
import { createTrainingView } from "./views/training.js";
import { t } from "./text.js";

/** @import { Catalogue, Frame, Theme } from "./types.js" */

const THEME = "neural-playground.theme";

/** @type {Catalogue} */
const catalogue = JSON.parse(need(document, "#catalogue", HTMLScriptElement).textContent ?? "");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

/** @returns {Theme} */
function themeInForce() {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === "dark" || (chosen !== "light" && prefersDark.matches) ? "dark" : "light";
}

const linked = fromHash(catalogue, location.hash);
const history = createHistory();
const store = createStore({
  connection: "connecting",
  engine: null,
  device: "",
  inForce: linked.experiment,
  edited: linked.experiment,
  speed: catalogue.default_speed,
  playing: false,
  snapshot: null,
  historyVersion: 0,
  inspected: null,
  showTest: false,
  discretize: false,
  logScale: false,
  theme: themeInForce(),
  messages: [],
});
const control = createControl(catalogue, store, history);
const { actions } = control;

const run = createRunView(document, actions, {
  history,
  newWeights: () => actions.edit((experiment) => ({ ...experiment, seed: randomSeed() })),
});
const data = createDataView(document, catalogue, actions);
const training = createTrainingView(document, catalogue, actions);
const network = createNetworkView(document, catalogue, actions);
const boundary = createBoundaryView(document, catalogue, actions, history);
const curves = createCurvesView(document, actions, history);
const messages = createMessagesView(document, actions);

store.watch(["connection", "engine", "snapshot", "playing", "speed", "theme"], run.update);
store.watch(["edited", "snapshot", "theme"], data.update);
store.watch(["edited"], training.update);
store.watch(["edited", "snapshot", "inspected", "theme"], network.update);
store.watch(
  ["edited", "snapshot", "playing", "inspected", "showTest", "discretize", "theme"],
  boundary.update,
);
store.watch(["historyVersion", "logScale", "theme"], curves.update);
store.watch(["connection", "engine", "snapshot", "messages"], messages.update);
store.watch(["device"], ({ device }) => {
  need(document, "#device", HTMLElement).textContent = device
    ? t("page.device", { device })
    : t("page.device_unknown");
});

let theme = store.get().theme;
store.watch(["theme"], (state) => {
  if (state.theme === theme) return;
  theme = state.theme;
  document.documentElement.dataset["theme"] = theme;
  localStorage.setItem(THEME, theme);
});
prefersDark.addEventListener("change", () => {
  if (!localStorage.getItem(THEME)) store.update({ theme: themeInForce() });
});
listenToKeys(document, actions);
for (const problem of linked.problems) control.say("error", problem);

// Frames are shown when the browser draws, and only then acknowledged: a hidden or slow page gets fewer.
/** @type {{ frame: Frame, shown: () => void }[]} */
let arrived = [];
function showArrived() {
  const due = arrived;
  arrived = [];
  for (const { frame } of due) control.take(frame);
  for (const { shown } of due) shown();
}

const root = document.body.dataset["rootPath"] ?? "";
const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${root}/ws`;
const connection = createConnection(
  address,
  {
    experiment: control.opening,
    event: control.hear,
    frame(frame, shown) {
      if (arrived.length === 0) requestAnimationFrame(showArrived);
      arrived.push({ frame, shown });
    },
    lost: () => {
      if (store.get().connection !== "elsewhere") store.update({ connection: "lost" });
    },
    broken: (reason) => control.say("error", t("error.frame", { reason })),
  },
  sessionStorage,
);
control.attach(connection);
connection.connect();
