/** The menu "View": theme, colours, language, presentation. */

import { need } from "../dom.js";
import { placeUnder } from "../popover.js";

/** @import { Actions, Palette, State, Theme, View } from "../types.js" */

const YEAR = 365 * 24 * 3600; // s

/**
 * @param {Document} page
 * @param {Pick<Actions, "show">} actions
 * @returns {View}
 */
export function createLookView(page, actions) {
  const button = need(page, "#view", HTMLButtonElement);
  const menu = need(page, "#view-menu", HTMLElement);
  const language = need(page, "#language", HTMLSelectElement);
  const presenting = need(page, "#presenting", HTMLInputElement);
  const themes = radios("theme");
  const palettes = radios("palette");
  /** @type {State | null} */
  let latest = null;

  /** @param {string} name */
  function radios(name) {
    return [...menu.querySelectorAll(`input[name=${name}]`)].map(
      (input) => /** @type {HTMLInputElement} */ (input),
    );
  }

  /** @param {Partial<State["choice"]>} change */
  function choose(change) {
    if (latest) actions.show({ choice: { ...latest.choice, ...change } });
  }

  for (const input of themes) {
    input.addEventListener("change", () => {
      choose({ theme: input.value === "system" ? null : /** @type {Theme} */ (input.value) });
    });
  }
  for (const input of palettes) {
    input.addEventListener("change", () => choose({ palette: /** @type {Palette} */ (input.value) }));
  }
  presenting.addEventListener("change", () => {
    actions.show({ presenting: presenting.checked });
    if (presenting.checked) menu.hidePopover(); // the projector shows the network, not the menu
  });
  language.addEventListener("change", () => {
    const path = page.body.dataset["rootPath"] || "/";
    page.cookie = `language=${language.value}; path=${path}; max-age=${YEAR}; SameSite=Lax`;
    page.defaultView?.location.reload();
  });

  placeUnder(button, menu);

  return {
    update(state) {
      latest = state;
      for (const input of themes) input.checked = input.value === (state.choice.theme ?? "system");
      for (const input of palettes) input.checked = input.value === state.look.palette;
      presenting.checked = state.presenting;
    },
  };
}
