"""Looking at one lane's network: its pictures, and its loss on its points.

Not compiled, but in numpy with Keras's own activations: nothing is padded to a bucket's width, no program has
to be made before the first learner, and the pictures come from other code than the training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models import catalogue, reference
from models.backend import keras, tf
from models.extras import EPSILON
from models.packing import Arrays, Floats
from models.primitives import ArrayPrimitives, surprise

BOUNDARY = 100  # cells a side of the output's picture
NEURON = 24  # cells a side of a neuron's picture
LEVELS = 254.0  # a byte of 127 is the middle of a range
CONFIDENCES = 32  # levels of the likeliest class's probability, where a byte holds the class, too

Normalization = Sequence[Floats | None]  # of every layer scale, shift, mean and variance (4, units), or None


@dataclass(frozen=True)
class Pictures:
    """Quantised outputs: `value = low + byte / LEVELS * (high - low)`."""

    boundary: npt.NDArray[np.uint8]  # (BOUNDARY, BOUNDARY); of several classes, see `regions`
    neurons: npt.NDArray[np.uint8]  # (neurons, NEURON, NEURON): hidden ones, and outputs if there are several
    ranges: npt.NDArray[np.float32]  # (neurons + 1, 2): low and high, the boundary's last


@cache
def _activation(name: str) -> Any:
    return keras.activations.get(reference.activation(name))


def _layers(
    weights: Arrays, activations: Sequence[str], normalization: Normalization, h: Floats
) -> list[tuple[Floats, Floats]]:
    """z and activation of every layer, (rows, units) each; h: (rows, features)."""
    layers: list[tuple[Floats, Floats]] = []
    parts = zip(weights[::2], weights[1::2], activations, normalization, strict=True)
    for kernel, bias, name, normal in parts:
        # Not numpy's product: its threads wait for each other, 10 times as long where cores are shared.
        z = tf.matmul(tf.constant(h), tf.constant(kernel)).numpy() + bias
        if normal is not None:
            scale, shift, mean, variance = normal
            z = scale * ((z - mean) / np.sqrt(variance + np.float32(EPSILON))) + shift
        h = _activation(name)(tf.constant(z)).numpy()
        layers.append((z, h))
    return layers


def outputs(weights: Arrays, activations: Sequence[str], normalization: Normalization, x: Floats) -> Floats:
    """What the network answers to x (rows, features): (rows, outputs)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _layers(weights, activations, normalization, x)[-1][1]


def bounds_of(name: str) -> tuple[float, float] | None:
    """The bounds of an activation's values, if there are any."""
    if name == catalogue.SOFTMAX.name:
        return 0.0, 1.0
    return catalogue.row(catalogue.ACTIVATIONS, name).bounds


def _range(name: str, values: Floats) -> Floats:
    """Low and high of neurons' pictures, (units, 2); an unbounded one's are symmetric and just hold it."""
    bounds = bounds_of(name)
    if bounds is not None:
        return np.tile(np.array(bounds, np.float32), (values.shape[1], 1))
    reach = np.maximum(np.abs(values).max(axis=0), 1e-6)
    reach = np.where(np.isfinite(reach), reach, np.float32(1.0))
    return np.stack([-reach, reach], axis=1)


def _quantised(values: Floats, span: Floats) -> npt.NDArray[np.uint8]:
    """Bytes of values (rows, units), spans being (units, 2)."""
    low, high = span.T
    scaled: Floats = (values - low) * (LEVELS / (high - low))
    scaled[~np.isfinite(scaled)] = LEVELS / 2
    return np.clip(np.round(scaled), 0.0, LEVELS).astype(np.uint8)


def regions(probabilities: Floats) -> npt.NDArray[np.uint8]:
    """The likeliest class c and its probability p of cells (rows, classes), as bytes 32 c + round(31 p)."""
    best: npt.NDArray[np.int64] = probabilities.argmax(axis=1)
    confidence = np.nan_to_num(np.clip(probabilities.max(axis=1), 0.0, 1.0))
    levels = np.asarray(np.round(confidence * np.float32(CONFIDENCES - 1)), np.uint8)
    return np.asarray(best * CONFIDENCES, np.uint8) + levels


def pictures(
    weights: Arrays,
    activations: Sequence[str],
    normalization: Normalization,
    inputs: Floats,
    reach: float = 1.0,
) -> Pictures:
    """Every neuron's and the output's picture.

    Of two softmax outputs the boundary shows the second, of more the regions.

    inputs: (BOUNDARY² + NEURON², features), those of the boundary's cells and then of the neurons' cells. An
    unbounded output's range is [-reach, reach].
    """
    cells = BOUNDARY * BOUNDARY
    with np.errstate(over="ignore", invalid="ignore"):  # an overflowed network has a picture, too
        layers = _layers(weights, activations, normalization, inputs)
        output = layers[-1][1]
        classes = output.shape[1]
        drawn = layers if classes > 1 else layers[:-1]
        neurons = [np.zeros((0, NEURON * NEURON), np.uint8)]
        ranges: list[Floats] = []
        for name, (_, values) in zip(activations, drawn, strict=False):
            span = _range(name, values[cells:])
            neurons.append(_quantised(values[cells:], span).T)
            ranges.append(span)
        ranges.append(np.array([bounds_of(activations[-1]) or (-reach, reach)], np.float32))
        boundary = regions(output[:cells]) if classes > 2 else _quantised(output[:cells, -1:], ranges[-1])
    return Pictures(
        boundary.reshape(BOUNDARY, BOUNDARY),
        np.ascontiguousarray(np.concatenate(neurons)).reshape(-1, NEURON, NEURON),
        np.concatenate(ranges),
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
        last = _layers(weights, activations, normalization, x)[-1]
        z, output = (part.astype(np.float64) for part in last)
        if row.several:
            each, right = surprise(z, y > 0.0), output.argmax(axis=1) == y.argmax(axis=1)
        else:
            each = row.value(ArrayPrimitives(z), output, np.zeros_like(z), y)
            right = (output > threshold) == (y > threshold)
        return float(each.mean()), float(right.mean())
