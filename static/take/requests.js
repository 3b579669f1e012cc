/** Asks the server for files, and hands files to the browser's downloads. */

import { t } from "../text.js";

/** @typedef {{ text: string, blob: Blob, name: string }} Saved a file as the server names it */

/** Why the server refused, in words for the page. */
export class Refused extends Error {}

/**
 * @param {string} address
 * @param {RequestInit} request
 * @returns {Promise<Response>} one that is as it should be
 */
export async function ask(address, request) {
  let response;
  try {
    response = await fetch(address, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new Refused(t("take.unanswered"));
  }
  if (response.ok) return response;
  const { message, expected } = (await response.json().catch(() => null))?.error ?? {};
  if (!message) throw new Refused(t("take.unanswered"));
  throw new Refused(expected ? t("take.refused", { message, expected }) : message);
}

/**
 * A JSON request.
 * @param {object} body
 * @returns {RequestInit}
 */
export const posted = (body) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

/** The name by which a file is to be saved. @param {Response} response @param {string} usual */
export function nameOf(response, usual) {
  return /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? usual;
}

/**
 * Gives a file to the browser, which saves it.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers read it later
}

/**
 * What a part of the dialog says of what it does: it speaks politely, and of failures at once.
 * @param {HTMLElement} said
 * @param {HTMLElement} error
 */
export function createSpeaker(said, error) {
  /** @param {string} text @param {string} [failure] */
  function say(text, failure = "") {
    said.textContent = text;
    error.textContent = failure;
  }
  return {
    say,
    /**
     * Does something, and says why not if it was refused.
     * @template T
     * @param {() => Promise<T>} work
     * @returns {Promise<T | null>}
     */
    async attempt(work) {
      try {
        return await work();
      } catch (refused) {
        if (!(refused instanceof Refused)) throw refused;
        say("", refused.message);
        return null;
      }
    },
  };
}
