"""What is done with a run of the REST API: changed, trained, read, taken away, filled from a file."""

import asyncio
import json

import pytest

from app.run_forms import MOST_WAIT, changed
from models import catalogue
from models.experiment import Experiment
from tests.app.caller import Json, serving
from tests.app.client import settle
from tests.app.fake_engine import FakeEngine
from tests.app.test_files import EXPERIMENT, blob_of


async def test_changes_are_merged_and_go_the_way_of_the_pages() -> None:
    async with serving() as np:
        run = await np.start(experiment={"seed": 3})
        assert (
            await np.ask("PATCH", run, json={"experiment": {"training": {"learning_rate": 1.0}}})
        ).status_code == 200
        await np.ask("PATCH", run, json={"experiment": {"data": {"noise": 0.5}}, "keep_weights": True})
        first, second = np.commands()[-2:]
        wanted = Experiment.model_validate({"seed": 3, "training": {"learning_rate": 1.0}})
        assert first == {
            **{"type": "set", "keep_weights": False, "experiment": wanted.model_dump(mode="json")}
        }
        assert second["keep_weights"]
        assert second["experiment"]["data"]["noise"] == 0.5
        assert second["experiment"]["training"]["learning_rate"] == 1.0


def test_another_data_set_keeps_what_fits() -> None:
    before = Experiment.model_validate(
        {
            "data": {"name": "iris", "inputs": ["petal length (cm)"], "noise": 0.0, "seed": 4},
            "features": ["x1"],
            "network": {"output_activation": "softmax"},
            "training": {"optimizer": "adam"},
        }
    )
    circle = changed(before, {"data": {"name": "circle"}})
    assert circle == Experiment.model_validate(
        {"data": {"name": "circle", "seed": 4}, "training": {"optimizer": "adam"}}
    )
    squared = changed(circle, {"features": ["x1_squared", "x2"]})
    assert changed(squared, {"data": {"name": "xor"}}).features == ("x1_squared", "x2")
    assert changed(squared, {"network": {"hidden": []}}).network.hidden == ()
    assert changed(squared, {"training": {"momentum": 0.5}}).training.momentum == 0.5


@pytest.mark.parametrize(
    ("path", "body", "commands"),
    [
        ("/train", {"epochs": 10}, [{"type": "step", "unit": "epoch", "count": 10}]),
        ("/step", {"unit": "batch"}, [{"type": "step", "unit": "batch", "count": 1}]),
        (
            "/train",
            {"until": {"test_loss": 0.01, "epochs": 9}},
            [
                {"type": "stop", "epochs": 9, "test_loss": 0.01, "test_accuracy": None, "patience": None},
                {"type": "play"},
            ],
        ),
        # Without test points the training figures count: a loss of 0.1, and all right, at epoch 3.
        ("/train", {"until": {"test_loss": 0.2}}, []),
        ("/train", {"until": {"epochs": 3, "patience": 5}}, []),
        ("/pause", None, [{"type": "pause"}]),
        ("/rewind", None, [{"type": "rewind"}]),
    ],
)
async def test_training_is_the_protocols(path: str, body: Json | None, commands: list[Json]) -> None:
    async with serving() as np:
        run = await np.start()
        before = len(np.commands())
        answer = await np.ask("POST", run + path, **({} if body is None else {"json": body}))
        assert answer.status_code == 200
        assert np.commands()[before:] == commands


async def test_an_answer_waits_until_training_is_done_but_not_for_ever() -> None:
    engine = FakeEngine()
    engine.blob = blob_of(EXPERIMENT, mode="playing")
    async with serving(engine) as np:
        run = await np.start()
        for wait in (0, 0.01):
            answer = await np.ask("POST", run + "/train", json={"epochs": 2, "wait": wait})
            assert (answer.status_code, answer.json()["state"]) == (202, "playing")
        waiting = asyncio.create_task(np.ask("POST", run + "/train", json={"epochs": 2, "wait": MOST_WAIT}))
        await settle()
        assert not waiting.done()
        stopped = {"reason": "patience", "epoch": 5}
        np.engine.blob = blob_of(EXPERIMENT, epoch=5, stopped=stopped)
        answer = await waiting
        assert (answer.status_code, answer.json()["epoch"]) == (200, 5)
        assert answer.json()["stopped"] == stopped


async def test_history_and_weights() -> None:
    async with serving() as np:
        run = await np.start()
        history = (await np.ask("GET", run + "/history")).json()
        assert history["run"] == 1
        assert [row["epoch"] for row in history["rows"]] == [0, 3]
        assert history["rows"][0]["val_accuracy"] == 0.5
        assert history["rows"][1]["val_accuracy"] is None
        later = (await np.ask("GET", run + "/history?after=0")).json()["rows"]
        assert later == history["rows"][1:]
        weights = (await np.ask("GET", run + "/weights")).json()
        assert {"layer": "hidden 1", "from": "x1", "to": "neuron 2", "value": 0.2} in weights["weights"]
        await np.ask("PATCH", run + "/weights", json={"layer": 1, "source": 0, "unit": 1, "value": -2.0})
        assert np.commands()[-1] == {"type": "weight", "layer": 1, "source": 0, "unit": 1, "value": -2.0}


async def test_every_file_can_be_had() -> None:
    async with serving() as np:
        run = await np.start()
        listed = (await np.ask("GET", run + "/files")).json()
        names = [row["name"] for row in listed]
        assert set(names) == {
            *catalogue.names(catalogue.EXPORTS),
            *catalogue.names(catalogue.CODE_STYLES),
            "notebook",
        }
        for row in listed:
            answer = await np.ask("GET", f"{run}/files/{row['name']}")
            assert answer.status_code == 200
            assert answer.headers["content-type"].split(";")[0] == row["media_type"]
            assert "attachment" in answer.headers["content-disposition"]
            assert answer.content
        kept = (await np.ask("GET", run + "/files/experiment_json")).json()
        assert kept == EXPERIMENT.model_dump(mode="json")
        assert "keras.Sequential" in (await np.ask("GET", run + "/files/sequential")).text
        # The numpy style says the weights: a tenth, two tenths, ...
        numpy = (await np.ask("GET", run + "/files/numpy")).text
        assert "0.1, 0.2" in numpy
        plain = (await np.ask("GET", run + "/files/notebook")).text
        trained = (await np.ask("GET", run + "/files/notebook?weights=true")).text
        assert json.loads(plain)["nbformat"] == 4
        assert "set_weights" in trained
        assert "set_weights" not in plain
        missing = await np.ask("GET", run + "/files/pickle")
        assert missing.status_code == 404
        assert "history_csv" in missing.json()["error"]["expected"]


async def test_a_file_becomes_the_run() -> None:
    async with serving() as np:
        run = await np.start()
        file = (await np.ask("GET", run + "/files/keras")).content
        answer = await np.ask("POST", run + "/import", content=file)
        assert (answer.status_code, answer.json()["kind"], answer.json()["epoch"]) == (200, "run", 3)
        assert np.commands()[-1]["blob"] == np.engine.blob
        answer = await np.ask("POST", run + "/import", content=b"no file")
        assert answer.status_code == 422


async def test_a_runs_id_brings_tables() -> None:
    async with serving() as np:
        run = await np.start()
        headers = {"X-Session": run.rpartition("/")[2], "Content-Type": "text/csv"}
        table = "size,kind\n" + "".join(f"{number},{'ab'[number % 2]}\n" for number in range(20))
        brought = await np.ask("POST", "/api/tables", content=table, headers=headers)
        assert brought.status_code == 200
        choice = {"inputs": ["size"], "target": "kind"}
        data = (await np.ask("POST", f"/api/tables/{brought.json()['table']}", json=choice)).json()["data"]
        answer = await np.ask("PATCH", run, json={"experiment": {"data": data}})
        assert answer.status_code == 200
        assert np.commands()[-1]["experiment"]["data"]["labels"] == ["a", "b"]
        assert np.commands()[-1]["experiment"]["features"] == ["x1"]
