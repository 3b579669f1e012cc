/** The page of a notebook's model: the playground's own panels, fed by what the notebook sends. */

import { need } from "./dom.js";
import { createHistory } from "./history.js";
import { createHead } from "./live/head.js";
import { experimentOf, snapshotOf } from "./live/snapshot.js";
import { follow } from "./live/feed.js";
import { followLook, rememberedLook } from "./look.js";
import { createStore } from "./store.js";
import { createBoundaryView } from "./views/boundary.js";
import { createCurvesView } from "./views/curves.js";
import { createLookView } from "./views/look.js";

/** @import { Actions, Catalogue, Frame } from "./types.js" */
/** @import { About, Known, LiveFrame } from "./live/types.js" */

/** @type {Catalogue} */
const catalogue = JSON.parse(need(document, "#catalogue", HTMLScriptElement).textContent ?? "");
const root = document.body.dataset["rootPath"] ?? "";
const id = need(document, "#live", HTMLElement).dataset["id"] ?? "";

const history = createHistory();
const head = createHead(document);
const store = createStore({
  connection: "open",
  full: null,
  engine: null,
  device: "",
  inForce: catalogue.defaults,
  edited: catalogue.defaults,
  speed: "",
  playing: false,
  snapshot: null,
  historyVersion: 0,
  inspected: null,
  alone: null,
  held: [],
  past: null,
  card: null,
  keepWeights: false,
  chart: "loss",
  panels: {},
  stop: { epochs: null, test_loss: null, test_accuracy: null, patience: null },
  showTest: true,
  discretize: false,
  residuals: false,
  logScale: false,
  hidden: [],
  messages: [],
  ...rememberedLook(localStorage),
});
/** @type {Pick<Actions, "show">} */
const actions = { show: (change) => store.update(change) };

followLook(document, store, localStorage); // before views measure anything
const look = createLookView(document, actions);
const boundary = createBoundaryView(document, catalogue, actions, history);
const curves = createCurvesView(document, catalogue, actions, history);

store.watch(["choice", "look", "presenting"], look.update);
store.watch(
  ["edited", "snapshot", "playing", "alone", "showTest", "discretize", "look", "presenting"],
  boundary.update,
);
store.watch(["historyVersion", "logScale", "look", "presenting", "chart", "snapshot"], curves.update);

document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
  if (ctrlKey || metaKey || altKey || target instanceof HTMLSelectElement) return;
  if (key === "Escape") actions.show({ presenting: false });
  else if (key.toLowerCase() === "p") actions.show({ presenting: !store.get().presenting });
});

/** @type {About | null} */
let about = null;
/** @type {Known} */
let known = "connecting";

/** @param {Known} next */
function tell(next) {
  known = next;
  head.tell(next, store.get().snapshot !== null);
  store.update({ playing: next === "learning" });
}

/** @param {LiveFrame} frame */
function take(frame) {
  if (frame.header.about) {
    about = frame.header.about;
    head.describe(about);
    store.update({ edited: experimentOf(catalogue.defaults, about), alone: null });
  }
  if (!about) throw new Error("the first frame is no key frame");
  const { edited, snapshot, historyVersion } = store.get();
  const fresh = history.take(/** @type {Frame} */ (/** @type {unknown} */ (frame)));
  const next = snapshotOf(snapshot, about, edited, frame);
  head.count(next.epoch, about.epochs, history.newest);
  if (!snapshot) head.tell(known, true); // views measure what is shown
  store.update({ snapshot: next, historyVersion: historyVersion + Number(fresh) });
}

// A frame is shown when the browser draws, and only then the next one is wanted.
const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${root}/api/live/${id}/events`;
follow(address, {
  state: tell,
  frame: (frame, shown) =>
    requestAnimationFrame(() => {
      take(frame);
      shown();
    }),
  lost: () => tell("lost"),
  refused: () => tell("refused"),
  over: () => tell("over"),
});
