/** Tells the server what of the network can be seen, so that it makes and sends no more than that. */

import { need } from "./dom.js";

/** @import { Command, State } from "./types.js" */

/** @typedef {Extract<Command, { type: "view" }>} Sight */

const BOUNDARY = 100; // cells a side, the most there are
const NEURON = 24;
const FEWEST = 8;
const A_CELL = 3; // pixels of the screen: a finer picture of the output would look the same
const A_SMALL_CELL = 1.5; // of a neuron's, which is drawn without smoothing
const UNSEEN = 50; // cells of the output's picture while only the network's last neuron may show it
const NEAR = "200px"; // what is so near to being seen has its picture already
const PATIENCE = 150; // ms: whoever scrolls passes many by

/**
 * @param {Document} page
 * @param {(command: Command) => number} send gives the command's id, 0 if it could not be sent
 */
export function createSight(page, send) {
  const plane = need(page, "#plane", HTMLElement);
  const layers = need(page, "#layers", HTMLElement);
  const taking = need(page, "#take-dialog", HTMLDialogElement);
  /** @type {Set<Element>} the plane and neurons that are on the screen */
  const seen = new Set();
  /** @type {Set<HTMLButtonElement>} */
  let observed = new Set();
  /** @type {State | null} */
  let latest = null;
  let told = JSON.stringify(everything());
  let timer = 0;

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) seen.add(target);
        else seen.delete(target);
      }
      soon();
    },
    { rootMargin: NEAR },
  );
  observer.observe(plane);
  new MutationObserver(soon).observe(taking, { attributeFilter: ["open"] });
  page.addEventListener("visibilitychange", tell);

  function soon() {
    timer ||= window.setTimeout(tell, PATIENCE);
  }

  function tell() {
    clearTimeout(timer);
    timer = 0;
    const sight = now();
    const text = JSON.stringify(sight);
    if (text !== told && send(sight) > 0) told = text;
  }

  /** @returns {Sight} */
  function now() {
    const neurons = [...observed];
    const visible = page.visibilityState !== "hidden";
    // Files and figures show the whole network, wherever the page is scrolled to.
    if (!visible || !latest?.snapshot || taking.open || neurons.length === 0) {
      return { ...everything(), visible };
    }
    const { snapshot, inspected, card } = latest;
    const output = snapshot.layers.length - 1;
    const several = Number(snapshot.layers[output]) > 1;
    /** @type {number[]} */
    const pictures = [];
    let number = 0;
    for (const button of neurons) {
      const layer = Number(button.dataset["layer"]);
      const unit = Number(button.dataset["unit"]);
      if (layer === output && !several) continue; // its picture is the output's
      const meant = [inspected, card].some((place) => place?.layer === layer && place.unit === unit);
      // The output panel may show one class of several alone.
      if (seen.has(button) || meant || layer === output) pictures.push(number);
      number += 1;
    }
    const side = Math.max(...neurons.map((button) => button.clientWidth));
    const ratio = window.devicePixelRatio || 1;
    return {
      type: "view",
      visible,
      boundary: seen.has(plane) ? within(BOUNDARY, (plane.clientWidth * ratio) / A_CELL) : UNSEEN,
      // One that is pointed at is shown as large as the output.
      neurons: inspected ? NEURON : within(NEURON, (side * ratio) / A_SMALL_CELL),
      pictures: pictures.length === number ? null : pictures,
    };
  }

  return {
    /** @param {State} state */
    update(state) {
      const begun = latest?.snapshot?.run !== state.snapshot?.run;
      const changed = latest?.snapshot?.layers.join() !== state.snapshot?.layers.join();
      const pointed = latest?.inspected !== state.inspected || latest?.card !== state.card;
      latest = state;
      if (changed) {
        const buttons = new Set(neuronsOf(layers));
        for (const gone of observed) if (!buttons.has(gone)) observer.unobserve(gone);
        for (const gone of observed) if (!buttons.has(gone)) seen.delete(gone);
        for (const button of buttons) if (!observed.has(button)) observer.observe(button);
        observed = buttons;
      }
      if (begun) told = JSON.stringify(everything()); // with another run, all are sent
      if (begun || changed || pointed) soon();
    },

    /** Another connection: the server takes it that everything is seen. */
    again() {
      told = JSON.stringify(everything());
      tell();
    },
  };
}

/** @param {HTMLElement} layers @returns {HTMLButtonElement[]} in the order of their pictures */
const neuronsOf = (layers) => [...layers.querySelectorAll("button")].filter((b) => b.matches(".neuron"));

/** @returns {Sight} */
const everything = () => ({
  type: "view",
  visible: true,
  boundary: BOUNDARY,
  neurons: NEURON,
  pictures: null,
});

/** @param {number} most @param {number} wanted */
const within = (most, wanted) => Math.min(most, Math.max(FEWEST, Math.ceil(wanted)));
