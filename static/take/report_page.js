/** A report as a document of its own: one file, and nothing that it loads. */

import { inkOf } from "../colors.js";
import { el } from "../dom.js";
import { count, loss, percent } from "../format.js";
import { language, t } from "../text.js";
import { toHash } from "../url.js";
import { createVerdict } from "../views/verdict.js";
import { coloured } from "./highlight.js";
import { drawCharts } from "./report_chart.js";
import { dataRows, layerRows, trainingRows } from "./report_tables.js";

/** @import { Catalogue, Experiment, Look, Snapshot, State } from "../types.js" */
/** @import { Said } from "./report_tables.js" */

/**
 * @typedef {object} Recorded as models/run_record.py has it, with the program's version
 * @property {string} version
 * @property {Experiment} experiment
 * @property {number} epoch
 * @property {number} step
 * @property {number} offset
 * @property {boolean} touched
 * @property {boolean} exact
 * @property {string} digest
 * @property {string[]} columns
 * @property {(number | null)[][]} history
 */

/**
 * @typedef {object} Contents
 * @property {{ title: string, author: string, notes: string }} typed
 * @property {Recorded} recorded
 * @property {State & { snapshot: Snapshot }} state of the same moment
 * @property {Look} look
 * @property {string} code
 * @property {string} sheet the report's own style sheet
 * @property {{ network: string, output: string }} pictures as addresses that hold them
 */

const LONGEST_CODE = 60_000; // characters: a long table within it would be most of the file

/**
 * The whole file's text.
 * @param {Catalogue} catalogue
 * @param {Contents} contents
 */
export function reportOf(catalogue, contents) {
  const { typed, recorded, state, look, code, sheet, pictures } = contents;
  const { snapshot } = state;
  const { experiment } = recorded;
  const data = catalogue.data_sets.find((row) => row.name === experiment.data.name)?.label ?? "";
  const title = typed.title || t("report.usual_title", { data });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date());
  const last = rowOf(recorded, snapshot);

  const body = el(
    "main",
    {},
    el(
      "header",
      {},
      el("h1", {}, title),
      el("p", { class: "by" }, [typed.author, date].filter(Boolean).join(" · ")),
    ),
    figures(last, snapshot),
    ...(typed.notes ? [section(t("report.notes"), el("p", { class: "notes" }, typed.notes))] : []),
    el(
      "div",
      { class: "pictures" },
      picture(
        t("net.title"),
        pictures.network,
        t("report.network_alt", { layers: snapshot.layers.join("–") }),
      ),
      picture(t("output.title"), pictures.output, t("report.output_alt", { n: snapshot.epoch })),
    ),
    curves(recorded, look),
    judged(catalogue, state),
    el(
      "div",
      { class: "columns" },
      section(t("data.title"), settings(dataRows(snapshot, catalogue))),
      section(t("training.group"), settings(trainingRows(experiment, catalogue))),
    ),
    section(t("net.title"), layers(snapshot, catalogue)),
    section(t("take.code"), program(code)),
    check(catalogue, recorded, snapshot),
  );
  const foot = t("report.foot", { version: recorded.version });
  const ink = inkOf(look);
  const root = el(
    "html",
    { lang: language },
    el(
      "head",
      {},
      el("meta", { charset: "utf-8" }),
      el("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      el("title", {}, title),
      el("style", {}, `${sheet}\n:root { --train: ${ink.train}; --test: ${ink.test}; }`),
    ),
    el(
      "body",
      {},
      body,
      el("footer", {}, foot),
      el("script", { type: "application/json", id: "run-data" }, plainJson(chartData(recorded, look))),
      el("script", { type: "application/json", id: "experiment" }, plainJson(experiment)),
      el("script", {}, `(${drawCharts})();`.replaceAll("</", "<\\/")),
    ),
  );
  return `<!doctype html>\n${root.outerHTML}\n`;
}

/** JSON that ends no script. @param {object} value */
const plainJson = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");

/** @param {string} title @param {...Node} parts */
const section = (title, ...parts) => el("section", {}, el("h2", {}, title), ...parts);

/**
 * The figures that the page shows: after an edit those of the network as it is.
 * @param {Recorded} recorded
 * @param {Snapshot} snapshot
 * @returns {Record<"loss" | "accuracy" | "val_loss" | "val_accuracy", number>}
 */
function rowOf({ columns, history }, { measured }) {
  const last = history.at(-1) ?? [];
  /** @param {string} name */
  const inHistory = (name) => last[columns.indexOf(name)] ?? NaN;
  const [train, accuracy, , testLoss, testAccuracy] = measured ?? [];
  if (measured) {
    return {
      loss: train ?? NaN,
      accuracy: accuracy ?? NaN,
      val_loss: testLoss ?? NaN,
      val_accuracy: testAccuracy ?? NaN,
    };
  }
  return {
    loss: inHistory("loss"),
    accuracy: inHistory("accuracy"),
    val_loss: inHistory("val_loss"),
    val_accuracy: inHistory("val_accuracy"),
  };
}

/** @param {ReturnType<typeof rowOf>} last @param {Snapshot} snapshot */
function figures(last, { epoch, step }) {
  /** @param {string} name @param {string} value @param {string} [more] @param {string} [kind] */
  const figure = (name, value, more = "", kind = "") =>
    el("div", { class: `figure ${kind}` }, el("dt", {}, name), el("dd", {}, value), el("dd", {}, more));
  /** @param {number} share */
  const right = (share) => (Number.isNaN(share) ? "" : t("run.accuracy", { share: percent(share) }));
  return el(
    "dl",
    { class: "figures" },
    figure(t("run.epoch"), count(epoch), t("run.steps", { n: step, count: count(step) })),
    figure(t("run.train_loss"), loss(last.loss), right(last.accuracy), "train"),
    figure(t("run.test_loss"), loss(last.val_loss), right(last.val_accuracy), "test"),
  );
}

/** @param {string} caption @param {string} src @param {string} alt */
const picture = (caption, src, alt) =>
  el("figure", {}, el("figcaption", {}, caption), el("img", { src, alt }));

/** @param {Recorded} recorded @param {Look} look */
function chartData({ columns, history }, look) {
  const ink = inkOf(look);
  /** @param {string} name */
  const column = (name) => history.map((row) => row[columns.indexOf(name)] ?? null);
  /** @param {string} name @param {boolean} inPercent */
  const chart = (name, inPercent) => ({
    percent: inPercent,
    lines: [
      {
        name: t("curves.training_name"),
        kind: "train",
        color: ink.train,
        dash: "none",
        values: column(name),
      },
      {
        name: t("curves.test_name"),
        kind: "test",
        color: ink.test,
        dash: "5 2",
        values: column(`val_${name}`),
      },
    ].filter(({ values }) => values.some((value) => value !== null)),
  });
  const charts = { "chart-loss": chart("loss", false), "chart-accuracy": chart("accuracy", true) };
  return { epochs: history.map(([epoch]) => epoch ?? 0), epoch: t("run.epoch"), charts };
}

/** @param {Recorded} recorded @param {Look} look */
function curves(recorded, look) {
  const { charts, epochs } = chartData(recorded, look);
  const shown = /** @type {const} */ ([
    ["chart-loss", t("curves.loss")],
    ["chart-accuracy", t("curves.accuracy")],
  ]).filter(([id]) => charts[id].lines.length > 0);
  const places = shown.map(([id, name]) =>
    el("figure", { id, "data-chart": name }, el("figcaption", {}, name)),
  );
  const keys = el(
    "p",
    { class: "keys" },
    el("span", { class: "train" }, t("curves.training_name")),
    el("span", { class: "test" }, t("curves.test_name")),
  );
  const most = epochs.length - 1;
  const slider = el(
    "label",
    { class: "reader" },
    el("span", {}, t("report.read")),
    el("input", { type: "range", id: "reader", min: 0, max: most, value: most }),
  );
  const without = el("noscript", {}, t("report.no_script"));
  return section(t("curves.title"), keys, el("div", { class: "charts" }, ...places), slider, without);
}

/** @param {Catalogue} catalogue @param {State} state */
function judged(catalogue, state) {
  const place = el("div", { class: "verdict" });
  createVerdict(place, catalogue)(state);
  return section(t("verdict.title"), place);
}

/** @param {Said[]} rows */
const settings = (rows) =>
  el(
    "table",
    { class: "settings" },
    el(
      "tbody",
      {},
      ...rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value))),
    ),
  );

/** @param {Snapshot} snapshot @param {Catalogue} catalogue */
function layers(snapshot, catalogue) {
  const rows = layerRows(snapshot, catalogue);
  const heads = [t("report.layer"), t("report.shape"), t("net.activation"), t("report.parameters")];
  const sum = rows.reduce((total, { parameters }) => total + parameters, 0);
  return el(
    "table",
    { class: "layers" },
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el(
      "tbody",
      {},
      ...rows.map(({ name, shape, activation, parameters }) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, name),
          el("td", {}, shape),
          el("td", {}, activation),
          el("td", {}, count(parameters)),
        ),
      ),
    ),
    el(
      "tfoot",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "row", colspan: 3 }, t("report.sum")),
        el("td", { id: "parameters" }, count(sum)),
      ),
    ),
  );
}

/** @param {string} code */
function program(code) {
  if (code.length > LONGEST_CODE) return el("p", {}, t("report.long_code"));
  return el(
    "pre",
    { tabindex: 0, role: "region", "aria-label": t("take.code"), translate: "no" },
    el("code", {}, ...coloured(code.trimEnd())),
  );
}

/**
 * What an instructor needs to get the same numbers.
 * @param {Catalogue} catalogue
 * @param {Recorded} recorded
 * @param {Snapshot} snapshot
 */
function check(catalogue, { experiment, epoch, offset, touched, exact, digest, version }, { measured }) {
  const hash = toHash(catalogue, experiment);
  const address = location.origin + location.pathname + (hash && `#${hash}`);
  const epochs = Math.max(1, epoch);
  const own = experiment.data.table !== "";
  const edited = touched || measured !== null;
  const doubts = [
    ...(edited ? [t("report.edited")] : []),
    ...(exact ? [] : [t("report.rounded")]),
    ...(offset > 0 ? [t("report.unfinished")] : []),
    ...(epoch === 0 ? [t("report.untrained")] : []),
    ...(own ? [t("report.own")] : []),
  ];
  const command = `neural-playground train --experiment experiment.json --epochs ${epochs} --json`;
  return section(
    t("report.check"),
    el("p", {}, `${t("report.link")} `, el("a", { href: address, class: "address" }, address)),
    el("p", {}, t("report.again", { version })),
    el("p", {}, el("code", { class: "command" }, command)),
    el("p", {}, t("report.same")),
    el("dl", { class: "digest" }, el("dt", {}, t("report.digest")), el("dd", { id: "digest" }, digest)),
    ...(doubts.length > 0
      ? [el("ul", { class: "doubts" }, ...doubts.map((doubt) => el("li", {}, doubt)))]
      : []),
    el(
      "details",
      {},
      el("summary", {}, "experiment.json"),
      el(
        "pre",
        { tabindex: 0, role: "region", "aria-label": "experiment.json", translate: "no" },
        el("code", {}, JSON.stringify(experiment, null, 2)),
      ),
    ),
  );
}
