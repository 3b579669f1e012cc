"""How a server stops: pages are told, get their runs, and are closed; the process ends well."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.main import create_app
from app.serve import Server, server_config
from app.session import SERVICE_RESTART
from app.settings import Settings
from tests.app.client import PATIENCE
from tests.app.fake_engine import FakeEngine
from tests.app.test_socket import hear, say, welcomed
from tests.support.processes import children
from tests.support.server import running_server

STOPS_WITHIN = 10.0  # seconds: what is promised to whoever runs the server


class AskedEngine(FakeEngine):
    """Its lanes are saved when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_for = asyncio.Event()
        self.answers = asyncio.Event()

    async def snapshot(self, lane_id: str) -> bytes:
        self.asked_for.set()
        await self.answers.wait()
        return b'{"as": "it is"}'


@asynccontextmanager
async def serving(engine: FakeEngine, grace: float) -> AsyncGenerator[tuple[Server, str]]:
    settings = Settings(shutdown_grace=grace)
    app = create_app(settings, engine)
    server = Server(server_config(app, settings), settings, app, "here")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        listening = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield server, address
        finally:
            server.should_exit = True
            async with asyncio.timeout(PATIENCE):
                await listening


async def last_words(page: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """What a page hears until it is closed, and the code."""
    heard: list[dict[str, Any]] = []
    with suppress(ConnectionClosed):
        while True:
            heard.append(await hear(page))
    return heard, page.close_code or 0


async def test_while_it_says_goodbye_it_is_not_ready_and_takes_nobody() -> None:
    engine = AskedEngine()
    async with (
        serving(engine, grace=100 * PATIENCE) as (server, address),
        connect(f"ws://{address}/ws") as page,
    ):
        await welcomed(page, save=True)
        await hear(page)
        server.should_exit = True
        async with asyncio.timeout(PATIENCE):
            await engine.asked_for.wait()
        async with AsyncClient(base_url=f"http://{address}") as http:
            assert (await http.get("/healthz")).status_code == 200
            ready = await http.get("/readyz")
            assert (ready.status_code, ready.json()["state"]) == (503, "stopping")
            assert ready.json()["message"]
            assert (await http.post("/api/runs", json={})).status_code == 503
        async with connect(f"ws://{address}/ws") as late:
            await say(late, type="open", id=1)
            told, code = await last_words(late)
            assert ([event["code"] for event in told], code) == (["server_stopping"], SERVICE_RESTART)
        assert len(engine.asked("open")) == 1
        engine.answers.set()
        told, code = await last_words(page)
        assert [told[0]["code"], *told[1:]] == ["server_stopping", {"as": "it is"}]
        assert code == SERVICE_RESTART


async def test_pages_of_an_engine_that_does_not_answer_get_what_was_saved_last() -> None:
    engine = AskedEngine()
    engine.blob = b'{"as": "it was"}'
    async with serving(engine, grace=0.1) as (server, address), AsyncExitStack() as stack:
        keeps = await stack.enter_async_context(connect(f"ws://{address}/ws"))
        shows = await stack.enter_async_context(connect(f"ws://{address}/ws"))
        await welcomed(keeps, save=True)
        await hear(keeps)
        await welcomed(shows)
        await hear(shows)
        server.should_exit = True
        told, code = await last_words(keeps)
        assert [told[0]["code"], *told[1:]] == ["server_stopping", {"as": "it was"}]
        assert code == SERVICE_RESTART
        told, code = await last_words(shows)
        assert ([event["code"] for event in told], code) == (["server_stopping"], SERVICE_RESTART)


async def test_a_page_that_reads_nothing_does_not_keep_it_from_stopping() -> None:
    engine = FakeEngine()
    engine.blob = b"x" * 10_000_000  # more than buffers hold
    async with serving(engine, grace=0.1) as (server, address):
        page = await connect(f"ws://{address}/ws")
        await welcomed(page, save=True)
        await hear(page)
        page.transport.pause_reading()
        server.should_exit = True
    page.transport.abort()
    await page.wait_closed()
    assert engine.calls[-1] == ("stop",)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to stop a process by")
async def test_sigterm_ends_the_process_well_and_every_page_is_told(tmp_path: Path) -> None:
    settings = {"log_format": "json", "log_level": "debug"}
    with running_server(tmp_path / "log", tmp_path, settings, module="tests.support.light_server") as server:
        (host,) = [pid for pid, line in children(server.process.pid).items() if "spawn_main" in line]
        async with AsyncExitStack() as stack:
            pages = [
                await stack.enter_async_context(connect(server.url.replace("http", "ws", 1) + "/ws"))
                for _ in range(3)
            ]
            tokens = [await welcomed(page, save=True) for page in pages]
            for number, page in enumerate(pages):
                await hear(page)
                for step in range(number):
                    await say(page, type="step", id=2 + step, unit="epoch")
            server.process.send_signal(signal.SIGTERM)
            goodbyes = await asyncio.gather(*map(last_words, pages))
        for number, (told, code) in enumerate(goodbyes):
            assert [event["code"] for event in told if isinstance(event, dict) and "code" in event] == [
                "server_stopping"
            ]
            # The run as it was at the end: with every command that the page had sent.
            assert told[-1] == number * [{"type": "step", "unit": "epoch", "count": 1}]
            assert code == SERVICE_RESTART
        assert await asyncio.to_thread(server.process.wait, STOPS_WITHIN) == 0, server.tail()
        with pytest.raises(ProcessLookupError):
            os.kill(host, 0)
        log = server.log.read_text()
        lines = [json.loads(line) for line in log.splitlines()]  # whatever wrote them
        assert {"/readyz", "/ws"} <= {line.get("route") for line in lines}
        assert not [token for token in tokens if token in log]
