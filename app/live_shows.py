"""Models of notebooks that the server shows: who may write, what viewers get, when a show is over."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from typing import Any

from app.live_message import COLUMNS, About, Message
from app.rate import TokenBucket

QUIET = 15.0  # seconds without a message after which a notebook counts as away
BURST = 20  # messages at once


class Show:
    """One model while it learns. `token` is for writing; whoever knows the id may look."""

    def __init__(self, rate: float, most_rows: int, clock: Callable[[], float]) -> None:
        self.id = secrets.token_hex(8)
        self.token = f"{self.id}-{secrets.token_hex(16)}"
        self.about: About | None = None
        self.seq = 0
        self.heard = clock()
        self.viewers = 0
        self.writing = asyncio.Lock()  # messages are read beside the event loop, one after the other
        self.bucket = TokenBucket(rate, BURST, clock)
        self._clock = clock
        self._most_rows = most_rows
        self._state = "waiting"
        self._run = 0
        self._rows: Any = None  # (rows, COLUMNS)
        self._points: Any = None
        self._last: Message | None = None
        self._update = b""
        self._key: bytes | None = None
        self._news = asyncio.Event()

    def allows(self, token: str) -> bool:
        """Whether this is the token, in a time that says nothing of how much of it is right."""
        return hmac.compare_digest(self.token.encode(), token.encode("utf-8", "replace"))

    @property
    def state(self) -> str:
        """`waiting` for a first message, `learning`, `diverged`, `finished`, or `quiet`: it went away."""
        if self._state in ("learning", "diverged") and self._clock() - self.heard > QUIET:
            return "quiet"
        return self._state

    def take(self, message: Message) -> None:
        """Shows a message from now on."""
        import numpy as np

        if message.about is not None:
            self.about = message.about
            self._run += 1
            self._points = message.blocks["points"]
            self._rows = np.zeros((0, COLUMNS), np.float32)
        if "history" in message.blocks:
            rows = message.blocks["history"]
            if len(self._rows):  # what came, but was not known to have come, is sent again
                rows = rows[rows[:, 0] > self._rows[-1, 0]]
            rows = np.concatenate([self._rows, rows])
            while len(rows) > self._most_rows:
                rows = np.concatenate([rows[:-1][::2], rows[-1:]])  # every second, and the newest
            self._rows = rows
        self.seq += 1
        self._last = message
        self._state = message.state
        self.heard = self._clock()
        self._key = None
        fresh = message.about is not None
        self._update = self.key if fresh else self._encoded(message.blocks, key=False)
        self._news.set()
        self._news = asyncio.Event()

    @property
    def key(self) -> bytes:
        """All there is to show, made once for all who come or fell behind."""
        if self._key is None:
            assert self._last is not None
            pictures = {name: block for name, block in self._last.blocks.items() if name != "history"}
            blocks = {**pictures, "history": self._rows, "points": self._points}
            self._key = self._encoded(blocks, key=True)
        return self._key

    def since(self, seq: int) -> bytes | None:
        """What a viewer who has seen that much gets next: the same bytes for all who keep up."""
        if seq == self.seq:
            return None
        return self._update if seq == self.seq - 1 else self.key

    async def changed(self) -> None:
        """Waits for a message."""
        await self._news.wait()

    def _encoded(self, blocks: dict[str, Any], *, key: bool) -> bytes:
        from models import frame

        assert self._last is not None
        header: dict[str, Any] = {"seq": self.seq, "key": key, "run": self._run, "state": self._last.state}
        header |= {"epoch": self._last.epoch, "step": self._last.step}
        if key and self.about is not None:
            header["about"] = self.about.model_dump(mode="json")
        return frame.encode(header, blocks)


class Shows:
    """At most `most` shows; one that nothing came for is over after `grace` seconds."""

    def __init__(
        self, *, most: int, grace: float, rate: float, most_rows: int, clock: Callable[[], float]
    ) -> None:
        self._most, self._grace, self._rate, self._most_rows = most, grace, rate, most_rows
        self._clock = clock
        self._shows: dict[str, Show] = {}

    def __len__(self) -> int:
        return len(self._shows)

    def open(self) -> Show | None:
        """A new show; None if there are too many that somebody still writes to or looks at."""
        self._tidy()
        if len(self._shows) >= self._most:
            idle = [show for show in self._shows.values() if not show.viewers and show.state in IDLE]
            if not idle:
                return None
            del self._shows[min(idle, key=lambda show: show.heard).id]
        show = Show(self._rate, self._most_rows, self._clock)
        self._shows[show.id] = show
        return show

    def find(self, id: str) -> Show | None:
        """The show, if it is not over."""
        self._tidy()
        return self._shows.get(id)

    def _tidy(self) -> None:
        now = self._clock()
        for show in [show for show in self._shows.values() if now - show.heard > self._grace]:
            del self._shows[show.id]


IDLE = ("finished", "quiet")
