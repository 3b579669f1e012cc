"""A small class at once, as the benchmark `class` has it."""

import pytest

from benchmarks.class_load import Step, figures_of, play
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
