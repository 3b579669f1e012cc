"""How fine pictures are under load."""

from itertools import pairwise

import pytest

from models.detail import BITS, BUSY, FEW, IDLE, LEVELS, STILL, Detail, level

LAST = len(LEVELS) - 1


def settled(playing: int, frame_seconds: float, a_cell: float) -> list[int]:
    """The levels of some seconds, when a cell of a picture takes so long."""
    levels = [0]
    for _ in range(20):
        detail = LEVELS[levels[-1]]
        cells = detail.boundary**2 + 6 * detail.neurons**2
        levels.append(level(levels[-1], playing, frame_seconds, a_cell * cells))
    return levels


def test_each_level_is_coarser_than_the_one_before() -> None:
    for finer, coarser in pairwise((STILL, *LEVELS)):
        assert coarser.within(finer) == coarser != finer
        assert coarser.bytes < finer.bytes


def test_a_few_get_fine_pictures_on_a_machine_that_is_fast_enough() -> None:
    assert settled(1, 1 / 30, 1e-9)[-1] == 0
    assert settled(FEW, 1 / 30, 1e-9)[-1] == 0


@pytest.mark.parametrize("rate", [5, 10, 20, 30])
@pytest.mark.parametrize("playing", [FEW + 1, 30, 400])
def test_each_of_many_takes_no_more_than_its_part_of_the_network(playing: int, rate: int) -> None:
    place = settled(playing, 1 / rate, 1e-12)[-1]
    assert 8 * LEVELS[place].bytes * rate <= BITS
    assert place == 0 or 8 * LEVELS[place - 1].bytes * rate > BITS


def test_the_default_network_keeps_to_a_megabit_at_10_frames_a_second() -> None:
    assert 80 * LEVELS[0].bytes <= BITS


def test_they_get_coarser_until_there_is_time_and_stay_so() -> None:
    """Also where every level would be too dear, and never to and fro."""
    for a_cell in (1e-9, 1e-8, 1e-7, 1e-6):
        for playing in (1, 3, 10, 100):
            levels = settled(playing, 0.1, a_cell)
            assert levels == sorted(levels)
            assert levels[-1] == levels[-5]
            detail = LEVELS[levels[-1]]
            share = playing * a_cell * (detail.boundary**2 + 6 * detail.neurons**2) / 0.1
            assert share <= BUSY or levels[-1] == LAST


def test_they_get_finer_again_when_the_others_have_left() -> None:
    now = LAST
    for _ in LEVELS:
        now = level(now, 1, 0.1, 0.1 * IDLE / 2)
    assert now == 0


def test_no_finer_than_they_are_shown() -> None:
    assert Detail(80, 24).within(Detail(50, 100)) == Detail(50, 24)
