/** The page's words, in the language that the server chose: messages by key, with values filled in. */

/** @typedef {Record<string, string | number>} Values */

/** @type {Record<string, string>} */
const messages = JSON.parse(document.querySelector("#messages-catalogue")?.textContent || "{}");
export const language = document.documentElement.lang || "en";
const plurals = new Intl.PluralRules(language);

/**
 * The message of a key; the key itself where there is none. A value `n` chooses between `key.one` and
 * `key.other` where there are such.
 * @param {string} key
 * @param {Values} [values] for the `{name}` places
 * @returns {string}
 */
export function t(key, values = {}) {
  const { n } = values;
  const counted = n === undefined ? undefined : messages[`${key}.${plurals.select(Number(n))}`];
  const message = counted ?? messages[key] ?? key;
  return message.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/** @param {string} key whether there is such a message */
export const has = (key) => key in messages;
