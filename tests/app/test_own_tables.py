"""Learners' tables over HTTP: brought, described, chosen from, and gone with their session."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app.main import create_app
from app.own_tables import MOST_TABLES
from app.session import Session
from app.settings import Settings
from models import tables
from models.experiment import Data, Experiment
from tests.app.fake_engine import FakeEngine
from tests.models.broken_files import UNREADABLE, UNTRAINABLE

CSV = b"width,height,kind\n1,10,b\n2,30,a\n3,20,b\n4,40,a\n"


@asynccontextmanager
async def server(**settings: Any) -> AsyncGenerator[tuple[FastAPI, AsyncClient]]:
    app = create_app(Settings(**settings), FakeEngine())
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://np") as http,
    ):
        yield app, http


def session_of(app: FastAPI, experiment: Experiment | None = None) -> Session:
    session, _ = app.state.sessions.open(None, experiment or Experiment())
    return session


async def brought(http: AsyncClient, session: Session, raw: bytes) -> Response:
    return await http.post("/api/tables", content=raw, headers={"X-Session": session.token})


def files() -> list[str]:
    return sorted(path.name for path in Path(os.environ[tables.FOLDER]).iterdir())


async def test_what_is_in_it_and_a_first_choice() -> None:
    async with server() as (app, http):
        answer = await brought(http, session_of(app), CSV)
        found = answer.json()
        assert answer.status_code == 200
        assert found["table"] == tables.digest_of(CSV)
        assert found["names"] == ["width", "height", "kind"]
        assert (found["rows"], found["delimiter"], found["has_header"]) == (4, ",", True)
        assert found["preview"][0] == ["1", "10", "b"]
        assert found["choice"] == {
            "inputs": ["width", "height"],
            "target": "kind",
            "task": "classification",
            "standardize": True,
        }
        assert [column["fault"] for column in found["columns"]] == [
            *(None, None, 'Line 2, column "kind": "b" is not a number'),
        ]
        assert (await http.get(f"/api/tables/{found['table']}")).json() == found


async def test_a_choice_becomes_an_experiments_data() -> None:
    async with server() as (app, http):
        digest = (await brought(http, session_of(app), CSV)).json()["table"]
        choice = {"inputs": ["height"], "target": "kind", "task": "classification", "standardize": False}
        answer = (await http.post(f"/api/tables/{digest}", json=choice)).json()
        assert answer["problem"] == "classification"
        data = Data.model_validate(answer["data"])
        assert (data.inputs, data.labels, data.standardize) == (("height",), ("a", "b"), False)
        refused = await http.post(
            f"/api/tables/{digest}", json={**choice, "inputs": ["kind"], "target": "width"}
        )
        assert refused.status_code == 422
        assert refused.json()["error"]["message"] == 'Line 2, column "kind": "b" is not a number.'
        assert (await http.post(f"/api/tables/{digest}", json={"inputs": "height"})).status_code == 422


async def test_a_table_goes_with_the_last_session_that_uses_it() -> None:
    async with server() as (app, http):
        first = session_of(app)
        digest = (await brought(http, first, CSV)).json()["table"]
        own = Data(name="own", table=digest, inputs=("width",), target="height")
        second = session_of(app, Experiment(data=own))  # opened by a link
        assert files() == [f"{digest}.csv"]
        app.state.sessions.drop(first)
        assert files() == [f"{digest}.csv"]
        app.state.sessions.drop(second)
        assert files() == []
        assert (await http.get(f"/api/tables/{digest}")).status_code == 404


async def test_a_session_has_only_so_many() -> None:
    async with server() as (app, http):
        session = session_of(app)
        digests = [
            (await brought(http, session, CSV + f"{i},{i},a\n".encode())).json()["table"]
            for i in range(MOST_TABLES + 2)
        ]
        assert files() == sorted(f"{digest}.csv" for digest in digests[2:])


async def test_the_folder_goes_with_the_server() -> None:
    async with server() as (app, http):
        await brought(http, session_of(app), CSV)
        assert len(files()) == 1
        folder = app.state.own_tables.folder
    assert not await asyncio.to_thread(folder.exists)


async def test_without_a_session_nothing_is_kept() -> None:
    async with server() as (_, http):
        for headers in ({}, {"X-Session": "nobody"}):
            answer = await http.post("/api/tables", content=CSV, headers=headers)
            assert answer.status_code == 403
            assert "session" in answer.json()["error"]["expected"]
        assert files() == []


async def test_limits_below_at_and_above() -> None:
    async with server(max_upload_bytes=len(CSV), max_upload_rows=4) as (app, http):
        session = session_of(app)
        assert (await brought(http, session, CSV[:-1])).status_code == 200
        assert (await brought(http, session, CSV)).status_code == 200
        above = await brought(http, session, CSV + b" ")
        assert above.status_code == 413
        assert above.json()["error"]["expected"] == f"at most {len(CSV)} bytes"
    async with server(max_upload_rows=4) as (app, http):
        answer = await brought(http, session_of(app), CSV + b"5,5,a\n")
        assert answer.status_code == 422
        assert "4" in answer.json()["error"]["expected"]


def check(answer: Response) -> None:
    """A clear message, and nothing of the machine."""
    assert answer.status_code in (413, 422)
    error = answer.json()["error"]
    assert error["message"].endswith(".")
    assert error["expected"]
    assert "Traceback" not in answer.text
    assert tables.FOLDER not in answer.text


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_is_no_table_is_refused_and_not_kept(name: str) -> None:
    async with server() as (app, http):
        check(await brought(http, session_of(app), UNREADABLE[name][0]))
        assert files() == []


async def test_what_cannot_be_trained_on_is_refused_by_line_and_column() -> None:
    async with server() as (app, http):
        session = session_of(app)
        for raw, _ in UNTRAINABLE.values():
            found = (await brought(http, session, raw)).json()
            *inputs, target = found["names"]
            choice = {"inputs": inputs[:8], "target": target}
            check(await http.post(f"/api/tables/{found['table']}", json=choice))


async def test_uploads_at_the_same_time_do_not_meet() -> None:
    async with server() as (app, http):
        sessions = [session_of(app) for _ in range(4)]
        answers = await asyncio.gather(*(brought(http, session, CSV) for session in sessions))
        assert {answer.status_code for answer in answers} == {200}
        assert len(files()) == 1
