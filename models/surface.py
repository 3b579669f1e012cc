"""The loss over the weights: along one of them, over two, or over two random directions.

A way is a direction through the space of all weights; that of a single weight is 1 there and 0 elsewhere. The
present weights w have a coordinate along each way, `at`, and what the surface shows at coordinates c is the
loss of the weights

    w + Σ_k (c_k - at_k) d_k

so that the present network lies on it, whatever the weights do that no way leads along.

The loss is what training goes down on: the mean over training points and the penalty, with the points' own
statistics where there is batch normalization, and nothing dropped.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from models import catalogue, reference
from models.experiment import Experiment
from models.extras import EPSILON
from models.features import inputs
from models.inside import Floats, Layer, backward, forward, layers_of, losses, scored, value_of
from models.lane import Lane, Look
from models.next_update import Blocks, number
from models.packing import Arrays
from models.step_rule import Rule, schedule_factor

# For float32: what is shown has no more digits, and it takes half the time.
Grid = npt.NDArray[Any]

CURVE = 129  # points of a curve
SIDES = (33, 25, 17)  # points of a surface each way: fewer where a network is large
STEPS = 8  # of plain gradient descent, on a curve
MOST, ENOUGH, FEWEST = 500, 100, 32  # training points
# What a look may cost: networks through all layers that change, in multiplications; an activation is some.
WORK, ACTIVATION = 30e6, 8
CHUNK = 2**17  # numbers of a layer that are there at the same time
SETTLED = 1e-6  # a step of this part of the curve is none


class Way(NamedTuple):
    """A direction through the space of weights: of every layer its kernel's and its bias's part."""

    kernels: list[Floats]
    biases: list[Floats]


class Sample(NamedTuple):
    """What a loss is worked out on: inputs (points, features), targets (points,), and its penalty's rates."""

    experiment: Experiment
    x: Floats
    target: Floats
    rule: Rule


# --- ways and where the network is along them


def nowhere(lane: Lane) -> Way:
    """The way that leads nowhere."""
    zeros = [np.zeros(array.shape) for array in lane.weights]
    return Way(zeros[::2], zeros[1::2])


def way_of(lane: Lane, asked: catalogue.AskedWeight) -> Way | None:
    """That of one weight or bias; None if the network has none there."""
    units = lane.experiment.units
    if asked.layer >= len(units) or asked.unit >= units[asked.layer]:
        return None
    way = nowhere(lane)
    if asked.source is None:
        if reference.normalized(lane.experiment, asked.layer - 1):
            return None  # its shift takes the bias's place
        way.biases[asked.layer - 1][asked.unit] = 1.0
    elif asked.source >= units[asked.layer - 1]:
        return None
    else:
        way.kernels[asked.layer - 1][asked.source, asked.unit] = 1.0
    return way


@lru_cache(maxsize=8)
def _first(experiment: Experiment) -> Arrays:
    return reference.initial_weights(experiment)


def random_ways(lane: Lane, seed: int) -> tuple[Way, Way]:
    """Two random directions with the sizes of the run's first weights.

    Each neuron's part is as long as the weights into it; biases stay. (Li, Xu, Taylor, Studer and Goldstein
    2018, "Visualizing the Loss Landscape of Neural Nets", section 4, filter normalization.)
    """
    draw = np.random.default_rng(seed)

    def one() -> Way:
        way = nowhere(lane)
        for place, kernel in enumerate(_first(cast(Any, lane.experiment))[::2]):
            part = draw.normal(size=kernel.shape)
            length = np.linalg.norm(kernel, axis=0)
            way.kernels[place] = part * np.where(length > 0.0, length, 1.0) / np.linalg.norm(part, axis=0)
        return way

    return one(), one()


def _dot(a: Sequence[Floats], b: Sequence[Floats]) -> float:
    return sum(float((one * other).sum()) for one, other in zip(a, b, strict=True))


def place_of(lane: Lane, ways: Sequence[Way]) -> list[float]:
    """The network's coordinates along random ways, from the run's first weights: its nearest point there."""
    moved = [
        now.astype(np.float64) - then
        for now, then in zip(lane.weights[::2], _first(cast(Any, lane.experiment))[::2], strict=True)
    ]
    products = np.array([[_dot(a.kernels, b.kernels) for b in ways] for a in ways])
    return np.linalg.solve(products, np.array([_dot(way.kernels, moved) for way in ways])).tolist()


def _ways(lane: Lane, asked: catalogue.AskedSurface) -> tuple[list[Way], list[float]] | None:
    """The ways and where the network is along them; None if it has not all of these weights."""
    if not asked.weights:
        two = list(random_ways(lane, asked.seed))
        return two, place_of(lane, two)
    found = [way_of(lane, weight) for weight in asked.weights]
    ways = [way for way in found if way is not None]
    if len(ways) < len(found):
        return None
    parts = [array.astype(np.float64) for array in lane.weights]
    return ways, [_dot(way.kernels, parts[::2]) + _dot(way.biases, parts[1::2]) for way in ways]


# --- the loss


def moved(layers: Sequence[Layer], ways: Sequence[Way], by: Sequence[float]) -> list[Layer]:
    """The network, so far along each way."""
    return [
        Layer(
            layer.kernel + sum(step * way.kernels[place] for step, way in zip(by, ways, strict=True)),
            layer.bias + sum(step * way.biases[place] for step, way in zip(by, ways, strict=True)),
            layer.activation,
            layer.normal,
        )
        for place, layer in enumerate(layers)
    ]


def penalty(rule: Rule, kernel: Grid) -> Grid:
    """That of kernels (..., inputs, units): (...)."""
    return rule.l1 * np.abs(kernel).sum(axis=(-2, -1)) + rule.l2 * (kernel * kernel).sum(axis=(-2, -1))


def slope_along(sample: Sample, layers: Sequence[Layer], ways: Sequence[Way]) -> tuple[float, list[float]]:
    """The loss of a network and its slope along each way."""
    passed = forward(layers, sample.x, training=True)
    score = scored(sample.experiment, passed[-1], sample.target)
    slopes = backward(layers, passed, score, training=True)
    kernels = [
        sample.rule.penalized(layer.kernel, of_layer.kernel)
        for layer, of_layer in zip(layers, slopes, strict=True)
    ]
    biases = [of_layer.bias for of_layer in slopes]
    whole = float(score.loss.mean()) + sum(float(penalty(sample.rule, layer.kernel)) for layer in layers)
    return whole, [_dot(way.kernels, kernels) + _dot(way.biases, biases) for way in ways]


def heights(sample: Sample, layers: Sequence[Layer], ways: Sequence[Way], by: Floats) -> Grid:
    """The loss where one has gone so far along each way: by (cells, ways), losses (cells,) in float32."""
    widest = max(layer.kernel.shape[1] for layer in layers)
    some = max(1, CHUNK // (len(sample.x) * widest))
    x, gone = sample.x.astype(np.float32), by.astype(np.float32)
    starts = range(0, len(gone), some)
    found = [_heights(sample, layers, ways, x, gone[start : start + some]) for start in starts]
    return np.concatenate(found)


def _heights(
    sample: Sample, layers: Sequence[Layer], ways: Sequence[Way], x: Grid, by: Grid
) -> npt.NDArray[np.float32]:
    h, added = (
        x[None],
        np.zeros(1, np.float32),
    )  # (cells, points, units); one cell as long as all are the same
    z = h
    for place, layer in enumerate(layers):
        kernel, bias = layer.kernel.astype(np.float32)[None], layer.bias.astype(np.float32)[None]
        for step, way in zip(by.T, ways, strict=True):
            if way.kernels[place].any():
                kernel = kernel + step[:, None, None] * way.kernels[place].astype(np.float32)
            if way.biases[place].any():
                bias = bias + step[:, None] * way.biases[place].astype(np.float32)
        z = np.matmul(h, kernel) + bias[:, None]
        y = z
        if layer.normal is not None:
            scale, shift = layer.normal[:2].astype(np.float32)
            mean, variance = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
            y = scale * (z - mean) / np.sqrt(variance + EPSILON) + shift
        h = value_of(layer.activation, y)
        added = added + penalty(sample.rule, kernel)
    target: Grid = sample.target.astype(np.float32)[None]
    loss = losses(sample.experiment, z, h, target)
    return np.broadcast_to(loss.mean(axis=1) + added, len(by)).astype(np.float32)


# --- how much of it


def extent(units: Sequence[int], ways: Sequence[Way], points: int) -> tuple[int, int]:
    """The surface's points each way, and how many training points: fewer of both for a large network."""
    changed = [
        place
        for place in range(len(units) - 1)
        if any(way.kernels[place].any() or way.biases[place].any() for way in ways)
    ]
    first = min(changed, default=0)
    cost = sum((into + ACTIVATION) * out for into, out in list(pairwise(units))[first:])
    if len(ways) == 1:
        return CURVE, max(FEWEST, min(points, MOST, int(WORK / (cost * (CURVE + 3 * STEPS)))))
    for side in SIDES:
        affordable = int(WORK / (cost * side * side))
        if affordable >= min(points, ENOUGH):
            return side, min(points, MOST, affordable)
    return SIDES[-1], min(points, FEWEST)


# --- on a curve, as in a lecture


def descent(
    sample: Sample, layers: Sequence[Layer], way: Way, at: float, rate: float
) -> list[tuple[float, float]]:
    """Weight and loss, now and after each of some steps w <- w - rate dL/dw, nothing else being moved."""
    found: list[tuple[float, float]] = []
    place = at
    for _ in range(STEPS + 1):
        loss, (slope,) = slope_along(sample, moved(layers, [way], [place - at]), [way])
        if not np.isfinite([loss, slope]).all() or abs(place) > catalogue.FURTHEST:
            break
        found.append((place, loss))
        place -= rate * slope
    return found


def course(steps: Sequence[tuple[float, float]], span: float) -> tuple[str | None, float | None]:
    """What becomes of the steps, and how long the second is by the first; negative if it goes back.

    On a parabola that is 1 - rate L'' for any two steps: they shrink, overshoot the minimum and come back
    shorter, or grow without end. "longer" are steps that go on and grow, which no parabola has.
    """
    if len(steps) < 2:
        return None, None
    first = steps[1][0] - steps[0][0]
    if abs(first) <= SETTLED * span:
        return "settled", None
    if len(steps) < 3:
        return "grow", None
    ratio = (steps[2][0] - steps[1][0]) / first
    if ratio < 0.0:
        return ("grow" if ratio < -1.0 else "overshoot"), ratio
    return ("longer" if ratio > 1.0 else "shrink"), ratio


@np.errstate(all="ignore")  # numbers may overflow, as they may in training
def surface(lane: Lane, asked: catalogue.AskedSurface) -> Look:
    """The loss over what is asked; None if the network has not all of these weights.

    Blocks: `loss` (side,), or (side, side), the first way across, the second upwards, both from low to high;
    over one weight, `steps` (n, 2), too.
    """
    found = _ways(lane, asked)
    if found is None:
        return None
    ways, at = found
    experiment, layers = lane.experiment, layers_of(lane)
    side, count = extent(experiment.units, ways, lane.points.train)
    count = min(count, lane.points.train)
    sample = Sample(
        experiment,
        inputs(lane.points.position[:count], experiment.features).astype(np.float64),
        reference.targets(experiment, lane.points.label[:count]).astype(np.float64),
        Rule.of(lane),
    )
    axes = [
        np.linspace(low, high, side) - now for low, high, now in zip(asked.low, asked.high, at, strict=True)
    ]
    by = np.stack([axis.ravel() for axis in np.meshgrid(*axes)], axis=1)
    loss, slope = slope_along(sample, layers, ways)
    rate = experiment.training.learning_rate * schedule_factor(experiment, lane.step)
    said: dict[str, Any] = {
        **asked.model_dump(),
        "points": count,
        "loss": number(loss),
        "penalty": number(lane.penalty()),
        "rate": rate,
        "at": [number(value) for value in at],
        "slope": [number(value) for value in slope],
        "course": None,
        "ratio": None,
    }
    blocks: Blocks = {"loss": heights(sample, layers, ways, by).reshape((side,) * len(ways))}
    if len(ways) == 1:
        steps = descent(sample, layers, ways[0], at[0], rate)
        said["course"], said["ratio"] = course(steps, asked.high[0] - asked.low[0])
        blocks["steps"] = np.array(steps, np.float32).reshape(-1, 2)
    return said, blocks
