/** Elements from descriptions. What is there already is only changed, so that focus and selection stay. */

/** @typedef {{ tag: string, attributes: Record<string, string | number | boolean>, children: Part[] }} Described */
/** @typedef {Described | string} Part */

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";

/**
 * Describes an element.
 * @param {string} tag
 * @param {Record<string, string | number | boolean>} [attributes] true sets an empty attribute, false none
 * @param {...(Part | Part[] | null)} children lists of them are taken apart; null and "" are left out
 * @returns {Described}
 */
export function h(tag, attributes = {}, ...children) {
  const parts = children.flat().filter((part) => part !== null && part !== "");
  return { tag, attributes, children: /** @type {Part[]} */ (parts) };
}

/**
 * Makes these the children of an element, out of those that it has as far as they fit.
 * @param {Element} parent
 * @param {Part[]} parts
 */
export function patch(parent, parts) {
  parts.forEach((part, i) => {
    const there = parent.childNodes[i];
    if (typeof part === "string") {
      if (there instanceof Text) {
        if (there.data !== part) there.data = part;
      } else put(parent, document.createTextNode(part), there);
      return;
    }
    const fits = there instanceof Element && there.localName === part.tag;
    const space = part.tag === "svg" || parent.namespaceURI === SVG ? SVG : HTML;
    const element = fits ? there : put(parent, document.createElementNS(space, part.tag), there);
    assign(element, part.attributes);
    patch(element, part.children);
  });
  while (parent.childNodes.length > parts.length) parent.lastChild?.remove();
}

/**
 * @template {Node} N
 * @param {Element} parent
 * @param {N} node
 * @param {Node | undefined} instead
 */
function put(parent, node, instead) {
  if (instead) parent.replaceChild(node, instead);
  else parent.append(node);
  return node;
}

/** @param {Element} element @param {Described["attributes"]} attributes all that it is to have */
function assign(element, attributes) {
  for (const name of element.getAttributeNames()) {
    if ((attributes[name] ?? false) === false) element.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(attributes)) {
    const text = value === true ? "" : String(value);
    if (value !== false && element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}
