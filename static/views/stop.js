/** The conditions at which training pauses by itself. */

import { need, setText } from "../dom.js";
import { plain } from "../format.js";
import { placeUnder } from "../popover.js";
import { t } from "../text.js";

/** @import { Actions, State, StopConditions, View } from "../types.js" */

/** @type {{ id: string, name: keyof StopConditions, whole: boolean, factor: number }[]} factor: shown per value */
const FIELDS = [
  { id: "stop-epochs", name: "epochs", whole: true, factor: 1 },
  { id: "stop-loss", name: "test_loss", whole: false, factor: 1 },
  { id: "stop-accuracy", name: "test_accuracy", whole: false, factor: 100 },
  { id: "stop-patience", name: "patience", whole: true, factor: 1 },
];

/**
 * @param {Document} page
 * @param {Actions} actions
 * @returns {View}
 */
export function createStopView(page, actions) {
  const button = need(page, "#stop-button", HTMLButtonElement);
  const menu = need(page, "#stop-menu", HTMLElement);
  const hint = need(page, "#stop-hint", HTMLElement);
  const clear = need(page, "#stop-clear", HTMLButtonElement);
  const fields = FIELDS.map((field) => ({ ...field, input: need(page, `#${field.id}`, HTMLInputElement) }));
  placeUnder(button, menu);

  for (const { input, name, whole, factor } of fields) {
    input.addEventListener("input", () => {
      const [low, high] = [Number(input.min), Number(input.max)];
      const value = input.valueAsNumber;
      const empty = input.value === "" && !input.validity.badInput;
      const fits = empty || (value >= low && value <= high && (!whole || Number.isInteger(value)));
      input.setAttribute("aria-invalid", String(!fits));
      hint.hidden = fits;
      const key = whole ? "training.whole_number" : "training.number";
      setText(hint, fits ? "" : t(key, { low: plain(low), high: plain(high) }));
      if (fits) actions.setStop({ [name]: empty ? null : value / factor });
    });
  }
  clear.addEventListener("click", () => {
    actions.setStop({ epochs: null, test_loss: null, test_accuracy: null, patience: null });
  });

  return {
    /** @param {State} state */
    update({ stop, edited, snapshot }) {
      const any = Object.values(stop).some((value) => value !== null);
      button.classList.toggle("active", any);
      clear.disabled = !any;
      const classes = snapshot?.problem !== "regression" || edited !== snapshot.experiment;
      for (const { input, name, factor } of fields) {
        const value = stop[name];
        if (name === "test_accuracy") input.disabled = !classes;
        if (page.activeElement === input) continue;
        input.value = value === null ? "" : plain(value * factor);
        input.setAttribute("aria-invalid", "false");
      }
    },
  };
}
