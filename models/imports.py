"""Files from anywhere become runs: `.keras` files, Keras's model JSON, experiments.

Nothing of a file is executed and nothing of it becomes a path: only JSON and arrays of numbers are read.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
from pydantic import ValidationError

from models import catalogue, keras_layers, keras_training, strict_json, tables, weight_store
from models.archive import KERAS_FILE, Archive
from models.experiment import Experiment, explain, fitting_losses
from models.file_error import FileError
from models.keras_file import EXPERIMENT, LANE, TABLE
from models.keras_layers import EPSILON, Block, Layers, Normalization
from models.packing import Arrays, Floats, Scales
from models.saved_lane import SavedLane
from models.table import MAX_BYTES, MAX_ROWS, TableError
from models.weight_store import Wanted

_SAVED = "a file as it was saved here"
_BLOB = "saved run"
ANY_FILE = "a .keras file, the JSON of a Keras model or an experiment"

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Imported:
    """What a lane goes on with: a saved run's blob, or a network's weights as `Lane.put` takes them.

    `notes` are sentences on what of the file was not taken over.
    """

    experiment: Experiment
    kind: Literal["run", "network", "experiment"]
    blob: bytes | None = None
    weights: dict[str, Arrays] | None = None
    epoch: int = 0
    notes: list[str] = field(default_factory=list[str])


Reader = Callable[[bytes, Sequence[Wanted]], list[list[Floats]]]


@dataclass(frozen=True)
class TableLimits:
    """How large a learner's own table in a file may be."""

    max_bytes: int = MAX_BYTES
    max_rows: int = MAX_ROWS


def read(
    raw: bytes,
    in_force: Experiment,
    weights: Reader = weight_store.read,
    limits: TableLimits = TableLimits(),
) -> Imported:
    """A run of a file's bytes; FileError. A network from elsewhere learns from the data in force.

    `weights` reads HDF5: `weight_store.read`, or `weight_store.read_apart`. A table that comes with a file is
    kept (`tables.keep`) when all else of the file will do; OSError where there is no room for it.
    """
    if raw.startswith(b"PK"):
        archive = Archive(raw)
        imported = _archive(archive, in_force, weights)
        _require_data(imported.experiment, archive, limits)
        return imported
    if _is_blob(raw):
        saved = _saved(raw, _BLOB)
        _require_data(saved.experiment)
        return Imported(saved.experiment, "run", blob=saved.blob, epoch=saved.epoch)
    if raw.startswith(b"\x89HDF"):
        raise FileError("the file is HDF5, the old format of Keras", KERAS_FILE)
    if not raw.strip():
        raise FileError("the file is empty", ANY_FILE)
    try:
        given: Any = strict_json.parse(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FileError("the file is neither a .keras file nor JSON", ANY_FILE) from None
    except ValueError as error:
        raise FileError(f"the file is not JSON: {error}", ANY_FILE) from None
    if not isinstance(given, dict):
        raise FileError("the file's JSON is no object", ANY_FILE)
    model = cast(Json, given)
    if "class_name" in model:
        layers, notes = keras_layers.read(model), list[str]()
        return Imported(_fitted(layers, model, in_force, notes), "experiment", notes=notes)
    experiment = _experiment(model)
    _require_data(experiment)
    return Imported(experiment, "experiment")


def _archive(archive: Archive, in_force: Experiment, reader: Reader) -> Imported:
    if LANE in archive:
        saved = _saved(archive.read(LANE), LANE)
        return Imported(saved.experiment, "run", blob=saved.blob, epoch=saved.epoch)
    model = _json(archive, "config.json")
    layers = keras_layers.read(model)
    notes: list[str] = []
    if EXPERIMENT in archive:
        experiment = _experiment(_json(archive, EXPERIMENT))
        if _drawn(layers) != (experiment.units, experiment.activations):
            raise FileError("the file's experiment is of another network than its model", KERAS_FILE)
    else:
        experiment = _fitted(layers, model, in_force, notes)
    arrays = reader(archive.read("model.weights.h5"), list(_wanted(layers)))
    weights = _weights(layers, iter(arrays))
    return Imported(experiment, "network", weights=weights, notes=notes)


def _is_blob(raw: bytes) -> bool:
    """Whether these are a lane's bytes as a page keeps them: `frame.encode`, which begins with a length."""
    return raw[4:5] == b"{" and 4 + int.from_bytes(raw[:4], "little") <= len(raw)


def _saved(blob: bytes, name: str) -> SavedLane:
    try:
        saved = SavedLane.of(blob)
    except ValidationError as error:
        message, expected = explain(error)
        raise FileError(f"the file's experiment will not do: {message}", expected) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise FileError(f"the file's {name} cannot be read", _SAVED) from error
    return saved


def _json(archive: Archive, name: str) -> Json:
    try:
        given: Any = strict_json.parse(archive.read(name).decode())
    except FileError:
        raise
    except ValueError as error:
        raise FileError(f"the file's {name} is not JSON: {error}", KERAS_FILE) from None
    if not isinstance(given, dict):
        raise FileError(f"the file's {name} is no object", KERAS_FILE)
    return cast(Json, given)


def _experiment(given: Json) -> Experiment:
    try:
        # By way of text: lists and tuples are told apart there as they are in a file.
        experiment = Experiment.model_validate_json(json.dumps(given))
    except ValidationError as error:
        message, expected = explain(error)
        raise FileError(f"the experiment will not do: {message}", expected) from error
    return experiment


def _require_data(
    experiment: Experiment, archive: Archive | None = None, limits: TableLimits | None = None
) -> None:
    """That the experiment's table is here, from the archive if need be."""
    digest = experiment.data.table
    if not digest or tables.is_kept(digest):
        return
    if archive is not None and limits is not None and TABLE in archive:
        table = archive.read(TABLE)
        if tables.digest_of(table) != digest:
            raise FileError("the file's table is not the one that its experiment learns from", _SAVED)
        try:
            tables.keep(table, max_bytes=limits.max_bytes, max_rows=limits.max_rows)
        except TableError as error:
            message = f"{error.message[:1].lower()}{error.message[1:]}"
            raise FileError(f"the file's table will not do: {message}", error.expected) from error
    else:
        raise FileError(
            "the experiment learns from a table that is not here",
            "the table first, as your own data, and then the file again",
        )


def _drawn(layers: Layers) -> tuple[tuple[int, ...], tuple[str, ...]]:
    units = (layers.inputs, *(block.units for block in layers.blocks))
    return units, tuple(block.activation for block in layers.blocks)


def _fitted(layers: Layers, model: Json, in_force: Experiment, notes: list[str]) -> Experiment:
    """The network on the data in force, and what is known of its training."""
    *hidden, output = layers.blocks
    _require_output(hidden, output)
    notes += layers.notes
    compiled = model.get("compile_config")
    features = _features(layers.inputs, in_force, notes)
    found = keras_training.training(layers.blocks, compiled, notes)
    loss = found["loss"] = _loss(output, found.get("loss"), in_force, notes)
    outputs = catalogue.row(catalogue.LOSSES, loss).outputs if in_force.classes else ("linear",)
    try:
        return Experiment.model_validate(
            {
                "data": in_force.data,
                "features": features,
                "network": {
                    "hidden": [
                        {
                            "neurons": block.units,
                            "activation": block.activation,
                            "dropout": block.dropout,
                            "batch_normalization": block.normalization is not None,
                        }
                        for block in hidden
                    ],
                    "output_activation": output.activation
                    if output.activation != outputs[0]
                    else catalogue.AUTO.name,
                    **keras_training.network(layers.blocks),
                },
                "training": {**in_force.training.model_dump(), **found},
                "seed": in_force.seed,
            }
        )
    except ValidationError as error:
        message, expected = explain(error)
        raise FileError(f"the file's network does not fit: {message}", expected) from error


def _require_output(hidden: list[Block], output: Block) -> None:
    for block in hidden:
        if block.activation == catalogue.SOFTMAX.name:
            known = ", ".join(catalogue.names(catalogue.ACTIVATIONS))
            raise FileError(f"layer {block.number} is hidden and has softmax", f"one of {known}")
    if output.normalization or output.dropout:
        raise FileError(
            "the output layer has batch normalization or dropout", "them after hidden layers only"
        )
    if output.activation not in catalogue.OUTPUT_ACTIVATION_NAMES:
        known = ", ".join(catalogue.OUTPUT_ACTIVATION_NAMES)
        raise FileError(f"the output layer has the activation {output.activation}", f"one of {known}")
    if output.units > 1 and output.activation != catalogue.SOFTMAX.name:
        raise FileError(
            f"the output layer has {output.units} units with {output.activation}",
            "one unit, or softmax over the classes",
        )


def _features(inputs: int, in_force: Experiment, notes: list[str]) -> tuple[str, ...]:
    if inputs <= in_force.data.columns:
        return catalogue.names(catalogue.COLUMNS)[:inputs]
    if inputs == len(in_force.features):
        notes.append("The network's inputs are the features in force, in their order.")
        return in_force.features
    raise FileError(
        f"the file's network has {inputs} inputs, and the data in force have {in_force.data.columns} columns",
        f"data of {inputs} columns, or {inputs} features, chosen before the file is opened",
    )


def _loss(output: Block, given: str | None, in_force: Experiment, notes: list[str]) -> str:
    """The file's loss, or the first that goes with its output and the data in force."""
    classes = in_force.classes
    several = output.activation == catalogue.SOFTMAX.name
    if several and output.units != classes:
        what = f"{classes} classes" if classes else "numbers to predict"
        raise FileError(
            f"the file's network has {output.units} outputs, and the data in force have {what}",
            f"data of {output.units} classes, chosen before the file is opened",
        )
    fitting = [
        name
        for name in fitting_losses(in_force.problem, classes)
        if output.activation in catalogue.row(catalogue.LOSSES, name).outputs
    ]
    if not fitting:
        what = f"{classes} classes" if classes else "numbers to predict"
        raise FileError(
            f"the file's network has one output with {output.activation}, and the data in force have {what}",
            "data for which that output will do, chosen before the file is opened",
        )
    if given is not None and given not in fitting:
        notes.append(f"The file's loss {given} does not go with the data in force; {fitting[0]} is used.")
    return given if given in fitting else fitting[0]


def _wanted(layers: Layers) -> Iterator[Wanted]:
    before = layers.inputs
    for block in layers.blocks:
        shapes = [(before, block.units), (block.units,)]
        yield Wanted(block.name, block.place, shapes[: 1 + block.use_bias])
        if (layer := block.normalization) is not None:
            yield Wanted(layer.name, layer.place, [(block.units,)] * len(_names(layer)))
        before = block.units


def _names(layer: Normalization) -> list[str]:
    """What Keras keeps of batch normalization, in its order."""
    return [*["scale"] * layer.scale, *["shift"] * layer.center, "mean", "variance"]


def _weights(layers: Layers, arrays: Iterator[Arrays]) -> dict[str, Arrays]:
    """Kernels and biases; of hidden layers scale and shift, moving mean and variance; as a lane has them."""
    weights: Arrays = []
    scales: Scales = []
    moving: Scales = []
    for block in layers.blocks:
        kernel, *biases = next(arrays)
        ones, zeros = np.ones(block.units, np.float32), np.zeros(block.units, np.float32)
        bias = biases[0] if biases else zeros
        pair, averages = np.stack([ones, zeros]), np.stack([zeros, ones])
        if block.normalization is not None:
            pair, averages = _normalization(block.normalization, next(arrays), bias)
            bias = zeros
        weights += [kernel, bias]
        scales.append(pair)
        moving.append(averages)
    return {"weights": weights, "scales": scales[:-1], "moving": moving[:-1]}


def _normalization(layer: Normalization, arrays: Arrays, bias: Floats) -> tuple[Floats, Floats]:
    """Scale and shift, moving mean and variance (2, units) each, for a layer that has no bias here.

    (z + b - m) / √(v + ε) is (z - (m - b)) / √((v + ε - ε₀) + ε₀): bias and another ε go into mean and
    variance.
    """
    found = dict(zip(_names(layer), arrays, strict=True))
    variance = found["variance"]
    if (variance < 0.0).any() or (variance + np.float32(layer.epsilon) <= 0.0).any():
        raise FileError(f"the weights of {layer.name} hold a variance below 0", "variances of 0 or more")
    if not np.isclose(layer.epsilon, EPSILON, rtol=1e-6):
        variance = variance + np.float32(layer.epsilon - EPSILON)
    scale = found.get("scale", np.ones_like(variance))
    return (
        np.stack([scale, found.get("shift", np.zeros_like(variance))]),
        np.stack([found["mean"] - bias, variance]),
    )
