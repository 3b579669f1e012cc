/** What the learner does becomes commands; what the server says becomes state. */

import { LEAST, decode } from "./drawing.js";
import { rowOf, tenth, withTraining } from "./edits.js";
import { merge } from "./frame.js";
import { createHolding } from "./held.js";
import { figuresOf } from "./history.js";
import { fromHash, toHash } from "./url.js";
import { has, t } from "./text.js";
import { viewOf } from "./view_link.js";
import { errorWords } from "./words.js";

/** @import { Actions, Catalogue, Command, Experiment, Frame, Message, NeuronPlace, ServerEvent, State, StopConditions } from "./types.js" */
/** @import { History } from "./history.js" */
/** @import { KeptRun } from "./kept_run.js" */
/** @import { Recorder } from "./recorder.js" */
/** @import { SocketConnection } from "./socket.js" */
/** @import { Store } from "./store.js" */

const MOST_MESSAGES = 3;
const ONE_CHANGE = 1000; // ms: what changes again sooner, as a dragged slider, is one step of Back

/**
 * @param {Catalogue} catalogue
 * @param {Store} store
 * @param {History} history
 * @param {Recorder} recorder
 * @param {KeptRun} kept
 */
export function createControl(catalogue, store, history, recorder, kept) {
  /** @type {SocketConnection | null} */
  let connection = null;
  let pendingSet = 0; // id of the last `set` that no frame has shown yet
  let pendingRun = 0; // the same for play, pause and step
  let pendingSpeed = 0;
  let pendingStop = 0;
  let pendingCollapse = 0;
  let scheduled = 0;
  let dirty = false; // an edit waits to be sent
  let messageId = 0;
  let loading = false; // whether the server takes up a file
  /** @type {Experiment | null} */
  let opened = null; // what the last `open` asked for
  // The experiment of a link wins over the one of a session that is taken up again.
  let linked = location.hash.length > 1;

  const holding = createHolding(store, send);

  let changedAt = -Infinity; // when the learner last changed what the address holds
  let read = location.hash; // the address as this page last read or wrote it

  /** @param {Experiment} experiment */
  const spelled = (experiment) => toHash(catalogue, experiment);
  const spelledNow = () => toHash(catalogue, store.get().edited, viewOf(store.get()));

  /** @param {Message["kind"]} kind @param {string} text */
  function say(kind, text) {
    const others = store.get().messages.filter((message) => message.text !== text);
    messageId += 1;
    store.update({ messages: [...others, { id: messageId, kind, text }].slice(-MOST_MESSAGES) });
  }

  /** @param {string[]} problems of a link, in one message */
  function complain(problems) {
    if (problems.length > 0) say("error", problems.join(" "));
  }

  /** Makes the address say what the page shows. @param {boolean} deliberate whether Back should undo it */
  function write(deliberate) {
    // Back has changed it, and a frame came before the event that says so: it would be undone.
    if (location.hash !== read) return;
    const hash = spelledNow();
    if (location.hash.slice(1) === hash) return;
    const address = hash ? `#${hash}` : location.pathname + location.search;
    const now = performance.now();
    if (deliberate && now - changedAt > ONE_CHANGE) window.history.pushState(null, "", address);
    else window.history.replaceState(null, "", address);
    read = location.hash;
    if (deliberate) changedAt = now;
  }

  /** @param {Experiment} edited @param {boolean} [deliberate] whether Back should undo it */
  function show(edited, deliberate = false) {
    store.update({ edited });
    write(deliberate || loading); // the frame of what is loaded may come before the answer
  }

  /** @param {Experiment} edited */
  function change(edited) {
    store.update({ edited });
    dirty = true;
    // One `set` an animation frame, however fast a slider moves.
    if (!scheduled) scheduled = requestAnimationFrame(flush);
  }

  function flush() {
    cancelAnimationFrame(scheduled);
    scheduled = 0;
    if (!dirty) return;
    const { edited, keepWeights, inForce } = store.get();
    const drawing = edited.data.name === "drawn";
    if (drawing && (decode(edited.data.drawn) ?? []).length < LEAST) return; // until there is something to learn
    // Who draws while it trains wants to see what the network makes of it.
    const keep = (keepWeights || (drawing && isPlane(inForce))) && { keep_weights: true };
    const id = connection?.send({ type: "set", experiment: edited, ...keep }) ?? 0;
    if (id === 0) return; // sent when the session is open
    pendingSet = id;
    dirty = false;
  }

  /** @param {Experiment} experiment whose points may be drawn on */
  const isPlane = ({ data }) => ["plane", "drawn"].includes(rowOf(catalogue, data).kind);

  /** Whoever acts on the network wants to see it. */
  function live() {
    if (store.get().past) actions.lookBack(null);
  }

  /** Shows what the server has loaded as the page's own, before anything else is sent. @param {Experiment} experiment */
  function takeOver(experiment) {
    cancelAnimationFrame(scheduled);
    scheduled = 0;
    dirty = false;
    pendingSet = 0;
    store.update({ edited: experiment, inForce: experiment });
    write(true);
  }

  /** @param {Command} command */
  function send(command) {
    flush(); // what was changed before comes before
    return connection?.send(command) ?? 0;
  }

  /** @param {boolean} playing */
  function run(playing) {
    if (playing) live();
    store.update({ playing });
    pendingRun = send({ type: playing ? "play" : "pause" });
  }

  /** @type {Actions} */
  const actions = {
    edit(edit) {
      live();
      const before = store.get().edited;
      const edited = edit(before);
      if (edited === before) return;
      change(edited);
      write(true);
    },
    togglePlay() {
      run(!store.get().playing);
    },
    step(unit = "epoch") {
      live();
      store.update({ playing: false });
      pendingRun = send({ type: "step", unit, count: 1 });
    },
    rewind() {
      live();
      send({ type: "rewind" });
    },
    setStop(change) {
      const stop = { ...store.get().stop, ...change };
      store.update({ stop });
      pendingStop = send({ type: "stop", ...stop });
      write(true);
    },
    setWeight(weight, value) {
      live();
      send({ type: "weight", ...weight, value });
    },
    collapse() {
      live();
      pendingCollapse = send({ type: "collapse" });
    },
    openPanel(name, asked) {
      store.update({ panels: { ...store.get().panels, [name]: asked } });
      sendPanels();
    },
    closePanel(name) {
      const { snapshot, panels } = store.get();
      const { [name]: closed, ...open } = panels;
      if (closed === undefined) return;
      const { [name]: _, ...said } = snapshot?.panels ?? {};
      store.update({ panels: open, ...(snapshot && { snapshot: { ...snapshot, panels: said } }) });
      sendPanels();
    },
    hold(column, value) {
      live();
      holding.hold(column, value);
      write(true);
    },
    async load(work) {
      live();
      flush();
      loading = true;
      changedAt = -Infinity; // a step of Back of its own
      try {
        const answer = await work();
        takeOver(answer.experiment);
        return answer;
      } finally {
        loading = false;
      }
    },
    tryLowerRate() {
      actions.edit((e) => withTraining(e, { learning_rate: tenth(catalogue, e.training.learning_rate) }));
      actions.rewind();
      run(true);
    },
    setSpeed(speed) {
      store.update({ speed });
      pendingSpeed = send({ type: "speed", speed });
      write(true);
    },
    inspect(inspected) {
      store.update({ inspected });
    },
    lookBack(past) {
      const { snapshot, inspected, card } = store.get();
      const layers = (past?.snapshot ?? snapshot)?.layers ?? [];
      store.update({ past, inspected: stillThere(inspected, layers), card: stillThere(card, layers) });
    },
    show(change) {
      look(change);
      write(true);
    },
    dismiss(id) {
      store.update({ messages: store.get().messages.filter((message) => message.id !== id) });
    },
    notify(text) {
      say("notice", text);
    },
  };

  /** The verdict is worked out only while it is looked at. @param {Partial<State>} change of the view */
  function look(change) {
    const before = store.get().chart === "verdict";
    store.update(change);
    const now = store.get().chart === "verdict";
    if (now && !before) actions.openPanel("verdict", {});
    if (before && !now) actions.closePanel("verdict");
  }

  /** @param {Frame} frame */
  function take(frame) {
    if (kept.holds(frame)) return;
    const before = store.get();
    const snapshot = merge(before.snapshot, frame);
    const ended = recorder.ends(snapshot) ? history.copy() : null; // it is about to be cleared
    const grown = history.take(frame);
    recorder.take(snapshot, figuresOf(snapshot, history.newest), ended);
    const { applied, experiment } = snapshot;
    const { layers } = before.past?.snapshot ?? snapshot;
    if (applied >= pendingSet) pendingSet = 0;
    if (applied >= pendingRun) pendingRun = 0;
    if (applied >= pendingSpeed) pendingSpeed = 0;
    if (applied >= pendingStop) pendingStop = 0;
    const changed = before.snapshot?.experiment !== experiment;
    const collapsed = pendingCollapse > 0 && applied >= pendingCollapse;
    if (collapsed) pendingCollapse = 0;
    store.update({
      snapshot,
      inForce: experiment,
      inspected: stillThere(before.inspected, layers),
      card: stillThere(before.card, layers),
      ...(grown && { historyVersion: before.historyVersion + 1 }),
      ...(pendingRun === 0 && { playing: snapshot.state === "playing" }),
      ...(pendingSpeed === 0 && { speed: snapshot.speed }),
      ...(pendingStop === 0 && !same(before.stop, snapshot.stop) && { stop: snapshot.stop }),
    });
    if (linked) {
      linked = false;
      dirty = dirty || spelled(experiment) !== spelled(store.get().edited);
      flush();
    }
    if (pendingSet === 0 && !dirty) holding.take(snapshot);
    if (changed && pendingSet === 0 && !dirty) show(experiment, collapsed);
    else if (
      before.held !== store.get().held ||
      before.speed !== store.get().speed ||
      before.stop !== store.get().stop
    )
      write(false);
  }

  /** @param {ServerEvent} event */
  function hear(event) {
    switch (event.type) {
      case "welcome":
        welcome(event.resumed);
        store.update({ connection: "open", full: null, device: event.device || store.get().device });
        break;
      case "waiting":
      case "refused":
        store.update({ connection: event.type, full: event });
        break;
      case "status": {
        const { state, message, progress, device } = event;
        store.update({ engine: { state, message, progress, device }, ...(device && { device }) });
        break;
      }
      case "notice":
        if (event.code === "server_stopping") {
          store.update({ connection: "stopping" }); // the banner says it, until there is a server again
          break;
        }
        say("notice", has(`notice.${event.code}`) ? t(`notice.${event.code}`) : event.message);
        if (event.code === "run_lost") setAgain();
        if (event.code === "taken_over") {
          connection?.close();
          store.update({ connection: "elsewhere" });
        }
        break;
      case "error":
        say("error", errorWords(event));
        refused(event.id);
    }
  }

  /** Only while it is looked at does the server work out more than what every frame says. */
  function sendPanels() {
    send({ type: "panels", open: store.get().panels });
  }

  /** A lane that was opened anew knows neither speed nor conditions. */
  function setAgain() {
    const { speed, stop } = store.get();
    holding.again();
    pendingStop = send({ type: "stop", ...stop });
    pendingSpeed = send({ type: "speed", speed });
  }

  /** @param {boolean} resumed */
  function welcome(resumed) {
    const { speed, stop, snapshot, edited, inForce, panels } = store.get();
    pendingSet = pendingRun = pendingSpeed = pendingStop = pendingCollapse = 0;
    holding.again();
    if (resumed || Object.keys(panels).length > 0) sendPanels();
    if (snapshot && kept.isMissing(resumed, snapshot.run)) {
      void restore();
    } else if (resumed) {
      // Changes that were made while the connection was down go out now.
      dirty = dirty || (!linked && edited !== inForce);
      flush();
      if (linked || (snapshot && !same(stop, snapshot.stop))) pendingStop = send({ type: "stop", ...stop });
      if (linked) pendingSpeed = send({ type: "speed", speed });
    } else {
      beginAnew();
    }
  }

  /** The lane is new: it is told all that is not in the experiment it was opened with. */
  function beginAnew() {
    const { edited, snapshot } = store.get();
    dirty = edited !== opened; // what was changed since `open` went out
    goOn();
    if (snapshot) say("notice", t("notice.begun_anew"));
  }

  function goOn() {
    linked = false;
    flush();
    const { playing, speed, stop } = store.get();
    if (Object.values(stop).some((value) => value !== null)) pendingStop = send({ type: "stop", ...stop });
    if (speed !== catalogue.default_speed) pendingSpeed = send({ type: "speed", speed });
    if (playing) pendingRun = send({ type: "play" });
  }

  /** Gives the run that the server has lost back to it. */
  async function restore() {
    const { experiment, frames } = await kept.giveBack();
    if (experiment) {
      store.update({ inForce: experiment });
      dirty = spelled(store.get().edited) !== spelled(experiment); // what was changed since it was saved
      goOn();
      say("notice", t("notice.restored"));
    } else if (experiment === null) {
      beginAnew();
    }
    for (const frame of frames) take(frame);
  }

  /** Shows again what is in force. @param {number | null} id of the command that was not carried out */
  function refused(id) {
    const { inForce, snapshot } = store.get();
    if (id !== null && id >= pendingSet && pendingSet > 0) {
      pendingSet = 0;
      show(inForce);
    }
    if (id !== null && id >= pendingRun && pendingRun > 0) {
      pendingRun = 0;
      store.update({ playing: snapshot?.state === "playing" });
    }
    if (id !== null && id >= pendingSpeed && pendingSpeed > 0) {
      pendingSpeed = 0;
      store.update({ speed: snapshot?.speed ?? catalogue.default_speed });
    }
    holding.refused(id);
  }

  window.addEventListener("hashchange", () => {
    read = location.hash;
    if (location.hash.slice(1) === spelledNow()) return;
    const { experiment, view, problems } = fromHash(catalogue, location.hash);
    const { speed, stop } = view;
    const before = store.get();
    look(view);
    if (spelled(experiment) !== spelled(before.edited)) {
      live();
      change(experiment);
    }
    if (view.held.join() !== before.held.join()) {
      holding.again();
      if (before.snapshot && !dirty) holding.take(before.snapshot);
    }
    if (!same(stop, before.stop)) pendingStop = send({ type: "stop", ...stop });
    if (speed !== before.speed) pendingSpeed = send({ type: "speed", speed });
    write(false);
    changedAt = -Infinity; // what is changed on this page is undone by Back to it
    complain(problems);
  });

  return {
    actions,
    take,
    hear,
    say,
    complain,
    write,
    send,
    /** The experiment to open a session with. */
    opening() {
      opened = store.get().edited;
      return opened;
    },
    /** @param {SocketConnection} made */
    attach(made) {
      connection = made;
    },
  };
}

/** @param {StopConditions} a @param {StopConditions} b */
function same(a, b) {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}

/**
 * That neuron, if the network still has it.
 * @param {NeuronPlace | null} place
 * @param {number[]} layers
 */
function stillThere(place, layers) {
  return place && place.unit < (layers[place.layer] ?? 0) ? place : null;
}
