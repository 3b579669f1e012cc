/** Loss curves of training and test data, by Plotly, which may come later than the page. */

import { need, setText } from "../dom.js";
import { INK } from "../colors.js";
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
  const script = need(page, "script#plotly", HTMLScriptElement);
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
  script.addEventListener("load", soon);
  script.addEventListener("error", () => {
    wait.hidden = false;
    setText(wait, t("curves.failed"));
  });
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
    const { historyVersion, logScale, theme } = latest;
    const state = `${historyVersion} ${logScale} ${theme}`;
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
    if (shown !== `${latest.historyVersion} ${latest.logScale} ${latest.theme}`) soon();
  }

  /** @param {State} state */
  function traces({ theme }) {
    const ink = INK[theme];
    const train = history.series("loss", POINTS);
    const test = history.series("testLoss", POINTS);
    return [
      curve(t("curves.training_name"), train, { color: ink.train, width: 2.5 }, ink.surface),
      curve(t("curves.test_name"), test, { color: ink.test, width: 2.5, dash: "5px,2px" }, ink.surface),
    ];
  }

  page.addEventListener("visibilitychange", soon);

  return {
    update(state) {
      latest = state;
      toggle.setAttribute("aria-pressed", String(state.logScale));
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
 */
function curve(name, series, line, paper) {
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
    hovertemplate: "%{y:.4f}<extra></extra>",
  };
}

/**
 * @param {State} state
 * @param {HTMLElement} chart
 * @param {number} epochs
 */
function layout({ theme, logScale, snapshot }, chart, epochs) {
  const ink = INK[theme];
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
    uirevision: `${snapshot?.run ?? 0} ${logScale}`,
    xaxis: {
      ...axis,
      title: { text: t("run.epoch"), font, standoff: 4 },
      rangemode: "tozero",
      hoverformat: ",d",
      ...(epochs < 6 && { dtick: 1 }),
      nticks: 6,
    },
    yaxis: logScale
      ? { ...axis, type: "log", tickformat: "~g", nticks: 6 }
      : { ...axis, type: "linear", rangemode: "tozero", nticks: 6 },
  };
}
