"""What a page keeps to look back on."""

from itertools import pairwise
from typing import Any

from playwright.sync_api import Page

# Runs of steps through a recorder: what is kept after each, and how many bytes at the most.
RECORD = """async ({ runs, budget }) => {
  const { createRecorder } = await import("/static/recorder.js");
  const recorder = createRecorder(budget);
  const pictures = (count, side) => ({
    side, count, data: new Uint8Array(count * side * side), ranges: new Float32Array(2 * count),
  });
  let most = 0;
  for (const [run, steps] of runs.entries()) {
    const points = { values: new Float32Array(1500), counts: { train: 250, test: 250 } };
    const inputs = pictures(2, 24);
    for (const step of steps) {
      const snapshot = {
        run, step, epoch: step, offset: 0, state: "playing", panels: { batch: {} },
        panelBlocks: { "batch.gradient": { data: new Float32Array(9), shape: [9] } },
        weights: Float32Array.of(run, step), normalization: new Float32Array(0),
        boundary: pictures(1, 100), neurons: pictures(6, 24), points, inputs,
      };
      const ended = recorder.ends(snapshot) ? { newest: null, series: null, bytes: 4000 } : null;
      recorder.take(snapshot, null, ended);
      most = Math.max(most, recorder.bytes);
      // What comes next may lie where this lay.
      if (step !== steps.at(-1)) snapshot.weights.fill(NaN);
    }
  }
  const moments = recorder.moments().map(({ run, snapshot }) => ({
    run: run.number, step: snapshot.step, weights: [...snapshot.weights],
    shared: Object.keys(snapshot.panels).length,
  }));
  return { most, moments, some: recorder.some };
}"""


def recorded(modules: Page, runs: list[list[int]], budget: int = 24 * 2**20) -> Any:
    return modules.evaluate(RECORD, {"runs": runs, "budget": budget})


def test_a_long_run_is_thinned_evenly_within_its_budget(modules: Page) -> None:
    budget = 20 * 16_000
    found = recorded(modules, [list(range(1000))], budget)
    steps = [moment["step"] for moment in found["moments"]]
    assert found["most"] <= budget
    assert steps[0] == 0
    assert steps[-1] == 999
    apart = {after - before for before, after in pairwise(steps[:-1])}
    assert len(apart) == 1
    assert 8 <= len(steps) <= 21
    stride = apart.pop()
    assert stride & (stride - 1) == 0
    assert 0 < 999 - steps[-2] <= stride
    # And each is a copy of what came, without what panels showed.
    assert all(moment["weights"][1] == moment["step"] for moment in found["moments"])
    assert all(moment["shared"] == 0 for moment in found["moments"][:-1])


def test_runs_share_the_room_and_keep_their_ends(modules: Page) -> None:
    budget = 30 * 16_000
    found = recorded(modules, [list(range(500)), [0], list(range(100)), list(range(400))], budget)
    assert found["most"] <= budget
    of = {run: [m["step"] for m in found["moments"] if m["run"] == run] for run in (1, 2, 3)}
    assert {moment["run"] for moment in found["moments"]} == {1, 2, 3}  # nothing has happened in the second
    assert [(steps[0], steps[-1]) for steps in of.values()] == [(0, 499), (0, 99), (0, 399)]
    assert min(map(len, of.values())) >= 4
    # No more than eight runs, however short.
    many = recorded(modules, [[0, 1]] * 20)
    assert sorted({moment["run"] for moment in many["moments"]}) == list(range(13, 21))


def test_what_an_edit_or_a_restart_undid_is_not_kept(modules: Page) -> None:
    # The same step again is an edit; an earlier one is the last saved state.
    found = recorded(modules, [[0, 1, 2, 2, 2, 3, 4, 5, 3, 4]])
    assert [moment["step"] for moment in found["moments"]] == [0, 1, 2, 3, 4]
    assert not recorded(modules, [[7, 7]])["some"]
