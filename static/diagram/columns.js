/** The heads of the hidden layers: how many neurons, which activation. */

import { withLayer } from "../edits.js";
import { disable, el, setText } from "../dom.js";

/** @import { Actions, Catalogue, Experiment } from "../types.js" */
/** @import { Layout } from "../layout.js" */

/**
 * @param {HTMLElement} root
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 */
export function createColumns(root, catalogue, actions) {
  /** @type {ReturnType<typeof make>[]} */
  const heads = [];
  const [fewest, most] = catalogue.limits.neurons;

  /** @param {number} index */
  function make(index) {
    const name = `layer ${index + 1}`;
    /** @param {number} by */
    const change = (by) => () =>
      actions.edit((e) => {
        const neurons = (e.network.hidden[index]?.neurons ?? 0) + by;
        return neurons >= fewest && neurons <= most ? withLayer(e, index, { neurons }) : e;
      });
    const fewer = el(
      "button",
      { type: "button", class: "tiny", "aria-label": `Remove neuron from ${name}` },
      "−",
    );
    const more = el("button", { type: "button", class: "tiny", "aria-label": `Add neuron to ${name}` }, "+");
    const count = el("span", { class: "neuron-count" });
    const select = el("select", { "aria-label": `Activation of ${name}`, class: "column-menu" });
    for (const row of catalogue.activations) select.append(el("option", { value: row.name }, row.label));
    fewer.addEventListener("click", change(-1));
    more.addEventListener("click", change(1));
    select.addEventListener("change", () =>
      actions.edit((e) => withLayer(e, index, { activation: select.value })),
    );
    const element = el(
      "div",
      { class: "column-head layer-head", role: "group", "aria-label": `Layer ${index + 1}` },
      el("span", { class: "column-name" }, `Layer ${index + 1}`),
      el("span", { class: "neuron-buttons" }, fewer, count, more),
      select,
    );
    root.append(element);
    return { element, fewer, more, count, select };
  }

  return {
    /**
     * @param {Experiment} experiment
     * @param {Layout} layout
     */
    update(experiment, layout) {
      const { hidden } = experiment.network;
      for (const { element } of heads.splice(hidden.length)) element.remove();
      while (heads.length < hidden.length) heads.push(make(heads.length));
      hidden.forEach(({ neurons, activation }, i) => {
        const head = /** @type {ReturnType<typeof make>} */ (heads[i]);
        head.element.style.left = `${layout.hidden[i]?.x ?? 0}px`;
        head.element.style.width = `${Math.min(132, layout.slot - 6)}px`;
        head.element.classList.toggle("compact", layout.compact);
        setText(head.count, String(neurons));
        head.count.title = neurons === 1 ? "1 neuron" : `${neurons} neurons`;
        disable(head.fewer, neurons <= fewest ? "A layer has at least one neuron" : null, "One neuron fewer");
        disable(head.more, neurons >= most ? `A layer has at most ${most} neurons` : null, "One neuron more");
        if (head.select.value !== activation) head.select.value = activation;
        head.select.title = catalogue.activations.find((row) => row.name === activation)?.formula ?? "";
      });
    },
  };
}
