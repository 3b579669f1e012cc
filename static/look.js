/**
 * Which look the page has: what was chosen and is remembered, else what the system asks for, also when that
 * changes. theme.js does the same before the first paint; its keys and attributes are these.
 */

/** @import { Look, LookChoice, Palette, State, Theme } from "./types.js" */
/** @import { Store } from "./store.js" */

export const KEYS = {
  theme: "neural-playground.theme",
  palette: "neural-playground.palette",
  presenting: "neural-playground.presenting",
};

/** @type {readonly string[]} */
const THEMES = /** @type {Theme[]} */ (["light", "dark"]);
/** @type {readonly string[]} */
const NAMES = /** @type {Palette[]} */ (["orange_blue", "colour_blind_safe", "high_contrast"]);

const QUERIES = {
  dark: "(prefers-color-scheme: dark)",
  contrast: "(prefers-contrast: more)",
  forced: "(forced-colors: active)",
};

/**
 * What a choice comes to on this system. Where the system forces its colours, the page's ground is its own,
 * so pictures follow it whatever was chosen.
 * @param {LookChoice} choice
 * @param {{ dark: boolean, contrast: boolean, forced: boolean }} system
 * @returns {Look}
 */
export function lookFor({ theme, palette }, { dark, contrast, forced }) {
  const own = dark ? "dark" : "light";
  return {
    theme: forced ? own : (theme ?? own),
    palette: palette ?? (contrast || forced ? "high_contrast" : "orange_blue"),
  };
}

function system() {
  const { dark, contrast, forced } = QUERIES;
  return {
    dark: matchMedia(dark).matches,
    contrast: matchMedia(contrast).matches,
    forced: matchMedia(forced).matches,
  };
}

/**
 * The state that a page begins with.
 * @param {Storage} storage
 * @returns {Pick<State, "choice" | "look" | "presenting">}
 */
export function rememberedLook(storage) {
  const [theme, palette] = [storage.getItem(KEYS.theme), storage.getItem(KEYS.palette)];
  const choice = {
    theme: theme && THEMES.includes(theme) ? /** @type {Theme} */ (theme) : null,
    palette: palette && NAMES.includes(palette) ? /** @type {Palette} */ (palette) : null,
  };
  return {
    choice,
    look: lookFor(choice, system()),
    presenting: storage.getItem(KEYS.presenting) !== null,
  };
}

/**
 * Keeps the look, the page's attributes and what is remembered in step with the choice and the system.
 * @param {Document} page
 * @param {Store} store
 * @param {Storage} storage
 */
export function followLook(page, store, storage) {
  const root = page.documentElement;

  /** @param {string} key @param {string | null} value */
  function remember(key, value) {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  }

  function apply() {
    const { choice, look } = store.get();
    const next = lookFor(choice, system());
    if (choice.theme) root.dataset["theme"] = choice.theme;
    else delete root.dataset["theme"];
    root.dataset["palette"] = next.palette;
    if (next.theme !== look.theme || next.palette !== look.palette) store.update({ look: next });
  }

  store.watch(["choice"], ({ choice }) => {
    remember(KEYS.theme, choice.theme);
    remember(KEYS.palette, choice.palette);
    apply();
  });
  // A link's presentation is that visit's alone; what is changed here is remembered.
  let before = store.get().presenting;
  store.watch(["presenting"], ({ presenting }) => {
    page.body.classList.toggle("presenting", presenting);
    if (presenting !== before) remember(KEYS.presenting, presenting ? "true" : null);
    before = presenting;
  });
  for (const query of Object.values(QUERIES)) matchMedia(query).addEventListener("change", apply);
}
