/** Menus that open under a button: popovers of the browser, put in their place. */

const LEAST = 360; // px under the button
const MARGIN = 8; // px between menu and button, and to the window's edge

/**
 * Keeps a popover under its button and within the window.
 * @param {HTMLElement} button
 * @param {HTMLElement} menu
 */
export function placeUnder(button, menu) {
  function place() {
    const { bottom: below, right } = button.getBoundingClientRect();
    // Where there is hardly room under it, it takes the window's height.
    const bottom = window.innerHeight - below < LEAST ? 0 : below;
    menu.style.top = `${bottom + MARGIN}px`;
    menu.style.right = `${Math.max(MARGIN, document.documentElement.clientWidth - right)}px`;
    menu.style.maxHeight = `calc(100dvh - ${bottom + 2 * MARGIN}px)`;
  }
  menu.addEventListener("beforetoggle", place);
  new ResizeObserver(place).observe(document.documentElement);
}
