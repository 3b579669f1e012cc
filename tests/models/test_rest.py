"""A run over HTTP, on a server that trains: the same numbers as on the command line, and as in Keras."""

import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from models import program, reference
from models.backend import keras
from models.train import NAMES, Numbers, in_a_lane
from tests.models.training import advance, make
from tests.support.server import Server

EPOCHS = 12
EXPERIMENT = make(data="moons", noise="0.1", hidden="5,3", optimizer="adam", seed="7", data_seed="7")


def figures(rows: list[dict[str, Any]]) -> list[list[float]]:
    return [[row["epoch"], *(row[name] for name in NAMES)] for row in rows]


def test_the_same_experiment_has_the_same_history_by_every_way(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "compiled", advance)
    in_lane: list[Numbers] = []
    weights = in_a_lane(EXPERIMENT, EPOCHS, in_lane.append)
    in_keras: list[Numbers] = []
    reference.train(EXPERIMENT, EPOCHS, in_keras.append)
    with httpx.Client(base_url=server.url, timeout=60) as http:
        body = {"experiment": EXPERIMENT.model_dump(mode="json"), "epochs": EPOCHS, "wait": 30}
        answer = http.post("/api/runs", json=body)
        assert answer.status_code == 201, answer.text
        run, path = answer.json(), answer.headers["location"]
        assert (run["state"], run["epoch"], run["exact"]) == ("paused", EPOCHS, True)
        rows = http.get(f"{path}/history?after=0").json()["rows"]
        assert figures(rows) == figures(in_lane)  # to the last bit
        np.testing.assert_allclose(figures(rows), figures(in_keras), rtol=0, atol=1e-3)

        # The file is the trained network.
        file = tmp_path / "model.keras"
        file.write_bytes(http.get(f"{path}/files/keras").content)
        loaded: Any = keras.saving.load_model(file)
        for mine, theirs in zip(weights, loaded.get_weights(), strict=True):
            assert np.array_equal(mine, theirs)
        table = np.genfromtxt(io.StringIO(http.get(f"{path}/files/history_csv").text), delimiter=",")
        assert len(table) == EPOCHS + 2

        # The learning rate changes while the run goes on; another network begins afresh.
        changed = http.patch(path, json={"experiment": {"training": {"learning_rate": 0.001}}}).json()
        assert (changed["epoch"], changed["run"]) == (EPOCHS, run["run"])
        until = {"until": {"epochs": EPOCHS + 3}, "wait": 30}
        further = http.post(f"{path}/train", json=until).json()
        assert (further["epoch"], further["stopped"]["reason"]) == (EPOCHS + 3, "epochs")
        fresh = http.patch(path, json={"experiment": {"network": {"hidden": [{"neurons": 3}]}}}).json()
        assert (fresh["epoch"], fresh["layers"]) == (0, [2, 3, 1])
        assert fresh["run"] > run["run"]

        # What is taken up again goes on with the same bits.
        imported = http.post(f"{path}/import", content=file.read_bytes()).json()
        assert (imported["kind"], imported["epoch"]) == ("run", EPOCHS)
        assert figures(http.get(f"{path}/history?after=0").json()["rows"]) == figures(in_lane)
        assert http.post(f"{path}/rewind").json()["epoch"] == 0
        again = http.post(f"{path}/train", json={"epochs": EPOCHS, "wait": 30}).json()
        assert figures([again["losses"]]) == figures(in_lane[-1:])
        assert http.delete(path).status_code == 204


def test_a_run_whose_numbers_overflow_says_so_and_can_be_taken_away(server: Server) -> None:
    link = "data=plane&hidden=4&activation=linear&learning_rate=10&seed=1"
    with httpx.Client(base_url=server.url, timeout=60) as http:
        answer = http.post("/api/runs", json={"link": link, "epochs": 200, "wait": 30})
        assert (answer.status_code, answer.json()["state"]) == (201, "diverged")
        path = answer.headers["location"]
        for name in ("history_csv", "weights_csv", "keras", "notebook"):
            assert http.get(f"{path}/files/{name}").status_code == 200, name
        assert http.delete(path).status_code == 204
