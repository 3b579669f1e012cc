"""What the page keeps of the layers over a run: bounded, evenly thinned, and what it says of it in words."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

# Takes looks at layers, each with what differs from the usual, and answers with the rows that are left.
SERIES = """async ({ capacity, looks, layers }) => {
  const { AT, createSeries, nearest, stretches } = await import("/static/inside/series.js");
  const { finding } = await import("/static/inside/over_time.js");
  const { smallCharts } = await import("/static/inside/small_charts.js");
  const series = createSeries(capacity);
  for (const look of looks) {
    const { step, epoch, offset = 0, run = 1, shape = layers, verdict = null, rest, values = {} } = look;
    if (rest) series.rest();
    const of = shape.slice(1).map((_, i) => ({
      norm: 1, gradient_norm: 1, dead: 0, saturated: 0,
      ...Object.fromEntries(Object.entries(values).map(([name, each]) => [name, each[i]])),
    }));
    const quantiles = Float32Array.from({ length: 7 * of.length }, (_, i) => epoch + i);
    const snapshot = { run, step, epoch, offset, trainPoints: 10, layers: shape };
    series.take(snapshot, { layers: of, verdict }, quantiles, quantiles.map((q) => -q));
  }
  const rows = Array.from({ length: series.count }, (_, i) => i);
  const names = Array.from({ length: series.layers }, (_, i) => `L${i + 1}`);
  const charts = smallCharts(series, names);
  const paths = (parts) => parts.flatMap((part) =>
    typeof part === "string" ? [] : [...(part.attributes.d ? [part] : []), ...paths(part.children)]);
  return {
    layers: series.layers,
    epochs: rows.map(series.epoch),
    marks: rows.map(series.marks),
    second: rows.map((i) => series.value(1, AT.weights + 2, i)),
    gradients: rows.map((i) => series.value(0, AT.gradientNorm, i)),
    nearest: [-1, 0.4, 0.6, 1e9].map((epoch) => nearest(series, epoch)),
    stretches: [1, 2, 4].map((mark) => stretches(series, mark)),
    finding: finding(series, names),
    figures: charts(0, 0).length,
    lines: paths(charts(0, 0)).flatMap(({ attributes: a }) => (a.class === "trace" ? [a.d] : [])),
  };
}"""
LAYERS = [2, 3, 1]


def told(page: Page, looks: list[dict[str, Any]], capacity: int = 256) -> dict[str, Any]:
    return page.evaluate(SERIES, {"capacity": capacity, "looks": looks, "layers": LAYERS})


def run_of(count: int, **members: Any) -> list[dict[str, Any]]:
    return [{"step": 10 * i, "epoch": i, **members} for i in range(count)]


def test_rows_are_what_was_looked_at(modules: Page) -> None:
    looks = [*run_of(2), {"step": 15, "epoch": 1, "offset": 5}]
    found = told(modules, looks)
    assert found["epochs"] == [0, 1, 1.5]
    assert found["second"] == [7 + 2, 7 + 2 + 1, 7 + 2 + 1]
    assert found["nearest"] == [0, 0, 1, 2]
    assert found["figures"] == 5
    # The same step again, as after an edit of a weight, is the same row.
    again = told(modules, [*looks, {**looks[-1], "values": {"gradient_norm": [7, 7]}}])
    assert (again["epochs"], again["gradients"]) == (found["epochs"], [1, 1, 7])


@pytest.mark.parametrize("count", [8, 9, 16, 17, 100, 1000])
def test_memory_is_bounded_and_rows_stay_evenly_spaced(modules: Page, count: int) -> None:
    found = told(modules, run_of(count), capacity=8)
    *kept, newest = found["epochs"]
    assert len(kept) <= 8
    assert newest == count - 1
    assert kept[0] == 0
    spaces = {b - a for a, b in pairwise(kept)}
    assert len(spaces) == 1
    assert newest - kept[-1] <= spaces.pop()


@pytest.mark.parametrize("bad", [1, 5, 7, 8, 9, 14, 15, 31, 32, 99])
def test_no_mark_is_lost_with_its_row(modules: Page, bad: int) -> None:
    looks = run_of(100)
    looks[bad]["verdict"] = "exploding"
    found = told(modules, looks, capacity=8)
    [[first, last]] = found["stretches"][1]
    assert first == last
    following = found["epochs"][first]
    assert following >= bad
    assert first == 0 or found["epochs"][first - 1] < bad


@pytest.mark.parametrize(
    "fresh",
    [
        {"step": 0, "epoch": 0, "run": 2},
        {"step": 500, "epoch": 50, "run": 2},
        {"step": 500, "epoch": 50, "shape": [2, 4, 1]},
        {"step": 500, "epoch": 50, "shape": [2, 3, 2, 1]},
        {"step": 0, "epoch": 0},
    ],
)
def test_another_run_or_network_begins_anew(modules: Page, fresh: dict[str, Any]) -> None:
    looks = [*run_of(20, verdict="vanishing"), {**fresh, "verdict": None}]
    found = told(modules, looks, capacity=8)
    assert found["epochs"] == [fresh["epoch"]]
    assert found["marks"] == [0]
    assert found["layers"] == len(fresh.get("shape", LAYERS)) - 1


def test_a_line_does_not_cross_what_nobody_saw(modules: Page) -> None:
    looks = run_of(6)
    assert [d.count("M") for d in told(modules, looks)["lines"]] == [1, 1, 1, 1, 1]
    looks[3]["rest"] = True
    found = told(modules, looks)
    assert found["stretches"][2] == [[3, 3]]
    assert [d.count("M") for d in found["lines"]] == [2, 2, 2, 2, 2]
    # Opened again before the network moved on: nothing was missed.
    again = [*run_of(3), {**run_of(3)[-1], "rest": True}, *run_of(6)[3:]]
    assert told(modules, again)["stretches"][2] == []


def test_points_of_a_line_are_where_their_values_are(modules: Page) -> None:
    """Norms of 1 and of a thousandth, on one axis of powers of ten from 10⁻³ to 10⁰, 400 high."""
    looks = [{**look, "values": {"gradient_norm": [10.0 ** -look["epoch"], 1]}} for look in run_of(4)]
    line = told(modules, looks)["lines"][3]
    assert line == "M0 0L333 133L667 267L1000 400"


@pytest.mark.parametrize(
    ("looks", "key", "values"),
    [
        (run_of(1), "begin", {}),
        (run_of(3), "steady", {}),
        ([*run_of(2), {"step": 30, "epoch": 3, "verdict": "vanishing"}], "vanishing", {"from": "3"}),
        ([{**run_of(1)[0], "verdict": "vanishing"}, *run_of(3)[1:]], "vanished", {"to": "0"}),
        ([{**run_of(1)[0], "verdict": "exploding"}, *run_of(3)[1:]], "exploded", {"to": "0"}),
        (run_of(3, verdict="exploding"), "exploding", {"from": "0"}),
        (
            [*run_of(2), {"step": 30, "epoch": 3, "values": {"dead": [0.0, 0.5]}}],
            "dead",
            {"layer": "L2", "before": "0 %", "share": "50 %"},
        ),
        (
            [*run_of(2), {"step": 30, "epoch": 3, "values": {"saturated": [0.5, None], "dead": [0.0, None]}}],
            "saturated",
            {"layer": "L1", "before": "0 %", "share": "50 %"},
        ),
        (
            [*run_of(2), {"step": 30, "epoch": 3, "values": {"gradient_norm": [0.1, 0.1]}}],
            "smaller",
            {"factor": "10"},
        ),
        (
            [*run_of(2), {"step": 30, "epoch": 3, "values": {"gradient_norm": [20, 20]}}],
            "larger",
            {"factor": "20"},
        ),
        ([*run_of(2), {"step": 30, "epoch": 3, "values": {"gradient_norm": [0, 0]}}], "none", {}),
    ],
)
def test_what_it_means_in_words(
    modules: Page, looks: list[dict[str, Any]], key: str, values: dict[str, str]
) -> None:
    found = told(modules, looks)["finding"]
    assert (found["key"], found["values"]) == (key, values)
    words = modules.evaluate(
        "async ([key, values]) => (await import('/static/text.js')).t(`inside.time.${key}`, values)",
        [key, values],
    )
    assert words != f"inside.time.{key}"
    assert "{" not in words
    assert all(value in words for value in values.values())
