"""A student without a browser: speaks docs/protocol.md as the page does, and notes what came and when."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from benchmarks.seen import Durations, Epochs
from models import frame
from models.experiment import Experiment

PATIENCE = 300.0  # seconds that a student waits for an answer before it calls that an error
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds before another try to connect


class Student:
    """One page: `join`, then commands; what it saw is in its counters, whose size does not grow with time.

    It acknowledges every frame at once, and comes back with its session's token. `interval`: seconds between
    frames that it may expect. With `saves` it keeps the run that the server saves for it, too, and goes on
    from that when the server has lost its session, as the page does.
    """

    def __init__(
        self,
        url: str,
        experiment: Experiment,
        *,
        interval: float = 1 / 30,
        saves: bool = False,
        acknowledge: bool = True,
    ) -> None:
        self.url = url
        self.experiment = experiment
        self.playing = False
        self.speed: str | None = None
        self.token: str | None = None
        self.saved: tuple[int, bytes] | None = None  # number and bytes of the run that the server saved here
        self.header: dict[str, Any] = {}  # of the newest frame, in parts
        self.weights = b""  # of the newest frame
        self.epochs = Epochs()
        self.changes = Durations()  # from a `set` sent to the first frame that shows it
        self.ages = Durations()  # from when a frame was due to its arrival
        self.joins = Durations()  # from the beginning of a connection to its first frame
        self.frames = self.bytes = self.connections = self.resumed = self.restored = 0
        self.errors: Counter[str] = Counter()  # by code, of events; and what went wrong here, by its name
        self.notices: Counter[str] = Counter()
        self._interval = interval
        self._saves = saves
        self._acknowledge = acknowledge
        self._connection: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._last_id = 0
        self._welcome: dict[str, Any] | None = None
        self._sets: dict[int, float] = {}  # id of a `set` that no frame has shown -> when it was sent
        self._begun = self._arrived = self._credit = 0.0
        self._shown = 0  # frames of this connection

    # --- coming and going

    async def join(self) -> None:
        """Connect, open, restore what is lost, and wait for a frame; OSError if the server is away."""
        await self.leave()
        self._begun = time.perf_counter()
        self._last_id, self._welcome, self._shown = 0, None, 0
        self._sets.clear()
        try:
            connection = await connect(
                self.url.replace("http", "ws", 1) + "/ws",
                compression=None,
                max_size=None,
                open_timeout=PATIENCE,
                ping_interval=None,
                close_timeout=1.0,
            )
        except (InvalidHandshake, TimeoutError, ConnectionClosed) as error:
            raise OSError(f"no connection: {error!r}") from error
        self.connections += 1
        self._connection = connection
        self._reader = asyncio.create_task(self._read(connection))
        # A later run than the one that was saved begins again from its experiment.
        saved = self.saved[1] if self.saved and self.saved[0] == self.header.get("run") else None
        members: dict[str, Any] = {"session": self.token} if self.token else {}
        if self._saves:
            members["save"] = True
        await self.send("open", experiment=self.experiment.model_dump(mode="json"), **members)
        await self.until(lambda: self._welcome is not None)
        assert self._welcome is not None
        self.token = str(self._welcome["session"])
        if self._welcome["resumed"]:
            self.resumed += 1
        else:
            await self._begin(saved)
        await self.until(lambda: self._shown > 0)

    async def _begin(self, saved: bytes | None) -> None:
        """A lane of its own: from the saved run, if there is one, and playing if it was."""
        if saved is not None:
            answer = await asyncio.to_thread(self._post, "/api/runs/import", saved)
            if answer == 200:
                self.restored += 1
            else:
                self.errors[f"import answered {answer}"] += 1
        if self.speed is not None:
            await self.send("speed", speed=self.speed)
        if self.playing:
            await self.send("play")

    async def come_back(self, seconds: float = PATIENCE) -> None:
        """Join, again and again while the server is away; TimeoutError."""
        wait = FIRST_WAIT
        async with asyncio.timeout(seconds):
            while True:
                try:
                    await self.join()
                    return
                except (OSError, ConnectionClosed):
                    await asyncio.sleep(wait)
                    wait = min(LONGEST_WAIT, 1.6 * wait)

    async def leave(self) -> None:
        """Close the connection as a page does that is closed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
        await self._ended()

    async def vanish(self) -> None:
        """Go without a goodbye: the connection just ends."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.transport.abort()
        await self._ended()

    async def _ended(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with suppress(ConnectionClosed, OSError):
                await reader

    @property
    def connected(self) -> bool:
        """Whether the connection stands."""
        return self._reader is not None and not self._reader.done()

    # --- saying

    async def send(self, type: str, **members: Any) -> int:
        """Send a command; returns its id. ConnectionClosed if the connection has ended."""
        if self._connection is None:
            raise ConnectionError("not connected")
        self._last_id += 1
        number = self._last_id
        await self._connection.send(json.dumps({"type": type, "id": number, **members}))
        return number

    async def play(self, speed: str | None = None) -> None:
        """Train until `pause`, at that speed if one is named."""
        if speed is not None:
            self.speed = speed
            await self.send("speed", speed=speed)
        self.playing = True
        await self.send("play")

    async def pause(self) -> None:
        self.playing = False
        await self.send("pause")

    async def change(self, experiment: Experiment) -> int:
        """Replace the experiment; the time until a frame shows it is noted."""
        self.experiment = experiment
        sent = time.perf_counter()
        number = await self.send("set", experiment=experiment.model_dump(mode="json"))
        self._sets[number] = sent
        return number

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until what came makes the condition true; TimeoutError, or ConnectionError when it ends."""
        async with asyncio.timeout(seconds):
            while not condition():
                if not self.connected:
                    raise ConnectionError("the server closed the connection")
                self._news.clear()
                await self._news.wait()

    async def applied(self, number: int) -> None:
        """Wait for a frame that shows this command's effect."""
        await self.until(lambda: self.header.get("applied", 0) >= number)

    # --- hearing

    async def _read(self, connection: ClientConnection) -> None:
        try:
            async for message in connection:
                if isinstance(message, bytes):
                    await self._take(connection, message)
                else:
                    self._hear(json.loads(message))
                self._news.set()
        except ConnectionClosed:
            pass
        except Exception as error:
            self.errors[repr(error)] += 1
            raise
        finally:
            self._news.set()

    def _hear(self, event: Mapping[str, Any]) -> None:
        match event["type"]:
            case "welcome":
                self._welcome = dict(event)
            case "error":
                self.errors[event["code"]] += 1
            case "notice":
                self.notices[event["code"]] += 1
            case _:
                pass

    async def _take(self, connection: ClientConnection, message: bytes) -> None:
        now = time.perf_counter()
        self.bytes += len(message)
        header, blocks = frame.decode(message)
        if "seq" not in header:
            self.saved = (header["run"], message)
            return
        if self._acknowledge:
            await connection.send(json.dumps({"type": "ack", "seq": header["seq"]}))
        self.frames += 1
        self._shown += 1
        if self._shown == 1:
            self.joins.add(now - self._begun)
        elif header["state"] == "playing":
            self.ages.add(now - max(self._credit, self._arrived + self._interval))
        self._arrived = now
        self._credit = time.perf_counter()
        for number in [number for number in self._sets if number <= header["applied"]]:
            self.changes.add(now - self._sets.pop(number))
        self.header = {name: header[name] for name in KEPT}
        self.weights = np.ascontiguousarray(blocks["weights"]).tobytes()
        self.epochs.take(header["run"], bool(header["key"]), np.asarray(blocks["history"], np.float32))

    def _post(self, path: str, body: bytes) -> int:
        request = urllib.request.Request(
            self.url + path,
            data=body,
            headers={"X-Session": self.token or "", "Content-Type": "application/octet-stream"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, OSError):
            return 0


KEPT = ("seq", "key", "applied", "run", "step", "epoch", "state", "exact", "layers")
