/** Asks the server about learners' tables. */

import { TOKEN } from "./socket.js";
import { t } from "./text.js";

/** @import { Download, Experiment } from "./types.js" */

/** @typedef {{ name: string, fault: string | null, different: number, missing: number, task: string }} Column */
/** @typedef {{ inputs: string[], target: string, task: string | null, standardize: boolean }} Choice */
/**
 * @typedef {object} Described what is in a table
 * @property {string} table its digest
 * @property {string[]} names
 * @property {number} rows
 * @property {string[][]} preview
 * @property {Column[]} columns
 * @property {string} delimiter
 * @property {string} decimal
 * @property {string} encoding
 * @property {boolean} has_header
 * @property {Choice} choice
 */

/** Why the server refused a table, in words for the page. */
export class Refused extends Error {}

/**
 * @param {string} root path under which the server is
 * @param {string} path
 * @param {RequestInit} request
 * @param {string} [otherwise] what is said when somebody whom the server asks does not answer
 * @returns {Promise<any>}
 */
async function ask(root, path, request, otherwise) {
  let response;
  try {
    response = await fetch(`${root}${path}`, request);
  } catch {
    throw new Refused(t("table.failed"));
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  if (response.status === 502 && otherwise) throw new Refused(otherwise);
  const { message, expected } = answer?.error ?? {};
  throw new Refused(message ? t("table.refused", { message, expected }) : t("table.failed"));
}

/**
 * Brings a table for this page's session.
 * @param {string} root
 * @param {Blob} file
 * @returns {Promise<Described>}
 */
export function bring(root, file) {
  return ask(root, "/api/tables", { method: "POST", headers: ofSession(), body: file });
}

/**
 * Has the server download a table for this page's session.
 * @param {string} root
 * @param {Download} download
 * @returns {Promise<Described>}
 */
export function download(root, { name, label, host }) {
  const request = { method: "POST", headers: ofSession() };
  return ask(root, `/api/downloads/${name}`, request, t("table.no_download", { name: label, host }));
}

const ofSession = () => ({ "X-Session": sessionStorage.getItem(TOKEN) ?? "" });

/**
 * @param {string} root
 * @param {string} table
 * @returns {Promise<Described>}
 */
export const describe = (root, table) => ask(root, `/api/tables/${table}`, {});

/**
 * What an experiment's data must hold to learn from these columns.
 * @param {string} root
 * @param {string} table
 * @param {Choice} choice
 * @returns {Promise<{ data: Partial<Experiment["data"]> }>}
 */
export function choose(root, table, choice) {
  return ask(root, `/api/tables/${table}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(choice),
  });
}
