"""What a lane shows at one moment, as a frame."""

import math
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models import frame, reference
from models.detail import STILL, Detail
from models.features import inputs
from models.history import COLUMNS
from models.inspection import LEVELS, measure, pictures
from models.lane import Lane
from models.packing import flat
from models.panels import looks, wanted
from models.plane import Limits, limits_of, on_the_plane, shown

# Above it, neurons' pictures have half as many cells a side; several classes have outputs to be seen, too.
MANY_NEURONS, MANY_WITH_CLASSES = 48, 20


@lru_cache(maxsize=256)
def _cells(features: tuple[str, ...], limits: Limits, detail: Detail) -> npt.NDArray[np.float32]:
    """The features of all cells that pictures show, the boundary's first: (features, cells)."""
    both = [shown(detail.boundary, limits), shown(detail.neurons, limits)]
    return np.ascontiguousarray(inputs(np.concatenate(both), features).T)


@lru_cache(maxsize=64)
def _input_pictures(features: tuple[str, ...], limits: Limits) -> dict[str, frame.Block]:
    side = STILL.neurons
    values = inputs(shown(side, limits), features).T  # (features, cells)
    reach: npt.NDArray[np.float32] = np.maximum(np.abs(values).max(axis=1), np.float32(1e-6))
    levels: npt.NDArray[np.uint8] = np.round((values / reach[:, None] + 1.0) * (LEVELS / 2)).astype(np.uint8)
    return {
        "inputs": levels.reshape(-1, side, side),
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


def _picture_count(lane: Lane) -> int:
    """Neurons' pictures: of the hidden layers, and of the outputs if there are several."""
    *hidden, outputs = lane.shape.layers[1:]
    return sum(hidden) + (outputs if outputs > 1 else 0)


def _pictures(lane: Lane, detail: Detail, some: list[int] | None) -> dict[str, frame.Block]:
    experiment = lane.experiment
    many = MANY_WITH_CLASSES if lane.shape.classes > 2 else MANY_NEURONS
    if _picture_count(lane) > many:
        detail = Detail(detail.boundary, max(2, detail.neurons // 2))
    made = pictures(
        lane.weights,
        lane.shape.activations,
        lane.normalization,
        _cells(experiment.features, limits_of(lane.points, lane.held), detail),
        detail,
        lane.points.reach,
        some,
    )
    return {"ranges": made.ranges, "boundary": made.boundary, "neurons": made.neurons}


def _running(lane: Lane) -> list[float | None] | None:
    """Loss, accuracy and penalty over the epoch so far."""
    loss, right, penalty, points = (float(value) for value in lane.sums)
    if not points or not math.isfinite(loss):
        return None
    accuracy = right / points if lane.shape.problem == "classification" else None
    return [loss / points, accuracy, penalty / points]


def snapshot(
    lane: Lane,
    seq: int,
    key: bool,
    with_experiment: bool,
    panels: Iterable[str] | None = None,
    detail: Detail = STILL,
    pictured: Sequence[int] | None = None,
) -> bytes:
    """The lane as a frame, its weights being up to date; takes the history rows that no frame had.

    panels: which of the open ones it shows; without it, those that have something new. pictured: the numbers
    of the neurons' pictures that are seen; without it all are.
    """
    experiment = lane.experiment
    new = lane.history.take_new()
    count = _picture_count(lane)
    some = None if pictured is None else sorted({number for number in pictured if 0 <= number < count})
    header: dict[str, Any] = {
        "seq": seq,
        "key": key,
        "made": round(time.monotonic(), 4),
        "applied": lane.applied,
        "run": lane.run,
        "step": lane.step,
        "epoch": lane.epoch,
        "offset": lane.offset,
        "train_points": lane.points.train,
        "state": lane.mode.value,
        "speed": lane.speed.name,
        "exact": lane.exact,
        "layers": lane.shape.layers,
        "activations": lane.shape.activations,
        "problem": lane.shape.problem,
        "classes": lane.shape.classes,
        "running": _running(lane),
        "touched": lane.touched,
        "measured": lane.measured,
        "stopped": lane.stopped,
        "stop": vars(lane.stops.conditions),
    }
    blocks: dict[str, frame.Block] = {
        "history": (lane.history.all() if key else new).reshape(-1, len(COLUMNS)),
        "weights": flat(lane.weights),
        "normalization": flat([values for values in lane.normalization if values is not None]),
        **_pictures(lane, detail, some),
    }
    said: dict[str, Any] = {}
    for name, look in looks(lane, wanted(lane, key) if panels is None else panels):
        said[name] = None
        if look is not None:
            said[name], more = look
            blocks |= {f"{name}.{block}": values for block, values in more.items()}
    header["panels"] = said
    if some is not None:
        header["pictured"] = some
    if key or with_experiment:
        header["experiment"] = experiment.model_dump(mode="json")
    if key:
        header["counts"] = {"train": lane.points.train, "test": lane.points.test}
        header["axes"] = [axis.public(lane.held) for axis in lane.points.axes]
        header["target"] = lane.points.target.public()
        features = _input_pictures(experiment.features, limits_of(lane.points, lane.held))
        blocks |= {**features, "points": on_the_plane(lane.points)}
    return frame.encode(header, blocks)
