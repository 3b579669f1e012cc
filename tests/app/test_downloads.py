"""Data of others: downloaded once and kept, refused when it is something else, said when nobody answers."""

import io
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from httpx import ASGITransport, AsyncClient

from app import downloads
from app.main import create_app
from app.settings import Settings
from models import catalogue
from models.catalogue.downloads import Download
from models.experiment import Experiment
from models.table import read
from tests.app.fake_engine import FakeEngine

(BANKNOTES,) = catalogue.DOWNLOADS
Served = Callable[[bytes], Download]


def rows(count: int = BANKNOTES.rows, columns: int = 5) -> bytes:
    """As the source has them: no header, lines that end as on Windows."""
    numbers = np.random.default_rng(3).normal(size=(count, columns - 1)).round(4)
    lines = [",".join([*map(str, line), str(i % 2)]) for i, line in enumerate(numbers)]
    return "".join(line + "\r\n" for line in lines).encode()


def archive(raw: bytes, member: str = BANKNOTES.member) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(member, raw)
    return file.getvalue()


@pytest.fixture
def served() -> Iterator[Served]:
    """A source on this machine that sends these bytes."""
    sent: list[bytes] = []

    class Source(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(sent[-1])

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Source) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()

        def source(raw: bytes) -> Download:
            sent.append(raw)
            return replace(BANKNOTES, url=f"http://127.0.0.1:{server.server_port}/banknotes.zip")

        yield source
        server.shutdown()
        thread.join()


@pytest.fixture
def unreachable() -> Download:
    """Nobody listens there."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return replace(BANKNOTES, url=f"http://127.0.0.1:{port}/banknotes.zip")


def test_what_comes_is_a_table_with_a_header(served: Served, tmp_path: Path) -> None:
    raw = rows()
    table = read(downloads.table(served(archive(raw)), tmp_path))
    assert table.names == ("variance", "skewness", "curtosis", "entropy", "class")
    expected = np.loadtxt(io.BytesIO(raw), delimiter=",")
    assert np.array_equal(np.array(table.rows, float), expected)


def test_it_is_asked_for_once(served: Served, unreachable: Download, tmp_path: Path) -> None:
    first = downloads.table(served(archive(rows())), tmp_path)
    assert downloads.table(unreachable, tmp_path) == first
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(first[:1000])  # cut off: not believed
    with pytest.raises(downloads.DownloadError):
        downloads.table(unreachable, tmp_path)
    assert downloads.table(served(archive(rows())), tmp_path) == first


def test_nobody_answers(unreachable: Download, tmp_path: Path) -> None:
    with pytest.raises(downloads.DownloadError, match=r"could not be downloaded from 127\.0\.0\.1") as raised:
        downloads.table(unreachable, tmp_path)
    assert "the file itself" in raised.value.expected
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<html>Please log in to this network</html>",
        archive(rows(), "other.txt"),
        archive(rows(count=1371)),
        archive(rows(columns=4)),
        archive(rows().replace(b"0\r\n", b"genuine\r\n")),
        archive("größe".encode()),
        archive(rows())[:-400],
        bytes(downloads.MOST_BYTES + 1),
    ],
    ids=[
        "nothing",
        "a page",
        "another file",
        "a row less",
        "a column less",
        "words",
        "letters",
        "cut",
        "long",
    ],
)
def test_something_else_is_not_kept(served: Served, sent: bytes, tmp_path: Path) -> None:
    with pytest.raises(downloads.DownloadError, match="sent something else than Banknote authentication"):
        downloads.table(served(sent), tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_over_http(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(cache_dir=tmp_path), FakeEngine())
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://np") as http,
    ):
        session, _ = app.state.sessions.open(None, Experiment())
        own = {"X-Session": session.token}
        assert (await http.post("/api/downloads/banknotes")).status_code == 403
        unknown = await http.post("/api/downloads/nothing", headers=own)
        assert (unknown.status_code, unknown.json()["error"]["expected"]) == (404, "one of banknotes")

        source = served(b"no archive")
        monkeypatch.setattr(catalogue, "DOWNLOADS", (source,))
        failed = await http.post("/api/downloads/banknotes", headers=own)
        assert failed.status_code == 502
        assert "rows of 5 numbers" in failed.json()["error"]["expected"]

        served(archive(rows()))
        found = (await http.post("/api/downloads/banknotes", headers=own)).json()
        assert (found["rows"], found["choice"]["target"], found["choice"]["task"]) == (
            *(1372, "class", "classification"),
        )
        assert (await http.get(f"/api/tables/{found['table']}")).json() == found
        app.state.sessions.drop(session)
        assert (await http.get(f"/api/tables/{found['table']}")).status_code == 404
