"""Looking at one lane's network: its pictures, and its loss on its points.

Not compiled, but in numpy: nothing is padded to a bucket's width, no program has to be made before the first
learner, and the pictures come from other code than the training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models import catalogue
from models.detail import Detail
from models.extras import EPSILON
from models.packing import Arrays, Floats
from models.primitives import ArrayPrimitives, surprise

LEVELS = 254.0  # a byte of 127 is the middle of a range
CONFIDENCES = 32  # levels of the likeliest class's probability, where a byte holds the class, too

Normalization = Sequence[Floats | None]  # of every layer scale, shift, mean and variance (4, units), or None


@dataclass(frozen=True)
class Pictures:
    """Quantised outputs: `value = low + byte / LEVELS * (high - low)`."""

    boundary: npt.NDArray[np.uint8]  # (side, side); of several classes, see `regions`
    neurons: npt.NDArray[np.uint8]  # (neurons, side, side): hidden ones, and outputs if there are several
    ranges: npt.NDArray[np.float32]  # (neurons + 1, 2): low and high, the boundary's last


def _activated(name: str, z: Floats) -> Floats:
    """z: (units, rows)."""
    if name == catalogue.SOFTMAX.name:
        powers = np.exp(z - z.max(axis=0))
        return powers / powers.sum(axis=0)
    value = catalogue.row(catalogue.ACTIVATIONS, name).value(ArrayPrimitives(z))
    return value.astype(np.float32, copy=False)


def _layers(
    weights: Arrays, activations: Sequence[str], normalization: Normalization, h: Floats
) -> list[tuple[Floats, Floats]]:
    """z and activation of every layer, (units, rows) each; h: (features, rows)."""
    layers: list[tuple[Floats, Floats]] = []
    parts = zip(weights[::2], weights[1::2], activations, normalization, strict=True)
    for kernel, bias, name, normal in parts:
        z = kernel.T @ h
        z += bias[:, None]
        if normal is not None:
            scale, shift, mean, variance = normal[..., None]
            z = scale * ((z - mean) / np.sqrt(variance + np.float32(EPSILON))) + shift
        h = _activated(name, z)
        layers.append((z, h))
    return layers


def outputs(weights: Arrays, activations: Sequence[str], normalization: Normalization, x: Floats) -> Floats:
    """What the network answers to x (rows, features): (rows, outputs)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _layers(weights, activations, normalization, x.T)[-1][1].T


def bounds_of(name: str) -> tuple[float, float] | None:
    """The bounds of an activation's values, if there are any."""
    if name == catalogue.SOFTMAX.name:
        return 0.0, 1.0
    return catalogue.row(catalogue.ACTIVATIONS, name).bounds


def _range(name: str, values: Floats) -> Floats:
    """Low and high of neurons' pictures, (units, 2); an unbounded one's are symmetric and just hold it.

    values: (units, cells).
    """
    bounds = bounds_of(name)
    if bounds is not None:
        return np.full((len(values), 2), bounds, np.float32)
    reach = np.maximum(np.abs(values).max(axis=1), 1e-6)
    reach = np.where(np.isfinite(reach), reach, np.float32(1.0))
    return np.stack([-reach, reach], axis=1)


def _quantised(values: Floats, span: Floats) -> npt.NDArray[np.uint8]:
    """Bytes of values (units, cells), spans being (units, 2)."""
    low, high = span[:, :1], span[:, 1:]
    scaled: Any = (values - low) * (np.float32(LEVELS) / (high - low))
    if not np.isfinite(scaled.sum()):  # cheaper than a look at each, and seldom so
        scaled[~np.isfinite(scaled)] = LEVELS / 2
    np.rint(scaled, out=scaled)
    # Not `np.clip`, which takes three times as long for so few.
    return np.minimum(np.maximum(scaled, 0.0, out=scaled), LEVELS, out=scaled).astype(np.uint8)


def regions(probabilities: Floats) -> npt.NDArray[np.uint8]:
    """The likeliest class c and its probability p of cells (classes, cells), as bytes 32 c + round(31 p)."""
    best: npt.NDArray[np.int64] = probabilities.argmax(axis=0)
    confidence = np.nan_to_num(np.clip(probabilities.max(axis=0), 0.0, 1.0))
    levels = np.asarray(np.round(confidence * np.float32(CONFIDENCES - 1)), np.uint8)
    return np.asarray(best * CONFIDENCES, np.uint8) + levels


def pictures(
    weights: Arrays,
    activations: Sequence[str],
    normalization: Normalization,
    inputs: Floats,
    detail: Detail,
    reach: float = 1.0,
    some: Sequence[int] | None = None,
) -> Pictures:
    """Every neuron's and the output's picture.

    Of two softmax outputs the boundary shows the second, of more the regions.

    inputs: (features, boundary² + neurons²), by `detail`: those of the boundary's cells and then of the
    neurons' cells. An unbounded output's range is [-reach, reach]. some: the numbers of the neurons' pictures
    to make; the ranges are those of all.
    """
    cells, side = detail.boundary**2, detail.neurons
    with np.errstate(over="ignore", invalid="ignore"):  # an overflowed network has a picture, too
        layers = _layers(weights, activations, normalization, inputs)
        output = layers[-1][1]
        classes = len(output)
        drawn = [values[:, cells:] for _, values in (layers if classes > 1 else layers[:-1])]
        each = [_range(name, values) for name, values in zip(activations, drawn, strict=False)]
        last = np.array([bounds_of(activations[-1]) or (-reach, reach)], np.float32)
        ranges = np.concatenate([*each, last])
        values = np.concatenate([np.zeros((0, side * side), np.float32), *drawn])
        spans = ranges[:-1]
        if some is not None:
            values, spans = values[some], spans[some]
        neurons = _quantised(values, spans)
        boundary = regions(output[:, :cells]) if classes > 2 else _quantised(output[-1:, :cells], last)
    return Pictures(
        boundary.reshape(detail.boundary, detail.boundary), neurons.reshape(-1, side, side), ranges
    )


def measure(
    weights: Arrays,
    activations: Sequence[str],
    normalization: Normalization,
    loss: str,
    threshold: float,
    x: Floats,
    y: Floats,
) -> tuple[float, float]:
    """Mean loss (without penalty) and accuracy on points x (n, features), y (n, outputs); NaN for none."""
    if not len(y):
        return np.nan, np.nan
    row = catalogue.row(catalogue.LOSSES, loss)
    with np.errstate(over="ignore", invalid="ignore"):
        last = _layers(weights, activations, normalization, x.T)[-1]
        z, output = (part.T.astype(np.float64) for part in last)
        if row.several:
            each, right = surprise(z, y > 0.0), output.argmax(axis=1) == y.argmax(axis=1)
        else:
            each = row.value(ArrayPrimitives(z), output, np.zeros_like(z), y)
            right = (output > threshold) == (y > threshold)
        return float(each.mean()), float(right.mean())
