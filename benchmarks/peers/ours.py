"""Lanes of the playground's own engine at full speed, as the web process drives them for learners."""

import asyncio
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.engine import KEY_FRAME
from app.local_engine import LocalEngine
from app.main import host_options
from app.settings import Settings
from benchmarks.peers import processes
from benchmarks.peers.given import Given, read
from models import frame
from models.history import COLUMNS

PATIENCE = 240.0  # seconds, for what takes a tenth of it
# A lane that plays moves to faster programs, which are compiled in the background.
WINDOW_SECONDS = 0.5
STEADY_WINDOWS = 10  # in a row without a compiler at work, and without a rate that is higher by more than
GAIN = 1.05
NEARLY = 0.9  # of the known rate: it is back in the program that it had
LONGEST_SECONDS = 90.0
LONGER = 3  # times: to ask 64 lanes for their counters takes the host 40 ms at either end


class Ours:
    """A host with this many lanes, of one task at a time: the same network and data, with as many seeds."""

    def __init__(self, lanes: int) -> None:
        self._count = lanes
        self._runner = asyncio.Runner()
        settings = Settings(device="cpu", compile_ahead=False, nice=0, max_lanes=lanes)
        self._engine = LocalEngine(host_options(settings))
        self._path = ""
        self._open: list[str] = []
        self._best: dict[str, float] = {}  # steps a second by path
        self._numbers = 0
        self._runner.run(self._start())

    @property
    def pid(self) -> int:
        if not self._engine.host_pids:
            raise RuntimeError("the host has died")
        return self._engine.host_pids[0]

    def losses(self, path: str, epochs: int) -> list[float]:
        """Of a new network the training loss of each of so many epochs, from its history."""
        return self._runner.run(self._losses(path, epochs))

    def first(self, path: str) -> float:
        """Seconds until the frame of a new network's first steps is here, while the other lanes train."""
        return self._runner.run(self._first(path))

    def rate(self, path: str, seconds: float) -> float:
        """Steps a second of all lanes together, over about so many seconds."""
        return self._runner.run(self._rate(path, seconds))

    def close(self) -> None:
        """End the host."""
        self._runner.run(self._engine.stop())
        self._runner.close()

    # --- lanes

    async def _start(self) -> None:
        await self._engine.start()
        async with asyncio.timeout(PATIENCE):
            ready = asyncio.Event()
            end = self._engine.subscribe(lambda _: ready.set())
            while self._engine.status.state != "ready":
                await ready.wait()
                ready.clear()
            end()

    async def _lanes(self, path: str) -> list[str]:
        """The task's lanes, at full speed and paused."""
        if path != self._path:
            for name in self._open:
                await self._engine.close(name)
            self._path, self._open = path, []
        given = read(Path(path))
        for seed in range(len(self._open), self._count):
            self._open.append(await self._new(given, seed))
        return self._open

    async def _new(self, given: Given, seed: int) -> str:
        name = f"{given.name}, seed {seed}"
        await self._engine.open(name, {**given.experiment, "seed": seed})
        await self._command(name, "speed", speed="full")
        return name

    async def _command(self, name: str, kind: str, **members: object) -> None:
        self._numbers += 1
        await self._engine.command(name, self._numbers, {"type": kind, **members})

    async def _all(self, names: list[str], kind: str) -> None:
        await asyncio.gather(*(self._command(name, kind) for name in names))

    async def _until(self, name: str, condition: Callable[[dict[str, Any]], bool]) -> None:
        """Look at a lane's frames, as its page does, until one has such a header."""
        seq = KEY_FRAME
        async with asyncio.timeout(PATIENCE):
            while True:
                seq, data = (await self._engine.frames({name: seq}, PATIENCE))[name]
                if condition(frame.decode(data)[0]):
                    return

    # --- questions

    async def _losses(self, path: str, epochs: int) -> list[float]:
        name = (await self._lanes(path))[0]
        await self._command(name, "rewind")
        await self._command(name, "step", unit="epoch", count=epochs)
        step = self._numbers
        await self._until(name, lambda header: header["applied"] == step and header["epoch"] == epochs)
        _, blocks = frame.decode(await self._engine.snapshot(name))
        rows = blocks["history"].reshape(-1, len(COLUMNS))
        return [float(row[COLUMNS.index("loss")]) for row in rows[1:]]  # row 0: untrained

    async def _first(self, path: str) -> float:
        old, *others = await self._lanes(path)
        await self._engine.close(old)
        await self._all(others, "play")
        given = read(Path(path))
        began = time.perf_counter()
        name = self._open[0] = await self._new(given, 0)
        await self._command(name, "play")
        await self._until(name, lambda header: header["step"] > 0)
        elapsed = time.perf_counter() - began
        await self._rest(self._open)
        return elapsed

    async def _rate(self, path: str, seconds: float) -> float:
        names = await self._lanes(path)
        await self._all(names, "play")
        await self._settle(path, names)
        rate = await self._over(names, seconds if len(names) == 1 else LONGER * seconds)
        await self._rest(names)
        return rate

    async def _settle(self, path: str, names: list[str]) -> None:
        """Play until no program is compiled any more and the rate stays; later, until that rate is back."""
        known = self._best.get(path, math.inf)
        best, steady = 0.0, 0
        deadline = time.monotonic() + LONGEST_SECONDS
        while best < NEARLY * known and steady < STEADY_WINDOWS and time.monotonic() < deadline:
            before = processes.children_seconds(self.pid)
            rate = await self._over(names, WINDOW_SECONDS)
            compiling = processes.children_seconds(self.pid) - before > 0.1 * WINDOW_SECONDS
            steady = 0 if compiling or rate > GAIN * best else steady + 1
            best = max(best, rate)
        self._best.setdefault(path, best)

    async def _over(self, names: list[str], seconds: float) -> float:
        before = await asyncio.gather(*(self._step(name) for name in names))
        await asyncio.sleep(seconds)
        after = await asyncio.gather(*(self._step(name) for name in names))
        return math.fsum(
            (step - first) / (at - began) for (first, began), (step, at) in zip(before, after, strict=True)
        )

    async def _step(self, name: str) -> tuple[int, float]:
        """How many steps it has made, and when that was so."""
        header, _ = frame.decode(await self._engine.snapshot(name))
        return int(header["step"]), time.perf_counter()

    async def _rest(self, names: list[str]) -> None:
        """Pause, and show each lane once, as its page would have: its history rows do not pile up."""
        await self._all(names, "pause")
        for name in names:
            await self._engine.frames({name: KEY_FRAME}, PATIENCE)
