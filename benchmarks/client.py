"""A page without a browser: one WebSocket to a real server, every frame acknowledged at once."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from models import frame
from models.experiment import Experiment


@dataclass(frozen=True)
class Seen:
    """A frame that arrived: when (perf_counter), its header and its size in bytes."""

    at: float
    header: dict[str, Any]
    size: int


class Client:
    """Commands go out by `send`; `frames` are all frames so far."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._last_id = 0
        self._news = asyncio.Event()
        self.frames: list[Seen] = []
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, experiment: Experiment) -> "Client":
        """Connect to the server at this http address and wait for the first frame."""
        socket = await connect(url.replace("http", "ws", 1) + "/ws", compression=None, max_size=None)
        client = cls(socket)
        await client.send("open", experiment=experiment.model_dump(mode="json"))
        await client.until(lambda: bool(client.frames))
        return client

    async def send(self, type: str, **members: Any) -> int:
        """Send a command; returns its id."""
        self._last_id += 1
        await self._connection.send(json.dumps({"type": type, "id": self._last_id, **members}))
        return self._last_id

    async def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait for frames until the condition holds; TimeoutError if it does not."""
        async with asyncio.timeout(seconds):
            while not condition():
                if self._reader.done():
                    self._reader.result()
                    raise ConnectionError("the server closed the connection")
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        await self._connection.close()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._connection:
                if isinstance(message, bytes):
                    await self._take(message)
                elif (event := json.loads(message))["type"] == "error":
                    raise RuntimeError(f"the server refused: {event}")
        finally:
            self._news.set()

    async def _take(self, message: bytes) -> None:
        at = time.perf_counter()
        header, _ = frame.decode(message)
        self.frames.append(Seen(at, header, len(message)))
        self._news.set()
        await self._connection.send(json.dumps({"type": "ack", "seq": header["seq"]}))
