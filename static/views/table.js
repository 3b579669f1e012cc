/** The dialog for the learner's own data, and for the columns of a table. */

import { inputsOf, isTable, problemOf, rowOf, withItsData } from "../edits.js";
import { el, need, setText } from "../dom.js";
import { count } from "../format.js";
import { Refused, bring, choose, describe, download } from "../tables.js";
import { t } from "../text.js";
import { isRun } from "./take.js";

/** @import { Actions, Catalogue, Download, State, View } from "../types.js" */
/** @import { Described } from "../tables.js" */

const DELIMITERS = /** @type {Record<string, string>} */ ({ ",": "comma", ";": "semicolon", "\t": "tab" });
const PLACES = "₁₂₃₄₅₆₇₈";

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @returns {View}
 */
export function createTableView(page, catalogue, actions) {
  const dialog = need(page, "#table-dialog", HTMLDialogElement);
  const title = need(page, "#table-title", HTMLElement);
  const bringing = need(page, "#bring", HTMLElement);
  const drop = need(page, "#drop", HTMLElement);
  const file = need(page, "#table-file", HTMLInputElement);
  const paste = need(page, "#table-paste", HTMLTextAreaElement);
  const error = need(page, "#table-error", HTMLElement);
  const choosing = need(page, "#table-choose", HTMLElement);
  const summary = need(page, "#table-summary", HTMLElement);
  const preview = need(page, "#table-preview", HTMLElement);
  const inputs = need(page, "#table-inputs", HTMLElement);
  const target = need(page, "#table-target", HTMLSelectElement);
  const targetField = need(page, "#table-target-field", HTMLElement);
  const tasks = need(page, "#table-tasks", HTMLElement);
  const radios = [...tasks.querySelectorAll("input")];
  const standardize = need(page, "#table-standardize", HTMLInputElement);
  const use = need(page, "#table-use", HTMLButtonElement);
  const used = need(page, "#columns-used", HTMLElement);
  const columns = need(page, "#choose-columns", HTMLButtonElement);
  const names = need(page, "#columns-names", HTMLElement);
  const scaled = need(page, "#columns-scaled", HTMLElement);
  const panel = need(page, "#data", HTMLElement);
  const root = page.body.dataset["rootPath"] ?? "";
  const [, most] = catalogue.limits.features;

  /** @type {State | null} */
  let latest = null;
  /** @type {Described | null} the learner's table; null for one that the server has of its own */
  let table = null;
  /** @type {string[]} inputs in the order in which they were chosen */
  let chosen = [];
  let asked = 0; // what the last question was, so that no earlier answer overtakes it

  need(page, "#own-data", HTMLButtonElement).addEventListener("click", () => {
    open(null);
    const { data } = latest?.edited ?? {};
    if (data?.table) void again(data.table);
  });
  columns.addEventListener("click", () => {
    const { data } = latest?.edited ?? {};
    if (!data) return;
    open(rowOf(catalogue, data).kind === "real" ? data.name : null);
    if (data.table) void again(data.table);
  });
  file.addEventListener("change", () => {
    const [given] = file.files ?? [];
    if (given) void read(given);
    file.value = ""; // the same file again is a change, too
  });
  need(page, "#table-read", HTMLButtonElement).addEventListener("click", () => {
    void read(new Blob([paste.value], { type: "text/csv" }));
  });
  for (const button of bringing.querySelectorAll("button[data-download]")) {
    const row = catalogue.downloads.find(({ name }) => name === button.getAttribute("data-download"));
    if (row) button.addEventListener("click", () => void fetched(row));
  }
  target.addEventListener("change", () => {
    chosen = chosen.filter((name) => name !== target.value);
    const column = table?.columns.find(({ name }) => name === target.value);
    for (const radio of radios) radio.checked = radio.value === column?.task;
    listInputs();
  });
  use.addEventListener("click", () => void take());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });

  // A file may be dropped on the panel or the dialog; beside them the browser would leave the page for it.
  for (const type of ["dragover", "drop"]) {
    page.addEventListener(type, (event) => {
      if (/** @type {DragEvent} */ (event).dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }
  for (const place of [panel, dialog]) {
    const mark = place === panel ? panel : drop;
    place.addEventListener("dragover", () => mark.classList.add("over"));
    place.addEventListener("dragleave", () => mark.classList.remove("over"));
    place.addEventListener("drop", (event) => {
      mark.classList.remove("over");
      const [given] = event.dataTransfer?.files ?? [];
      if (!given || isRun(given)) return;
      if (!dialog.open) open(null);
      void read(given);
    });
  }

  /** Opens the dialog for a table of the server's own, or for one to bring. @param {string | null} name */
  function open(name) {
    table = null;
    const row = name === null ? undefined : catalogue.data_sets.find((known) => known.name === name);
    setText(title, row ? t("table.of", { name: row.label }) : t("table.own"));
    setText(error, "");
    bringing.hidden = row !== undefined;
    choosing.hidden = row === undefined;
    targetField.hidden = row !== undefined;
    tasks.hidden = row !== undefined;
    preview.hidden = row !== undefined;
    setText(summary, "");
    if (row && latest) {
      chosen = [...inputsOf(catalogue, latest.edited.data)];
      standardize.checked = latest.edited.data.standardize;
      listInputs();
    }
    if (!dialog.open) dialog.showModal();
  }

  /** Asks, and says why not if the server refuses. @template T @param {() => Promise<T>} question @returns {Promise<T | null>} */
  async function attempt(question) {
    asked += 1;
    const mine = asked;
    setText(error, "");
    dialog.setAttribute("aria-busy", "true");
    try {
      const answer = await question();
      return mine === asked ? answer : null;
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      if (mine === asked) {
        setText(error, refused.message);
        if (choosing.hidden) setText(summary, "");
      }
      return null;
    } finally {
      if (mine === asked) dialog.removeAttribute("aria-busy");
    }
  }

  /** @param {Blob} given */
  async function read(given) {
    const largest = Number(dialog.dataset["mostBytes"]);
    choosing.hidden = true;
    if (given.size > largest) {
      const size = count(Math.ceil(given.size / 1000));
      setText(error, t("table.too_large", { size, most: count(largest / 1000) }));
      return;
    }
    setText(summary, t("table.reading"));
    const found = await attempt(() => bring(root, given));
    if (found) show(found);
  }

  /** @param {Download} row */
  async function fetched(row) {
    choosing.hidden = true;
    setText(summary, t("table.downloading", { host: row.host }));
    const found = await attempt(() => download(root, row));
    if (found) show(found);
  }

  /** The table that is in use, to choose other columns of it. @param {string} digest */
  async function again(digest) {
    const found = await attempt(() => describe(root, digest));
    const data = latest?.edited.data;
    if (!found || !data) return;
    const task = problemOf(catalogue, data);
    const { inputs: columns, standardize: scale } = data;
    show({ ...found, choice: { inputs: columns, target: data.target, task, standardize: scale } });
  }

  /** @param {Described} found */
  function show(found) {
    table = found;
    const { choice, rows, delimiter, decimal, encoding, has_header: header } = found;
    const separator = DELIMITERS[delimiter] ?? "comma";
    setText(
      summary,
      t("table.summary", {
        rows: count(rows),
        columns: found.names.length,
        delimiter: t(`table.delimiter.${separator}`),
        decimal: t(decimal === "," ? "table.decimal.comma" : "table.decimal.point"),
        header: t(header ? "table.header" : "table.no_header"),
        encoding,
      }),
    );
    preview.replaceChildren(
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ...found.names.map((name) => el("th", { scope: "col" }, name)))),
        el(
          "tbody",
          {},
          ...found.preview.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, cell)))),
        ),
      ),
    );
    target.replaceChildren(...found.names.map((name) => el("option", { value: name }, name)));
    target.value = choice.target;
    for (const radio of radios) radio.checked = radio.value === choice.task;
    standardize.checked = choice.standardize;
    chosen = [...choice.inputs];
    listInputs();
    choosing.hidden = false;
    use.scrollIntoView({ block: "nearest" });
  }

  /** The columns that may be inputs, those chosen with their places. */
  function listInputs() {
    const offered = table
      ? table.columns.filter(({ name }) => name !== target.value)
      : (latest ? rowOf(catalogue, latest.edited.data).columns : []).map((name) => ({ name, fault: null }));
    const full = chosen.length >= most;
    const focused = page.activeElement instanceof HTMLInputElement ? page.activeElement.value : null;
    inputs.replaceChildren(
      ...offered.map(({ name, fault }) => {
        const place = chosen.indexOf(name);
        const box = el("input", { type: "checkbox", value: name });
        box.checked = place >= 0;
        box.disabled = place < 0 && (full || fault !== null);
        box.addEventListener("change", () => {
          chosen = box.checked ? [...chosen, name] : chosen.filter((other) => other !== name);
          listInputs();
        });
        const label = el("label", { class: "check" }, box, ` ${name} `);
        if (place >= 0) label.append(el("span", { class: "input-place" }, `x${PLACES[place] ?? ""}`));
        else if (fault !== null) label.append(el("span", { class: "fault" }, fault));
        else if (full) label.title = t("table.most_inputs", { most });
        return label;
      }),
    );
    if (focused !== null) {
      [...inputs.querySelectorAll("input")].find(({ value }) => value === focused)?.focus();
    }
  }

  async function take() {
    if (chosen.length === 0) {
      setText(error, t("table.no_input"));
      return;
    }
    if (!table) {
      actions.edit((e) => withItsData(catalogue, e, { inputs: chosen, standardize: standardize.checked }));
      dialog.close();
      return;
    }
    const digest = table.table;
    const task = radios.find((radio) => radio.checked)?.value ?? null;
    const choice = { inputs: chosen, target: target.value, task, standardize: standardize.checked };
    const made = await attempt(() => choose(root, digest, choice));
    if (!made) return;
    actions.edit((e) => withItsData(catalogue, e, made.data));
    dialog.close();
  }

  return {
    update(state) {
      latest = state;
      const { data } = state.edited;
      const row = rowOf(catalogue, data);
      used.hidden = !isTable(row);
      columns.hidden = used.hidden;
      if (used.hidden) return;
      const listed = inputsOf(catalogue, data).map((name, i) => `x${PLACES[i] ?? ""} ${name}`);
      const predicted = row.kind === "own" ? data.target : row.target;
      setText(names, `${listed.join(", ")} → ${predicted}`);
      setText(scaled, t(data.standardize ? "table.standardized" : "table.raw"));
    },
  };
}
