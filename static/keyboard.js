/** Keys for the run: Space plays and pauses, S and B step, R rewinds, P presents, Escape leaves, ? lists them. */

import { need } from "./dom.js";

/** @import { Actions } from "./types.js" */

/** Where every key is the control's own. */
const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), select, textarea, [contenteditable]";
/** Where Space already does something. */
const SPACE_IS_TAKEN = "button, a[href], summary, input[type=checkbox], input[type=radio]";

/**
 * @param {Document} page
 * @param {Actions} actions
 * @param {(name: string) => boolean} isHidden whether the button of that name is hidden: then so is its key
 */
export function listenToKeys(page, actions, isHidden) {
  const shortcuts = need(page, "#shortcuts", HTMLDialogElement);
  need(page, "#show-keys", HTMLButtonElement).addEventListener("click", () => shortcuts.showModal());
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest(TYPING) || page.querySelector("dialog[open]")) return;
    const presenting = page.body.classList.contains("presenting");
    if (event.key === " " && !target?.closest(SPACE_IS_TAKEN)) {
      event.preventDefault(); // no scrolling
      if (!isHidden("play")) actions.togglePlay();
    } else if (event.key === "s" || event.key === "S") {
      if (!isHidden("step")) actions.step();
    } else if (event.key === "r" || event.key === "R") {
      if (!isHidden("rewind")) actions.rewind();
    } else if (event.key === "b" || event.key === "B") {
      if (!isHidden("step")) actions.step("batch");
    } else if (event.key === "?") {
      shortcuts.showModal();
    } else if (event.key === "p" || event.key === "P") {
      actions.show({ presenting: !presenting });
    } else if (event.key === "Escape" && !page.querySelector(":popover-open, dialog[open]")) {
      if (presenting) actions.show({ presenting: false });
      else actions.lookBack(null);
    }
  });
}
