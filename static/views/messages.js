/** The banner that says why the page waits, and messages that can be dismissed. */

import { tenth } from "../edits.js";
import { el, need, setText } from "../dom.js";
import { plain } from "../format.js";
import { t } from "../text.js";
import { engineWords } from "../words.js";

/** @import { Actions, Catalogue, Message, State, View } from "../types.js" */

const NOTICE_LASTS = 8000; // ms; errors stay until they are dismissed

/**
 * @param {Catalogue} catalogue
 * @param {State} state
 * @returns {{ text: string, progress: number | null, lower?: number, place?: number } | null}
 */
function bannerOf(catalogue, { connection, full, engine, snapshot, inForce }) {
  if (connection === "elsewhere") {
    return {
      text: t("banner.elsewhere"),
      progress: null,
    };
  }
  if (connection === "stopping") return { text: t("banner.stopping"), progress: null };
  if (connection === "lost") return { text: t("banner.lost"), progress: null };
  if (full && connection === full.type) {
    const why = t(`banner.full.${full.reason}`);
    return full.type === "waiting"
      ? { text: t("banner.waiting", { why, place: full.place }), progress: null, place: full.place }
      : { text: t("banner.refused", { why, seconds: full.retry_after }), progress: null };
  }
  if (engine && engine.state !== "ready") {
    const what = t(`banner.${engine.state}`);
    const detail = engine.message ? `: ${engineWords(engine.message).replace(/\.$/, "")}` : "";
    const text = `${what}${detail}. ${t(`banner.${engine.state}_meanwhile`)}`;
    return { text, progress: engine.progress };
  }
  if (snapshot?.state === "diverged") {
    const rate = inForce.training.learning_rate;
    const lower = tenth(catalogue, rate);
    const text = t("banner.diverged", { rate: plain(rate) });
    return { text, progress: null, ...(lower < rate && { lower }) };
  }
  return null;
}

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @returns {View}
 */
export function createMessagesView(page, catalogue, actions) {
  const banner = need(page, "#banner", HTMLElement);
  const text = need(page, "#banner-text", HTMLElement);
  const progress = need(page, "#banner-progress", HTMLProgressElement);
  const again = need(page, "#banner-again", HTMLButtonElement);
  const place = need(page, "#banner-place", HTMLElement);
  const list = need(page, "#messages", HTMLElement);
  again.addEventListener("click", () => actions.tryLowerRate());
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();

  /** @param {Message} message */
  function add(message) {
    const close = el("button", { type: "button", class: "tiny", "aria-label": t("messages.dismiss") }, "×");
    const element = el("div", { class: `message message-${message.kind}` }, el("p", {}, message.text), close);
    close.addEventListener("click", () => actions.dismiss(message.id));
    if (message.kind === "notice") setTimeout(() => actions.dismiss(message.id), NOTICE_LASTS);
    shown.set(message.id, element);
    list.append(element);
  }

  return {
    update(state) {
      const now = bannerOf(catalogue, state);
      banner.hidden = now === null;
      if (now) {
        setText(text, now.text);
        place.hidden = now.place === undefined;
        setText(place, String(now.place ?? ""));
        again.hidden = now.lower === undefined;
        if (now.lower !== undefined) setText(again, t("banner.try_smaller", { rate: plain(now.lower) }));
        progress.hidden = now.progress === null;
        if (now.progress !== null) progress.value = now.progress;
      }
      for (const [id, element] of shown) {
        if (state.messages.some((message) => message.id === id)) continue;
        element.remove();
        shown.delete(id);
      }
      for (const message of state.messages) if (!shown.has(message.id)) add(message);
    },
  };
}
