"""A page without a browser: speaks to a connection directly, without a socket."""

import asyncio
import json
from typing import Any

from app.connection import Connection, HangUp
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
    def __init__(self, sessions: Sessions, settings: Settings, clock: float = 0.0) -> None:
        self.time = clock
        self.connection = Connection(sessions, settings, clock=lambda: self.time)
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


class Server:
    """Sessions on a fake engine, with clients."""

    def __init__(self, engine: FakeEngine | None = None, **settings: Any) -> None:
        self.engine = engine or FakeEngine()
        self.settings = Settings(**settings)
        self.sessions = Sessions(
            self.engine, max_lanes=self.settings.max_lanes, grace=self.settings.session_grace
        )

    def client(self) -> Client:
        return Client(self.sessions, self.settings)
