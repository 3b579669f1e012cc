/** The columns of a table that the plane does not show: where they are held, by sliders. */

import { numberOf } from "../axes.js";
import { el, need, setText } from "../dom.js";

/** @import { Actions, Axis, View } from "../types.js" */

const STEPS = 100;

/**
 * @param {Document} page
 * @param {Actions} actions
 * @returns {View}
 */
export function createHeldView(page, actions) {
  const place = need(page, "#held", HTMLElement);
  /** @type {{ axis: Axis, input: HTMLInputElement, output: HTMLElement }[]} */
  let sliders = [];
  /** @type {Axis[] | null} */
  let known = null;

  /** @param {Axis} axis */
  function make(axis) {
    const { name, low, high } = axis;
    const input = el("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-label": name });
    const output = el("span");
    const label = el("label", {}, el("span", { class: "held-name", title: name }, name), output, input);
    input.addEventListener("input", () => {
      const value = low + (input.valueAsNumber / STEPS) * (high - low);
      say({ axis, input, output }, value);
      actions.hold(name, value);
    });
    place.append(label);
    return { axis, input, output };
  }

  /** @param {{ axis: Axis, input: HTMLInputElement, output: HTMLElement }} slider @param {number} value */
  function say({ axis, input, output }, value) {
    const text = numberOf(axis, value);
    setText(output, text);
    input.setAttribute("aria-valuetext", text);
    input.style.setProperty("--filled", `${(100 * (value - axis.low)) / (axis.high - axis.low)}%`);
  }

  return {
    update({ snapshot }) {
      const axes = snapshot?.axes ?? null;
      if (axes === known) return;
      known = axes;
      const beyond = axes?.slice(2) ?? [];
      place.hidden = beyond.length === 0;
      const same =
        beyond.length === sliders.length &&
        beyond.every(({ name, low, high }, i) => {
          const before = sliders[i]?.axis;
          return before?.name === name && before.low === low && before.high === high;
        });
      if (!same) {
        for (const { input } of sliders) input.closest("label")?.remove();
        sliders = beyond.map(make);
      }
      beyond.forEach(({ low, high, held }, i) => {
        const slider = sliders[i];
        if (!slider || page.activeElement === slider.input) return; // its own thumb is ahead of the frames
        slider.input.value = String(Math.round((STEPS * (held - low)) / (high - low)));
        say(slider, held);
      });
    },
  };
}
