"""A class at once: students who join in a burst, play, change things, pause, leave and come back.

One process plays all of them, over real WebSockets, and is light itself: of frames it reads the header and
the epochs' numbers.
"""

import asyncio
import json
import math
import random
import struct
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection

from benchmarks.changes import changed
from benchmarks.figure import Bar, Figure
from benchmarks.processor_time import Used, memory, used
from benchmarks.seen import Durations
from benchmarks.student import KEPT, Student
from benchmarks.through_socket import background_done
from models.experiment import Experiment
from models.history import MOST
from tests.support.server import Server, running_server

CHANGE_EVERY = 5.0  # seconds between two things that a student does, on average
PAUSED, AWAY = 1.5, 2.0  # seconds that a pause and an absence take
SETTLED, WATCHED = 8.0, 20.0  # seconds until, and for which, all is measured
GONE = 4.0  # seconds until the networks of those who left are closed
FIRST = 10  # students who are measured alone, one after another: what one costs depends on what it plays
DELIVERED = Bar(95, at_least=True)
CHANGED, AGED = Bar(250), Bar(200)
MEGABIT = Bar(1.0)
ADDED = Bar(0.5)


@dataclass(frozen=True)
class Step:
    """So many students, each of whom is to get so many frames a second; with bars or without."""

    students: int
    rate: int
    held: bool = False

    @property
    def name(self) -> str:
        return f"{self.students} at {self.rate}/s"


STEPS = (
    Step(1, 10),
    Step(10, 10),
    Step(30, 10, held=True),
    Step(100, 10, held=True),
    Step(400, 10),
    Step(200, 5, held=True),
    Step(400, 5),
)


class Pupil(Student):
    """A student of whom only numbers are kept. `pictured` seconds it played and was to get frames."""

    def __init__(self, url: str, experiment: Experiment, dice: random.Random, every: float) -> None:
        super().__init__(url, experiment)
        self._dice = dice
        self._every = every  # seconds between two things that it does, on average
        self.lost = self.steps = self.shown = 0
        self.pictured = 0.0
        self._last_epoch = -1

    def begin(self) -> None:
        """Count from now on."""
        self.frames = self.bytes = self.lost = self.steps = self.shown = 0
        self.pictured = 0.0
        self.changes, self.ages = Durations(), Durations()

    def waiting(self, now: float) -> float:
        """Seconds that a frame has been waited for, while playing."""
        return max(0.0, now - self._arrived) if self.connected and self.header["state"] == "playing" else 0.0

    async def _take(self, connection: ClientConnection, message: bytes) -> None:
        now = time.monotonic()
        (length,) = struct.unpack_from("<I", message)
        header: dict[str, Any] = json.loads(message[4 : 4 + length])
        if "seq" not in header:
            return
        await connection.send(f'{{"type":"ack","seq":{header["seq"]}}}')
        self.frames += 1
        self.bytes += len(message)
        self._shown += 1
        if self._shown == 1:
            self.joins.add(time.perf_counter() - self._begun)
        elif self.header["state"] == header["state"] == "playing":
            self.shown += 1
            self.pictured += now - self._arrived
            if self.header["run"] == header["run"]:
                self.steps += header["step"] - self.header["step"]
        self.ages.add(now - header["made"])
        self._arrived = now
        for number in [number for number in self._sets if number <= header["applied"]]:
            self.changes.add(time.perf_counter() - self._sets.pop(number))
        self._rows(header, message, 4 + length)
        self.header = {name: header[name] for name in KEPT}

    def _rows(self, header: dict[str, Any], message: bytes, start: int) -> None:
        """Whether the run's epochs follow each other without a gap."""
        blocks: list[tuple[str, str, list[int]]] = header["blocks"]
        for name, dtype, shape in blocks:
            if name == "history":
                count = shape[0] * shape[1]
                epochs = np.frombuffer(message, "<f4", count, start)[:: shape[1]]
                break
            size = math.prod(shape) * (4 if dtype == "f4" else 1)
            start += size + -size % 4
        else:
            return
        if header["key"]:
            self._last_epoch = -1
        elif self.header["run"] != header["run"]:
            self.lost += 1  # a run begins with a key frame
        if len(epochs):
            follow = np.diff(epochs, prepend=np.float32(self._last_epoch))
            thinned = header["key"] and epochs[-1] >= MOST
            self.lost += 0 if thinned else int((follow - 1).sum())
            self._last_epoch = int(epochs[-1])

    async def live(self) -> None:
        """Play and do something now and then, until it is cancelled."""
        await self.play()
        await asyncio.sleep(self._dice.uniform(0.0, self._every))
        while True:
            await self._act()
            await asyncio.sleep(self._dice.uniform(0.5, 1.5) * self._every)

    async def _act(self) -> None:
        chance = self._dice.random()
        if chance < 0.9:
            _, experiment = changed(self.experiment, self._dice)
            await self.change(experiment)
            if self.header["state"] == "diverged":
                await self.play()
        elif chance < 0.95:
            await self.pause()
            await asyncio.sleep(PAUSED)
            await self.play()
        else:
            await self.leave()
            await asyncio.sleep(AWAY)
            await self.come_back()
            await self.play()


def experiment_of(dice: random.Random) -> Experiment:
    """What a student begins with: the default or another number of neurons, with weights of its own."""
    tree = Experiment().model_dump(mode="json")
    tree["network"]["hidden"][0]["neurons"] = dice.choice((4, 4, 4, 2, 3, 6, 8))
    return Experiment.model_validate({**tree, "seed": dice.randrange(2**32)})


@dataclass
class Class:
    """What a step's students saw together, in `seconds`."""

    students: int
    seconds: float
    joins: Durations = field(default_factory=Durations)
    changes: Durations = field(default_factory=Durations)
    ages: Durations = field(default_factory=Durations)
    shown: int = 0  # frames while playing
    pictured: float = 0.0  # student-seconds of playing
    bytes: int = 0
    steps: int = 0
    lost: int = 0
    errors: list[str] = field(default_factory=list[str])
    spent: Used | None = None  # processor seconds of web process and host
    generated: float = 0.0  # processor seconds of this process
    memory: Used | None = None  # MiB of web process and host

    @property
    def rate(self) -> float:
        """Frames a second for each student who plays."""
        return self.shown / self.pictured if self.pictured else 0.0


async def play(
    server: Server,
    students: int,
    *,
    settled: float,
    watched: float,
    every: float = CHANGE_EVERY,
    without: int = 0,
) -> Class:
    """Have so many students live, and measure `watched` seconds after `settled` seconds.

    The same ones each time; without as many of them as it says, the next ones.
    """
    dice = random.Random(1)
    pupils = [
        Pupil(server.url, experiment_of(dice), random.Random(dice.random()), every)
        for _ in range(without + students)
    ][without:]
    await asyncio.gather(*(pupil.come_back() for pupil in pupils))
    living = [asyncio.create_task(pupil.live()) for pupil in pupils]
    await asyncio.sleep(settled)
    for pupil in pupils:
        pupil.begin()
    before, generated, began = used(server.process.pid), time.process_time(), time.monotonic()
    await asyncio.sleep(watched)
    seen = Class(students, time.monotonic() - began)
    after = used(server.process.pid)
    seen.generated = time.process_time() - generated
    seen.spent = None if before is None or after is None else after - before
    seen.memory = memory(server.process.pid)
    now = time.monotonic()
    for pupil, life in zip(pupils, living, strict=True):
        _include(seen, pupil, life, now)
    for life in living:
        life.cancel()
    await asyncio.gather(*living, return_exceptions=True)
    await asyncio.gather(*(pupil.leave() for pupil in pupils))
    return seen


def _include(seen: Class, pupil: Pupil, life: "asyncio.Task[None]", now: float) -> None:
    for mine, its in ((seen.joins, pupil.joins), (seen.changes, pupil.changes), (seen.ages, pupil.ages)):
        mine.include(its)
    seen.shown += pupil.shown
    seen.pictured += pupil.pictured + pupil.waiting(now)
    seen.bytes += pupil.bytes
    seen.steps += pupil.steps
    seen.lost += pupil.lost
    seen.errors += [f"{name} ({times} times)" for name, times in pupil.errors.items()]
    if life.done():
        seen.errors.append(repr(life.exception()))


def figures_of(step: Step, seen: Class) -> list[Figure]:
    """What docs/benchmarks.md says of a step."""

    def held(bar: Bar) -> Bar | None:
        return bar if step.held else None

    def named(name: str, value: float, unit: str, bar: Bar | None = None) -> Figure:
        return Figure(f"{step.name}: {name}", value, unit, bar)

    figures = [
        named("joined together, first frame for 95 %", seen.joins.percentile(0.95), "ms"),
        named("frames for each student who plays", seen.rate, "/s"),
        named("of the frames asked for", 100 * seen.rate / step.rate, "%", held(DELIVERED)),
        named("change to frame, median", seen.changes.percentile(0.5), "ms"),
        named("change to frame, 95th percentile", seen.changes.percentile(0.95), "ms", held(CHANGED)),
        named("age of frames, median", seen.ages.percentile(0.5), "ms"),
        named("age of frames, 95th percentile", seen.ages.percentile(0.95), "ms", held(AGED)),
        named("history rows lost", seen.lost, "", held(Bar(0))),
        named("errors", len(seen.errors), "", held(Bar(0))),
        named(
            "network, each student", 8e-6 * seen.bytes / seen.seconds / seen.students, "Mbit/s", held(MEGABIT)
        ),
        named("training steps, each student", seen.steps / seen.pictured if seen.pictured else 0.0, "/s"),
        named("processor, these students", 100 * seen.generated / seen.seconds, "% of a core"),
    ]
    if seen.spent is not None:
        figures += [
            named("processor, web process", 100 * seen.spent.web / seen.seconds, "% of a core"),
            named("processor, host", 100 * seen.spent.host / seen.seconds, "% of a core"),
        ]
    if seen.memory is not None:
        figures += [
            named("memory, web process", seen.memory.web, "MiB"),
            named("memory, host", seen.memory.host, "MiB"),
        ]
    return figures


def added(found: dict[Step, Class], each_alone: Sequence[Class], idle: float | None) -> list[Figure]:
    """What a student costs who comes to others, by what the first one does: the mean of some, each alone."""

    def spent(seen: Class | None) -> float | None:
        return (
            None if seen is None or seen.spent is None else (seen.spent.web + seen.spent.host) / seen.seconds
        )

    costs = [cost for seen in each_alone if (cost := spent(seen)) is not None]
    if not costs or idle is None:
        return []
    alone = mean(costs)
    first = alone - idle
    figures = [Figure("processor, the first student", 100 * first, "% of a core")]
    for step in STEPS[1:4]:
        if (together := spent(found.get(step))) is not None:
            each = (together - alone) / (step.students - 1)
            figures.append(Figure(f"{step.name}: processor, each added student", 100 * each, "% of a core"))
            figures.append(Figure(f"{step.name}: each added student by the first", each / first, "×", ADDED))
    return figures


async def _idle(server: Server, seconds: float) -> float | None:
    before = used(server.process.pid)
    await asyncio.sleep(seconds)
    after = used(server.process.pid)
    if before is None or after is None:
        return None
    spent = after - before
    return (spent.web + spent.host) / seconds


async def _warm(server: Server, cache: Path, seconds: float) -> None:
    """Have all programs made that students will ask for, and wait until that is done."""
    await background_done(cache)
    for students in (12, 60, 120):
        await play(server, students, settled=seconds, watched=0.1)
        await background_done(cache)


def run(quick: bool, steps: Sequence[Step] = STEPS) -> list[Figure]:
    """Measure on servers with their programs compiled."""
    settled, watched = (3.0, 6.0) if quick else (SETTLED, WATCHED)
    found: dict[Step, Class] = {}
    figures: list[Figure] = []
    each_alone: list[Class] = []
    idle: float | None = None
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        for rate in sorted({step.rate for step in steps}, reverse=True):
            settings = {
                "frames_per_second": str(rate),
                "max_lanes": "512",
                "max_lanes_per_address": "512",
                "max_connections_per_address": "1024",
                "session_grace": "3",
            }
            with running_server(Path(folder) / "log", cache, settings) as server:
                print("compiling what the class will ask for ...", flush=True)
                asyncio.run(_warm(server, cache, settled))
                if idle is None:
                    idle = asyncio.run(_idle(server, watched / 2))
                    print("each alone ...", flush=True)
                    for number in range(1 if quick else FIRST):
                        alone = play(server, 1, settled=settled / 2, watched=watched / 2, without=number)
                        each_alone.append(asyncio.run(alone))
                        time.sleep(GONE)
                for step in [step for step in steps if step.rate == rate]:
                    print(f"{step.name} ...", flush=True)
                    found[step] = asyncio.run(play(server, step.students, settled=settled, watched=watched))
                    figures += figures_of(step, found[step])
                    for error in found[step].errors[:5]:
                        print(error, flush=True)
                    time.sleep(GONE)
    return [*added(found, each_alone, idle), *figures]
