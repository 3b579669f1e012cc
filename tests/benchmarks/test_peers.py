"""The comparison with other libraries: whether those in this environment train alike, and what is said of it.

Those that are installed only to be measured, PyTorch and what runs in Node, are held to the same losses by
`make bench-peers` itself.
"""

import importlib
import io
import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers import given, numpy_loop, ours, serve
from benchmarks.peers.measured import Measured
from benchmarks.peers.results import AGREEMENT, PEERS, Results, difference
from benchmarks.peers.tasks import BATCHES, DEEPEST, POINTS, SMALLEST, TASKS, WIDEST, Task
from models import reference
from models.lane import Lane

TASK = Task(SMALLEST, 10)  # of the default's bucket, whose program the tests' cache holds
EPOCHS = 2


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return TASK.write(tmp_path_factory.mktemp("task"))


@pytest.fixture(scope="module")
def expected() -> list[float]:
    """What the reference reports of the same experiment."""
    losses: list[float] = []
    reference.train(TASK.experiment(), EPOCHS, lambda numbers: losses.append(numbers["loss"]))
    return losses


def test_the_losses_change_by_more_than_peers_may_differ(expected: list[float]) -> None:
    assert abs(expected[1] - expected[0]) > 10 * AGREEMENT * expected[0]


@pytest.mark.parametrize("name", sorted(set(serve.MODULES) - {"torch"}))
def test_a_peer_trains_as_the_reference_does(name: str, path: Path, expected: list[float]) -> None:
    module = importlib.import_module(f"benchmarks.peers.{serve.MODULES[name]}")
    measured = Measured(module.prepare, module.Trainer)
    assert difference(measured.losses(str(path), EPOCHS), expected) < AGREEMENT / 10
    assert measured.first(str(path)) > 0


def test_a_lane_of_the_host_trains_as_the_reference_does(
    path: Path, expected: list[float], cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURAL_PLAYGROUND_CACHE_DIR", str(cache_dir))
    monkeypatch.setattr(ours, "STEADY_WINDOWS", 1)

    def check() -> None:
        lanes = ours.Ours(2)
        try:
            assert difference(lanes.losses(str(path), EPOCHS), expected) < AGREEMENT / 10
            assert lanes.first(str(path)) > 0
            assert lanes.rate(str(path), 0.1) > 0
        finally:
            lanes.close()

    # It has an event loop of its own, which the main thread may not have beside Playwright's.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(check).result()


def test_a_peer_answers_line_by_line(path: Path, expected: list[float]) -> None:
    answers = io.StringIO()
    questions = [["losses", str(path), EPOCHS], ["first", str(path)], ["rate", str(path), 0.01]]
    serve.main("numpy", io.StringIO("".join(json.dumps(question) + "\n" for question in questions)), answers)
    losses, first, rate = (json.loads(line)["value"] for line in answers.getvalue().splitlines())
    assert losses == pytest.approx(expected, rel=1e-4)
    assert first > 0
    assert rate > 0
    with pytest.raises(ValueError, match="losses, first, rate"):
        serve.main("numpy", io.StringIO('["weights"]\n'), answers)


def test_every_task_is_what_it_is_called(tmp_path: Path) -> None:
    assert {task.batch for task in TASKS} == set(BATCHES)
    for task in TASKS:
        lane = Lane("one", task.experiment())
        assert "-".join(map(str, lane.experiment.units)) == task.network.replace("8x6", "8-8-8-8-8-8")
        assert (lane.points.train, lane.points.test) == (POINTS, 0)
        read = given.read(task.write(tmp_path))
        assert read.epoch == POINTS / task.batch  # no short batch
        assert [a.tolist() for a in read.weights] == [a.tolist() for a in lane.weights]
        first, _ = numpy_loop.prepare(read)[0]
        inputs = lane.padded_points()[:POINTS, : read.x.shape[1]]
        assert np.array_equal(first, inputs[lane.next_batches(1, task.batch)[0]])


# --- verdicts


def measured(lane: float = 10.0, lanes: float = 10.0, difference: float = 0.0) -> Results:
    """Three rounds of a machine that slows down and recovers; speeds are times ConvNetJS's."""
    speeds = {**dict.fromkeys(PEERS, 0.5), "lane": lane, "lanes": lanes, "convnet": 1.0}
    return Results(
        rates={
            (task, peer): [speeds[peer] * pace for pace in (40_000.0, 10_000.0, 50_000.0)]
            for task in TASKS
            for peer in PEERS
        },
        firsts={(task, peer): [0.1, 0.002, 3.0] for task in TASKS for peer in PEERS},
        differences={(task, peer): difference for task in TASKS for peer in PEERS},
        memory=dict.fromkeys(PEERS, 123.4),
    )


def verdicts(results: Results, about: str) -> dict[str, bool | None]:
    """By the task's name."""
    figures = [figure for figure in results.figures() if figure.name.startswith(about)]
    return {figure.name.partition(", ")[2]: figure.passed for figure in figures}


SMALL = [SMALLEST, "2-8-8-1"]


@pytest.mark.parametrize(
    ("ratio", "kept"),
    [(0.99, []), (1.0, SMALL), (3.99, SMALL), (4.0, [*SMALL, DEEPEST, WIDEST])],
)
def test_one_lane_is_held_to_its_bars(ratio: float, kept: list[str]) -> None:
    found = verdicts(measured(lane=ratio), "one lane")
    assert found == {task.name: task.network in kept for task in TASKS}


@pytest.mark.parametrize(
    ("ratio", "smallest", "deepest"),
    [(2.99, False, False), (3.0, True, False), (5.99, True, False), (6.0, True, True)],
)
def test_lanes_together_are_held_to_theirs(ratio: float, smallest: bool, deepest: bool) -> None:
    found = verdicts(measured(lanes=ratio), "64 lanes")
    assert found == {Task(SMALLEST, 10).name: smallest, Task(DEEPEST, 10).name: deepest}


@pytest.mark.parametrize(
    ("worst", "passed"), [(0.0009, True), (0.001, True), (0.0011, False), (math.inf, False)]
)
def test_another_loss_is_a_bar_missed(worst: float, passed: bool) -> None:
    results = measured()
    results.differences[TASKS[3], "tfjs"] = worst
    figure = results.figures()[-1]
    assert figure.passed is passed
    assert f"TensorFlow.js, {TASKS[3].name}" in figure.name


def test_a_difference_is_the_greatest_and_relative() -> None:
    assert difference([1.0, 2.2], [1.0, 2.0]) == pytest.approx(0.1)
    assert difference([1.0, math.nan], [1.0, 2.0]) == math.inf
    assert difference([1.0], [1.0, 2.0]) == math.inf


def test_tables_have_every_task_and_peer() -> None:
    blocks = measured(lane=2.5).tables().split("\n\n")
    tables = [block.splitlines() for block in blocks if block.startswith("|")]
    assert [len(table) for table in tables] == [2 + len(TASKS)] * 3 + [3]
    for table in tables:
        assert [cell.strip() for cell in table[0].split("|")[2:-1]] == list(PEERS.values())
    rates, ratios, firsts, memory = tables
    assert rates[2].startswith("| 2-4-2-1, batch 10 | 100,000 ± 50 % |")
    assert ratios[2].startswith("| 2-4-2-1, batch 10 | 2.5× |")
    assert firsts[2].startswith("| 2-4-2-1, batch 10 | 100 ms |")
    assert memory[2].startswith("| all networks | 123 MiB |")
