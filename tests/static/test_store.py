"""store.js tells those who watch what changed; history.js keeps a run's history in bounded memory."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

HISTORY = """async ({ frames, capacity, most }) => {
  const { createHistory } = await import("/static/history.js");
  const history = createHistory(capacity);
  const news = [];
  for (const { key, run, rows } of frames) {
    const data = new Float32Array(rows.flat());
    const block = rows.length > 0 ? { data, shape: [rows.length, 7] } : null;
    news.push(history.take({ header: { key, run }, floats: () => block }));
  }
  const [loss, test] = ["loss", "testLoss"].map((column) => history.series(column, most));
  return { news, newest: history.newest, loss, test };
}"""
WATCH = """async (updates) => {
  const { createStore } = await import("/static/store.js");
  const store = createStore({ speed: "fast", playing: false, theme: "light" });
  const told = [];
  store.watch(["speed"], ({ speed }) => told.push(`speed ${speed}`));
  store.watch(["playing", "theme"], ({ playing, theme }) => told.push(`${playing} ${theme}`));
  const first = store.get();
  for (const update of updates) store.update(update);
  return { told, same: store.get() === first, state: store.get() };
}"""


def row(epoch: int, loss: float, test_loss: float = 0.5) -> list[float]:
    return [epoch, loss, 0.5, 0.0, test_loss, 0.5, 0.0]


def history(modules: Page, *frames: dict[str, Any], capacity: int = 4000, most: int = 1000) -> dict[str, Any]:
    return modules.evaluate(HISTORY, {"frames": frames, "capacity": capacity, "most": most})


def test_watchers_are_told_at_once_and_of_their_members_only(modules: Page) -> None:
    found = modules.evaluate(
        WATCH, [{"speed": "slow"}, {"playing": True, "theme": "dark"}, {"theme": "light"}]
    )
    assert found["told"] == ["speed fast", "false light", "speed slow", "true dark", "true light"]
    assert found["state"] == {"speed": "slow", "playing": True, "theme": "light"}


def test_equal_values_are_no_change(modules: Page) -> None:
    found = modules.evaluate(WATCH, [{"speed": "fast"}, {"playing": False, "theme": "light"}])
    assert found["told"] == ["speed fast", "false light"]
    assert found["same"]


def test_rows_of_one_run_follow_each_other(modules: Page) -> None:
    found = history(
        modules,
        {"key": True, "run": 1, "rows": [row(0, 1.0)]},
        {"key": False, "run": 1, "rows": [row(1, 0.5, 0.25), row(2, 0.25, 0.125)]},
        {"key": False, "run": 1, "rows": []},
    )
    assert found["news"] == [True, True, False]
    assert found["loss"] == {"x": [0, 1, 2], "y": [1.0, 0.5, 0.25]}
    assert found["test"] == {"x": [0, 1, 2], "y": [0.5, 0.25, 0.125]}
    assert found["newest"] == {
        "epoch": 2,
        "loss": 0.25,
        "accuracy": 0.5,
        "penalty": 0,
        "testLoss": 0.125,
        "testAccuracy": 0.5,
        "testPenalty": 0,
    }


@pytest.mark.parametrize("change", [{"key": True, "run": 1}, {"key": False, "run": 2}])
def test_a_key_frame_or_another_run_clears_what_was(modules: Page, change: dict[str, Any]) -> None:
    found = history(
        modules,
        {"key": True, "run": 1, "rows": [row(0, 1.0), row(1, 0.5)]},
        {**change, "rows": [row(0, 0.75)]},
    )
    assert found["loss"] == {"x": [0], "y": [0.75]}


def test_another_run_without_rows_yet_has_no_figures(modules: Page) -> None:
    found = history(
        modules, {"key": True, "run": 1, "rows": [row(0, 1.0)]}, {"key": False, "run": 2, "rows": []}
    )
    assert found["news"] == [True, True]
    assert found["newest"] is None
    assert found["loss"] == {"x": [], "y": []}


def test_a_long_history_is_thinned_and_keeps_its_ends(modules: Page) -> None:
    last = 9_999
    rows = [row(epoch, epoch / 8) for epoch in range(last + 1)]
    frames = [{"key": start == 0, "run": 1, "rows": rows[start : start + 50]} for start in range(0, last, 50)]
    found = history(modules, *frames, capacity=100, most=1000)
    epochs = found["loss"]["x"]
    assert 50 <= len(epochs) <= 101
    assert (epochs[0], epochs[-1]) == (0, last)
    gaps = {after - before for before, after in pairwise(epochs[:-1])}
    assert len(gaps) == 1  # evenly thinned
    assert found["loss"]["y"] == [epoch / 8 for epoch in epochs]


def test_a_chart_gets_no_more_points_than_it_asks_for(modules: Page) -> None:
    rows = [row(epoch, 0.5) for epoch in range(1000)]
    found = history(modules, {"key": True, "run": 1, "rows": rows}, most=100)
    assert len(found["loss"]["x"]) <= 101
    assert (found["loss"]["x"][0], found["loss"]["x"][-1]) == (0, 999)


def test_what_is_no_number_is_not_drawn(modules: Page) -> None:
    rows = """async () => {
      const { createHistory } = await import("/static/history.js");
      const history = createHistory();
      const data = new Float32Array([0, 1, 0, 0, NaN, NaN, 0, 1, Infinity, 0, 0, 2, 0, 0]);
      history.take({ header: { key: true, run: 1 }, floats: () => ({ data, shape: [2, 7] }) });
      return { loss: history.series("loss"), test: history.series("testLoss") };
    }"""
    found = modules.evaluate(rows)
    assert found["loss"] == {"x": [0], "y": [1]}
    assert found["test"] == {"x": [1], "y": [2]}
