"""The arithmetic of frames and ticks."""

import numpy as np
import pytest

from models import pacing


def test_frames_come_as_often_as_asked_while_there_is_time() -> None:
    assert pacing.interval(0.1, 100, 0.0005) == 0.1
    assert pacing.interval(0.1, 0, 10.0) == 0.1


def test_else_all_come_less_often_and_take_their_share() -> None:
    interval = pacing.interval(0.1, 400, 0.0005)
    assert interval > 0.1
    assert 400 * 0.0005 / interval == pytest.approx(pacing.FRAME_SHARE)


@pytest.mark.parametrize("phase", [0.0, 0.25, 0.999])
def test_a_late_frame_does_not_delay_the_next(phase: float) -> None:
    now = 1000.0
    places: list[float] = []
    for late in (0.0, 0.03, 0.099, 0.0, 0.05):
        due = pacing.next_due(now, 0.1, phase)
        assert now < due <= now + 0.1 + 1e-9
        places.append(due)
        now = due + late
    np.testing.assert_allclose(np.diff(places), 0.1, rtol=1e-6)


def test_what_is_missed_is_left_out() -> None:
    due = pacing.next_due(7.0, 0.1, 0.5)
    assert pacing.next_due(due + 0.95, 0.1, 0.5) == pytest.approx(due + 1.0)


@pytest.mark.parametrize("lanes", [2, 10, 100, 400])
def test_lanes_are_spread_over_the_interval(lanes: int) -> None:
    phases = np.sort([pacing.phase(number) for number in range(lanes)])
    gaps = np.diff(phases, append=phases[0] + 1)
    assert gaps.max() <= 2.7 / lanes
    assert gaps.min() > 0


def test_a_lane_is_owed_its_pace_but_not_a_long_delay() -> None:
    portion = pacing.portion(750.0, pacing.portion_seconds(0.1))
    assert pacing.owed(0.0, 0.02, 750.0, portion) == pytest.approx(15.0)
    assert pacing.owed(10.0, 100.0, 750.0, portion) == pytest.approx(750.0 * pacing.LATE_SECONDS)
    assert pacing.owed(0.0, 100.0, 1.0, pacing.portion(1.0, 0.02)) == 1.0  # one step a second makes that step


def test_portions_are_at_least_a_step_and_at_most_what_a_frame_shows() -> None:
    assert pacing.portion(1.0, 0.02) == 1.0
    assert pacing.portion_seconds(1 / 120) == pacing.PORTION_SECONDS
    for interval in (0.1, 0.2, 1.0):
        assert pacing.PORTION_SECONDS <= pacing.portion_seconds(interval) < interval


def test_steps_made_in_advance_are_waited_for_but_not_for_long() -> None:
    assert pacing.owed(-10.0, 0.02, 750.0, 50.0) == pytest.approx(5.0)
    assert pacing.owed(-1e6, 0.02, 750.0, 50.0) == pytest.approx(-35.0)


@pytest.mark.parametrize("to_end", [1, 7, 24, 25])
def test_beside_others_a_portion_ends_with_an_epoch(to_end: int) -> None:
    """30 epochs of 25 steps and 10 frames a second: it holds two ends of an epoch. With 100 frames, none."""
    portion = pacing.even_portion(750.0, 0.1, to_end, 25)
    assert (portion - to_end) % 25 == 0
    assert 25 < portion < 75 * pacing.SPARED + 1e-9
    assert pacing.even_portion(750.0, 0.01, 25, 25) == pacing.portion(750.0, pacing.portion_seconds(0.01))


@pytest.mark.parametrize(
    ("wanted", "most", "to_end", "made"),
    [
        (50, 50, 25, 50),
        (50, 40, 25, 50),  # a little more than should fit, up to the end
        (50, 30, 25, 25),
        (49, 50, 25, 25),
        (50, 50, 10, 35),
        (50, 16, 25, 16),  # the end is too far away
        (20, 50, 25, 20),
        (60, 20, 25, 25),
        (1, 1, 1, 1),
    ],
)
def test_a_tick_beside_others_goes_to_the_end_of_an_epoch(
    wanted: int, most: int, to_end: int, made: int
) -> None:
    assert pacing.in_a_tick(wanted, most, to_end, 25) == made


def test_a_tick_makes_at_least_a_step() -> None:
    assert pacing.most_steps(10.0, [10.0], 0.05) == 1
    assert pacing.most_steps(0.001, [0.001], 0.05) == int(pacing.TICK_SECONDS / 0.001)


def test_cohorts_make_about_as_many_steps_whatever_these_take() -> None:
    of_all = [0.0004, 0.001]
    quick, slow = (pacing.most_steps(step, of_all, 0.05) for step in of_all)
    assert abs(quick - slow) <= 1
    assert quick * 0.0004 + slow * 0.001 <= 2 * pacing.TICK_SECONDS


def test_one_that_is_very_slow_does_not_hold_up_the_others() -> None:
    of_all = [0.0001, 0.0001, 0.1]
    assert pacing.most_steps(0.0001, of_all, 0.05) * 0.0001 == pytest.approx(
        pacing.TICK_SECONDS / 2, rel=0.05
    )
    assert pacing.most_steps(0.1, of_all, 0.05) == 1


def test_full_speed_takes_what_others_leave() -> None:
    assert pacing.at_full_speed(40, 15, behind=False) == 40
    assert pacing.at_full_speed(40, 15, behind=True) == 15  # beside others, at no cost to them
    assert pacing.at_full_speed(40, 0, behind=True) == 40 // pacing.LEFT
    assert pacing.at_full_speed(1, 0, behind=True) == 1  # and never nothing


@pytest.mark.parametrize("interval", [1 / 30, 0.1, 0.5])
@pytest.mark.parametrize(("paced", "part"), [(True, 0.5), (False, 1.0)])
def test_all_cohorts_have_their_turn_between_two_frames(interval: float, paced: bool, part: float) -> None:
    for cohorts in range(1, 20):
        seconds = pacing.round_seconds(interval, paced)
        steps = pacing.most_steps(0.0001, [0.0001] * cohorts, seconds)
        assert cohorts * steps * 0.0001 <= max(part * interval, cohorts * pacing.SHORTEST_TICK) + 1e-9


def test_ticks_do_not_get_shorter_and_shorter() -> None:
    """A call takes a millisecond beside the steps, which are all that is measured."""
    step_seconds, steps = 0.004, 0
    for _ in range(50):
        steps = pacing.most_steps(step_seconds, [step_seconds] * 30, 0.05)
        step_seconds = (0.001 + 0.00004 * steps) / steps
    assert steps > 20
