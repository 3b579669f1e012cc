"""What an open panel costs a network that plays: the frames that its page no longer gets."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.client import Client, Seen
from benchmarks.figure import Bar, Figure
from models import catalogue
from models.experiment import Experiment
from tests.support.server import running_server

LOST = Bar(10)  # percent
ROUNDS, WINDOW_SECONDS = 2, 0.9
SPEEDS = (catalogue.DEFAULT_SPEED, "full")
# What is asked of a panel for the default network, where there is something to choose.
ASKED: dict[str, dict[str, Any]] = {
    "point": {"at": [1.0, -2.0], "target": 1.0},
    "surface": {"weights": [], "low": [-1.0, -1.0], "high": [1.0, 1.0], "seed": 0},
}


def asked(row: catalogue.Panel) -> dict[str, Any]:
    """What a page asks when it opens the panel; KeyError if that takes more than ASKED has."""
    if row.name not in ASKED and any(member.is_required() for member in row.asked.model_fields.values()):
        raise KeyError(row.name, "expected in benchmarks.panels.ASKED, for the default network")
    return ASKED.get(row.name, {})


@dataclass
class Rate:
    """Frames over several stretches of time."""

    frames: int = 0
    seconds: float = 0.0
    panel_bytes: int = 0  # in members and blocks that only open panels have

    def add(self, seen: list[Seen]) -> None:
        if len(seen) < 2:
            raise RuntimeError(f"{len(seen)} frames while it played; expected some ten")
        self.frames += len(seen) - 1
        self.seconds += seen[-1].at - seen[0].at
        self.panel_bytes += sum(_panel_bytes(one) for one in seen)

    @property
    def per_second(self) -> float:
        return self.frames / self.seconds


def _panel_bytes(seen: Seen) -> int:
    said = len(str(seen.header["panels"])) - len("{}")
    blocks = (4 * _size(shape) for name, _, shape in seen.header["blocks"] if "." in name)
    return said + sum(blocks)


def _size(shape: list[int]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


@dataclass
class Panel:
    """One panel at one speed; `closed` is right before and right after."""

    opened: Rate = field(default_factory=Rate)
    closed: Rate = field(default_factory=Rate)

    @property
    def lost(self) -> float:
        """Percent of the frames."""
        return 100.0 * (1.0 - self.opened.per_second / self.closed.per_second)


async def _window(client: Client, open: dict[str, Any], seconds: float) -> list[Seen]:
    """The frames of so many seconds with these panels open, from the first that shows them."""
    identifier = await client.send("panels", open=open)
    last = len(client.frames)

    def shows() -> bool:
        fresh = [seen for seen in client.frames[last:] if seen.header["applied"] >= identifier]
        return bool(fresh) and all(any(name in seen.header["panels"] for seen in fresh) for name in open)

    await client.until(shows)
    begin = len(client.frames)
    await asyncio.sleep(seconds)
    return client.frames[begin:]


async def _measure(url: str, rounds: int, seconds: float) -> dict[str, dict[str, Panel]]:
    """By speed and panel; what is compared was measured side by side, in turn."""
    found = {speed: {row.name: Panel() for row in catalogue.PANELS} for speed in SPEEDS}
    client = await Client.open(url, Experiment())
    await client.send("play")
    for _ in range(rounds):
        for speed, panels in found.items():
            await client.send("speed", speed=speed)
            await _window(client, {}, seconds / 3)
            before = await _window(client, {}, seconds)
            for row in catalogue.PANELS:
                opened = await _window(client, {row.name: asked(row)}, seconds)
                after = await _window(client, {}, seconds)
                panels[row.name].opened.add(opened)
                for closed in (before, after):
                    panels[row.name].closed.add(closed)
                before = after
    await client.close()
    return found


def _figures(found: dict[str, dict[str, Panel]]) -> list[Figure]:
    figures: list[Figure] = []
    for speed, panels in found.items():
        label = catalogue.row(catalogue.SPEEDS, speed).label
        closed = [panel.closed.per_second for panel in panels.values()]
        figures.append(Figure(f"{label}: frames a second, all closed", sum(closed) / len(closed), "/s"))
        for name, panel in panels.items():
            figures.append(Figure(f"{label}: lost with {name} open", panel.lost, "%"))
        worst = max(panels, key=lambda name: panels[name].lost)
        figures.append(Figure(f"{label}: lost with the worst, {worst}", panels[worst].lost, "%", LOST))
    wasted = sum(panel.closed.panel_bytes for panels in found.values() for panel in panels.values())
    figures.append(Figure("bytes for panels in all frames while they were closed", wasted, "B", Bar(0)))
    return figures


def run(quick: bool) -> list[Figure]:
    """Measure the default network on a server that compiles nothing meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"compile_ahead": "false"}
        with running_server(Path(folder) / "log", Path(folder) / "cache", settings) as server:
            found = asyncio.run(_measure(server.url, 1 if quick else ROUNDS, WINDOW_SECONDS))
    return _figures(found)
