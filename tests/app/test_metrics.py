"""Metrics as Prometheus reads them: what is counted, and who may read it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect

from app.engine import Figures, LaneId, Status
from app.frame_times import MOST_WAITING, FrameTimes
from app.main import create_app
from app.settings import Settings
from models import frame
from tests.app.client import PATIENCE
from tests.app.fake_engine import FakeEngine
from tests.app.test_socket import Served, hear, say, serving, welcomed

P = "neural_playground_"
Sample = tuple[str, frozenset[tuple[str, str]]]


def samples(text: str) -> dict[Sample, float]:
    """Every figure by its name and labels, read by Prometheus's own parser."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figure(found: dict[Sample, float], name: str, **labels: str) -> float:
    return found[P + name, frozenset(labels.items())]


async def scraped(served: Served) -> dict[Sample, float]:
    async with AsyncClient() as http:
        answer = await http.get(served.url.replace("ws://", "http://").replace("/ws", "/metrics"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return samples(answer.text)


class FramingEngine(FakeEngine):
    """Its frames have a frame's form."""

    async def frames(self, after: Mapping[LaneId, int], max_wait: float) -> dict[LaneId, tuple[int, bytes]]:
        found = await super().frames(after, max_wait)
        return {lane: (seq, frame.encode(json.loads(data), {})) for lane, (seq, data) in found.items()}


async def header(page: ClientConnection) -> dict[str, Any]:
    """Of the next frame."""
    async with asyncio.timeout(PATIENCE):
        message = await page.recv()
    assert isinstance(message, bytes)
    return frame.decode(message)[0]


async def test_what_a_page_causes_is_counted() -> None:
    async with serving(FramingEngine()) as served, connect(served.url) as page:
        before = await scraped(served)
        assert figure(before, "connections", kind="page") == 1
        assert figure(before, "sessions") == figure(before, "frames_sent_total") == 0
        await welcomed(page)
        await header(page)
        await say(page, type="ack", seq=1)
        await say(page, type="set", id=2, experiment={"seed": 5})
        await say(page, type="fly", id=3)
        assert (await hear(page))["code"] == "unknown_command"
        served.engine.publish()
        assert (await header(page))["applied"] == 2
        after = await scraped(served)
        assert figure(after, "sessions") == 1
        assert figure(after, "frames_sent_total") == 2
        assert figure(after, "frame_age_seconds_count") == 1  # the second was not acknowledged
        assert figure(after, "change_to_frame_seconds_count") == 1
        assert figure(after, "errors_total", kind="unknown_command") == 1
        assert figure(after, "sent_bytes_total", kind="text") > 100
        assert figure(after, "sent_bytes_total", kind="binary") > 50
        assert figure(after, "http_requests_total", status="2xx") == 1  # the first look at the metrics
        assert figure(after, "sent_bytes_total", kind="http") > 1000
    assert figure(before, "errors_total", kind="connection") == 0


async def test_what_the_training_process_counts_is_shown() -> None:
    engine = FakeEngine()
    engine.figures = Figures(
        lanes={"playing": 3, "paused": 1, "resting": 2, "diverged": 0},
        ticks=7,
        tick_seconds=0.5,
        steps=4200,
        frames=9,
        frame_seconds=0.02,
        programs={"compile": (1, 3.5), "load": (2, 1.25)},
        restarts=2,
        process_ids=(os.getpid(),),
    )
    async with serving(engine) as served:
        found = await scraped(served)
        assert figure(found, "ready") == 1
        engine.announce(Status("restarting", "Again.", 0.0, "CPU"))
        engine.figures = Figures()
        later = await scraped(served)
    assert [figure(found, "lanes", state=state) for state in engine_states(found)] == [0, 1, 3, 2]
    assert (figure(found, "tick_seconds_count"), figure(found, "tick_seconds_sum")) == (7, 0.5)
    assert figure(found, "steps_total") == 4200
    assert (figure(found, "frame_seconds_count"), figure(found, "frame_seconds_sum")) == (9, 0.02)
    assert figure(found, "program_seconds_sum", how="compile") == 3.5
    assert figure(found, "program_seconds_count", how="load") == 2
    assert figure(found, "training_restarts_total") == 2
    assert figure(later, "ready") == 0
    if sys.platform == "linux":
        assert figure(found, "web_process_resident_memory_bytes") > 1e6
        name = "training_process_cpu_seconds_total"
        assert figure(found, name, process="1") > 0
        assert not any(found_name == P + name for found_name, _ in later)


def test_the_figures_of_several_training_processes_are_added_up() -> None:
    one = Figures({"playing": 1}, 1, 0.5, 10, 3, 0.25, {"load": (1, 2.0)}, 1, (7,))
    other = Figures(
        {"playing": 2, "paused": 4}, 2, 1.5, 20, 4, 0.75, {"load": (1, 3.0), "compile": (2, 9.0)}, 0, (8,)
    )
    together = one + other
    assert together == Figures(
        {"playing": 3, "paused": 4}, 3, 2.0, 30, 7, 1.0, {"load": (2, 5.0), "compile": (2, 9.0)}, 1, (7, 8)
    )


def engine_states(found: dict[Sample, float]) -> list[str]:
    return sorted(dict(labels)["state"] for name, labels in found if name == P + "lanes")


@asynccontextmanager
async def asked_from(address: str, **settings: object) -> AsyncGenerator[AsyncClient]:
    app = create_app(Settings.model_validate(settings), FakeEngine())
    transport = ASGITransport(app, client=(address, 1234))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://np") as http,
    ):
        yield http


@pytest.mark.parametrize(
    ("address", "metrics", "status"),
    [
        ("127.0.0.1", "loopback", 200),
        ("127.8.8.8", "loopback", 200),
        ("::1", "loopback", 200),
        ("::ffff:127.0.0.1", "loopback", 200),
        ("192.0.2.7", "loopback", 403),
        ("::ffff:192.0.2.7", "loopback", 403),
        ("testclient", "loopback", 403),
        ("192.0.2.7", "any", 200),
        ("127.0.0.1", "off", 404),
    ],
)
async def test_who_may_read_them(address: str, metrics: str, status: int) -> None:
    async with asked_from(address, metrics=metrics) as http:
        answer = await http.get("/metrics")
    assert answer.status_code == status
    if status != 200:
        assert P not in answer.text
        assert answer.json()["error"]["expected"]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_a_proxy_on_this_machine_does_not_open_them(header: str) -> None:
    async with asked_from("127.0.0.1") as http:
        assert (await http.get("/metrics", headers={header: "127.0.0.1"})).status_code == 403


class Seen:
    def __init__(self) -> None:
        self.observed: list[float] = []

    def observe(self, amount: float) -> None:
        self.observed.append(amount)

    def inc(self) -> None:
        self.observed.append(1)


def test_ages_are_from_arrival_to_being_shown_and_changes_from_command_to_frame() -> None:
    now = 0.0
    frames, age, change = Seen(), Seen(), Seen()
    times = FrameTimes(frames, age, change, lambda: now)

    times.commanded("set", 5)
    times.commanded("speed", 6)  # shows no other network
    now = 1.0
    times.sent(1, frame.encode({"applied": 4}, {}))
    assert change.observed == []
    times.commanded("weight", 7)
    now = 3.0
    times.sent(2, frame.encode({"applied": 8}, {}))
    assert change.observed == [3.0, 2.0]
    now = 4.0
    times.shown(2)  # and the first with it, whose own time is not known
    assert age.observed == [1.0]
    assert frames.observed == [1, 1]
    for number in range(2 * MOST_WAITING):  # a page that asks and takes no frame
        times.commanded("set", 100 + number)
    times.begin()
    times.sent(3, b"no frame, and not looked at")
    assert len(change.observed) == 2
