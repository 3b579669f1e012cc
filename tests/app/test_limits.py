"""Limits below, at and above: addresses, connections, lanes, messages, bodies, memory."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.addresses import Connections, client_address
from app.connection import POLICY_VIOLATION, TRY_AGAIN_LATER, HangUp
from app.memory import MEGABYTE, Memory, resident
from app.room import RETRY_AFTER, Room
from app.settings import Settings
from tests.app import test_socket
from tests.app.caller import Caller, Json, serving, the_schema
from tests.app.client import Client, Server, settle
from tests.app.live_messages import first


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("192.0.2.7", 4711), "192.0.2.7"),
        (("::ffff:192.0.2.7", 4711), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::", 2), "2001:db8:1:2::/64"),
        (("2001:db8:1:3::1", 2), "2001:db8:1:3::/64"),
        (("fe80::1%eth0", 2), "fe80::/64"),
        (("::1", 2), "::/64"),
        (("testclient", 50000), "testclient"),
        (None, ""),
    ],
)
def test_an_address_is_what_one_network_has(client: tuple[str, int] | None, address: str) -> None:
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"forwarded", b"for=203.0.113.9")]
    assert client_address({"type": "http", "client": client, "headers": headers}) == address


def test_connections_of_an_address_below_at_and_above() -> None:
    connections = Connections(2)
    with connections.hold("a") as first, connections.hold("a") as second, connections.hold("b") as other:
        assert first
        assert second
        assert other
        with connections.hold("a") as third:
            assert not third
        assert len(connections) == 3
    assert len(connections) == 0
    with pytest.raises(ValueError, match="lost"), connections.hold("a"):
        raise ValueError("lost")
    with connections.hold("a") as first, connections.hold("a") as second:
        assert first
        assert second


async def refused(page: ClientConnection) -> Json:
    """What a connection is told that is one too many."""
    event = await test_socket.hear(page)
    with pytest.raises(ConnectionClosed) as closed:
        await test_socket.hear(page)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == TRY_AGAIN_LATER
    return event


async def test_one_connection_too_many_is_told_so_and_harms_nobody() -> None:
    async with test_socket.serving(max_connections_per_address=2) as served:
        async with connect(served.url) as page, connect(served.url) as other:
            token = await test_socket.welcomed(page)
            await test_socket.welcomed(other)
            async with connect(served.url) as third:
                event = await refused(third)
                assert (event["type"], event["reason"]) == ("refused", "connections")
                assert event["retry_after"] == RETRY_AFTER
                assert "2 connections" in event["message"]
            async with connect(served.url.replace("/ws", "/api/live/0123/events")) as viewer:
                assert (await refused(viewer))["reason"] == "connections"
            await test_socket.hear(page)
            await test_socket.say(page, type="play", id=2)
            await test_socket.say(page, type="fly", id=3)  # when this is answered, the other was carried out
            assert (await test_socket.hear(page))["code"] == "unknown_command"
            served.engine.publish()
            assert (await test_socket.hear(page))["applied"] == 2
        async with connect(served.url) as page:
            assert await test_socket.welcomed(page, session=token) == token


async def test_lanes_of_an_address_count_pages_and_programs() -> None:
    async with serving(max_lanes_per_address=2) as np:
        run = await np.start()
        page = Client(np.app.state.sessions, np.app.state.settings, address="127.0.0.1")
        await page.open()
        answer = await np.ask("POST", "/api/runs")
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == str(RETRY_AFTER)
        assert "2 networks" in answer.json()["error"]["message"]
        transport = ASGITransport(np.app, client=("10.0.0.2", 1))
        async with AsyncClient(transport=transport, base_url="http://np") as other:
            assert (await other.post("/api/runs")).status_code == 201
        assert (await np.ask("DELETE", run)).status_code == 204
        await np.start()


async def test_runs_of_one_network_count_together() -> None:
    async with serving(max_runs=1) as np:
        for host, status in (("2001:db8::1", 201), ("2001:db8::2", 429), ("2001:db8:0:1::1", 201)):
            transport = ASGITransport(np.app, client=(host, 1))
            async with AsyncClient(transport=transport, base_url="http://np") as http:
                assert (await http.post("/api/runs")).status_code == status, host


async def test_a_program_is_told_when_to_ask_again() -> None:
    async with serving(max_lanes=1) as np:
        run = await np.start()
        answer = await np.ask("POST", "/api/runs")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == str(RETRY_AFTER)
        assert answer.json()["error"] == {
            "message": "All 1 places of this server are taken.",
            "expected": "another try when somebody has left",
        }
        await np.ask("DELETE", run)
        await np.start()


@pytest.mark.parametrize(("held", "obstacle"), [(0, None), (2, None), (3, "lanes"), (4, "lanes")])
def test_lanes_below_at_and_above(held: int, obstacle: str | None) -> None:
    room = Room(lanes=3, per_address=2, memory=Memory(0, lambda: 0, lambda: 0.0))
    assert room.obstacle(held, 0) == obstacle
    assert room.obstacle(held, 1) == obstacle
    assert room.obstacle(held, 2) == (obstacle or "address")


MOST = 1024


def message_of(length: int) -> str:
    """A message that asks for something and has so many bytes."""
    return json.dumps({"type": "play", "id": 2}).ljust(length)


async def test_message_size_below_at_and_above() -> None:
    server = Server(max_message_bytes=MOST)
    page = server.client()
    await page.open()
    await page.frame()
    page.say(message_of(MOST + 1))
    error = await page.event("error")
    assert error["code"] == "too_large"
    assert f"{MOST} bytes" in error["expected"]
    for id, length in ((2, MOST - 1), (3, MOST)):
        page.say(message_of(length).replace("2", str(id)))
    server.engine.publish()
    assert (await page.frame())["applied"] == 3


async def test_message_rate_below_at_and_above() -> None:
    server = Server(max_messages_per_second=8, message_burst=5, session_grace=60)
    page = server.client()
    await page.open()  # the first message
    seqs = [(await page.frame())["seq"]]
    server.engine.publish()
    seqs.append((await page.frame())["seq"])
    for _ in range(4):
        page.send(type="play")  # the burst is used up
    await settle()
    assert server.engine.lane.applied == 5
    page.send(type="pause")
    assert (await page.event("error"))["code"] == "too_fast"
    # Pictures go on: that a frame was shown is always heard, and nothing else.
    page.ack(seqs[-1] + 1)
    assert (await page.event("error"))["code"] == "too_fast"
    page.ack(seqs[-1])
    server.engine.publish()
    assert (await page.frame())["applied"] == 5
    # At the rate, nothing is refused.
    for _ in range(20):
        page.time += 1 / 8
        page.send(type="play")
    await settle()
    assert server.engine.lane.applied == 26
    # Twice the rate is refused, but borne.
    for _ in range(40):
        page.time += 1 / 16
        page.send(type="play")
    for _ in range(20):
        assert (await page.event("error"))["code"] == "too_fast"
    # What is far above it ends the connection, and not the run.
    for _ in range(12):
        page.send(type="play")
    while isinstance(told := await page.next(), dict):
        assert told["code"] == "too_fast"
    assert isinstance(told, HangUp)
    assert told.code == POLICY_VIOLATION
    again = server.client()
    assert (await again.open(session=page.token))["resumed"]
    assert (await again.frame())["key"]


BODIES = {
    "max_request_bytes": (
        ("POST", "/api/runs"),
        ("PATCH", "{run}"),
        ("PATCH", "{run}/weights"),
        ("POST", "{run}/train"),
        ("POST", "{run}/step"),
        ("POST", "/api/tables/0123"),
    ),
    "max_upload_bytes": (("POST", "/api/tables"),),
    "max_model_bytes": (("POST", "/api/runs/import"), ("POST", "{run}/import")),
    "max_code_bytes": (("POST", "/api/code"), ("POST", "/api/notebook")),
    "max_live_bytes": (("POST", "{live}/frames"),),
}
WITHOUT_BODY = (
    ("POST", "/api/live"),
    ("POST", "/api/downloads/nothing"),
    ("POST", "/api/exports/nothing"),
    ("POST", "/api/runs/record"),
    ("POST", "{run}/pause"),
    ("POST", "{run}/rewind"),
    ("DELETE", "{run}"),
)
OWN: dict[str, Any] = {name: 1100 + 100 * number for number, name in enumerate(BODIES)}
CHUNK = 100


class Upload:
    """A body without a Content-Length, in chunks; counts what was read of it."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.read = 0

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        yield b"{}"
        self.read = 2
        while self.read < self.length:
            part = min(CHUNK, self.length - self.read)
            yield b" " * part
            self.read += part


async def sent(np: Caller, method: str, address: str, body: Upload, headers: Json) -> tuple[int, Json]:
    """The status and, of an error, what is answered to such a body."""
    request = np.http.build_request(method, address, content=body, headers=headers)
    assert "content-length" not in request.headers
    answer = await np.http.send(request)
    return answer.status_code, answer.json().get("error", {}) if answer.content else {}


async def test_every_body_has_a_limit_below_at_and_above() -> None:
    async with serving(**OWN) as np:
        run = await np.start()
        live = (await np.ask("POST", "/api/live")).json()
        places = {"run": run, "live": f"/api/live/{live['id']}"}
        headers = {
            "Content-Type": "application/json",
            "X-Session": run.rpartition("/")[2],
            "Authorization": f"Bearer {live['token']}",
        }
        for name, requests in BODIES.items():
            for method, path in requests:
                address = path.format(**places)
                for length in (OWN[name] - 1, OWN[name]):
                    status, _ = await sent(np, method, address, Upload(length), headers)
                    assert status != 413, (path, length)
                status, error = await sent(np, method, address, Upload(OWN[name] + 1), headers)
                assert (status, error["expected"]) == (413, f"at most {OWN[name]:,} bytes"), path
        for method, path in WITHOUT_BODY:
            body = Upload(10 * MEGABYTE)
            await sent(np, method, path.format(**places), body, headers)
            assert body.read <= CHUNK, path  # nobody waits for it, and nobody keeps it


class Stopping(Upload):
    """A body of which nothing more comes after its beginning."""

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        yield b"{}"
        await asyncio.Event().wait()


async def test_a_body_that_stops_halfway_is_given_up() -> None:
    async with serving(body_timeout=0.05) as np:
        run = await np.start()
        headers = {"Content-Type": "application/json", "X-Session": run.rpartition("/")[2]}
        for path in ("/api/runs", "/api/tables", "/api/runs/import", "/api/code"):
            request = np.http.build_request("POST", path, content=Stopping(0), headers=headers)
            answer = await np.http.send(request)
            assert answer.status_code == 408, path
            assert answer.headers["connection"] == "close", path
            assert answer.json()["error"] == {
                "message": "Nothing more of the request came for 0.05 s.",
                "expected": "all of it",
            }


def test_no_route_is_left_out() -> None:
    known = {
        (method.lower(), path.format(run="/api/runs/x", live="/api/live/x"))
        for method, path in (*WITHOUT_BODY, *(request for group in BODIES.values() for request in group))
    }

    def fits(route: str, path: str) -> bool:
        names, parts = route.split("/"), path.split("/")
        return len(names) == len(parts) and all(
            name == part or name[:1] == "{" for name, part in zip(names, parts, strict=True)
        )

    for route, operations in the_schema()["paths"].items():
        for method in operations:
            if method != "get":
                assert any(method == m and fits(route, path) for m, path in known), (method, route)


async def test_while_memory_is_short_nothing_is_brought() -> None:
    async with serving(max_memory_mb=1) as np:  # what any process has more than
        run = await np.start()
        headers = {"X-Session": run.rpartition("/")[2]}
        for path in ("/api/tables", "/api/downloads/banknotes", "/api/live"):
            answer = await np.ask("POST", path, content=b"x", headers=headers)
            assert answer.status_code == 503, path
            assert answer.headers["retry-after"] == str(RETRY_AFTER)
            assert "memory" in answer.json()["error"]["message"]
        answer = await np.ask("POST", "/api/runs")
        assert answer.status_code == 503
        assert "1 MB" in answer.json()["error"]["message"]
        assert (await np.ask("POST", run + "/step", json={"unit": "epoch"})).status_code in (200, 202)
    async with serving(max_memory_mb=10**6) as np:
        run = await np.start()
        headers = {"X-Session": run.rpartition("/")[2]}
        assert (await np.ask("POST", "/api/tables", content=b"x", headers=headers)).status_code == 422
        assert (await np.ask("POST", "/api/live")).status_code == 201


async def test_a_frame_of_a_notebook_is_taken_at_its_limit() -> None:
    body = first()
    async with serving(max_live_bytes=len(body)) as np:
        live = (await np.ask("POST", "/api/live")).json()
        headers = {"Authorization": f"Bearer {live['token']}"}
        answer = await np.ask("POST", f"/api/live/{live['id']}/frames", content=body, headers=headers)
        assert answer.status_code == 204


def test_memory_is_that_of_all_processes() -> None:
    own = resident(os.getpid())
    assert own > 10 * MEGABYTE
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()  # it has begun
        both = resident(os.getpid(), other.pid)
        other.communicate(b"\n")
    assert both > own + MEGABYTE
    assert 0 < resident(os.getpid(), other.pid) < both


def test_memory_below_at_and_above() -> None:
    used, now = [99], [0.0]
    memory = Memory(100, lambda: used[0], lambda: now[0])
    for bytes_used, exceeded in ((99, False), (100, False), (101, True), (100, False)):
        used[0] = bytes_used
        now[0] += 1
        assert memory.exceeded is exceeded


def test_the_defaults_hold_a_class_and_leave_room_for_others() -> None:
    settings = Settings()
    assert settings.max_lanes_per_address < settings.max_lanes
    assert settings.max_connections_per_address >= 2 * settings.max_lanes_per_address
