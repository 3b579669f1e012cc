"""The REST API's runs: how one is started, what is refused, who finds it and how long it lasts."""

import asyncio
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from app.engine import EngineBusy, EngineError, LaneReopened, Status
from models import spelling
from models.experiment import Experiment
from tests.app.caller import Json, serving, the_schema
from tests.app.client import PATIENCE, Client, settle
from tests.app.fake_engine import FakeEngine
from tests.app.test_files import EXPERIMENT


async def test_a_run_is_a_lane_that_trains_as_fast_as_it_can() -> None:
    async with serving() as np:
        answer = await np.ask("POST", "/api/runs")
        run = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == f"/api/runs/{run['id']}"
        assert len(run["id"]) >= 32
        assert np.engine.lane.experiment == Experiment().model_dump(mode="json")
        assert np.engine.lane.watched  # else it would rest
        assert np.commands() == [{"type": "speed", "speed": "full"}]
        # What it is, is what its blob says.
        assert {name: run[name] for name in ("state", "epoch", "step", "run")} == {
            **{"state": "paused", "epoch": 3, "step": 12, "run": 1}
        }
        assert run["experiment"] == EXPERIMENT.model_dump(mode="json")
        assert spelling.from_query(run["link"].removeprefix("/#")) == EXPERIMENT
        assert run["layers"] == [2, 2, 1]
        assert run["losses"]["loss"] == pytest.approx(0.1)
        assert run["losses"]["val_loss"] is None
        assert (await np.ask("GET", answer.headers["location"])).json() == run


async def test_an_experiment_is_said_in_part_or_as_a_link() -> None:
    wanted = Experiment.model_validate({"data": {"name": "plane"}, "seed": 7})
    async with serving() as np:
        for body in (
            {"experiment": {"data": {"name": "plane"}, "seed": 7}},
            {"link": "data=plane&seed=7"},
            {"link": "http://np/#data=plane&seed=7&show_test=true"},
        ):
            path = await np.start(**body)
            assert np.engine.lane.experiment == wanted.model_dump(mode="json"), body
            await np.ask("DELETE", path)
        await np.start(epochs=5)
        assert np.commands()[-1] == {"type": "step", "unit": "epoch", "count": 5}


RUN, TRAIN, STEP, WEIGHT = "", "/train", "/step", "/weights"


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong", "expected"),
    [
        ("POST", None, {"experiment": {"seed": "x"}}, "experiment.seed: 'x'", "integer"),
        ("POST", None, {"experiment": {"training": {"learning_rate": 99.0}}}, "learning_rate", "10"),
        ("POST", None, {"experiment": {"features": ["x9"]}}, "features", "x1"),
        ("POST", None, {"experiment": {"features": ["x1", "x1"]}}, "twice", "at most once"),
        ("POST", None, {"experiment": {"flavour": 1}}, "experiment.flavour", "documentation"),
        ("POST", None, {"link": "flavour=1"}, "flavour", "learning_rate"),
        ("POST", None, {"link": "seed=1", "experiment": {}}, "both given", "one of them"),
        ("POST", None, {"epochs": 0}, "epochs: 0", "1"),
        ("POST", None, {"epochs": 10_001}, "epochs: 10001", "10000"),
        ("POST", None, {"wait": 30.5}, "wait: 30.5", "30"),
        ("POST", None, [], "[] will not do", "object"),
        ("PATCH", RUN, {}, "experiment is missing", "documentation"),
        ("PATCH", RUN, {"experiment": {"network": {"output_activation": "tanh"}}}, "tanh", "sigmoid"),
        ("PATCH", RUN, {"experiment": {"data": {"name": "nowhere"}}}, "data.name", "circle"),
        ("PATCH", RUN, {"experiment": {"data": 3}}, "data: 3", "Data"),
        ("POST", TRAIN, {}, "both missing", "one of them"),
        ("POST", TRAIN, {"epochs": 1, "until": {"epochs": 2}}, "both given", "one of them"),
        ("POST", TRAIN, {"until": {}}, "no condition", "patience"),
        ("POST", TRAIN, {"until": {"patience": 0}}, "until.patience: 0", "1"),
        ("POST", STEP, {"unit": "year"}, "unit: 'year'", "'epoch' or 'batch'"),
        ("POST", STEP, None, "the body is missing", "documentation"),
        ("PATCH", WEIGHT, {"layer": 1, "source": None, "unit": 0, "value": 1e9}, "value", "1000"),
        ("GET", "/history?after=soon", None, "after: 'soon'", "integer"),
        ("GET", "/files/notebook?weights=7", None, "weights: '7'", "boolean"),
    ],
)
async def test_what_will_not_do_is_named(
    method: str, path: str | None, body: Any, wrong: str, expected: str
) -> None:
    async with serving() as np:
        run = await np.start()
        before = np.engine.calls[:]
        address = "/api/runs" if path is None else run + path
        answer = await np.ask(method, address, **({} if body is None else {"json": body}))
        assert answer.status_code == 422
        error = answer.json()["error"]
        assert wrong in error["message"]
        assert expected in error["expected"]
        assert np.engine.calls == before


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"wait": NaN}', "application/json", 422),
        (b"{", "application/json", 422),
        (b'{"wait": ' + b"[" * 50_000, "application/json", 422),
        (b'{"experiment": {"seed": ' + b"9" * 5000 + b"}}", "application/json", 422),
        (b"\xff", "application/json", 422),
        (b"{}", "text/plain", 415),  # what another site's page could send unasked
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"{}".ljust(1024), "application/json; charset=utf-8", 201),
        (b"{}".ljust(1025), "application/json", 413),
    ],
)
async def test_bodies_are_json_and_not_too_long(content: bytes, kind: str, status: int) -> None:
    async with serving(max_request_bytes=1024 if status in (201, 413) else 65536) as np:
        answer = await np.ask("POST", "/api/runs", content=content, headers={"Content-Type": kind})
        assert answer.status_code == status


async def test_another_sites_page_may_not_ask() -> None:
    async with serving(allowed_origins=("http://friend",)) as np:
        run = await np.start()
        for origin, status in (("http://np", 200), ("http://friend", 200), ("http://elsewhere", 403)):
            headers = {"Origin": origin}
            body = {"unit": "epoch"}
            assert (await np.ask("POST", run + "/step", json=body, headers=headers)).status_code == status


async def test_an_address_holds_so_many_runs_and_no_more() -> None:
    async with serving(max_runs=2) as np:
        first = await np.start()
        await np.start()
        answer = await np.ask("POST", "/api/runs")
        assert answer.status_code == 429
        assert "2 runs" in answer.json()["error"]["message"]
        assert (await np.ask("DELETE", first)).status_code == 204
        await np.start()
        assert len(np.engine.lanes) == 2
        transport = ASGITransport(np.app, client=("10.0.0.2", 1))
        async with AsyncClient(transport=transport, base_url="http://np") as other:
            assert (await other.post("/api/runs")).status_code == 201


async def test_a_server_without_room_says_so() -> None:
    async with serving(max_lanes=1) as np:
        await np.start()
        answer = await np.ask("POST", "/api/runs")
        assert answer.status_code == 503
        assert "places" in answer.json()["error"]["message"]


async def test_a_server_that_cannot_train_yet_says_so() -> None:
    async with serving(FakeEngine(Status("warming", "Compiling.", 0.5))) as np:
        answer = await np.ask("POST", "/api/runs")
        assert answer.status_code == 503
        assert "Compiling" in answer.json()["error"]["message"]
        assert answer.headers["retry-after"]
        np.engine.announce(Status("ready", "Ready.", 1.0, "CPU"))
        run = await np.start()
        np.engine.announce(Status("restarting", "Again.", 0.0, "CPU"))
        assert (await np.ask("GET", run)).status_code == 503
        assert (await np.ask("DELETE", run)).status_code == 204


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (EngineBusy("all places are taken"), 503),
        (EngineError("invalid", "the table is gone", "a table that is here"), 422),
    ],
)
async def test_a_run_that_the_engine_does_not_open_is_none(refusal: EngineError, status: int) -> None:
    async with serving(max_runs=1) as np:
        np.engine.refusal = refusal
        answer = await np.ask("POST", "/api/runs")
        assert answer.status_code == status
        assert answer.json()["error"]["message"] == f"{refusal.message}."
        await np.start()


async def test_what_the_engine_refuses_is_answered_and_changes_nothing() -> None:
    async with serving() as np:
        run = await np.start()
        np.engine.refusal = EngineError("invalid", "there is no layer 9", "layer: 1 to 2")
        body = {"layer": 9, "source": None, "unit": 0, "value": 1.0}
        answer = await np.ask("PATCH", run + "/weights", json=body)
        assert answer.status_code == 422
        assert answer.json()["error"] == {"message": "there is no layer 9.", "expected": "layer: 1 to 2"}
        np.engine.refusal = EngineError("invalid", "no", "yes")
        await np.ask("PATCH", run, json={"experiment": {"seed": 5}})
        await np.ask("PATCH", run, json={"experiment": {"data": {"seed": 6}}})
        assert (np.commands()[-1]["experiment"]["seed"], np.commands()[-2]["experiment"]["seed"]) == (0, 5)


async def test_without_its_id_nobody_finds_a_run() -> None:
    async with serving() as np:
        await np.start()
        body: Json = {"experiment": {}, "epochs": 1, "unit": "epoch", "layer": 1, "source": 0, "value": 1.0}
        for path, operations in the_schema()["paths"].items():
            if not path.startswith("/api/runs/{id}"):
                continue
            for method in operations:
                address = path.replace("{id}", "guess").replace("{name}", "keras")
                given: Json = {} if method == "get" else {"json": body}
                assert (await np.ask(method.upper(), address, **given)).status_code == 404, path


async def test_a_run_that_nobody_asks_about_is_closed() -> None:
    async with serving(run_life=0.05) as np:
        run = await np.start()
        assert (await np.ask("GET", run)).json()["expires_in"] == 0.05
        async with asyncio.timeout(PATIENCE):
            await np.engine.closed.wait()
        assert np.engine.lanes == {}
        assert (await np.ask("GET", run)).status_code == 404


async def test_what_happened_to_a_run_is_noted() -> None:
    async with serving() as np:
        run = await np.start()
        (lane_id,) = np.engine.lanes
        np.engine.announce(LaneReopened(lane_id, restored=True))
        (note,) = (await np.ask("GET", run)).json()["notes"]
        assert "last saved state" in note


async def test_a_page_can_take_a_run_and_it_is_still_there_afterwards() -> None:
    async with serving() as np:
        run = await np.start()
        page = Client(np.app.state.sessions, np.app.state.settings)
        welcome = await page.open(session=run.rpartition("/")[2])
        assert welcome["resumed"]
        await np.ask("POST", run + "/step", json={"unit": "epoch"})
        assert np.commands()[-1]["type"] == "step"
        page.connection.disconnected()
        await settle()
        assert not np.engine.lane.watched
        await np.ask("POST", run + "/step", json={"unit": "epoch"})
        assert np.engine.lane.watched
