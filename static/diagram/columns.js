/** The heads of the hidden layers: how many neurons, which activation. */

import { withLayer } from "../edits.js";
import { disable, el, setText } from "../dom.js";
import { percent } from "../format.js";
import { t } from "../text.js";

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
    /** @param {number} by */
    const change = (by) => () =>
      actions.edit((e) => {
        const neurons = (e.network.hidden[index]?.neurons ?? 0) + by;
        return neurons >= fewest && neurons <= most ? withLayer(e, index, { neurons }) : e;
      });
    const fewer = el(
      "button",
      { type: "button", class: "tiny", "aria-label": t("net.remove_neuron", { n: index + 1 }) },
      "−",
    );
    const more = el(
      "button",
      { type: "button", class: "tiny", "aria-label": t("net.add_neuron", { n: index + 1 }) },
      "+",
    );
    const count = el("span", { class: "neuron-count" });
    const select = el("select", {
      "aria-label": t("net.activation_of", { n: index + 1 }),
      class: "column-menu",
    });
    for (const row of catalogue.activations) select.append(el("option", { value: row.name }, row.label));
    fewer.addEventListener("click", change(-1));
    more.addEventListener("click", change(1));
    select.addEventListener("change", () =>
      actions.edit((e) => withLayer(e, index, { activation: select.value })),
    );
    const text = el("span");
    const normal = el("abbr", { class: "badge", title: t("more.batch_normalization") }, "BN");
    const dropout = el("abbr", { class: "badge" });
    const element = el(
      "div",
      { class: "column-head layer-head", role: "group", "aria-label": t("net.layer", { n: index + 1 }) },
      el("span", { class: "column-name" }, text, normal, dropout),
      el("span", { class: "neuron-buttons" }, fewer, count, more),
      select,
    );
    root.append(element);
    return { element, text, normal, dropout, fewer, more, count, select };
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
      hidden.forEach(({ neurons, activation, dropout, batch_normalization: normal }, i) => {
        const head = /** @type {ReturnType<typeof make>} */ (heads[i]);
        head.element.style.left = `${layout.hidden[i]?.x ?? 0}px`;
        head.element.style.width = `${Math.min(132, layout.slot - 10)}px`;
        head.element.classList.toggle("compact", layout.compact);
        // Where columns are narrow, the number leaves room for what the layer has besides.
        const short = layout.compact && (normal || dropout > 0);
        setText(head.text, short ? String(i + 1) : t("net.layer", { n: i + 1 }));
        head.normal.hidden = !normal;
        head.dropout.hidden = dropout === 0;
        setText(head.dropout, `−${percent(dropout)}`);
        head.dropout.title = t("net.dropout", { share: percent(dropout) });
        setText(head.count, String(neurons));
        head.count.title = t("net.neurons", { n: neurons });
        disable(head.fewer, neurons <= fewest ? t("net.fewest_neurons") : null, t("net.fewer"));
        disable(head.more, neurons >= most ? t("net.most_neurons", { most }) : null, t("net.more"));
        if (head.select.value !== activation) head.select.value = activation;
        head.select.title = catalogue.activations.find((row) => row.name === activation)?.formula ?? "";
      });
    },
  };
}
