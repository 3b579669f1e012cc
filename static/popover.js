/** Menus that open under a button: popovers of the browser, put in their place. */

const MARGIN = 8; // px between menu and button, and to the window's edge

/**
 * Keeps a popover under its button and within the window.
 * @param {HTMLElement} button
 * @param {HTMLElement} menu
 */
export function placeUnder(button, menu) {
  function place() {
    const { bottom, right } = button.getBoundingClientRect();
    menu.style.top = `${bottom + MARGIN}px`;
    menu.style.right = `${Math.max(MARGIN, document.documentElement.clientWidth - right)}px`;
    menu.style.maxHeight = `calc(100dvh - ${bottom + 2 * MARGIN}px)`;
  }
  menu.addEventListener("beforetoggle", place);
  new ResizeObserver(place).observe(document.documentElement);
}
