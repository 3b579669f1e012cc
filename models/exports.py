"""What can be taken away of a run, as files; of a lane's blob, without TensorFlow."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from models import data_file, keras_file
from models.history import COLUMNS
from models.packing import Floats, normalized
from models.saved_lane import SavedLane

WEIGHT_COLUMNS = ("layer", "from", "to", "value")
# Rows of a layer's scales and moving averages, by what leads to a neuron there.
SCALES, MOVING = ("scale", "shift"), ("moving mean", "moving variance")


def _value(number: Any) -> float:
    """The shortest decimal number that is this float32."""
    return float(str(np.float32(number)))


def weight_rows(lane: SavedLane) -> Iterator[tuple[str, str, str, float]]:
    """Layer, from, to and value of every weight: `hidden 1, x1, neuron 2, 0.5`."""
    experiment = lane.experiment
    sources = list(experiment.features)
    for number, units in enumerate(experiment.units[1:]):
        hidden = number < len(experiment.network.hidden)
        layer = f"hidden {number + 1}" if hidden else "output"
        names = [f"neuron {unit}" for unit in range(1, units + 1)] if hidden else _outputs(lane)
        kernel, bias = lane.weights[2 * number : 2 * number + 2]
        tables: list[tuple[list[str], Floats]] = [(sources, kernel)]
        if normalized(experiment, number):
            tables += [([*SCALES], lane.scales[number]), ([*MOVING], lane.moving[number])]
        else:
            tables.append((["bias"], bias[None]))
        for origins, values in tables:
            for origin, row in zip(origins, values, strict=True):
                yield from ((layer, origin, name, _value(v)) for name, v in zip(names, row, strict=True))
        sources = names


def _outputs(lane: SavedLane) -> list[str]:
    """One output's name, or those of the classes."""
    data, outputs = lane.experiment.data, lane.experiment.units[-1]
    names = data.labels or data.row.class_names
    if outputs == 1:
        return ["output"]
    return list(names) if len(names) == outputs else [f"class {number}" for number in range(1, outputs + 1)]


def _weights_json(lane: SavedLane) -> bytes:
    experiment = lane.experiment
    rows = [dict(zip(WEIGHT_COLUMNS, row, strict=True)) for row in weight_rows(lane)]
    content = {
        "epoch": lane.epoch,
        "step": lane.step,
        "layers": list(experiment.units),
        "activations": list(experiment.activations),
        "weights": rows,
    }
    return _json(content)


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def _weights_csv(lane: SavedLane) -> bytes:
    return _csv([WEIGHT_COLUMNS, *weight_rows(lane)])


def _history_csv(lane: SavedLane) -> bytes:
    """Empty where there is no figure: no accuracy of regression, nothing of a test set that is not there."""
    rows = [
        [int(row[0]), *("" if np.isnan(number) else _value(number) for number in row[1:])]
        for row in lane.history
    ]
    return _csv([COLUMNS, *rows])


MAKERS: dict[str, Callable[[SavedLane], bytes]] = {
    "keras": keras_file.of_lane,
    "experiment_json": lambda lane: _json(lane.experiment.model_dump(mode="json")),
    "weights_json": _weights_json,
    "weights_csv": _weights_csv,
    "history_csv": _history_csv,
    "data_csv": lambda lane: data_file.text_of(lane.experiment.data).encode(),
}


def make(kind: str, blob: bytes) -> bytes:
    """The file of that name in `catalogue.EXPORTS`; TableError if its data are of a table that is gone."""
    return MAKERS[kind](SavedLane.of(blob))
