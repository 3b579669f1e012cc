"""A small class at once, as the benchmark `class` has it."""

import pytest

from benchmarks.class_load import STEPS, Class, Step, added, figures_of, play
from benchmarks.processor_time import Used
from tests.support.server import Server


@pytest.mark.anyio
async def test_three_students(server: Server) -> None:
    """Everybody gets frames and loses no history row. How much they see is for the benchmark to say."""
    seen = await play(server, 3, settled=1.0, watched=3.0, every=0.5)
    assert seen.errors == []
    assert seen.lost == 0
    assert len(seen.joins) >= 3
    names = [figure.name for figure in figures_of(Step(3, 30), seen)]
    assert len(set(names)) == len(names)
    assert all(name.startswith("3 at 30/s: ") for name in names)


def test_an_added_student_is_held_against_the_first() -> None:
    """Alone, one takes a fifth of a core, half of it more than nobody does; ten take 27 % more."""
    each_alone = [Class(1, 10.0, spent=Used(web, host)) for web, host in ((0.5, 0.5), (1.0, 2.0))]
    found = {STEPS[1]: Class(STEPS[1].students, 20.0, spent=Used(1.0, 3.0 + 20 * 0.03 * 9))}
    first, each, by_first = added(found, each_alone, 0.1)
    assert (first.value, each.value) == (pytest.approx(10.0), pytest.approx(3.0))
    assert (by_first.value, by_first.mark) == (pytest.approx(0.3), "pass")
    assert added(found, each_alone, None) == added(found, [Class(1, 10.0)], 0.1) == []
