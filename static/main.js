/** Wires the page together: state, connection and one view a panel. */

import { createControl } from "./control.js";
import { need } from "./dom.js";
import { randomSeed } from "./edits.js";
import { explainControls } from "./help.js";
import { createHiding } from "./hides.js";
import { createKeptRun } from "./kept_run.js";
import { createHistory } from "./history.js";
import { listenToKeys } from "./keyboard.js";
import { followLook, rememberedLook } from "./look.js";
import { shownState } from "./past.js";
import { createRecorder } from "./recorder.js";
import { createSight } from "./sight.js";
import { createConnection } from "./socket.js";
import { createStore } from "./store.js";
import { fromHash } from "./url.js";
import { createBackDoor } from "./views/back_door.js";
import { createBoundaryView } from "./views/boundary.js";
import { createCardView } from "./views/card.js";
import { createCurvesView } from "./views/curves.js";
import { createDataView } from "./views/data.js";
import { createDrawView } from "./views/draw.js";
import { createHeldView } from "./views/held.js";
import { createInsideDoor } from "./views/inside_door.js";
import { createLookView } from "./views/look.js";
import { createMessagesView } from "./views/messages.js";
import { createMoreView } from "./views/more.js";
import { createNetworkView } from "./views/network.js";
import { createRunView } from "./views/run.js";
import { createShareView } from "./views/share.js";
import { createStopView } from "./views/stop.js";
import { createTableView } from "./views/table.js";
import { createTakeView } from "./views/take.js";
import { createTrainingView } from "./views/training.js";
import { t } from "./text.js";

/** @import { Catalogue, Frame } from "./types.js" */

/** @type {Catalogue} */
const catalogue = JSON.parse(need(document, "#catalogue", HTMLScriptElement).textContent ?? "");

const linked = fromHash(catalogue, location.hash);
const remembered = rememberedLook(localStorage);
const history = createHistory();
const recorder = createRecorder();
const store = createStore({
  connection: "connecting",
  full: null,
  engine: null,
  device: "",
  inForce: linked.experiment,
  edited: linked.experiment,
  playing: false,
  snapshot: null,
  past: null,
  historyVersion: 0,
  inspected: null,
  card: null,
  keepWeights: false,
  panels: linked.view.chart === "verdict" ? { verdict: {} } : {},
  ...remembered,
  ...linked.view,
  presenting: linked.view.presenting || remembered.presenting,
  messages: [],
});
const root = document.body.dataset["rootPath"] ?? "";
const kept = createKeptRun(root, sessionStorage);
const control = createControl(catalogue, store, history, recorder, kept);
const { actions } = control;

followLook(document, store, localStorage); // before views measure anything
const look = createLookView(document, actions);
const run = createRunView(document, actions, {
  history,
  newWeights: () => actions.edit((experiment) => ({ ...experiment, seed: randomSeed() })),
});
const data = createDataView(document, catalogue, actions);
const table = createTableView(document, catalogue, actions);
const training = createTrainingView(document, catalogue, actions);
const network = createNetworkView(document, catalogue, actions);
const share = createShareView(document, catalogue);
createTakeView(document, { catalogue, store, actions, history });
const stop = createStopView(document, actions);
const more = createMoreView(document, catalogue, actions);
const card = createCardView(document, catalogue, actions);
const boundary = createBoundaryView(document, catalogue, actions, history);
const draw = createDrawView(document, catalogue, actions, boundary.placeOf);
const inside = createInsideDoor(document, catalogue, actions, boundary);
const held = createHeldView(document, actions);
const curves = createCurvesView(document, catalogue, actions, history);
createBackDoor(document, { catalogue, store, actions, history, recorder });
const messages = createMessagesView(document, catalogue, actions);

const hide = createHiding(document, catalogue);
store.watch(["hidden"], ({ hidden }) => hide(hidden)); // before views measure anything
store.watch(["choice", "look", "presenting"], look.update);
store.watch(["connection", "engine", "snapshot", "past", "playing", "speed"], run.update);
store.watch(["edited", "snapshot", "look", "keepWeights"], data.update);
store.watch(["edited"], table.update);
store.watch(["edited"], training.update);
store.watch(["edited", "snapshot"], more.update);
store.watch(["edited", "snapshot", "past", "inspected", "look", "presenting"], (state) =>
  network.update(shownState(state)),
);
store.watch(
  [
    "edited",
    "snapshot",
    "past",
    "playing",
    "inspected",
    "alone",
    "showTest",
    "discretize",
    "residuals",
    "look",
  ],
  (state) => boundary.update(shownState(state)),
);
store.watch(
  [
    "edited",
    "showTest",
    "discretize",
    "residuals",
    "logScale",
    "presenting",
    "chart",
    "hidden",
    "speed",
    "stop",
  ],
  share.update,
);
store.watch(["stop", "edited", "snapshot"], stop.update);
store.watch(["edited", "snapshot", "look"], draw.update);
store.watch(["snapshot"], held.update);
store.watch(["snapshot", "presenting", "hidden", "look"], inside.update);
store.watch(["card", "snapshot", "past"], (state) => card.update(shownState(state)));
store.watch(
  ["historyVersion", "logScale", "look", "presenting", "chart", "inForce", "snapshot", "past"],
  curves.update,
);
store.watch(["connection", "full", "engine", "snapshot", "messages", "inForce"], messages.update);
store.watch(["device"], ({ device }) => {
  need(document, "#device", HTMLElement).textContent = device
    ? t("page.device", { device })
    : t("page.device_unknown");
});

explainControls(document, catalogue);
listenToKeys(document, actions, (name) => store.get().hidden.includes(name));
control.write(false); // a link of another spelling becomes ours
control.complain(linked.problems);

const sight = createSight(document, control.send);
store.watch(["snapshot", "inspected", "card"], sight.update);

// Frames are shown when the browser draws, and only then acknowledged: a hidden or slow page gets fewer.
/** @type {{ frame: Frame, shown: () => void }[]} */
let arrived = [];
function showArrived() {
  const due = arrived;
  arrived = [];
  for (const { frame } of due) control.take(frame);
  for (const { shown } of due) shown();
}

const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${root}/ws`;
const connection = createConnection(
  address,
  {
    experiment: control.opening,
    event(event) {
      control.hear(event);
      if (event.type === "welcome") sight.again();
    },
    frame(frame, shown) {
      if (arrived.length === 0) requestAnimationFrame(showArrived);
      arrived.push({ frame, shown });
    },
    saved: kept.keep,
    lost: () => {
      kept.lost();
      const { connection } = store.get();
      if (["connecting", "waiting", "open"].includes(connection)) store.update({ connection: "lost" });
    },
    broken: (reason) => control.say("error", t("error.frame", { reason })),
  },
  sessionStorage,
);
control.attach(connection);
connection.connect();
