/** The dialog for teachers: a link to what the page shows, and which controls it leaves to learners. */

import { featureLabel } from "../edits.js";
import { el, need, setText } from "../dom.js";
import { CHOICES } from "../hides.js";
import { t } from "../text.js";
import { toHash } from "../url.js";
import { viewOf } from "../view_link.js";

/** @import { Catalogue, Row, State, View } from "../types.js" */

const LONGEST = 2000; // characters of a QR code's text, as app/api.py has it

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @returns {View}
 */
export function createShareView(page, catalogue) {
  const dialog = need(page, "#share-dialog", HTMLDialogElement);
  const link = need(page, "#share-link", HTMLInputElement);
  const said = need(page, "#share-said", HTMLElement);
  const qr = need(page, "#share-qr", HTMLImageElement);
  const long = need(page, "#share-long", HTMLElement);
  const preview = need(page, "#share-preview", HTMLUListElement);
  const root = page.body.dataset["rootPath"] ?? "";
  const boxes = CHOICES.map(({ name, key }) => ({
    name,
    label: t(key),
    box: el("input", { type: "checkbox", value: name }),
  }));
  /** @type {State | null} */
  let latest = null;

  need(page, "#share-list", HTMLElement).append(
    ...boxes.map(({ box, label }) => el("label", { class: "check" }, box, ` ${label}`)),
  );
  for (const { box } of boxes) box.addEventListener("change", spell);
  /** @param {boolean} shown */
  const setAll = (shown) => () => {
    for (const { box } of boxes) box.checked = shown;
    spell();
  };
  need(page, "#share-show-all", HTMLButtonElement).addEventListener("click", setAll(true));
  need(page, "#share-hide-all", HTMLButtonElement).addEventListener("click", setAll(false));
  need(page, "#share", HTMLButtonElement).addEventListener("click", () => {
    for (const { box, name } of boxes) box.checked = !latest?.hidden.includes(name);
    spell();
    dialog.showModal();
    link.select();
  });
  link.addEventListener("focus", () => link.select());
  need(page, "#share-copy", HTMLButtonElement).addEventListener("click", () => void copy());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });

  async function copy() {
    try {
      await navigator.clipboard.writeText(link.value);
      setText(said, t("share.copied"));
    } catch {
      // Over plain HTTP, as in a classroom's network, there is only the old way; without permission none but by hand.
      link.select();
      const copied = document.execCommand("copy");
      setText(said, t(copied ? "share.copied" : "share.copy_by_hand"));
    }
  }

  /** Writes the link for what is chosen, and what it says. */
  function spell() {
    if (!latest) return;
    const chosen = boxes.filter(({ box }) => !box.checked).map(({ name }) => name);
    const single = latest.hidden.filter((name) => !boxes.some((row) => row.name === name));
    const hash = toHash(catalogue, latest.edited, { ...viewOf(latest), hidden: [...chosen, ...single] });
    const address = location.origin + location.pathname + location.search + (hash && `#${hash}`);
    setText(said, "");
    link.value = address;
    qr.hidden = address.length > LONGEST;
    long.hidden = !qr.hidden;
    if (!qr.hidden) qr.src = `${root}/api/qr.svg?text=${encodeURIComponent(address)}`;
    preview.replaceChildren(...linesOf(latest, chosen).map((line) => el("li", {}, line)));
  }

  /** @param {State} state @param {string[]} hidden @returns {string[]} */
  function linesOf({ edited, presenting }, hidden) {
    const { data, features, network, training } = edited;
    /** @param {Row[]} rows @param {string} name */
    const label = (rows, name) => rows.find((row) => row.name === name)?.label ?? name;
    const inputs = features.map((name) => featureLabel(catalogue, data, name));
    const widths = network.hidden.map((layer) => layer.neurons);
    const used = [...new Set(network.hidden.map((layer) => label(catalogue.activations, layer.activation)))];
    const gone = boxes.filter(({ name }) => hidden.includes(name)).map((row) => row.label);
    return [
      `${t("data.set")}: ${label(catalogue.data_sets, data.name)}`,
      `${t("net.features")}: ${inputs.join(", ")}`,
      `${t("net.layers", { n: widths.length })}${widths.length > 0 ? `: ${widths.join(", ")} · ${used.join(", ")}` : ""}`,
      `${label(catalogue.optimizers, training.optimizer)} · ${label(catalogue.losses, training.loss)}`,
      ...(data.table ? [t("share.own")] : []),
      ...(presenting ? [t("look.presentation")] : []),
      gone.length > 0 ? t("share.hidden", { list: gone.join(", ") }) : t("share.nothing_hidden"),
    ];
  }

  return {
    update(state) {
      latest = state;
    },
  };
}
