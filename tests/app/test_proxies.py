"""Whom the server believes: proxies about where a request comes from, and requests about how they name it."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import AsyncClient, AsyncHTTPTransport
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.app.fake_engine import FakeEngine
from tests.app.test_files import EXPERIMENT, blob_of
from tests.app.test_socket import Served, serving, welcomed
from tests.support import nginx
from tests.support.nginx import running_nginx


def engine() -> FakeEngine:
    made = FakeEngine()
    made.blob = blob_of(EXPERIMENT)
    return made


def http_of(served: Served, headers: Mapping[str, str] | None = None) -> AsyncClient:
    origin = served.url.replace("ws://", "http://").removesuffix("/ws")
    return AsyncClient(base_url=origin, headers=dict(headers or {}))


async def runs_of(served: Served, forwarded: Iterator[str]) -> list[int]:
    """The answers to starting one run each, of requests that say where they come from."""
    async with http_of(served) as http:
        return [
            (await http.post("/api/runs", json={}, headers={"X-Forwarded-For": said})).status_code
            for said in forwarded
        ]


async def test_without_the_setting_nobody_may_say_that_somebody_else_asks() -> None:
    async with serving(engine(), max_runs=1) as served:
        assert await runs_of(served, iter(["192.0.2.1", "192.0.2.2"])) == [201, 429]


async def test_a_trusted_proxy_says_who_asks() -> None:
    async with serving(engine(), max_runs=1, trusted_proxies=("127.0.0.0/8",)) as served:
        said = iter(["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.9, 192.0.2.2"])
        # Of a list, the proxy itself wrote the last one; those before it may be anybody's words.
        assert await runs_of(served, said) == [201, 201, 429, 429]


async def test_a_proxy_that_is_not_trusted_is_not_believed() -> None:
    async with serving(engine(), max_runs=1, trusted_proxies=("192.0.2.0/24",)) as served:
        assert await runs_of(served, iter(["198.51.100.1", "198.51.100.2"])) == [201, 429]


@pytest.mark.skipif(nginx.find() is None, reason="no nginx is installed")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a machine has one loopback address")
async def test_through_nginx_a_client_counts_by_its_own_address_whatever_it_says(tmp_path: Path) -> None:
    async with serving(
        engine(), max_runs=1, trusted_proxies=("127.0.0.1",), root_path="/playground"
    ) as served:
        port = urlsplit(served.url).port
        assert port is not None
        with running_nginx(tmp_path, port) as origin:
            answers: list[tuple[int, str]] = []
            for address, said in (
                ("127.0.0.8", "192.0.2.1"),
                ("127.0.0.8", "192.0.2.2"),
                ("127.0.0.9", "192.0.2.1"),
            ):
                transport = AsyncHTTPTransport(local_address=address)
                async with AsyncClient(transport=transport, base_url=f"{origin}/playground") as http:
                    answer = await http.post("/api/runs", json={}, headers={"X-Forwarded-For": said})
                    assert (await http.get("/metrics")).status_code == 404
                answers.append((answer.status_code, answer.headers.get("location", "")[:21]))
            async with AsyncClient() as http:
                moved = await http.get(f"{origin}/playground")
    assert answers == [(201, "/playground/api/runs/"), (429, ""), (201, "/playground/api/runs/")]
    assert (moved.status_code, urlsplit(moved.headers["location"]).path) == (301, "/playground/")


HOSTS: dict[str, Any] = {"allowed_hosts": ("play.example.org", "*.example.net")}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("play.example.org", 200),
        ("PLAY.example.org:8443", 200),
        ("class.example.net", 200),
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("example.org", 400),
        ("evil.test", 400),
        ("play.example.org.evil.test", 400),
        ("evilexample.net", 400),
    ],
)
async def test_only_known_names_are_answered(host: str, status: int) -> None:
    async with serving(**HOSTS) as served, http_of(served, {"Host": host}) as http:
        answer = await http.get("/healthz")
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert host not in answer.text


async def test_a_page_of_an_unknown_name_gets_no_socket_and_one_of_a_known_name_does() -> None:
    async with serving(**HOSTS) as served:
        here: dict[str, Any] = {"host": "127.0.0.1", "port": urlsplit(served.url).port}
        with pytest.raises(InvalidStatus) as refused:
            # As a browser does whose user was led here under a name of somebody else's.
            await connect("ws://evil.test/ws", origin=Origin("http://evil.test"), **here)
        assert refused.value.response.status_code == 403
        own = Origin("https://play.example.org")
        async with connect("ws://play.example.org/ws", origin=own, **here) as page:
            await welcomed(page)


async def test_without_the_setting_every_name_is_answered() -> None:
    async with serving() as served, http_of(served, {"Host": "laptop.local"}) as http:
        assert (await http.get("/healthz")).status_code == 200
