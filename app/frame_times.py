"""How fresh what a page shows is: the age of frames, and how soon a change is seen."""

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from models import frame_header

CHANGES = ("set", "weight", "collapse", "rewind")  # commands after which a page shows another network
MOST_WAITING = 64  # changes that no frame has shown yet; of more, the oldest count


class Observer(Protocol):
    """Such as a histogram."""

    def observe(self, amount: float) -> None: ...


class Counter(Protocol):
    """How many there were."""

    def inc(self) -> None: ...


class FrameTimes:
    """Of one page's connection. Times are in seconds, by `clock`."""

    def __init__(
        self,
        frames: Counter,
        age: Observer,
        change: Observer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._frames = frames
        self._age = age
        self._change = change
        self._clock = clock
        self._sent: deque[tuple[int, float]] = deque()  # seq and when
        self._changes: deque[tuple[int, float]] = deque()  # command id and when

    def begin(self) -> None:
        """Another connection: nothing is under way."""
        self._sent.clear()
        self._changes.clear()

    def commanded(self, type: str, command_id: int) -> None:
        """A command came."""
        if type in CHANGES and len(self._changes) < MOST_WAITING:
            self._changes.append((command_id, self._clock()))

    def sent(self, seq: int, data: bytes) -> None:
        """A frame came from the engine and goes to the page."""
        now = self._clock()
        self._frames.inc()
        self._sent.append((seq, now))
        if not self._changes:
            return  # so that the header is read only when there is something to find in it
        try:
            applied = frame_header.split(data)[0]["applied"]
        except (KeyError, ValueError):
            return  # to count never costs a page its frame
        while self._changes and self._changes[0][0] <= applied:
            self._change.observe(now - self._changes.popleft()[1])

    def shown(self, seq: int) -> None:
        """The page has shown this frame, and those before it."""
        now = self._clock()
        while self._sent and self._sent[0][0] <= seq:
            number, then = self._sent.popleft()
            if number == seq:
                self._age.observe(now - then)
