"""The WebSocket through a real server, as a browser has it."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.addresses import Connections
from app.engine import Status
from app.main import create_app
from app.metrics import Metrics
from app.serve import MAX_WEBSOCKET_BYTES, server_config
from app.session import TAKEN_OVER_CLOSE
from app.settings import Settings
from app.socket import origin_allowed, serve_page
from tests.app.client import PATIENCE
from tests.app.client import Server as Fake
from tests.app.fake_engine import FakeEngine


class Served:
    """A server that listens on a port of its own."""

    def __init__(self, engine: FakeEngine, url: str, server: uvicorn.Server) -> None:
        self.engine = engine
        self.url = url
        self.server = server


@asynccontextmanager
async def serving(engine: FakeEngine | None = None, **settings: Any) -> AsyncGenerator[Served]:
    engine = engine or FakeEngine()
    chosen = Settings(shutdown_grace=1, **settings)
    app = create_app(chosen, engine)
    server = uvicorn.Server(server_config(app, chosen))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listening = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            # The port accepts already; the answer comes once the server does.
            yield Served(engine, f"ws://127.0.0.1:{listener.getsockname()[1]}/ws", server)
        finally:
            server.should_exit = True
            await listening


async def say(page: ClientConnection, **message: Any) -> None:
    await page.send(json.dumps(message))


async def hear(page: ClientConnection) -> dict[str, Any]:
    """The next event, or the header of the next frame."""
    async with asyncio.timeout(PATIENCE):
        return json.loads(await page.recv())


async def welcomed(page: ClientConnection, **members: Any) -> str:
    await say(page, type="open", id=1, **members)
    welcome = await hear(page)
    assert welcome["type"] == "welcome"
    assert (await hear(page))["type"] == "status"
    return welcome["session"]


async def test_a_conversation() -> None:
    async with serving() as served, connect(served.url) as page:
        await welcomed(page)
        first = await hear(page)
        assert first == {"seq": 1, "key": True, "applied": 1}
        await say(page, type="ack", seq=1)
        await say(page, type="play", id=2)
        await say(page, type="fly", id=3)
        assert (await hear(page))["code"] == "unknown_command"
        served.engine.publish()
        assert await hear(page) == {"seq": 2, "key": False, "applied": 2}


async def test_status_comes_before_the_engine_is_ready() -> None:
    engine = FakeEngine(Status("warming", "Compiling.", 0.1))
    engine.open_gate.clear()
    async with serving(engine) as served, connect(served.url) as page:
        await say(page, type="open", id=1)
        assert (await hear(page))["type"] == "welcome"
        assert (await hear(page))["message"] == "Compiling."
        engine.announce(Status("warming", "Almost.", 0.9))
        assert (await hear(page))["progress"] == 0.9
        engine.announce(Status("ready", "Ready.", 1.0, "CPU"))
        assert (await hear(page))["state"] == "ready"
        engine.open_gate.set()
        assert (await hear(page))["key"]


async def test_a_dropped_connection_finds_its_lane_again() -> None:
    async with serving() as served:
        async with connect(served.url) as page:
            token = await welcomed(page)
            await hear(page)
            page.transport.abort()
        async with connect(served.url) as page:
            await say(page, type="open", id=1, session=token)
            assert (await hear(page))["resumed"]
            await hear(page)
            assert (await hear(page))["key"]
        assert len(served.engine.asked("open")) == 1


async def test_a_page_that_is_taken_over_is_closed_with_a_code_of_its_own() -> None:
    async with serving() as served, connect(served.url) as first, connect(served.url) as second:
        token = await welcomed(first)
        await hear(first)
        await welcomed(second, session=token)
        assert (await hear(first))["code"] == "taken_over"
        with pytest.raises(ConnectionClosed) as closed:
            await hear(first)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == TAKEN_OVER_CLOSE
        assert (await hear(second))["key"]


async def test_a_message_beyond_the_limit_leaves_the_connection_open() -> None:
    async with serving() as served, connect(served.url) as page:
        await page.send("x" * 1_000_000)
        assert (await hear(page))["code"] == "too_large"
        await welcomed(page)


async def test_a_message_beyond_all_measure_closes_it() -> None:
    async with serving() as served, connect(served.url) as page:
        hearing = asyncio.create_task(hear(page))
        with suppress(ConnectionClosed):
            await page.send("x" * (MAX_WEBSOCKET_BYTES + 1))
        with pytest.raises(ConnectionClosed):
            await hearing


async def test_a_thousand_bad_messages_through_the_wire() -> None:
    async with serving(message_burst=2000) as served, connect(served.url) as page:
        await welcomed(page)
        await hear(page)
        before = list(served.engine.calls)
        bad = ["{", "[]", '{"type": "play", "id": 1}', b"\0", '{"type": "ack", "seq": 9}']
        for message in bad * 200:
            await page.send(message)
        errors = [await hear(page) for _ in range(1000)]
        assert {error["type"] for error in errors} == {"error"}
        assert {error["code"] for error in errors} == {"malformed", "illegal"}
        await say(page, type="play", id=2)
        served.engine.publish()
        assert (await hear(page))["applied"] in (1, 2)
        assert served.engine.calls[: len(before)] == before
        assert [command for _, _, command in served.engine.asked("command")[1:]] == [{"type": "play"}]


class Hasty:
    """A WebSocket all of whose messages have come already."""

    def __init__(self, messages: int) -> None:
        self.headers: dict[str, str] = {}
        self._left = messages

    scope: ClassVar[dict[str, str]] = {"type": "websocket"}
    app = SimpleNamespace(state=SimpleNamespace(connections=Connections(1)))

    async def accept(self) -> None: ...

    async def send_text(self, text: str) -> None: ...

    async def receive(self) -> dict[str, str]:
        if not self._left:
            return {"type": "websocket.disconnect"}
        self._left -= 1
        return {"type": "websocket.receive", "text": "{"}


async def test_others_take_their_turns_while_one_sends_as_fast_as_it_can() -> None:
    server = Fake(message_burst=1000)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(other())
    hasty: Any = Hasty(1000)
    await serve_page(hasty, server.sessions, server.settings, Metrics(server.engine))
    beside.cancel()
    assert turns >= 1000


async def test_pages_of_other_origins_are_refused() -> None:
    async with serving(allowed_origins=("http://friend.example",)) as served:
        for origin in ("http://evil.example", "null"):
            with pytest.raises(InvalidStatus) as refused:
                await connect(served.url, origin=origin)  # pyright: ignore[reportArgumentType]
            assert refused.value.response.status_code == 403
        own = served.url.replace("ws://", "http://").removesuffix("/ws")
        for origin in (own, "http://friend.example"):
            async with connect(served.url, origin=origin) as page:  # pyright: ignore[reportArgumentType]
                await welcomed(page)


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "answer"),
    [
        (None, "here:8000", (), True),
        ("http://here:8000", "here:8000", (), True),
        ("https://HERE", "here", (), True),
        ("http://here:8001", "here:8000", (), False),
        ("http://here.evil", "here", (), False),
        ("null", "here", (), False),
        ("http://evil", None, (), False),
        ("http://there", "here", ("http://there",), True),
        ("http://anywhere", "here", ("*",), True),
    ],
)
def test_origins(origin: str | None, host: str | None, allowed: tuple[str, ...], answer: bool) -> None:
    assert origin_allowed(origin, host, allowed) is answer


async def test_stopping_closes_connections_and_the_engine() -> None:
    async with serving() as served:
        page = await connect(served.url)
        await welcomed(page)
        await hear(page)
        served.server.should_exit = True
        with pytest.raises(ConnectionClosed):
            await hear(page)
    assert served.engine.calls[-1] == ("stop",)
