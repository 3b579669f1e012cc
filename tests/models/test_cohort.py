"""Which cohorts lanes train in, and what these count of themselves."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from models import catalogue, cohort, program
from models.backend import tf
from models.bucket import LANES
from models.lane import Lane, Mode
from models.programs import direct
from models.seating import COSTS, Seating, fewest
from tests.models.crowd import Ready
from tests.models.training import cohort_of, make, same_bits


@pytest.mark.parametrize("lanes", range(1, 130))
def test_cohorts_hold_all_for_no_more_than_any_single_size_would_take(lanes: int) -> None:
    plan = fewest(lanes, LANES)
    assert sum(plan) >= lanes
    assert plan == sorted(plan, reverse=True)
    cost = sum(COSTS[size] for size in plan)
    assert cost <= min(-(-lanes // size) * COSTS[size] for size in LANES)


def test_only_sizes_that_are_there_are_planned() -> None:
    assert fewest(0, LANES) == []
    assert fewest(5, []) == []
    assert fewest(5, LANES[:1]) == [2, 2, 2]
    assert fewest(33, LANES) == [32, 2]
    assert fewest(8, LANES) == [2, 2, 2, 2]
    assert fewest(9, LANES) == [16]


def test_a_larger_class_sits_in_a_larger_cohort() -> None:
    seats = Seating(Ready(*LANES))
    lanes = [Lane(str(number), make(hidden="2", seed=number)) for number in range(17)]
    for lane in lanes:
        lane.mode, lane.speed = Mode.PLAYING, catalogue.row(catalogue.SPEEDS, "full")
    seats.arrange(lanes[:2])
    assert [len(each.seats) for each in seats.cohorts()] == [2]
    assert seats.is_shared(lanes[0])
    seats.arrange(lanes)
    assert [len(each.seats) for each in seats.cohorts()] == [32]
    for lane in lanes[1:]:
        seats.drop(lane)
    assert not seats.is_shared(lanes[0])
    assert not seats.is_shared(lanes[1])


def test_what_a_call_takes_beside_its_steps_does_not_count_as_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one step a tick would seem to take as long as the call, and be all that fits into a tick."""

    class Clock:
        now = 0.0

        def perf_counter(self) -> float:
            self.now += 0.002  # every call, whatever it trains
            return self.now

    monkeypatch.setattr(cohort, "time", Clock())
    lane = Lane("mine", make())
    one = cohort_of(lane.bucket)
    one.seat(lane)
    for _ in range(100):
        one.tick({"mine": 1})
    assert one.step_seconds == pytest.approx(0.002 - cohort.CALL_SECONDS)


def test_a_program_is_called_with_its_tensors_as_they_are() -> None:
    bucket = Lane("mine", make()).bucket
    checked = program.compiled(bucket, LANES[0])
    ways: list[Callable[..., Any]] = [checked, direct(checked)]
    trained: list[Lane] = []
    for way in ways:
        lane = Lane("mine", make())
        place = cohort.Cohort(bucket, LANES[0], way)
        place.seat(lane)
        place.tick({"mine": 40})
        place.unseat(lane)
        trained.append(lane)
    assert trained[0].step == trained[1].step == 40
    assert same_bits(trained[0].weights, trained[1].weights)
    np.testing.assert_array_equal(trained[0].history.all(), trained[1].history.all())


def test_a_program_takes_all_that_it_needs_as_arguments() -> None:
    kept = tf.constant([1.0, 2.0])
    with pytest.raises(ValueError, match="as arguments"):
        direct(tf.function(lambda x: x + kept, input_signature=[tf.TensorSpec((2,), tf.float32)]))
