"""A lane whose numbers overflow stops with its last finite weights, and nobody beside it notices."""

import numpy as np

from models.lane import Lane, Mode
from models.packing import Arrays
from tests.models.training import cohort_of, make, same_bits, train_to

# A linear network on squares: every step makes the error larger than it was.
WILD = make(data="plane", hidden="", features="x1_squared,x2_squared", learning_rate=10)


def steps_of(lane: Lane) -> None:
    """Train a playing lane until it stops."""
    cohort = cohort_of(lane.bucket)
    cohort.seat(lane)
    lane.mode = Mode.PLAYING
    while lane.mode is Mode.PLAYING:
        cohort.tick({lane.name: 400})
    cohort.unseat(lane)


def by_hand() -> tuple[int, Arrays]:
    """The same steps in numpy's float32 until the loss of a batch overflows: how many, and the weights."""
    lane = Lane("x", WILD)
    points, batches = lane.padded_points(), lane.next_batches(100, 10)
    kernel, bias = (array.copy() for array in lane.weights)
    for step, batch in enumerate(points[batches]):
        x, t = batch[:, :2], batch[:, -1:]
        error = x @ kernel + bias - t
        with np.errstate(over="ignore"):
            if not np.isfinite((error * error).sum()):
                return step, [kernel, bias]
        by_z = 2 * error / np.float32(len(x))
        kernel, bias = kernel - np.float32(10) * x.T @ by_z, bias - np.float32(10) * by_z.sum(0)
    raise AssertionError("it did not overflow")


def test_it_stops_with_its_last_finite_weights() -> None:
    lane = Lane("wild", WILD)
    steps_of(lane)
    assert lane.diverged
    steps, weights = by_hand()
    assert lane.step == steps > 3
    for mine, hand in zip(lane.weights, weights, strict=True):
        assert np.isfinite(mine).all()
        np.testing.assert_allclose(mine, hand, rtol=1e-3)


def test_it_trains_no_further() -> None:
    lane = Lane("wild", WILD)
    steps_of(lane)
    step, weights = lane.step, lane.weights
    assert lane.wants() == 0
    cohort = cohort_of(lane.bucket)
    cohort.seat(lane)
    cohort.tick({lane.name: 10})
    cohort.unseat(lane)
    assert lane.step == step
    assert same_bits(lane.weights, weights)


def test_others_go_on_to_the_same_bits() -> None:
    calm = make(optimizer="adam")
    alone = Lane("calm", calm)
    cohort = cohort_of(alone.bucket)
    cohort.seat(alone)
    train_to(cohort, {"calm": 400})
    cohort.unseat(alone)
    beside, wild = Lane("calm", calm), Lane("wild", WILD)
    wild.mode = Mode.PLAYING
    cohort = cohort_of(beside.bucket)
    cohort.seat(wild)
    cohort.seat(beside)
    while beside.step < 400:
        cohort.tick({"calm": 400 - beside.step, "wild": 7})
    cohort.unseat(beside)
    assert wild.diverged
    assert same_bits(beside.weights, alone.weights)
    assert np.array_equal(beside.history.all(), alone.history.all())


def test_a_calmer_learning_rate_lets_it_go_on() -> None:
    lane = Lane("wild", WILD)
    steps_of(lane)
    assert not lane.change(make(**{**_texts(), "learning_rate": 0.0001}))
    assert lane.mode is Mode.PAUSED
    assert lane.step > 0


def test_a_fresh_start_is_paused_at_zero() -> None:
    lane = Lane("wild", WILD)
    steps_of(lane)
    lane.restart()
    assert (lane.mode, lane.step, lane.epoch) == (Mode.PAUSED, 0, 0)
    assert same_bits(lane.weights, Lane("other", WILD).weights)


def _texts() -> dict[str, object]:
    return {"data": "plane", "hidden": "", "features": "x1_squared,x2_squared"}
