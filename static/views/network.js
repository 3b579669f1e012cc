/** The network: features in, hidden layers, output; every weight a line, every neuron a picture. */

import {
  commonActivation,
  featureLabel,
  featuresFor,
  outputRefused,
  outputsOf,
  withActivation,
  withLayers,
  withNetwork,
} from "../edits.js";
import { disable, el, need, setText } from "../dom.js";
import { count, signed } from "../format.js";
import { linesOf } from "../colors.js";
import { gapsBetween, layOut, spacingOf } from "../layout.js";
import { createColumns } from "../diagram/columns.js";
import { createFeatures } from "../diagram/features.js";
import { createLinks } from "../diagram/links.js";
import { createNeurons } from "../diagram/neurons.js";
import { t } from "../text.js";
import { weightIndex } from "../weights.js";

/** @import { Actions, Catalogue, Experiment, Look, NeuronPlace, Snapshot, State, View } from "../types.js" */
/** @import { Layout } from "../layout.js" */
/** @import { Gap, LinkHit } from "../diagram/links.js" */

// What big networks show is redrawn less often, so that the page stays quick.
const PAUSE_A_LINE = 0.03; // ms
const PAUSE_A_PICTURE = 0.3;
const LEAST_PAUSE = 15; // below, it is redrawn with every frame

const LOOSE_OUTPUT = 112; // px, the width of the output's head when it is not compact

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @returns {View}
 */
export function createNetworkView(page, catalogue, actions) {
  const scroll = need(page, "#diagram-scroll", HTMLElement);
  const diagram = need(page, "#diagram", HTMLElement);
  const layersRoot = need(page, "#layers", HTMLElement);
  const outputHead = need(page, "#output-head", HTMLElement);
  const tip = need(page, "#diagram-tip", HTMLElement);
  const size = need(page, "#network-size", HTMLElement);
  const layerCount = need(page, "#layer-count", HTMLElement);
  const addLayer = need(page, "#add-layer", HTMLButtonElement);
  const removeLayer = need(page, "#remove-layer", HTMLButtonElement);
  const activation = need(page, "#activation", HTMLSelectElement);
  const outputActivation = need(page, "#output-activation", HTMLSelectElement);
  const links = createLinks(need(page, "#links", SVGSVGElement));
  const features = createFeatures(need(page, "#features", HTMLElement), catalogue, actions);
  const columns = createColumns(layersRoot, catalogue, actions);
  const neurons = createNeurons(layersRoot, {
    enter(place) {
      actions.inspect(hasPicture(place) ? place : null);
      retell = () => tipForNeuron(place);
      retell();
    },
    leave() {
      actions.inspect(null);
      tip.hidden = true;
    },
    open(place) {
      actions.show({ card: place });
      tip.hidden = true; // the card says it
    },
  });

  /** @type {State | null} */
  let latest = null;
  /** @type {Layout | null} */
  let layout = null;
  let structure = "";
  /** @type {Snapshot | null} */
  let drawn = null;
  /** @type {Look | null} */
  let drawnLook = null;
  let drawnAt = 0;
  /** @type {(() => void) | null} says again what the tip is of, with the numbers of now */
  let retell = null;
  let blank = false; // nothing is known of this structure yet

  const mixed = el("option", { value: "", disabled: true, hidden: true }, t("net.mixed"));
  activation.append(mixed);
  activation.title = t("net.activation_all");
  addLayer.addEventListener("click", () => actions.edit((e) => withLayers(catalogue, e, 1)));
  removeLayer.addEventListener("click", () => actions.edit((e) => withLayers(catalogue, e, -1)));
  activation.addEventListener("change", () => actions.edit((e) => withActivation(e, activation.value)));
  outputActivation.addEventListener("change", () => {
    actions.edit((e) => withNetwork(e, { output_activation: outputActivation.value }));
  });
  diagram.addEventListener("pointermove", (event) => {
    if (event.target instanceof Element && event.target.closest(".neuron")) {
      links.unmark();
      return;
    }
    const tell = () => {
      const hit = linkUnder(event);
      if (hit) tipForLink(hit);
      else tip.hidden = true;
    };
    retell = tell;
    tell();
  });
  diagram.addEventListener("pointerleave", () => {
    links.unmark();
    tip.hidden = true;
  });
  diagram.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest(".neuron, .feature, .column-head")) return;
    const hit = linkUnder(event);
    if (hit) actions.show({ card: { layer: hit.gap + 1, unit: hit.target, source: hit.source } });
  });
  new ResizeObserver(() => {
    if (!latest) return;
    arrange(latest);
    draw(latest);
  }).observe(scroll);

  /** @param {MouseEvent} event @returns {LinkHit | null} */
  function linkUnder({ clientX, clientY }) {
    const { left, top } = diagram.getBoundingClientRect();
    return links.at(clientX - left, clientY - top);
  }

  /** @param {NeuronPlace} place */
  function isOutput({ layer }) {
    return layer > (latest?.edited.network.hidden.length ?? 0);
  }

  /** Whether a neuron has a picture of its own: the only output's is the boundary. @param {NeuronPlace} place */
  function hasPicture(place) {
    return !isOutput(place) || (latest !== null && outputsOf(catalogue, latest.edited) > 1);
  }

  /** @param {string} text @param {number} x @param {number} y */
  function showTip(text, x, y) {
    setText(tip, text);
    tip.hidden = false;
    const { width } = layout ?? { width: 0 };
    tip.style.left = `${Math.max(4, Math.min(width - tip.offsetWidth - 4, x + 14))}px`;
    tip.style.top = `${Math.max(4, y - tip.offsetHeight - 10)}px`;
  }

  /** @param {NeuronPlace} place */
  function tipForNeuron(place) {
    const snapshot = matching(catalogue, latest);
    const column = [...(layout?.hidden ?? []), layout?.output][place.layer - 1];
    if (!column) return;
    const name = isOutput(place)
      ? hasPicture(place)
        ? t("net.output_of", { unit: place.unit + 1 })
        : t("net.output")
      : t("net.neuron_short", { layer: place.layer, unit: place.unit + 1 });
    const used = snapshot?.activations[place.layer - 1];
    const label = catalogue.activations.find((row) => row.name === used)?.label ?? "";
    const bias = snapshot
      ? ` · ${t("net.tip_bias", { value: signed(snapshot.weights[weightIndex(snapshot.layers, { ...place, source: null })] ?? NaN, 3) })}`
      : "";
    showTip(
      `${name}${label && ` · ${label}`}${bias}`,
      column.x + column.size / 2 - 10,
      Number(column.centers[place.unit]) - column.size / 2 + 6,
    );
  }

  /** @param {LinkHit} hit */
  function tipForLink({ gap, source, target, weight, x, y }) {
    if (!latest || Number.isNaN(weight)) return;
    const { edited } = latest;
    const symbol = featureLabel(catalogue, edited.data, edited.features[source] ?? "");
    const from = gap === 0 ? symbol : t("net.from_neuron", { unit: source + 1, layer: gap });
    const to =
      gap === edited.network.hidden.length
        ? hasPicture({ layer: gap + 1, unit: target })
          ? t("net.output_of", { unit: target + 1 })
          : t("net.to_output")
        : t("net.from_neuron", { unit: target + 1, layer: gap + 1 });
    showTip(t("net.weight", { from: from ?? "", to, value: signed(weight, 3) }), x, y);
  }

  /**
   * Puts everything in its place for the structure and the room there is.
   * @param {State} state
   */
  function arrange({ edited, presenting }) {
    const { hidden } = edited.network;
    layout = layOut({
      width: scroll.clientWidth,
      height: scroll.clientHeight,
      plain: presenting,
      font: Number.parseFloat(getComputedStyle(page.documentElement).fontSize),
      features: featuresFor(catalogue, edited.data).length,
      hidden: hidden.map((layer) => layer.neurons),
      outputs: outputsOf(catalogue, edited),
    });
    diagram.style.width = `${layout.width}px`;
    diagram.style.height = `${layout.height}px`;
    scroll.style.minHeight = `${layout.least}px`;
    outputHead.style.left = `${layout.output.x}px`;
    const beside = layout.width - layout.output.x;
    outputHead.classList.toggle("compact", layout.compact || beside < LOOSE_OUTPUT / 2);
    features.update(edited, layout.inputs);
    columns.update(edited, layout);
    const next = JSON.stringify([layout, edited.features]);
    if (next === structure) return;
    structure = next;
    neurons.place([...layout.hidden, layout.output]);
    links.place(gapsOf(catalogue, edited, layout), {
      ...layout,
      spacing: spacingOf([layout.inputs, ...layout.hidden]),
    });
    drawn = null;
    drawnAt = 0;
    blank = false;
    tip.hidden = true;
  }

  /** @param {State} state */
  function menus({ edited }) {
    const { hidden, output_activation } = edited.network;
    const [fewest, most] = catalogue.limits.hidden_layers;
    setText(layerCount, t("net.layers", { n: hidden.length }));
    disable(
      addLayer,
      hidden.length >= most ? t("net.most_layers", { most }) : null,
      t("net.add_layer_title"),
    );
    disable(
      removeLayer,
      hidden.length <= fewest ? t("net.no_layer_left") : null,
      t("net.remove_layer_title"),
    );
    setText(mixed, t(hidden.length === 0 ? "net.none" : "net.mixed"));
    activation.value = commonActivation(edited) ?? "";
    disable(activation, hidden.length === 0 ? t("net.no_layer") : null, t("net.activation_all"));
    for (const option of outputActivation.options) {
      const refused = outputRefused(catalogue, edited, option.value);
      option.disabled = refused !== null;
      option.title = refused ?? "";
    }
    outputActivation.value = output_activation;
    setText(size, t("net.parameters", { count: count(parametersOf(catalogue, edited)) }));
  }

  /** @param {State} state */
  function draw(state) {
    const snapshot = matching(catalogue, state);
    features.draw(state.snapshot, state.look);
    neurons.inspect(state.inspected);
    if (!snapshot) {
      if (!blank) neurons.blank();
      blank = true;
      return;
    }
    // The last state of a run is always drawn in full.
    const pause = snapshot.state === "playing" ? pauseFor(links.count, snapshot.neurons.count) : 0;
    if (performance.now() - drawnAt < pause && state.look === drawnLook) return;
    if (drawn === snapshot && state.look === drawnLook) return;
    drawn = snapshot;
    drawnLook = state.look;
    drawnAt = performance.now();
    neurons.update(snapshot, state.look);
    links.update(snapshot.weights, linesOf(state.look));
    if (!tip.hidden) retell?.();
  }

  return {
    update(state) {
      const fresh = latest?.edited !== state.edited || latest.presenting !== state.presenting;
      latest = state;
      if (fresh || !layout) {
        arrange(state);
        menus(state);
      }
      draw(state);
    },
  };
}

/**
 * How long to wait between two drawings of a network, in ms.
 * @param {number} lines
 * @param {number} pictures
 */
function pauseFor(lines, pictures) {
  const pause = PAUSE_A_LINE * lines + PAUSE_A_PICTURE * pictures;
  return pause < LEAST_PAUSE ? 0 : pause;
}

/**
 * The snapshot, if it is of the structure that the controls show.
 * @param {Catalogue} catalogue
 * @param {State | null} state
 * @returns {Snapshot | null}
 */
function matching(catalogue, state) {
  if (!state?.snapshot) return null;
  const { snapshot, edited } = state;
  const units = [
    edited.features.length,
    ...edited.network.hidden.map((layer) => layer.neurons),
    outputsOf(catalogue, edited),
  ];
  const alike = units.length === snapshot.layers.length && units.every((n, i) => n === snapshot.layers[i]);
  return alike && String(edited.features) === String(snapshot.experiment.features) ? snapshot : null;
}

/**
 * Weights and biases; with batch normalization the shift is in the bias's place, and a scale comes to it.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 */
function parametersOf(catalogue, experiment) {
  const { features, network } = experiment;
  const outputs = outputsOf(catalogue, experiment);
  const units = [features.length, ...network.hidden.map((layer) => layer.neurons), outputs];
  return units.slice(1).reduce((sum, n, i) => {
    const scales = network.hidden[i]?.batch_normalization ? n : 0;
    return sum + n * (Number(units[i]) + 1) + scales;
  }, 0);
}

/**
 * Where the connections leave and arrive.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 * @param {Layout} layout
 * @returns {Gap[]}
 */
function gapsOf(catalogue, { data, features }, { inputs, hidden, output }) {
  const offered = featuresFor(catalogue, data);
  const nodes = features.map((name) => offered.findIndex((row) => row.name === name));
  const chosen = { ...inputs, centers: nodes.map((index) => Number(inputs.centers[index])) };
  return gapsBetween([chosen, ...hidden, output]);
}
