"""What a lane shows at one moment, as a frame."""

from dataclasses import asdict
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models import frame, reference
from models.datasets import PLANE
from models.features import grid, inputs
from models.history import COLUMNS
from models.inspection import BOUNDARY, LEVELS, NEURON, measure, pictures
from models.lane import Lane
from models.packing import flat

MANY_NEURONS = 48  # above it, neurons' pictures have half as many cells a side


@lru_cache(maxsize=64)
def _cells(features: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """The features of all cells that pictures show, the boundary's first."""
    return inputs(np.concatenate([grid(BOUNDARY, PLANE), grid(NEURON, PLANE)]), features)


@lru_cache(maxsize=64)
def _input_pictures(features: tuple[str, ...]) -> dict[str, frame.Block]:
    values = inputs(grid(NEURON, PLANE), features).T  # (features, cells)
    reach: npt.NDArray[np.float32] = np.abs(values).max(axis=1)
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
    return np.array(
        [lane.epoch, train_loss + penalty, train_right, penalty, test_loss + penalty, test_right, penalty],
        np.float32,
    )


def _pictures(lane: Lane) -> dict[str, frame.Block]:
    experiment = lane.experiment
    made = pictures(lane.weights, experiment.activations, lane.normalization, _cells(experiment.features))
    neurons = made.neurons
    if len(neurons) > MANY_NEURONS:
        neurons = np.ascontiguousarray(neurons[:, ::2, ::2])
    return {"ranges": made.ranges, "boundary": made.boundary, "neurons": neurons}


def _running(lane: Lane) -> list[float | None] | None:
    """Loss, accuracy and penalty over the epoch so far."""
    loss, right, penalty, points = (float(value) for value in lane.sums)
    if not points or not np.isfinite(loss):
        return None
    accuracy = right / points if lane.experiment.problem == "classification" else None
    return [loss / points, accuracy, penalty / points]


def snapshot(lane: Lane, seq: int, key: bool, with_experiment: bool) -> bytes:
    """The lane as a frame, its weights being up to date; takes the history rows that no frame had."""
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
        **_pictures(lane),
    }
    if key or with_experiment:
        header["experiment"] = experiment.model_dump(mode="json")
    if key:
        header["counts"] = {"train": lane.points.train, "test": lane.points.test}
        points = np.concatenate([lane.points.position, lane.points.label[:, None]], axis=1)
        blocks |= {**_input_pictures(experiment.features), "points": np.ascontiguousarray(points)}
    return frame.encode(header, blocks)
