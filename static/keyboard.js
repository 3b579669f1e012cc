/** Keys for the run: Space plays and pauses, S steps, R rewinds. */

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
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest(TYPING)) return;
    if (event.key === " " && !target?.closest(SPACE_IS_TAKEN)) {
      event.preventDefault(); // no scrolling
      actions.togglePlay();
    } else if (event.key === "s" || event.key === "S") {
      actions.step();
    } else if (event.key === "r" || event.key === "R") {
      actions.rewind();
    }
  });
}
