/** Keys for the run: Space plays and pauses, S and B step, R rewinds, P presents, ? lists them. */

import { need } from "./dom.js";

/** @import { Actions } from "./types.js" */

/** Where every key is the control's own. */
const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), select, textarea, [contenteditable]";
/** Where Space already does something. */
const SPACE_IS_TAKEN = "button, a[href], summary, input[type=checkbox], input[type=radio]";

/**
 * @param {Document} page
 * @param {Actions} actions
 */
export function listenToKeys(page, actions) {
  const shortcuts = need(page, "#shortcuts", HTMLDialogElement);
  need(page, "#show-keys", HTMLButtonElement).addEventListener("click", () => shortcuts.showModal());
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest(TYPING) || shortcuts.open) return;
    const presenting = page.body.classList.contains("presenting");
    if (event.key === " " && !target?.closest(SPACE_IS_TAKEN)) {
      event.preventDefault(); // no scrolling
      actions.togglePlay();
    } else if (event.key === "s" || event.key === "S") {
      actions.step();
    } else if (event.key === "r" || event.key === "R") {
      actions.rewind();
    } else if (event.key === "b" || event.key === "B") {
      actions.step("batch");
    } else if (event.key === "?") {
      shortcuts.showModal();
    } else if (event.key === "p" || event.key === "P") {
      actions.show({ presenting: !presenting });
    } else if (event.key === "Escape" && presenting && !page.querySelector(":popover-open, dialog[open]")) {
      actions.show({ presenting: false });
    }
  });
}
