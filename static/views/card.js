/** The card of a neuron: its bias and the weights into it, live while it trains, and there to be changed. */

import { featureLabel } from "../edits.js";
import { el, need, setText } from "../dom.js";
import { plain } from "../format.js";
import { t } from "../text.js";
import { weightIndex } from "../weights.js";

/** @import { Actions, CardPlace, Catalogue, Snapshot, State, View } from "../types.js" */

const SLIDER = 5; // the sliders go from -SLIDER to SLIDER; more by typing
const GAP = 12; // px between the neuron and its card

/**
 * @typedef {object} Row
 * @property {number | null} source
 * @property {HTMLLIElement} item
 * @property {HTMLInputElement} typed
 * @property {HTMLInputElement} slider
 */

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @returns {View}
 */
export function createCardView(page, catalogue, actions) {
  const card = need(page, "#card", HTMLElement);
  const title = need(page, "#card-title", HTMLElement);
  const formula = need(page, "#card-formula", HTMLElement);
  const list = need(page, "#card-rows", HTMLUListElement);
  const hint = need(page, "#card-hint", HTMLElement);
  const [, largest] = catalogue.limits.weight;
  /** @type {Row[]} */
  let rows = [];
  /** @type {CardPlace | null} */
  let place = null;
  let made = ""; // what the rows are of
  /** @type {Snapshot | null} */
  let shown = null;
  let typing = false; // what is typed stays until it is done: then the field shows its value again

  need(page, "#card-close", HTMLButtonElement).addEventListener("click", close);
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // it has done its work
    close();
  });

  // Its neuron stays large while the focus is here, unless a weight is changed.
  card.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && card.contains(relatedTarget))) actions.inspect(null);
  });

  function close() {
    const button = neuronOf(place);
    actions.show({ card: null });
    button?.focus();
  }

  /** @param {CardPlace | null} at @returns {HTMLElement | null} the neuron in the diagram */
  function neuronOf(at) {
    return at && page.querySelector(`.neuron[data-layer="${at.layer}"][data-unit="${at.unit}"]`);
  }

  /** @param {number | null} source @param {string} name @returns {Row} */
  function makeRow(source, name) {
    const range = { min: -SLIDER, max: SLIDER, step: 0.01, value: 0, "aria-hidden": "true", tabindex: -1 };
    const slider = el("input", { type: "range", ...range });
    const typed = el("input", { type: "number", step: "any", "aria-label": name, inputmode: "text" });
    typed.min = String(-largest);
    typed.max = String(largest);
    /** @param {HTMLInputElement} input */
    const send = (input) => {
      actions.inspect(null); // who changes a weight wants to see what the network makes of it
      const value = input.valueAsNumber;
      const fits = Math.abs(value) <= largest;
      typed.setAttribute("aria-invalid", String(!fits));
      if (fits && place) actions.setWeight({ layer: place.layer, unit: place.unit, source }, value);
    };
    slider.addEventListener("input", () => {
      typed.value = slider.value;
      send(slider);
    });
    typed.addEventListener("input", () => {
      typing = true;
      send(typed);
    });
    typed.addEventListener("pointerdown", () => (typing = true)); // to where in the number the next digit goes
    typed.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") {
        typing = typed.getAttribute("aria-invalid") === "true";
        typed.select();
      } else if (key !== "Tab") typing = true;
    });
    typed.addEventListener("blur", () => {
      typing = false;
      typed.setAttribute("aria-invalid", "false");
      // What was typed and would not do gives way to the value.
      if (place && shown) values(place, shown);
    });
    const item = el("li", { class: "card-row" }, el("span", { class: "card-name" }, name), slider, typed);
    return { source, item, typed, slider };
  }

  /** @param {CardPlace} at @param {Snapshot} snapshot */
  function nameOf({ layer }, snapshot, /** @type {number} */ source) {
    const feature = snapshot.experiment.features[source];
    const symbol = featureLabel(catalogue, snapshot.experiment.data, feature ?? "");
    const from = layer === 1 ? symbol : t("card.neuron_from", { unit: source + 1 });
    return t("card.weight", { from });
  }

  /** @param {CardPlace} at @param {Snapshot} snapshot */
  function build(at, snapshot) {
    const { layers, activations, experiment } = snapshot;
    const key = JSON.stringify([
      at.layer,
      at.unit,
      layers,
      activations,
      experiment.features,
      experiment.data.inputs,
    ]);
    if (key === made) return false;
    made = key;
    const output = at.layer === layers.length - 1;
    const known = [...catalogue.activations, ...catalogue.output_activations];
    const row = known.find(({ name }) => name === activations[at.layer - 1]);
    const name = output
      ? Number(layers[at.layer]) > 1
        ? t("card.title_output_of", { unit: at.unit + 1 })
        : t("card.title_output")
      : t("card.title_neuron", { layer: at.layer, unit: at.unit + 1 });
    setText(title, t("card.of", { name, activation: row?.label ?? "" }));
    setText(formula, `z = b + Σ w x,  ${row?.formula ?? ""}`);
    const sources = Array.from({ length: Number(layers[at.layer - 1]) }, (_, i) => i);
    rows = [
      // Batch normalization has a shift in the bias's place.
      ...(experiment.network.hidden[at.layer - 1]?.batch_normalization
        ? []
        : [makeRow(null, t("card.bias"))]),
      ...sources.map((source) => makeRow(source, nameOf(at, snapshot, source))),
    ];
    list.replaceChildren(...rows.map(({ item }) => item));
    typing = false;
    return true;
  }

  /** @param {CardPlace} at @param {Snapshot} snapshot */
  function values(at, snapshot) {
    for (const { source, typed, slider, item } of rows) {
      const value = snapshot.weights[weightIndex(snapshot.layers, { ...at, source })] ?? NaN;
      item.dataset["sign"] = value < 0 ? "negative" : "positive";
      const focused = page.activeElement === typed;
      const text = plain(Number(value.toFixed(4)));
      if (typed.value !== text && !(focused && typing)) {
        typed.value = text;
        if (focused) typed.select(); // as when the card opened: what is typed replaces it
      }
      if (!slider.matches(":active")) slider.value = String(value);
    }
  }

  /** Beside its neuron, wherever there is room; a style sheet puts it at the bottom of small screens. */
  function position() {
    const neuron = neuronOf(place)?.getBoundingClientRect();
    if (!neuron) return;
    const { innerWidth, innerHeight } = window;
    const { offsetWidth: width, offsetHeight: height } = card;
    const right = neuron.right + GAP;
    const left = right + width <= innerWidth ? right : Math.max(GAP, neuron.left - GAP - width);
    const top = Math.max(GAP, Math.min(innerHeight - height - GAP, neuron.top + neuron.height / 2 - 60));
    card.style.left = `${left}px`;
    card.style.top = `${top}px`;
  }

  return {
    /** @param {State} state */
    update({ card: wanted, snapshot, past }) {
      const opened = wanted !== place;
      place = wanted;
      card.hidden = !wanted || !snapshot || wanted.layer >= snapshot.layers.length;
      if (!wanted || !snapshot || card.hidden) return;
      const built = build(wanted, snapshot);
      if (snapshot !== shown || built) values(wanted, snapshot);
      shown = snapshot;
      // What was cannot be changed.
      for (const { typed, slider } of rows) {
        typed.readOnly = past !== null;
        slider.disabled = past !== null;
      }
      setText(hint, t(past ? "card.past" : "card.hint"));
      if (opened || built) position();
      if (opened) {
        // A finger wants to see the sliders, not a keyboard over them.
        if (matchMedia("(pointer: coarse)").matches) {
          card.focus({ preventScroll: true });
          return;
        }
        const first = rows.find(({ source }) => source === (wanted.source ?? null)) ?? rows[0];
        first?.typed.focus({ preventScroll: true });
        first?.typed.select();
      }
    },
  };
}
