/** Python in colours: what of a text is a keyword, a string, a number or a comment. */

import { el } from "../dom.js";

/** @typedef {"string" | "comment" | "number" | "keyword" | "plain"} Kind */

const WORDS =
  "False None True and as assert async await break class continue def del elif else except finally for from " +
  "global if import in is lambda nonlocal not or pass raise return try while with yield";
/** In the order of the groups. */
const KINDS = /** @type {const} */ (["string", "comment", "number", "keyword"]);
const TOKENS = new RegExp(
  [
    `((?<!\\w)[bfrBFR]{0,2}(?:"""[^]*?"""|'''[^]*?'''|"(?:\\\\[^]|[^"\\\\\\n])*"|'(?:\\\\[^]|[^'\\\\\\n])*'))`,
    "(#.*)",
    "((?<![\\w.])(?:0[xXoObB][\\da-fA-F_]+|(?:\\d[\\d_]*\\.?[\\d_]*|\\.\\d[\\d_]*)(?:[eE][-+]?\\d+)?))",
    `((?<![\\w.])(?:${WORDS.replaceAll(" ", "|")})(?!\\w))`,
  ].join("|"),
  "g",
);

/** Beyond this a text has no colours: thousands of weights are as many elements. */
const COLOURED = 40_000; // characters

/**
 * The text in pieces, in order.
 * @param {string} text
 * @returns {[Kind, string][]}
 */
export function pieces(text) {
  /** @type {[Kind, string][]} */
  const found = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    if (match.index > end) found.push(["plain", text.slice(end, match.index)]);
    found.push([KINDS[match.slice(1).findIndex((group) => group !== undefined)] ?? "plain", match[0]]);
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push(["plain", text.slice(end)]);
  return found;
}

/**
 * The text as nodes of a page.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function coloured(text) {
  // Cut at a line's end, so that no word is.
  const cut = text.length > COLOURED ? text.lastIndexOf("\n", COLOURED) + 1 : text.length;
  const nodes = pieces(text.slice(0, cut)).map(([kind, piece]) =>
    kind === "plain" ? piece : el("span", { class: `code-${kind}` }, piece),
  );
  return cut < text.length ? [...nodes, text.slice(cut)] : nodes;
}
