"""What a lane shows at one moment, as a frame."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models import catalogue, frame
from models.backend import tf
from models.bucket import WIDTHS
from models.datasets import PLANE
from models.features import grid, inputs
from models.history import COLUMNS
from models.inspection import BOUNDARY, LEVELS, NEURON, Network
from models.lane import Lane
from models.packing import flat, pack
from models.programs import Programs

MANY_NEURONS = 48  # above it, neurons' pictures have half as many cells a side


@lru_cache(maxsize=64)
def _cells(features: tuple[str, ...], width: int) -> Any:
    """The features of all cells, (CELLS, width)."""
    positions = np.concatenate([grid(BOUNDARY, PLANE), grid(NEURON, PLANE)])
    table = np.zeros((len(positions), width), np.float32)
    table[:, : len(features)] = inputs(positions, features)
    return tf.constant(table)


@lru_cache(maxsize=64)
def _input_pictures(features: tuple[str, ...]) -> dict[str, frame.Block]:
    values = inputs(grid(NEURON, PLANE), features).T  # (features, cells)
    reach: npt.NDArray[np.float32] = np.abs(values).max(axis=1)
    levels: npt.NDArray[np.uint8] = np.round((values / reach[:, None] + 1.0) * (LEVELS / 2)).astype(np.uint8)
    return {
        "inputs": levels.reshape(-1, NEURON, NEURON),
        "input_ranges": np.stack([-reach, reach], axis=1).astype(np.float32),
    }


def _network(lane: Lane) -> tuple[Network, int]:
    """The lane's network, padded to the smallest width that holds it."""
    units = lane.experiment.units
    width = next(width for width in WIDTHS if width >= max(units))
    stack = pack(lane.weights, width)
    numbers = np.zeros((2, len(stack)), np.int32)
    depth = len(units) - 1
    numbers[0, :depth] = units[1:]
    numbers[1, :depth] = lane.activation_numbers()
    return Network(
        tf.constant(stack), tf.constant(numbers[0]), tf.constant(numbers[1]), tf.constant(depth)
    ), width


def measured(lane: Lane, programs: Programs) -> npt.NDArray[np.float32]:
    """A history row of the lane's network as it is, evaluated on training and test points."""
    network, width = _network(lane)
    counts = np.array([lane.points.train, lane.points.test], np.int32)
    loss = catalogue.index(catalogue.LOSSES, lane.experiment.training.loss)
    (train_loss, train_right), (test_loss, test_right) = programs.measure(width)(
        network,
        tf.constant(lane.padded_points()),
        tf.constant(counts),
        tf.constant(loss),
        tf.constant(lane.threshold, tf.float32),
    ).numpy()
    penalty = lane.penalty()
    return np.array(
        [lane.epoch, train_loss + penalty, train_right, penalty, test_loss + penalty, test_right, penalty],
        np.float32,
    )


def _pictures(lane: Lane, programs: Programs) -> dict[str, frame.Block]:
    network, width = _network(lane)
    made = programs.pictures(width)(network, _cells(lane.experiment.features, width))
    hidden = lane.experiment.units[1:-1]
    levels, ranges = made.neurons.numpy(), made.ranges.numpy()
    neurons = [levels[place, :, :n].T for place, n in enumerate(hidden)]
    spans = [ranges[place, :, :n].T for place, n in enumerate(hidden)]
    squares = np.concatenate([*neurons, np.zeros((0, NEURON * NEURON), np.uint8)]).reshape(-1, NEURON, NEURON)
    if len(squares) > MANY_NEURONS:
        squares = squares[:, ::2, ::2]
    return {
        "ranges": np.ascontiguousarray(np.concatenate([*spans, ranges[len(hidden), :, :1].T])),
        "boundary": made.boundary.numpy().reshape(BOUNDARY, BOUNDARY),
        "neurons": np.ascontiguousarray(squares),
    }


def _running(lane: Lane) -> list[float | None] | None:
    """Loss, accuracy and penalty over the epoch so far."""
    loss, right, penalty, points = (float(value) for value in lane.sums)
    if not points or not np.isfinite(loss):
        return None
    accuracy = right / points if lane.experiment.problem == "classification" else None
    return [loss / points, accuracy, penalty / points]


def snapshot(lane: Lane, programs: Programs, seq: int, key: bool, with_experiment: bool) -> bytes:
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
        "running": _running(lane),
    }
    blocks: dict[str, frame.Block] = {
        "history": (lane.history.all() if key else new).reshape(-1, len(COLUMNS)),
        "weights": flat(lane.weights),
        **_pictures(lane, programs),
    }
    if key or with_experiment:
        header["experiment"] = experiment.model_dump(mode="json")
    if key:
        header["counts"] = {"train": lane.points.train, "test": lane.points.test}
        points = np.concatenate([lane.points.position, lane.points.label[:, None]], axis=1)
        blocks |= {**_input_pictures(experiment.features), "points": np.ascontiguousarray(points)}
    return frame.encode(header, blocks)
