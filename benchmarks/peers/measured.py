"""What is asked of a peer: whether it trains as the others do, how soon, and how fast."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from benchmarks.peers.given import Given, read

SETTLING_SECONDS = 0.3


class Trainer(Protocol):
    """A network that trains."""

    def train(self, steps: int) -> float:
        """So many steps more, one or whole epochs; the mean loss of the last epoch or, of fewer, of these."""
        ...


class Measured:
    """A library in this process. `prepare` lays out a task's batches; `make` begins a network on them."""

    def __init__(self, prepare: Callable[[Given], Any], make: Callable[[Given, Any], Trainer]) -> None:
        self._prepare = prepare
        self._make = make
        self._tasks: dict[str, tuple[Given, Any]] = {}
        self._known: dict[str, tuple[Trainer, float]] = {}  # and its steps a second

    def _new(self, path: str) -> tuple[Given, Trainer]:
        if path not in self._tasks:
            given = read(Path(path))
            self._tasks[path] = given, self._prepare(given)
        given, prepared = self._tasks[path]
        return given, self._make(given, prepared)

    def losses(self, path: str, epochs: int) -> list[float]:
        """Of a new network the mean training loss of each of so many epochs, as the library gives it."""
        given, trainer = self._new(path)
        return [trainer.train(given.epoch) for _ in range(epochs)]

    def first(self, path: str) -> float:
        """Seconds until a new network has made its first step, in a process that has trained others."""
        self._new(path)  # the batches are not counted
        began = time.perf_counter()
        _, trainer = self._new(path)
        trainer.train(1)
        return time.perf_counter() - began

    def rate(self, path: str, seconds: float) -> float:
        """Steps a second, over about so many seconds without a pause."""
        if path not in self._known:
            self._known[path] = self._settled(path)
        trainer, pace = self._known[path]
        epoch = self._tasks[path][0].epoch
        steps = epoch * max(1, round(pace * seconds / epoch))
        return steps / _seconds(trainer, steps)

    def _settled(self, path: str) -> tuple[Trainer, float]:
        """A network that has trained until what is compiled or loaded at first is there."""
        given, trainer = self._new(path)
        steps = given.epoch
        while _seconds(trainer, steps) < SETTLING_SECONDS:
            steps *= 2
        return trainer, steps / _seconds(trainer, steps)


def _seconds(trainer: Trainer, steps: int) -> float:
    began = time.perf_counter()
    trainer.train(steps)
    return time.perf_counter() - began
