"""What a lane shows at one moment, as a frame."""

from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models import frame, reference
from models.features import inputs
from models.history import COLUMNS
from models.inspection import BOUNDARY, LEVELS, NEURON, measure, pictures
from models.lane import Lane
from models.packing import flat
from models.panels import looks, wanted
from models.plane import Limits, limits_of, on_the_plane, shown

# Above it, neurons' pictures have half as many cells a side; several classes have outputs to be seen, too.
MANY_NEURONS, MANY_WITH_CLASSES = 48, 20


@lru_cache(maxsize=64)
def _cells(features: tuple[str, ...], limits: Limits) -> npt.NDArray[np.float32]:
    """The features of all cells that pictures show, the boundary's first."""
    return inputs(np.concatenate([shown(BOUNDARY, limits), shown(NEURON, limits)]), features)


@lru_cache(maxsize=64)
def _input_pictures(features: tuple[str, ...], limits: Limits) -> dict[str, frame.Block]:
    values = inputs(shown(NEURON, limits), features).T  # (features, cells)
    reach: npt.NDArray[np.float32] = np.maximum(np.abs(values).max(axis=1), np.float32(1e-6))
    levels: npt.NDArray[np.uint8] = np.round((values / reach[:, None] + 1.0) * (LEVELS / 2)).astype(np.uint8)
    return {
        "inputs": levels.reshape(-1, NEURON, NEURON),
        "input_ranges": np.stack([-reach, reach], axis=1).astype(np.float32),
    }


def measured(lane: Lane) -> npt.NDArray[np.float32]:
    """A history row of the lane's network as it is, evaluated on training and test points."""
    experiment = lane.experiment
    scores = [
        measure(
            lane.weights,
            experiment.activations,
            lane.normalization,
            experiment.training.loss,
            lane.threshold,
            x,
            y,
        )
        for x, y in reference.data(experiment, lane.points)
    ]
    (train_loss, train_right), (test_loss, test_right) = scores
    penalty = lane.penalty()
    row = [lane.epoch, train_loss + penalty, train_right, penalty, test_loss + penalty, test_right, penalty]
    with np.errstate(over="ignore"):  # a row's numbers overflow where training's would
        return np.array(row, np.float32)


def _pictures(lane: Lane) -> dict[str, frame.Block]:
    experiment = lane.experiment
    made = pictures(
        lane.weights,
        experiment.activations,
        lane.normalization,
        _cells(experiment.features, limits_of(lane.points, lane.held)),
        lane.points.reach,
    )
    neurons = made.neurons
    if len(neurons) > (MANY_WITH_CLASSES if experiment.classes > 2 else MANY_NEURONS):
        neurons = np.ascontiguousarray(neurons[:, ::2, ::2])
    return {"ranges": made.ranges, "boundary": made.boundary, "neurons": neurons}


def _running(lane: Lane) -> list[float | None] | None:
    """Loss, accuracy and penalty over the epoch so far."""
    loss, right, penalty, points = (float(value) for value in lane.sums)
    if not points or not np.isfinite(loss):
        return None
    accuracy = right / points if lane.experiment.problem == "classification" else None
    return [loss / points, accuracy, penalty / points]


def snapshot(
    lane: Lane, seq: int, key: bool, with_experiment: bool, panels: Iterable[str] | None = None
) -> bytes:
    """The lane as a frame, its weights being up to date; takes the history rows that no frame had.

    panels: which of the open ones it shows; without it, those that have something new.
    """
    experiment = lane.experiment
    new = lane.history.take_new()
    header: dict[str, Any] = {
        "seq": seq,
        "key": key,
        "applied": lane.applied,
        "run": lane.run,
        "step": lane.step,
        "epoch": lane.epoch,
        "offset": lane.offset,
        "train_points": lane.points.train,
        "state": lane.mode.value,
        "speed": lane.speed.name,
        "exact": lane.exact,
        "layers": list(experiment.units),
        "activations": list(experiment.activations),
        "problem": experiment.problem,
        "classes": experiment.classes,
        "running": _running(lane),
        "touched": lane.touched,
        "measured": lane.measured,
        "stopped": lane.stopped,
        "stop": asdict(lane.stops.conditions),
    }
    blocks: dict[str, frame.Block] = {
        "history": (lane.history.all() if key else new).reshape(-1, len(COLUMNS)),
        "weights": flat(lane.weights),
        "normalization": flat([values for values in lane.normalization if values is not None]),
        **_pictures(lane),
    }
    said: dict[str, Any] = {}
    for name, look in looks(lane, wanted(lane, key) if panels is None else panels):
        said[name] = None
        if look is not None:
            said[name], more = look
            blocks |= {f"{name}.{block}": values for block, values in more.items()}
    header["panels"] = said
    if key or with_experiment:
        header["experiment"] = experiment.model_dump(mode="json")
    if key:
        header["counts"] = {"train": lane.points.train, "test": lane.points.test}
        header["axes"] = [axis.public(lane.held) for axis in lane.points.axes]
        header["target"] = lane.points.target.public()
        pictured = _input_pictures(experiment.features, limits_of(lane.points, lane.held))
        blocks |= {**pictured, "points": on_the_plane(lane.points)}
    return frame.encode(header, blocks)
