"""Layer by layer: how large weights and gradients are, and which neurons do not learn any more."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models import catalogue, reference
from models.features import inputs
from models.inside import Floats, Passed, Slopes, activated, backward, forward, layers_of, scored
from models.lane import Lane, Look
from models.next_update import number

POINTS = 1000  # training points that are looked at: of a random order, so that more would change little
BINS = 20
# What is shown over time: from the smallest to the largest, with three bands between.
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
# A neuron whose slope is a hundredth of what it can be learns a hundred times as slowly. Some points are on
# the flat part of every useful neuron; one that has nearly all of them there is stuck.
FLAT, STUCK = 0.01, 0.95
# Sound networks keep the first layer's gradient within a factor of some ten to a hundred of the last one's;
# beyond a thousand one learning rate cannot suit both. (Glorot and Bengio 2010, "Understanding the difficulty
# of training deep feedforward neural networks", show such gradients layer by layer.)
VANISHING, EXPLODING = 1e-3, 1e3


@cache
def steepest(name: str) -> float:
    """The largest slope of an activation, to a thousandth; all have it between these two."""
    _, slope = activated(name, np.linspace(-10.0, 10.0, 40_001)[:, None])
    return float(np.abs(slope).max())


def histogram(values: Floats) -> tuple[npt.NDArray[np.float32], float]:
    """How many values there are in each of BINS equal parts of [-reach, reach], and reach.

    The reach is the largest finite magnitude, or 1 if there is none; what is not finite does not count.
    """
    finite = values[np.isfinite(values)]
    reach = float(np.abs(finite).max(initial=0.0)) or 1.0
    counts, _ = np.histogram(finite / reach, BINS, (-1.0, 1.0))
    return counts.astype(np.float32), reach


def quantiles(values: Floats) -> npt.NDArray[np.float32]:
    """The QUANTILES of the finite values, interpolated linearly between neighbours; NaN if there are none.

    As numpy's, which takes a hundred times as long for so few values.
    """
    ordered = np.sort(values[np.isfinite(values)])
    if not len(ordered):
        return np.full(len(QUANTILES), np.nan, np.float32)
    places = np.array(QUANTILES) * (len(ordered) - 1)
    return np.interp(places, np.arange(len(ordered)), ordered).astype(np.float32)


def scale_norms(of_layer: Slopes) -> dict[str, float | None]:
    """Norms of the gradients of batch normalization's scale and shift; None where the layer has none."""
    if of_layer.scales is None:
        return {"scale_gradient_norm": None, "shift_gradient_norm": None}
    scale, shift = np.linalg.norm(of_layer.scales, axis=1).tolist()
    return {"scale_gradient_norm": number(scale), "shift_gradient_norm": number(shift)}


def dead(seen: Passed) -> npt.NDArray[np.bool_]:
    """Which units answer 0 to every point and have no slope there: no gradient will ever move them."""
    return ((seen.a == 0.0) & (seen.slope == 0.0)).all(axis=0)


def saturated(seen: Passed, activation: str) -> npt.NDArray[np.bool_]:
    """Which units are on the flat part of their activation for nearly all points; the dead do not count."""
    flat = np.abs(seen.slope) < FLAT * steepest(activation)
    return (flat.mean(axis=0) > STUCK) & ~dead(seen)


def verdict(norms: Sequence[float]) -> tuple[float | None, str | None]:
    """The first layer's gradient by the last one's, and what is wrong with it: vanishing, exploding or None.

    norms: of the gradients of all layers' kernels. No ratio for a single layer, or where there is nothing to
    divide by, as before a minimum.
    """
    if not np.isfinite(norms).all():
        return None, "exploding"
    if len(norms) == 1 or norms[-1] == 0.0:
        return None, None
    ratio = norms[0] / norms[-1]
    if ratio > EXPLODING or not np.isfinite(ratio):
        return number(ratio), "exploding"
    return ratio, "vanishing" if ratio < VANISHING else None


@np.errstate(all="ignore")  # numbers may overflow, as they may in training
def layers(lane: Lane) -> Look:
    """Of every layer, the output last; gradients are the mean loss's, without penalty, over training points.

    As in training, normalization goes by these points' own statistics; nothing is dropped.
    """
    experiment, network = lane.experiment, layers_of(lane)
    count = min(lane.points.train, POINTS)
    x = inputs(lane.points.position[:count], experiment.features).astype(np.float64)
    target = reference.targets(experiment, lane.points.label[:count]).astype(np.float64)
    passed = forward(network, x, training=True)
    slopes = backward(network, passed, scored(experiment, passed[-1], target), training=True)
    said: list[dict[str, Any]] = []
    blocks: dict[str, list[npt.NDArray[np.float32]]] = {
        name: [] for name in ("weights", "gradients", "weight_quantiles", "gradient_quantiles")
    }
    norms: list[float] = []
    for layer, seen, of_layer in zip(network, passed, slopes, strict=True):
        weights, reach = histogram(layer.kernel)
        gradients, gradient_reach = histogram(of_layer.kernel)
        rows = (weights, gradients, quantiles(layer.kernel), quantiles(of_layer.kernel))
        for block, row in zip(blocks.values(), rows, strict=True):
            block.append(row)
        norms.append(float(np.linalg.norm(of_layer.kernel)))
        is_softmax = layer.activation == catalogue.SOFTMAX.name
        said.append(
            {
                "norm": float(np.linalg.norm(layer.kernel)),
                "mean": float(np.abs(layer.kernel).mean()),
                "gradient_norm": number(norms[-1]),
                **scale_norms(of_layer),
                "reach": reach,
                "gradient_reach": gradient_reach,
                "dead": None if is_softmax else float(dead(seen).mean()),
                "saturated": None if is_softmax else float(saturated(seen, layer.activation).mean()),
            }
        )
    ratio, wrong = verdict(norms)
    header = {"points": count, "layers": said, "ratio": ratio, "verdict": wrong}
    return header, {name: np.stack(rows) for name, rows in blocks.items()}
