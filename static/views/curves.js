/** Loss curves of training and test data, by Plotly, which may come later than the page. */

import { el, need, setText } from "../dom.js";
import { loss } from "../format.js";
import { inkOf, linesOf } from "../colors.js";
import { createLiveChart, tickMode } from "../live_chart.js";
import { t } from "../text.js";
import { createVerdict } from "./verdict.js";

/** @import { Actions, Catalogue, State, View } from "../types.js" */
/** @import { History } from "../history.js" */

const MOVE_EVERY = 100; // ms
const REDRAW_EVERY = 200;
const REST = 8; // times as long as drawing took, so that a slow machine has time for all else
const POINTS = 600; // a curve is no wider than this many pixels

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Pick<Actions, "show">} actions
 * @param {History} history
 * @returns {View}
 */
export function createCurvesView(page, catalogue, actions, history) {
  const chart = need(page, "#chart", HTMLElement);
  const wait = need(page, "#chart-wait", HTMLElement);
  const toggle = need(page, "#log-scale", HTMLButtonElement);
  const keys = need(page, ".curve-keys", HTMLElement);
  const showLoss = need(page, "#chart-loss", HTMLButtonElement);
  const showAccuracy = need(page, "#chart-accuracy", HTMLButtonElement);
  const showVerdict = need(page, "#chart-verdict", HTMLButtonElement);
  const verdict = createVerdict(need(page, "#verdict", HTMLElement), catalogue);
  const penalty = need(page, "#penalty-note", HTMLElement);
  /** @type {State | null} */
  let latest = null;
  const live = createLiveChart(chart);
  let shown = "";
  let drawn = ""; // what Plotly drew last depended on, but for the values
  let pointed = false; // the values that hovering shows are those that Plotly has
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
    drawn = shown = "";
    soon();
  }).observe(chart);
  for (const name of ["pointerenter", "pointerleave"]) {
    chart.addEventListener(name, () => {
      pointed = name === "pointerenter";
      soon();
    });
  }

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
      const moves = moving(latest) && drawn === frameOf(latest);
      const moved = moves && (await live.move(Plotly, seriesOf(latest)));
      if (!moved) {
        drawn = frameOf(latest);
        const epochs = curvesOf(latest).newest?.epoch ?? 0;
        await live.draw(Plotly, traces(latest), layout(latest, chart, epochs), CONFIG);
      }
      const usual = moved ? MOVE_EVERY : REDRAW_EVERY;
      pause = Math.min(1000, Math.max(usual, REST * (performance.now() - last)));
    } finally {
      busy = false;
      last = performance.now();
    }
    wait.hidden = true;
    if (shown !== stateOf(latest)) soon();
  }

  /** What a drawing depends on. @param {State} state */
  function stateOf(state) {
    return [state.historyVersion, moving(state), frameOf(state)].join(" ");
  }

  /** And without the values. @param {State} state */
  function frameOf(state) {
    const { logScale, look, presenting, chart: what } = state;
    return [logScale, look.palette, look.theme, presenting, what, runOf(state)].join(" ");
  }

  /** Whether only the lines change, and nobody wants to read their values. @param {State} state */
  function moving({ snapshot, past }) {
    const still = past?.run.history || snapshot?.state !== "playing";
    return !still && !pointed && (history.newest?.epoch ?? 0) > 1;
  }

  /** The curves that are shown: of a run before, if that is looked at. @param {State} state */
  const curvesOf = ({ past }) => past?.run.history ?? history;

  /** Training and test. @param {State} state */
  function seriesOf(state) {
    const accuracy = state.chart === "accuracy";
    const curves = curvesOf(state);
    return [
      curves.series(accuracy ? "accuracy" : "loss", POINTS),
      curves.series(accuracy ? "testAccuracy" : "testLoss", POINTS),
    ];
  }

  /** @param {State} state */
  function traces(state) {
    const { look, presenting, chart: what } = state;
    const ink = inkOf(look);
    const width = (presenting ? 4 : 2.5) * linesOf(look);
    const [train = NONE, test = NONE] = seriesOf(state);
    const format = what === "accuracy" ? ".1%" : ".4f";
    return [
      curve(t("curves.training_name"), train, { color: ink.train, width }, ink.surface, format),
      curve(t("curves.test_name"), test, { color: ink.test, width, dash: "5px,2px" }, ink.surface, format),
    ];
  }

  page.addEventListener("visibilitychange", soon);
  showLoss.addEventListener("click", () => actions.show({ chart: "loss" }));
  showAccuracy.addEventListener("click", () => actions.show({ chart: "accuracy" }));
  showVerdict.addEventListener("click", () => actions.show({ chart: "verdict" }));

  /** Whether the losses include a penalty, and what they are without it. @param {State} state */
  function penaltyWords({ inForce, past }) {
    const row = past ? past.row : history.newest;
    const { training } = past?.snapshot.experiment ?? inForce;
    if (!row || training.regularization === "none") return t("curves.without_penalty");
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
      const snapshot = state.past?.snapshot ?? state.snapshot;
      const classes = snapshot?.problem !== "regression";
      const judged = state.chart === "verdict";
      const accuracy = state.chart === "accuracy" && classes;
      if (!classes && !judged) latest = { ...state, chart: "loss" };
      showAccuracy.hidden = !classes;
      setText(showVerdict, t(classes ? "curves.confusion" : "curves.explained"));
      showLoss.setAttribute("aria-pressed", String(!accuracy && !judged));
      showAccuracy.setAttribute("aria-pressed", String(accuracy));
      showVerdict.setAttribute("aria-pressed", String(judged));
      toggle.hidden = accuracy || judged;
      chart.hidden = judged;
      keys.hidden = judged;
      penalty.hidden = judged;
      verdict(judged ? { ...state, snapshot } : null);
      live.mark(state.past?.snapshot.epoch ?? null);
      setText(penalty, penaltyWords(state));
      soon();
    },
  };
}

/** Which run the chart is of. @param {State} state */
const runOf = ({ snapshot, past }) =>
  past?.run.history ? `before ${past.run.number}` : String(snapshot?.run ?? 0);

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: "autosize", showTips: false };
/** @type {{ x: number[], y: number[] }} */
const NONE = { x: [], y: [] };

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
function layout(state, chart, epochs) {
  const { look, logScale, chart: what } = state;
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
    uirevision: `${runOf(state)} ${logScale} ${what}`,
    xaxis: {
      ...axis,
      title: { text: t("run.epoch"), font, standoff: 4 },
      rangemode: "tozero",
      hoverformat: ",d",
      tickmode: tickMode(epochs),
      dtick: 1,
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
