"""A `.keras` file of an experiment, written without Keras: `keras.saving.load_model` opens it, compiled.

Beside Keras's three members it holds the experiment and, of a lane, its blob, from which the run goes on here
to the bit, and the learner's own table, if that is what it learns from. Keras passes over them.
"""

import importlib
import io
import json
import zipfile
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from models import catalogue, keras_config, tables
from models.experiment import Experiment
from models.packing import Arrays, Floats, arranged
from models.saved_lane import SavedLane

EXPERIMENT = "neural_playground/experiment.json"
LANE = "neural_playground/lane"
TABLE = "neural_playground/table.csv"

# Which of a lane's two slots Keras's optimizer keeps of every variable, in its order.
SLOTS: dict[str, tuple[str, ...]] = {
    "momentum": ("first",),
    "nesterov": ("first",),
    "rmsprop": ("second",),
    "adagrad": ("second",),
    "adadelta": ("second", "first"),
    "adam": ("first", "second"),
    "adamw": ("first", "second"),
    "adamax": ("first", "second"),
    "nadam": ("first", "second"),
    "lion": ("first",),
}


def of_lane(lane: SavedLane) -> bytes:
    """The file of a lane as it is. Keras trains on with the optimizer's slots, too."""
    return write(lane.experiment, lane.keras_weights, slots=_slots(lane), step=lane.step, lane=lane.blob)


def _slots(lane: SavedLane) -> list[Floats]:
    slots = {
        part: arranged(lane.experiment, getattr(lane, part), getattr(lane, f"{part}_scales"))
        for part in ("first", "second")
    }
    return _variables(lane.experiment, slots, lane.step)


def _fresh_slots(experiment: Experiment, weights: Arrays) -> list[Floats]:
    """Those of an optimizer that has made no step."""
    rest, trainable = list(weights), list[Floats]()
    for part in keras_config.layers(experiment):
        mine, rest = rest[: part.variables], rest[part.variables :]
        trainable += mine[:2]  # moving mean and variance are not
    training = experiment.training
    row = catalogue.row(catalogue.OPTIMIZERS, training.optimizer)
    start = row.coefficients(training.learning_rate, training.settings).v_start
    slots = {
        "first": [np.zeros_like(array) for array in trainable],
        "second": [np.full_like(array, start) for array in trainable],
    }
    return _variables(experiment, slots, 0)


def _variables(experiment: Experiment, slots: dict[str, Arrays], step: int) -> list[Floats]:
    """The variables of Keras's optimizer after iterations and learning rate."""
    training = experiment.training
    if training.settings.get("momentum") == 0.0:  # then Keras keeps none
        return []
    parts = [slots[part] for part in SLOTS.get(training.optimizer, ())]
    variables = [array for together in zip(*parts, strict=True) for array in together]
    if training.optimizer == "nadam":
        variables.append(_product_of_momentums(training.settings["beta_1"], step))
    return variables


def _product_of_momentums(beta_1: float, step: int) -> Floats:
    """Nadam's momentums up to a step, multiplied: Π β₁ (1 - ½ 0.96^t), as `keras.optimizers.Nadam` has it."""
    factors = beta_1 * (1.0 - 0.5 * 0.96 ** np.arange(1.0, min(step, 100_000) + 1.0))
    return np.asarray(np.prod(factors), np.float32)


def write(
    experiment: Experiment,
    weights: Arrays,
    *,
    slots: Arrays | None = None,
    step: int = 0,
    lane: bytes | None = None,
) -> bytes:
    """The file of weights in the order of Keras's `get_weights`; without `slots`, of a new optimizer.

    A learner's own table is in it, if it is here.
    """
    if slots is None:
        slots = _fresh_slots(experiment, weights)
    members: list[tuple[str, bytes, int]] = [
        ("metadata.json", json.dumps(_metadata()).encode(), zipfile.ZIP_STORED),
        ("config.json", json.dumps(keras_config.config(experiment)).encode(), zipfile.ZIP_DEFLATED),
        ("model.weights.h5", _weights(experiment, weights, slots, step), zipfile.ZIP_DEFLATED),
        (EXPERIMENT, experiment.model_dump_json(indent=2).encode(), zipfile.ZIP_DEFLATED),
    ]
    if lane is not None:
        members.append((LANE, lane, zipfile.ZIP_DEFLATED))
    if (table := tables.raw(experiment.data.table)) is not None:
        members.append((TABLE, table, zipfile.ZIP_DEFLATED))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content, compression in members:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return file.getvalue()


def _metadata() -> dict[str, str]:
    saved = datetime.now(UTC).strftime("%Y-%m-%d@%H:%M:%S")
    return {"keras_version": version("keras"), "date_saved": saved}


def _weights(experiment: Experiment, weights: Arrays, slots: Arrays, step: int) -> bytes:
    """HDF5 as Keras's saving has it: layers/<kind>/vars/<number>, the optimizer's variables alike."""
    h5py: Any = importlib.import_module("h5py")  # which has no types
    file = io.BytesIO()
    with h5py.File(file, "w") as store:
        rest = list(weights)
        _group(store, "layers/input_layer", "input_layer", [])
        for part in keras_config.layers(experiment):
            mine, rest = rest[: part.variables], rest[part.variables :]
            _group(store, f"layers/{part.name}", part.name, mine)
        if rest:
            raise ValueError(f"{len(rest)} arrays more than the network has")
        rate = [] if experiment.training.schedule != "constant" else [experiment.training.learning_rate]
        variables = [np.asarray(step, np.int64), *(np.asarray(value, np.float32) for value in rate)]
        _group(store, "optimizer", experiment.training.optimizer, [*variables, *slots])
        _group(store, "", "model", [])
    return file.getvalue()


def _group(store: Any, path: str, name: str, variables: list[Any]) -> None:
    group = store.create_group(f"{path}/vars" if path else "vars")
    group.attrs["name"] = name
    for number, variable in enumerate(variables):
        group[str(number)] = variable
