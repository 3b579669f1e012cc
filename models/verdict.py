"""How good a network is beyond its loss: who is taken for whom, and how much of a number is explained."""

from typing import Any

import numpy as np
import numpy.typing as npt

from models import inspection, reference
from models.experiment import Experiment
from models.lane import Lane

Floats = npt.NDArray[np.float32]


def confusion(truth: npt.NDArray[np.int64], answer: npt.NDArray[np.int64], classes: int) -> list[list[int]]:
    """How many points of each class (rows) were taken for each class (columns)."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, answer), 1)
    return counts.tolist()


def explained(truth: Floats, answer: Floats) -> float | None:
    """R², the share of the variance that is explained; None where there is none to explain, or no number.

    1 - Σ (y - ŷ)² / Σ (y - mean(y))²; below 0 the mean alone would be better.
    """
    y, given = truth.astype(np.float64), answer.astype(np.float64)
    spread = float(((y - y.mean()) ** 2).sum()) if len(y) else 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        rest = float(((y - given) ** 2).sum())
    return 1.0 - rest / spread if spread > 0.0 and np.isfinite(rest) else None


def _of(experiment: Experiment, output: Floats, label: Floats, threshold: float) -> Any:
    if experiment.problem == "regression":
        return explained(label, output[:, 0])
    if experiment.classes > 2:
        return confusion(label.astype(np.int64), output.argmax(axis=1), experiment.classes)
    positive = output.argmax(axis=1) == 1 if output.shape[1] == 2 else output[:, 0] > threshold
    return confusion((label > 0).astype(np.int64), positive.astype(np.int64), 2)


def verdict(lane: Lane) -> dict[str, Any]:
    """Of the network as it is on training and test points: confusion matrices, or R² for regression."""
    experiment, points = lane.experiment, lane.points
    found: dict[str, Any] = {}
    parts = {"train": slice(0, points.train), "test": slice(points.train, None)}
    for (name, part), (x, _) in zip(parts.items(), reference.data(experiment, points), strict=True):
        output = inspection.outputs(lane.weights, experiment.activations, lane.normalization, x)
        found[name] = _of(experiment, output, points.label[part], lane.threshold) if len(x) else None
    return found
