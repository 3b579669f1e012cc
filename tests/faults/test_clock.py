"""The wall clock jumps, by hours and back: no interval is measured by it."""

import ast
import time
import urllib.request
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import Measured
from tests.faults.attending import attending, until
from tests.faults.conftest import Harmed

ROOT = Path(__file__).parents[2]
JUMP = 3600.0  # seconds; the server's clock jumps further


def _date(url: str) -> float:
    with urllib.request.urlopen(url + "/healthz", timeout=30) as answer:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp()


async def test_paces_and_sessions_do_not_follow_it(harmed: Harmed, measured: Measured) -> None:
    dates: list[float] = []

    def jumped() -> bool:
        dates.append(_date(harmed.url))
        steps = [after - before for before, after in pairwise(dates)]
        return any(step > JUMP for step in steps) and any(step < -JUMP for step in steps)

    async with attending(harmed.url, 1) as [student]:
        await student.play("batches")  # ten steps a second
        await student.until(lambda: student.header["step"] > 0)
        begun, first, token = time.monotonic(), student.header["step"], student.token
        await until(jumped)
        await student.until(lambda: student.header["step"] >= first + 10)
        made = student.header["step"] - first
        furthest = max(abs(after - before) for before, after in pairwise(dates))
        measured("clock: furthest jump seen", furthest / 3600, "h")
        measured("clock: steps a second of the ten asked for", made / (time.monotonic() - begun), "/s")
        assert made <= 10 * (time.monotonic() - begun) + 10
        await student.vanish()
        await student.join()
        assert (student.resumed, student.token) == (1, token)
        assert student.errors == {}


@pytest.mark.parametrize("folder", ["app", "models", "benchmarks"])
def test_no_module_asks_the_wall_clock_for_an_interval(folder: str) -> None:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert ast.unparse(node) not in ("time.time", "time.time_ns"), path.name
            if isinstance(node, ast.ImportFrom):
                assert node.module != "time", path.name


def test_no_script_asks_the_wall_clock_for_an_interval() -> None:
    for path in sorted((ROOT / "static").rglob("*.js")):
        assert "Date.now" not in path.read_text(encoding="utf-8"), path.name
