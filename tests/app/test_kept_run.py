"""The run that a page keeps: when it is sent, and that it brings the lane back to where it was."""

import asyncio
import json

import pytest
from httpx import ASGITransport, AsyncClient

from app.main import create_app
from app.settings import Settings
from models.experiment import Experiment
from models.saved_lane import SavedLane
from tests.app.client import Client, Server, settle
from tests.app.fake_engine import FakeEngine
from tests.app.test_files import EXPERIMENT, blob_of

SOON = 0.01  # seconds


def run(number: int, length: int = 0) -> bytes:
    """Something to be kept, which a test's client can read."""
    return json.dumps({"run": number, "filling": "." * length}).encode()


async def opened(server: Server, **members: object) -> tuple[Client, int]:
    """A page that has been shown its first frame, and the number of that."""
    page = server.client()
    await page.open(**members)
    return page, (await page.frame())["seq"]


async def test_a_page_gets_its_run_whenever_it_has_changed() -> None:
    server = Server(save_seconds=SOON)
    page, _ = await opened(server, save=True)
    server.engine.blob = run(1)
    assert (await page.next()) == json.loads(run(1))
    await asyncio.sleep(5 * SOON)  # it is not sent again
    server.engine.blob = run(2)
    assert (await page.next()) == json.loads(run(2))


async def test_only_who_asks_for_it_and_takes_frames_gets_it() -> None:
    server = Server(save_seconds=SOON)
    server.engine.blob = run(1)
    reader, _ = await opened(server)
    slow, first = await opened(server, save=True)
    server.engine.publish()
    second = (await slow.frame())["seq"]  # which is not acknowledged, nor is the first
    await asyncio.sleep(5 * SOON)
    server.engine.announce(server.engine.status)
    assert await reader.event("status")
    assert await slow.event("status")
    waiting = asyncio.create_task(slow.next())
    await asyncio.sleep(5 * SOON)
    assert not waiting.done()
    slow.ack(first)
    slow.ack(second)
    assert await waiting == json.loads(run(1))


async def test_a_long_run_is_sent_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.connection.SAVED_BYTES_A_SECOND", 1e5)
    server = Server(save_seconds=SOON)
    page, _ = await opened(server, save=True)
    loop = asyncio.get_running_loop()
    server.engine.blob = run(1, 20_000)
    await page.next()
    begun = loop.time()
    server.engine.blob = run(2)
    await page.next()
    assert loop.time() - begun >= 0.19  # 20 kB at 100 kB/s


async def test_nothing_is_sent_of_a_session_that_was_left() -> None:
    server = Server(save_seconds=SOON)
    page, _ = await opened(server, save=True)
    page.connection.disconnected()
    server.engine.blob = run(1)
    await asyncio.sleep(5 * SOON)
    await settle()
    assert server.engine.asked("saved") == []


async def test_a_server_that_has_lost_the_run_takes_it_from_the_page() -> None:
    kept = blob_of(EXPERIMENT, epoch=3)
    engine = FakeEngine()
    app = create_app(Settings(), engine)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://np") as http,
    ):
        page = Client(app.state.sessions, app.state.settings)
        welcome = await page.open(session="of-another-server")
        assert not welcome["resumed"]
        answer = await http.post("/api/runs/import", headers={"X-Session": page.token}, content=kept)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["kind"], found["epoch"], found["notes"]) == ("run", 3, [])
        assert Experiment.model_validate(found["experiment"]) == EXPERIMENT == SavedLane.of(kept).experiment
        assert engine.asked("command")[-1][-1] == {
            "type": "load",
            "blob": kept,
            "weights": None,
            "experiment": EXPERIMENT.model_dump(mode="json"),
        }
        before = len(engine.asked("command"))
        for broken in (kept[:-9], kept[:200], kept[:4] + b"{}" + kept[6:], kept.replace(b"tanh", b"tnah")):
            answer = await http.post("/api/runs/import", headers={"X-Session": page.token}, content=broken)
            assert answer.status_code == 422, broken
        assert len(engine.asked("command")) == before
