"""A lane by itself: batches, pace, goals, and its blob."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import catalogue, frame, reference
from models.lane import Goal, Lane, Mode
from tests.models.training import cohort_of, make, same_bits, train_to


def playing(lane: Lane, goal: Goal | None = None) -> Lane:
    lane.mode, lane.goal = Mode.PLAYING, goal
    return lane


@given(st.integers(1, 60), st.integers(1, 40))
def test_batches_are_the_references(size: int, count: int) -> None:
    """Epoch after epoch; a short last batch is padded."""
    experiment = make(train_share=0.1, batch_size=size, seed=3)
    lane = Lane("x", experiment)
    feed = lane.next_batches(count, 64)
    epochs = chain.from_iterable(reference.batches(experiment, epoch, 50) for epoch in range(count))
    for row, batch in zip(feed, epochs, strict=False):
        assert row[: len(batch)].tolist() == batch.tolist()
        assert not row[len(batch) :].any()


def test_an_epoch_visits_every_training_point_once() -> None:
    lane = Lane("x", make(train_share=0.1, batch_size=7))
    assert lane.steps_an_epoch == 8
    batches = list(reference.batches(lane.experiment, 0, 50))
    assert [len(batch) for batch in batches] == [7] * 7 + [1]
    assert sorted(np.concatenate(batches).tolist()) == list(range(50))
    assert np.concatenate(batches).tolist() != list(range(50))
    others = np.concatenate(list(reference.batches(lane.experiment, 1, 50)))
    assert others.tolist() != np.concatenate(batches).tolist()


def test_batches_go_on_in_mid_epoch_with_another_size() -> None:
    lane = Lane("x", make(train_share=0.1))
    order = np.concatenate(list(reference.batches(lane.experiment, 0, 50)))
    lane.offset = 20
    lane.change(make(train_share=0.1, batch_size=8))
    assert lane.steps_to_end == 4
    assert lane.next_batches(1, 10)[0, :8].tolist() == order[20:28].tolist()


@pytest.mark.parametrize(
    ("changed", "fresh"),
    [
        ({"learning_rate": 0.1}, False),
        ({"regularization": "l1"}, False),
        ({"regularization_rate": 0.1}, False),
        ({"batch_size": 20}, False),
        ({"hidden": "5,2"}, True),
        ({"activation": "relu"}, True),
        ({"optimizer": "adam"}, True),
        ({"loss": "mean_squared_error"}, True),
        ({"noise": 0.1}, True),
        ({"train_share": 0.6}, True),
        ({"features": "x1"}, True),
        ({"initializer": "zeros"}, True),
        ({"bias": 0.1}, True),
        ({"seed": 1}, True),
        ({"data_seed": 1}, True),
    ],
)
def test_what_begins_afresh(changed: dict[str, object], fresh: bool) -> None:
    lane = Lane("x", make())
    lane.step, lane.epoch, run = 30, 1, lane.run
    lane.weights = [array + 1.0 for array in lane.weights]
    moved = lane.weights[0].copy()
    assert lane.change(make(**changed)) is fresh
    assert (lane.run > run) is fresh
    assert (lane.step, lane.epoch) == ((0, 0) if fresh else (30, 1))
    kept = lane.weights[0].shape == moved.shape and np.array_equal(lane.weights[0], moved)
    assert kept is not fresh


def test_first_weights_and_slots() -> None:
    lane = Lane("x", make(optimizer="adagrad", bias=0.5))
    assert all((array == np.float32(0.1)).all() for array in lane.second)
    assert not any(array.any() for array in lane.first)
    assert all((bias == 0.5).all() for bias in lane.weights[1::2])


def test_only_a_playing_watched_lane_wants_steps() -> None:
    lane = Lane("x", make())
    assert lane.wants() == 0
    assert playing(lane).wants() is None
    lane.watched = False
    assert lane.wants() == 0
    lane.watched, lane.mode = True, Mode.DIVERGED
    assert lane.wants() == 0


def test_steps_to_a_goal() -> None:
    lane = playing(Lane("x", make()), Goal(step=7))
    assert lane.wants() == 7
    lane.step = 9
    assert lane.wants() == 0
    lane = playing(Lane("x", make()), Goal(epoch=3))
    assert lane.wants() == 75
    lane.offset, lane.epoch = 240, 2
    assert lane.wants() == 1
    lane.offset, lane.epoch = 0, 3
    assert lane.wants() == 0


@pytest.mark.parametrize(
    ("speed", "steps"),
    [("slow", 1), ("batches", 10), ("epoch", 25), ("epochs", 250), ("fast", 750), ("full", None)],
)
def test_pace(speed: str, steps: float | None) -> None:
    """Steps a second, of 25 an epoch; a goal is reached as fast as possible."""
    lane = Lane("x", make())
    lane.speed = catalogue.row(catalogue.SPEEDS, speed)
    assert lane.pace() == steps
    lane.goal = Goal(epoch=1)
    assert lane.pace() is None


@pytest.mark.parametrize("penalty", ["none", "l1", "l2"])
def test_penalty_is_the_references(penalty: str) -> None:
    experiment = make(regularization=penalty, regularization_rate=0.3)
    expected = float(sum(reference.build(experiment).losses))
    assert Lane("x", experiment).penalty() == pytest.approx(expected, rel=1e-6)


def test_all_of_a_lane_comes_back_from_its_blob() -> None:
    lane = Lane("x", make(optimizer="adam", batch_size=9))
    cohort = cohort_of(lane.bucket)
    cohort.seat(lane)
    train_to(cohort, {"x": 40})
    cohort.unseat(lane)
    lane.run, lane.exact = 4, False
    lane.speed = catalogue.row(catalogue.SPEEDS, "slow")
    playing(lane, Goal(epoch=9))
    again = Lane.restored("y", lane.blob())
    for part in ("weights", "first", "second"):
        assert same_bits(getattr(again, part), getattr(lane, part))
    assert again.sums.tobytes() == lane.sums.tobytes()
    assert again.history.all().tobytes() == lane.history.all().tobytes()
    for part in ("experiment", "mode", "goal", "speed", "run", "step", "epoch", "offset", "exact"):
        assert getattr(again, part) == getattr(lane, part), part
    assert lane.offset > 0
    assert again.blob() == lane.blob()


def test_a_blob_of_another_network_is_refused() -> None:
    header, blocks = frame.decode(Lane("x", make()).blob())
    del header["blocks"]
    with pytest.raises(ValueError, match="weights"):
        Lane.restored("x", frame.encode(header, {**blocks, "weights": np.zeros(99, np.float32)}))


@pytest.mark.parametrize(
    ("texts", "targets", "threshold"),
    [
        ({}, {0.0, 1.0}, 0.5),
        ({"output_activation": "tanh", "loss": "mean_squared_error"}, {-1.0, 1.0}, 0.0),
        ({"output_activation": "sigmoid", "loss": "mean_squared_error"}, {0.0, 1.0}, 0.5),
    ],
)
def test_targets_fit_the_output(texts: dict[str, object], targets: set[float], threshold: float) -> None:
    lane = Lane("x", make(**texts))
    assert set(lane.padded_points()[:500, -1].tolist()) == targets
    assert lane.threshold == threshold
