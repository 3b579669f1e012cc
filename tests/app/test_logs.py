"""What is logged: one object a line, with ids, and nothing of who asked or what they sent."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app import logs
from app.engine import EngineEvent, Status
from app.local_engine import LocalEngine
from app.main import create_app
from app.settings import Settings
from models import menu
from tests.app.client import PATIENCE
from tests.app.fake_engine import FakeEngine
from tests.app.test_files import EXPERIMENT, blob_of
from tests.app.test_socket import hear, say, serving, welcomed

Json = dict[str, Any]


class Lines:
    """What was logged."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def read(self) -> list[Json]:
        """All lines so far, each of which is one object."""
        return [json.loads(line) for line in self.text.splitlines()]

    def requests(self) -> list[Json]:
        return [line for line in self.read() if line["message"] == "request"]


@pytest.fixture
def lines() -> Generator[Lines]:
    """Logs as JSON, at the finest level, to a buffer."""
    found = Lines()
    root = logging.getLogger()
    before = (list(root.handlers), root.level, sys.excepthook)
    names = ("uvicorn", "websockets", "asyncio", "httpx", "httpcore", "uvicorn.error")
    levels = {name: logging.getLogger(name).level for name in names}
    root.handlers.clear()  # pytest's own, which are not to be closed
    logs.set_up("json", "debug", found.stream)
    yield found
    logging.captureWarnings(False)
    root.handlers[:], sys.excepthook = before[0], before[2]
    root.setLevel(before[1])
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def client(engine: FakeEngine | None = None, **settings: Any) -> tuple[Any, AsyncClient]:
    app = create_app(Settings(**settings), engine or FakeEngine())
    transport = ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.77", 5050))
    return app, AsyncClient(transport=transport, base_url="http://np")


async def test_every_request_has_an_id_and_one_line(lines: Lines) -> None:
    app, http = client()
    async with app.router.lifespan_context(app), http:
        given = await http.get("/healthz", headers={"X-Request-ID": "proxy-Given_0123"})
        made = await http.get("/api/nowhere")
        short = await http.get("/static/main.js", headers={"X-Request-ID": "short"})
        person = await http.get("/", headers={"X-Request-ID": "somebody@192.0.2.77"})
    assert given.headers["x-request-id"] == "proxy-Given_0123"
    ids = [answer.headers["x-request-id"] for answer in (made, short, person)]
    assert all(logs.WELL_FORMED.fullmatch(id) for id in ids)
    assert len({*ids, "short"}) == 4
    found = lines.requests()
    assert [line["request"] for line in found] == ["proxy-Given_0123", *ids]
    assert [(line["method"], line["route"], line["status"]) for line in found] == [
        ("GET", "/healthz", 200),
        ("GET", "unknown", 404),
        ("GET", "/static/{path}", 200),
        ("GET", "/", 200),
    ]
    for line in found:
        assert line["level"] == "info"
        assert line["time"].endswith("Z")
        assert line["seconds"] >= 0
        assert "lane" not in line


async def test_a_run_is_logged_by_its_lane_and_never_by_its_token(lines: Lines) -> None:
    engine = FakeEngine()
    engine.blob = blob_of(EXPERIMENT)
    app, http = client(engine)
    async with app.router.lifespan_context(app), http:
        agent = {
            "User-Agent": "Curious/9.1",
            "Cookie": "language=de; who=Zoe",
            "Referer": "http://np/?me=Zoe",
        }
        http.headers.update(agent)
        started = await http.post("/api/runs", json={"link": "data=xor&seed=1234567", "epochs": 5})
        id = started.json()["id"]
        await http.get(f"/api/runs/{id}/history?after=-1&who=Zoe")
        await http.post("/api/exports/weights_csv", headers={"X-Session": id})
        (lane_id,) = engine.lanes
    found = lines.requests()
    assert [(line["route"], line["status"]) for line in found] == [
        ("/api/runs", 201),
        ("/api/runs/{id}/history", 200),
        ("/api/exports/{kind}", 200),
    ]
    assert [line.get("lane") for line in found[1:]] == [lane_id, lane_id]
    for secret in (id, "192.0.2.77", "Curious", "Zoe", "1234567", "data=xor"):
        assert secret not in lines.text, secret


async def test_a_failure_says_where_and_not_what(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ValueError("a sentence of somebody's")

    monkeypatch.setattr(menu, "public", fail)
    app, http = client()
    async with app.router.lifespan_context(app), http:
        answer = await http.get("/api/catalogue")
    assert answer.status_code == 500
    (line,) = [line for line in lines.read() if line["level"] == "error"]
    assert line["request"] == answer.headers["x-request-id"]
    assert line["error"] == "ValueError"
    assert line["trace"][-1].endswith(" fail")
    assert "sentence" not in lines.text
    for hint in ("app/", ".py", "Traceback", "ValueError", "sentence"):
        assert hint not in answer.text, hint
    assert lines.requests()[0]["status"] == 500


async def test_a_page_leaves_no_address_token_or_message(lines: Lines) -> None:
    async with serving(log_level="debug") as served:
        address = served.url.removeprefix("ws://").removesuffix("/ws")
        async with connect(f"{served.url}?who=Zoe", additional_headers={"X-Request-ID": "abcdefgh"}) as page:
            assert page.response is not None
            assert page.response.headers["x-request-id"] == "abcdefgh"
            token = await welcomed(page, experiment={"seed": 7654321})
            await hear(page)
            await page.send("{broken 7654321")
            assert (await hear(page))["code"] == "malformed"
            await say(page, type="play", id=2)
            (lane_id,) = served.engine.lanes
            near = page.local_address[0], str(page.local_address[1])
    (line,) = lines.requests()
    assert (line["method"], line["route"], line["request"], line["lane"]) == (
        "WEBSOCKET",
        "/ws",
        "abcdefgh",
        lane_id,
    )
    for secret in (token, *near, address, "7654321", "Zoe", "127.0.0.1"):
        assert secret not in lines.text, secret


async def test_a_connection_that_fails_is_logged_with_its_lane(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a sentence of somebody's")

    async with serving() as served, connect(served.url) as page:
        await welcomed(page)
        await hear(page)
        (lane_id,) = served.engine.lanes
        monkeypatch.setattr("app.session.Session.carry_out", fail)
        await say(page, type="play", id=2)
        assert (await hear(page))["code"] == "internal"
        monkeypatch.setattr("app.connection.Connection.receive", fail)
        await say(page, type="play", id=3)
        with suppress(ConnectionClosed):
            await hear(page)
        with pytest.raises(ConnectionClosed):
            await hear(page)
    errors = [line for line in lines.read() if line["level"] == "error"]
    assert [(line["error"], line["lane"]) for line in errors] == [("RuntimeError", lane_id)] * 2
    assert "sentence" not in lines.text


@pytest.mark.skipif(sys.platform == "win32", reason="there a process's output stays its own")
async def test_what_the_training_process_writes_is_an_object_too(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    own = '{"time": "then", "message": "logged there"}'
    for words in ("native words", own):
        ready = asyncio.Event()
        engine = LocalEngine({"log_format": "json", "says": words}, target="tests.app.fake_host:main")

        def listen(event: EngineEvent, ready: asyncio.Event = ready) -> None:
            if isinstance(event, Status) and event.state == "ready":
                ready.set()

        engine.subscribe(listen)
        await engine.start()
        async with asyncio.timeout(PATIENCE):
            await ready.wait()
        await engine.stop()
    (line,) = [line for line in lines.read() if line["logger"] == "app.host_output"]
    assert (line["level"], line["message"]) == ("warning", "native words")
    assert capsys.readouterr().err == own + "\n"


def test_text_is_for_people_and_has_the_same_members() -> None:
    record = logging.LogRecord("app.x", logging.INFO, "", 0, "request", None, None)
    record.__dict__.update(logs.fields(route="/healthz", status=200))
    logs.REQUEST_ID.set("")
    logs.LANE_ID.set("")
    assert logs.TextFormatter().format(record) == "INFO app.x: request route=/healthz status=200"
    assert json.loads(logs.JsonFormatter().format(record)).keys() >= {"route", "status", "time", "logger"}


def test_what_is_told_at_the_start_is_an_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.say("json", "Ready.")
    logs.say("text", "Ready.")
    first, second = capsys.readouterr().out.splitlines()
    assert (json.loads(first)["message"], second) == ("Ready.", "Ready.")
