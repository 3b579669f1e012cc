"""A short version of `python -m benchmarks.soak`, and what its verdict is made of."""

from collections import Counter

import numpy as np
import pytest

from benchmarks import soak
from benchmarks.memory import is_flat
from benchmarks.seen import Durations, Epochs
from tests.conftest import Measured
from tests.faults.conftest import GRACE, Harmed

SECONDS = 15.0
STUDENTS = 10
HOUR = [float(minute) for minute in range(60)]


async def test_a_class_does_what_it_likes_for_a_while(harmed: Harmed, measured: Measured) -> None:
    lines: list[str] = []
    verdict = await soak.soak(
        harmed.server, STUDENTS, SECONDS, grace=GRACE, sample=SECONDS / 3, tell=lines.append
    )
    soak.report(verdict, lines.append)
    print("\n".join(lines))
    assert verdict.passed, lines
    measured(f"soak of {SECONDS:g} s with {STUDENTS} students: errors", verdict.errors.total(), "")
    measured(f"soak of {SECONDS:g} s with {STUDENTS} students: things done", verdict.done.total(), "")
    assert len(verdict.done) >= 6
    assert verdict.frames > STUDENTS
    assert "Traceback" not in harmed.log()


@pytest.mark.parametrize(
    "fault",
    [
        {"errors": Counter(internal=1)},
        {"lost": 1},
        {"left": 1},
        {"minutes": HOUR, "web": [100.0 + minute for minute in HOUR], "host": [900.0] * 60},
        {"minutes": HOUR, "web": [100.0] * 60, "host": [900.0 + 2 * minute for minute in HOUR]},
    ],
    ids=["error", "row", "network", "web", "host"],
)
def test_any_fault_fails_it(fault: dict[str, object]) -> None:
    assert soak.Verdict().passed
    assert not soak.Verdict(**fault).passed  # pyright: ignore[reportArgumentType]


def test_memory_that_grows_in_the_beginning_alone_is_flat() -> None:
    assert is_flat(HOUR, [min(minute, 9.0) * 50 for minute in HOUR])
    assert is_flat(HOUR, [100.0 + (minute % 7) for minute in HOUR])
    assert is_flat(HOUR[:12], [100.0] * 12) is None


def _rows(*epochs: int, value: float = 0.5) -> np.ndarray:
    return np.array([[epoch, *[value] * 6] for epoch in epochs], np.float32).reshape(-1, 7)


def test_a_row_that_does_not_come_is_found() -> None:
    seen = Epochs()
    seen.take(1, True, _rows(0, 1, 2))
    seen.take(1, False, _rows(3))
    seen.take(1, False, _rows())
    seen.take(1, False, _rows(4, 5))
    seen.take(1, True, _rows(0, 1, 2, 3))  # back to a saved state
    seen.take(1, False, _rows(4, 5, 6))
    assert (seen.lost, seen.repeated, seen.differing, len(seen.rows)) == (0, 2, 0, 7)
    seen.take(1, False, _rows(8))  # 7 is missing
    seen.take(1, True, _rows(0, 1, 2, 4, 5, 6, 7, 8))  # now 3 is
    assert seen.lost == 2
    seen.take(1, True, _rows(*range(9), value=0.25))
    assert seen.differing == 9
    seen.take(2, True, _rows(0))
    seen.take(2, False, _rows(1))
    assert (seen.lost, len(seen.rows)) == (2, 2)
    seen.take(3, False, _rows(0))  # a run begins with a key frame
    assert seen.lost == 3


def test_percentiles_are_exact_to_the_millisecond() -> None:
    durations, others = Durations(), Durations()
    for milliseconds in range(1, 51):
        durations.add(milliseconds / 1000)
        others.add((milliseconds + 50) / 1000)
    assert np.isnan(Durations().percentile(0.5))
    assert durations.percentile(0.5) == 25
    durations.include(others)
    assert (len(durations), durations.percentile(0.95), durations.percentile(1.0)) == (100, 95, 100)
    durations.add(-1.0)
    durations.add(1e9)
    assert (durations.percentile(0.0), durations.percentile(1.0)) == (0, 60_000)
