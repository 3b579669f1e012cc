"""Exports and imports over HTTP: whose they are, what is in them, and what the engine is told."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from app import __version__
from app.engine import EngineBusy, EngineError
from app.main import create_app
from app.session import Session
from app.settings import Settings
from models import catalogue, frame, tables
from models.experiment import Experiment
from models.packing import constant_scales, flat
from models.run_record import digest_of
from models.saved_lane import SavedLane
from tests.app.client import Client, settle
from tests.app.fake_engine import FakeEngine

EXPERIMENT = Experiment.model_validate(
    {
        "features": ["x1", "x1_squared"],
        "network": {"hidden": [{"neurons": 2, "batch_normalization": True}], "output_activation": "sigmoid"},
        "training": {"optimizer": "adam"},
    }
)


def blob_of(experiment: Experiment, epoch: int = 3, **members: Any) -> bytes:
    """A blob as hosts send it, with weights of 0.1, 0.2, ..."""
    units = experiment.units
    count = sum((before + 1) * here for before, here in pairwise(units))
    weights = (np.arange(1, count + 1) / 10).astype(np.float32)
    scales = flat(constant_scales(units, 1.5, -0.5)) if units[1:-1] else None
    header: dict[str, Any] = {
        "experiment": experiment.model_dump(mode="json"),
        **{"mode": "paused", "goal": None, "speed": "max", "run": 1, "step": 12, "epoch": epoch, "offset": 0},
        **{"exact": True, "touched": False, "measured": None, "stopped": None, "held": {}, "panels": {}},
        **members,
    }
    blocks: dict[str, frame.Block] = {
        **dict.fromkeys(("weights", "first", "second"), weights),
        "sums": np.zeros(4, np.float32),
        "history": np.array(
            [[0, 0.9, 0.5, 0, 0.8, 0.5, 0], [3, 0.1, 1, 0, np.nan, np.nan, np.nan]], np.float32
        ),
    }
    if scales is not None:
        blocks |= dict.fromkeys(("scales", "first_scales", "second_scales", "moving"), scales)
    return frame.encode(header, blocks)


@asynccontextmanager
async def server(**settings: Any) -> AsyncGenerator[tuple[FastAPI, FakeEngine, AsyncClient]]:
    engine = FakeEngine()
    app = create_app(Settings(**settings), engine)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://np") as http,
    ):
        yield app, engine, http


async def page_of(
    app: FastAPI, engine: FakeEngine, experiment: Experiment = EXPERIMENT
) -> tuple[Client, Session]:
    """A page that has opened a session, whose lane is the engine's."""
    client = Client(app.state.sessions, app.state.settings)
    await client.open(experiment=experiment.model_dump(mode="json"))
    await settle()
    engine.blob = blob_of(experiment)
    session = app.state.sessions.find(client.token)
    assert session is not None
    return client, session


def token(client: Client) -> dict[str, str]:
    return {"X-Session": client.token}


def bare(file: bytes) -> bytes:
    """What Keras would have written of it."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as archive, zipfile.ZipFile(content, "w") as written:
        for name in ("config.json", "metadata.json", "model.weights.h5"):
            written.writestr(name, archive.read(name))
    return content.getvalue()


async def test_every_export_is_a_file_of_its_kind() -> None:
    async with server() as (app, engine, http):
        client, _ = await page_of(app, engine)
        for row in catalogue.EXPORTS:
            answer = await http.post(f"/api/exports/{row.name}", headers=token(client))
            assert answer.status_code == 200, row.name
            assert answer.headers["content-type"].split(";")[0] == row.media_type
            assert answer.headers["content-disposition"] == f'attachment; filename="{row.file}"'
            assert answer.content
        listed = (await http.get("/api/catalogue")).json()["exports"]
        assert [row["name"] for row in listed] == list(catalogue.names(catalogue.EXPORTS))


async def test_what_is_in_them() -> None:
    async with server() as (app, engine, http):
        client, _ = await page_of(app, engine)

        async def exported(kind: str) -> bytes:
            return (await http.post(f"/api/exports/{kind}", headers=token(client))).content

        assert json.loads(await exported("experiment_json")) == EXPERIMENT.model_dump(mode="json")
        weights = json.loads(await exported("weights_json"))
        assert (weights["epoch"], weights["step"], weights["layers"]) == (3, 12, [2, 2, 1])
        hidden = {"layer": "hidden 1", "to": "neuron 2"}
        assert {**hidden, "from": "x1", "value": 0.2} in weights["weights"]
        assert {**hidden, "from": "x1_squared", "value": 0.4} in weights["weights"]
        assert {**hidden, "from": "scale", "value": 1.5} in weights["weights"]
        assert {**hidden, "from": "moving variance", "value": -0.5} in weights["weights"]
        last = {"layer": "output", "from": "bias", "to": "output", "value": 0.9}
        assert weights["weights"][-1] == last
        rows = list(csv.DictReader(io.StringIO((await exported("weights_csv")).decode())))
        assert [{**row, "value": float(row["value"])} for row in rows] == weights["weights"]
        history = list(csv.DictReader(io.StringIO((await exported("history_csv")).decode())))
        assert [row["epoch"] for row in history] == ["0", "3"]
        assert (history[0]["val_loss"], history[1]["val_loss"], history[1]["loss"]) == ("0.8", "", "0.1")
        with zipfile.ZipFile(io.BytesIO(await exported("keras"))) as archive:
            assert archive.read("neural_playground/lane") == engine.blob
            assert "config.json" in archive.namelist()
        points = (await exported("data_csv")).decode().splitlines()
        assert points[0] == "x1,x2,class,split"


async def test_a_file_goes_back_into_the_lane_as_it_came() -> None:
    async with server() as (app, engine, http):
        client, session = await page_of(app, engine)
        file = (await http.post("/api/exports/keras", headers=token(client))).content
        other, changed = await page_of(app, engine, Experiment())
        answer = await http.post("/api/runs/import", content=file, headers=token(other))
        assert answer.status_code == 200
        assert answer.json() == {
            "kind": "run",
            "experiment": EXPERIMENT.model_dump(mode="json"),
            "epoch": 3,
            "notes": [],
        }
        lane_id, applied, command = engine.asked("command")[-1]
        assert (lane_id, applied) == (changed.lane_id, 1)
        assert command["type"] == "load"
        assert command["experiment"] == EXPERIMENT.model_dump(mode="json")
        assert SavedLane.of(command["blob"]).epoch == 3
        assert changed.experiment == session.experiment == EXPERIMENT
        assert other.send(type="play") == 2  # its own commands count on
        await settle()
        assert engine.asked("command")[-1][1:] == (2, {"type": "play"})


async def test_a_network_from_elsewhere_comes_with_its_weights() -> None:
    async with server() as (app, engine, http):
        client, session = await page_of(app, engine)
        file = (await http.post("/api/exports/keras", headers=token(client))).content
        answer = await http.post("/api/runs/import", content=bare(file), headers=token(client))
        assert answer.status_code == 422  # its moving variance is below 0
        assert answer.json()["error"]["message"].startswith("The weights of batch_normalization")
        assert session.experiment == EXPERIMENT
        plain = Experiment()
        engine.blob = blob_of(plain)
        file = (await http.post("/api/exports/keras", headers=token(client))).content
        answer = await http.post("/api/runs/import", content=bare(file), headers=token(client))
        assert answer.json()["kind"] == "network"
        command = engine.asked("command")[-1][2]
        assert command["blob"] is None
        np.testing.assert_array_equal(flat(command["weights"]["weights"]), np.arange(1, 26, dtype="f4") / 10)
        assert answer.json()["experiment"]["features"] == ["x1", "x2"]


async def test_a_run_as_numbers_to_check_it_by() -> None:
    async with server() as (app, engine, http):
        client, _ = await page_of(app, engine)
        found = (await http.post("/api/runs/record", headers=token(client))).json()
        lane = SavedLane.of(blob_of(EXPERIMENT))
        assert (found["version"], found["epoch"], found["step"]) == (__version__, 3, 12)
        assert found["experiment"] == EXPERIMENT.model_dump(mode="json")
        assert found["digest"] == digest_of(EXPERIMENT, lane.keras_weights)
        assert (found["touched"], found["exact"], found["offset"]) == (False, True, 0)
        last = dict(zip(found["columns"], found["history"][-1], strict=True))
        assert (last["loss"], last["val_loss"]) == (0.1, None)


async def test_a_table_comes_with_the_file_and_goes_with_the_session() -> None:
    raw = b"width,height,kind\n1,2,a\n3,4,b\n5,6,a\n7,9,b\n9,3,a\n"
    data = {"name": "own", "table": tables.digest_of(raw), "inputs": ["width"], "target": "height"}
    own = Experiment.model_validate({"data": data})
    async with server() as (app, engine, http):
        client, session = await page_of(app, engine)
        await http.post("/api/tables", content=raw, headers=token(client))
        engine.blob = blob_of(own)
        file = (await http.post("/api/exports/keras", headers=token(client))).content
        app.state.sessions.drop(session)
        assert not tables.is_kept(own.data.table)
        other, changed = await page_of(app, engine)
        answer = await http.post("/api/runs/import", content=file, headers=token(other))
        assert (answer.status_code, answer.json()["experiment"]) == (200, own.model_dump(mode="json"))
        assert tables.raw(own.data.table) == raw
        app.state.sessions.drop(changed)
        assert not tables.is_kept(own.data.table)
    async with server(max_upload_rows=4) as (app, engine, http):
        client, _ = await page_of(app, engine)
        answer = await http.post("/api/runs/import", content=file, headers=token(client))
        assert answer.status_code == 422
        assert answer.json()["error"]["message"].startswith("The file's table will not do: ")
        assert "4 rows" in answer.json()["error"]["expected"]


async def test_an_experiment_is_loaded_afresh() -> None:
    async with server() as (app, engine, http):
        client, session = await page_of(app, engine)
        wanted = Experiment(seed=9)
        answer = await http.post("/api/runs/import", content=wanted.model_dump_json(), headers=token(client))
        assert (answer.status_code, answer.json()["kind"]) == (200, "experiment")
        command = engine.asked("command")[-1][2]
        assert (command["blob"], command["weights"]) == (None, None)
        assert session.experiment == wanted


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (EngineError("invalid", "that will not do", "something else"), 422),
        (EngineBusy("no room"), 503),
        (EngineError("internal", "it broke", "another try"), 503),
    ],
)
async def test_what_the_engine_refuses_changes_nothing(refusal: EngineError, status: int) -> None:
    async with server() as (app, engine, http):
        client, session = await page_of(app, engine)
        engine.refusal = refusal
        answer = await http.post("/api/runs/import", content="{}", headers=token(client))
        assert answer.status_code == status
        assert answer.json()["error"]["message"] == f"{refusal.message}."
        assert session.experiment == EXPERIMENT


async def test_only_a_session_gets_or_brings_a_file() -> None:
    async with server() as (app, engine, http):
        await page_of(app, engine)
        for headers in ({}, {"X-Session": "nobody"}):
            for path in ("/api/exports/keras", "/api/runs/record", "/api/runs/import"):
                answer = await http.post(path, content=b"{}", headers=headers)
                assert answer.status_code == 403
                assert "session" in answer.json()["error"]["expected"]
        assert not [call for call in engine.asked("command") if call[2]["type"] != "watch"]


async def test_other_exports_than_there_are() -> None:
    async with server() as (app, engine, http):
        client, _ = await page_of(app, engine)
        answer = await http.post("/api/exports/pickle", headers=token(client))
        assert answer.status_code == 404
        assert "weights_csv" in answer.json()["error"]["expected"]
        assert (await http.get("/api/exports/keras")).status_code == 405  # no token in an address


async def test_a_lost_lane_has_no_files() -> None:
    async with server() as (app, engine, http):
        client, session = await page_of(app, engine)
        await engine.close(session.lane_id)
        for path in ("/api/exports/keras", "/api/runs/record", "/api/runs/import"):
            assert (await http.post(path, content=b"{}", headers=token(client))).status_code == 409


async def test_limits_below_at_and_above() -> None:
    async with server(max_model_bytes=100) as (app, engine, http):
        client, _ = await page_of(app, engine)
        for length, status in ((99, 200), (100, 200), (101, 413)):
            answer = await http.post("/api/runs/import", content=b"{}".ljust(length), headers=token(client))
            assert answer.status_code == status
        assert answer.json()["error"]["expected"] == "at most 100 bytes"


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", bytes(100_000), b"[" * 100_000, b"\xff\xfe"])
async def test_what_is_no_run_is_refused_and_nothing_changes(raw: bytes) -> None:
    async with server() as (app, engine, http):
        client, session = await page_of(app, engine)
        answer = await http.post("/api/runs/import", content=raw, headers=token(client))
        assert answer.status_code == 422
        assert answer.json()["error"]["message"].startswith("The file ")
        assert answer.json()["error"]["expected"]
        assert session.experiment == EXPERIMENT


def test_files_are_made_and_read_without_tensorflow() -> None:
    code = """
import sys
import app.files, models.exports, models.imports
from tests.app.test_files import EXPERIMENT, blob_of
for kind in models.exports.MAKERS:
    models.exports.make(kind, blob_of(EXPERIMENT))
models.imports.read(models.exports.make("keras", blob_of(EXPERIMENT)), EXPERIMENT)
sys.exit(any(name in sys.modules for name in ("tensorflow", "keras", "sklearn")))
"""
    subprocess.run([sys.executable, "-c", code], check=True)
