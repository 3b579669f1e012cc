/** Loss curves of training and test data, by Plotly, which may come later than the page. */

import { el, need, setText } from "../dom.js";
import { loss } from "../format.js";
import { inkOf, linesOf } from "../colors.js";
import { t } from "../text.js";

/** @import { Actions, State, View } from "../types.js" */
/** @import { History } from "../history.js" */

const REDRAW_EVERY = 200; // ms
const REST = 8; // times as long as drawing took, so that a slow machine has time for all else
const POINTS = 600; // a curve is no wider than this many pixels

/**
 * @param {Document} page
 * @param {Actions} actions
 * @param {History} history
 * @returns {View}
 */
export function createCurvesView(page, actions, history) {
  const chart = need(page, "#chart", HTMLElement);
  const wait = need(page, "#chart-wait", HTMLElement);
  const toggle = need(page, "#log-scale", HTMLButtonElement);
  const choice = need(page, "#chart-choice", HTMLElement);
  const showLoss = need(page, "#chart-loss", HTMLButtonElement);
  const showAccuracy = need(page, "#chart-accuracy", HTMLButtonElement);
  const penalty = need(page, "#penalty-note", HTMLElement);
  /** @type {State | null} */
  let latest = null;
  let shown = "";
  let last = 0;
  let pause = REDRAW_EVERY;
  let timer = 0;
  let busy = false;

  toggle.addEventListener("click", () => {
    actions.show({ logScale: toggle.getAttribute("aria-pressed") !== "true" });
  });

  const script = el("script", { src: chart.dataset["library"] ?? "" });
  script.addEventListener("load", soon);
  script.addEventListener("error", () => {
    wait.hidden = false;
    setText(wait, t("curves.failed"));
  });
  page.head.append(script);

  new ResizeObserver(() => {
    shown = "";
    soon();
  }).observe(chart);

  function soon() {
    if (timer || busy) return;
    timer = window.setTimeout(draw, Math.max(0, last + pause - performance.now()));
  }

  async function draw() {
    timer = 0;
    const { Plotly } = window;
    if (!Plotly || !latest || page.hidden || chart.clientWidth === 0) return;
    const state = stateOf(latest);
    if (state === shown) return;
    shown = state;
    last = performance.now();
    busy = true;
    try {
      const epochs = history.newest?.epoch ?? 0;
      const drawing = Plotly.react(chart, traces(latest), layout(latest, chart, epochs), CONFIG);
      pause = Math.min(1000, Math.max(REDRAW_EVERY, REST * (performance.now() - last)));
      await drawing;
    } finally {
      busy = false;
      last = performance.now();
    }
    wait.hidden = true;
    if (shown !== stateOf(latest)) soon();
  }

  /** What a drawing depends on. @param {State} state */
  function stateOf({ historyVersion, logScale, look, presenting, chart: what }) {
    return [historyVersion, logScale, look.palette, look.theme, presenting, what].join(" ");
  }

  /** @param {State} state */
  function traces({ look, presenting, chart: what }) {
    const ink = inkOf(look);
    const width = (presenting ? 4 : 2.5) * linesOf(look);
    const train = history.series(what, POINTS);
    const test = history.series(what === "loss" ? "testLoss" : "testAccuracy", POINTS);
    const format = what === "loss" ? ".4f" : ".1%";
    return [
      curve(t("curves.training_name"), train, { color: ink.train, width }, ink.surface, format),
      curve(t("curves.test_name"), test, { color: ink.test, width, dash: "5px,2px" }, ink.surface, format),
    ];
  }

  page.addEventListener("visibilitychange", soon);
  for (const button of [showLoss, showAccuracy]) {
    button.addEventListener("click", () =>
      actions.show({ chart: button === showAccuracy ? "accuracy" : "loss" }),
    );
  }

  /** Whether the losses include a penalty, and what they are without it. @param {State} state */
  function penaltyWords({ inForce }) {
    const row = history.newest;
    if (!row || inForce.training.regularization === "none") return t("curves.without_penalty");
    const values = {
      penalty: loss(Number.isNaN(row.testPenalty) ? row.penalty : row.testPenalty),
      train: loss(row.loss - row.penalty),
      test: loss(row.testLoss - row.testPenalty),
    };
    return t(Number.isNaN(row.testLoss) ? "curves.with_penalty_no_test" : "curves.with_penalty", values);
  }

  return {
    update(state) {
      latest = state;
      toggle.setAttribute("aria-pressed", String(state.logScale));
      const classes = state.snapshot?.problem !== "regression";
      choice.hidden = !classes;
      const accuracy = state.chart === "accuracy" && classes;
      if (state.chart === "accuracy" && !classes) latest = { ...state, chart: "loss" };
      showLoss.setAttribute("aria-pressed", String(!accuracy));
      showAccuracy.setAttribute("aria-pressed", String(accuracy));
      toggle.hidden = accuracy;
      setText(penalty, penaltyWords(state));
      soon();
    },
  };
}

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: "reset", showTips: false };

/**
 * @param {string} name
 * @param {{ x: number[], y: number[] }} series
 * @param {{ color: string, width: number, dash?: string }} line
 * @param {string} paper
 * @param {string} format of the values that hovering shows
 */
function curve(name, series, line, paper, format) {
  const hoverlabel = { bgcolor: line.color, bordercolor: line.color, font: { color: paper } };
  const mode = series.x.length === 1 ? "markers" : "lines";
  return {
    name,
    ...series,
    type: "scatter",
    mode,
    line,
    marker: { color: line.color },
    hoverlabel,
    hovertemplate: `%{y:${format}}<extra></extra>`,
  };
}

/**
 * @param {State} state
 * @param {HTMLElement} chart
 * @param {number} epochs
 */
function layout({ look, logScale, snapshot, chart: what }, chart, epochs) {
  const ink = inkOf(look);
  const size = Number.parseFloat(getComputedStyle(chart).fontSize);
  const font = { family: getComputedStyle(chart).fontFamily, size, color: ink.text };
  const axis = {
    gridcolor: ink.grid,
    zeroline: false,
    linecolor: ink.grid,
    tickfont: font,
    fixedrange: false,
    automargin: true,
  };
  return {
    width: chart.clientWidth,
    height: chart.clientHeight,
    margin: { l: 44, r: 10, t: 8, b: 34 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font,
    showlegend: false,
    hovermode: "x",
    hoverlabel: { bgcolor: ink.surface, bordercolor: ink.grid, font },
    // What the learner has zoomed to stays, until there is another run.
    uirevision: `${snapshot?.run ?? 0} ${logScale} ${what}`,
    xaxis: {
      ...axis,
      title: { text: t("run.epoch"), font, standoff: 4 },
      rangemode: "tozero",
      hoverformat: ",d",
      ...(epochs < 6 && { dtick: 1 }),
      nticks: 6,
    },
    yaxis:
      what === "accuracy"
        ? { ...axis, type: "linear", tickformat: ".0%", range: [0, 1.02], nticks: 6 }
        : logScale
          ? { ...axis, type: "log", tickformat: "~g", nticks: 6 }
          : { ...axis, type: "linear", rangemode: "tozero", nticks: 6 },
  };
}
