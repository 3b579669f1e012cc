"""A page without a browser: speaks to a connection directly, without a socket."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from app.connection import Connection, HangUp
from app.memory import MEGABYTE, Memory
from app.room import Room
from app.sessions import Sessions
from app.settings import Settings
from tests.app.fake_engine import FakeEngine

PATIENCE = 60.0  # seconds until a test that waits for nothing fails

Json = dict[str, Any]


async def settle() -> None:
    """Lets everything happen that can happen without the outside world."""
    for _ in range(30):
        await asyncio.sleep(0)


class Client:
    def __init__(
        self, sessions: Sessions, settings: Settings, clock: float = 0.0, *, address: str = ""
    ) -> None:
        self.time = clock
        self.connection = Connection(sessions, settings, clock=lambda: self.time, address=address)
        self.token = ""
        self._id = 0

    def send(self, **message: Any) -> int:
        """Sends a command with the next id; returns the id."""
        self._id += 1
        self.say(json.dumps({"id": self._id, **message}))
        return self._id

    def say(self, message: str | bytes) -> None:
        """Sends it as it is."""
        self.connection.receive(message)

    def ack(self, seq: int) -> None:
        self.say(json.dumps({"type": "ack", "seq": seq}))

    async def next(self) -> Json | HangUp:
        async with asyncio.timeout(PATIENCE):
            outgoing = await self.connection.next()
        return outgoing if isinstance(outgoing, HangUp) else json.loads(outgoing)

    async def event(self, type: str) -> Json:
        """The next thing, which must be an event of this type."""
        outgoing = await self.next()
        assert isinstance(outgoing, dict)
        assert outgoing.get("type") == type, outgoing
        return outgoing

    async def frame(self) -> Json:
        """The header of the next thing, which must be a frame."""
        outgoing = await self.next()
        assert isinstance(outgoing, dict)
        assert "seq" in outgoing, outgoing
        return outgoing

    async def open(self, **members: Any) -> Json:
        """Opens a session; returns the welcome."""
        id = self.send(type="open", **members)
        welcome = await self.event("welcome")
        assert welcome["id"] == id
        self.token = welcome["session"]
        await self.event("status")
        return welcome


class Waited:
    """What was to be called later."""

    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due = due
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Server:
    """Sessions on a fake engine, with clients, and a clock that stands until it is told to go on."""

    def __init__(self, engine: FakeEngine | None = None, **settings: Any) -> None:
        self.engine = engine or FakeEngine()
        self.settings = Settings(**settings)
        self.time = 0.0
        self.used = 0  # bytes of memory
        self.looks = 0  # how often these were measured
        self._timers: list[Waited] = []
        room = Room(
            lanes=self.settings.max_lanes,
            per_address=self.settings.max_lanes_per_address,
            memory=Memory(self.settings.max_memory_mb * MEGABYTE, self._measure, lambda: self.time),
        )
        self.sessions = Sessions(
            self.engine,
            room=room,
            most_waiting=self.settings.max_waiting,
            grace=self.settings.session_grace,
            later=self._later,
        )

    def client(self, address: str = "") -> Client:
        return Client(self.sessions, self.settings, address=address)

    def sleep(self, seconds: float) -> None:
        """Lets time pass; what is due is called in its order."""
        until = self.time + seconds
        while due := [timer for timer in self._timers if not timer.cancelled and timer.due <= until]:
            timer = min(due, key=lambda timer: timer.due)
            self._timers.remove(timer)
            self.time = timer.due
            timer.call()
        self.time = until

    def _later(self, delay: float, call: Callable[[], None]) -> Waited:
        self._timers.append(timer := Waited(self.time + delay, call))
        return timer

    def _measure(self) -> int:
        self.looks += 1
        return self.used
