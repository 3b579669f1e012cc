"""Inside one network: its forward and backward pass, number by number, in float64.

In numpy, from the catalogue's values and slopes, and by the chain rule alone: with layers numbered l,

    z_l = b_l + h_(l-1) W_l;  y_l = z_l, normalized if wanted;  a_l = f_l(y_l);  h_l = a_l, some dropped
    dL/dy_l = dL/da_l f_l'(y_l);  dL/dW_l = h_(l-1)ᵀ dL/dz_l;  dL/db_l = Σ dL/dz_l
    dL/dh_(l-1) = dL/dz_l W_lᵀ

(Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors"). What the
compiled programs do, they do in float32 and elsewhere; so each is a test of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models import catalogue
from models.backend import tf
from models.experiment import Experiment
from models.extras import EPSILON
from models.lane import Lane
from models.primitives import ArrayPrimitives, surprise

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    """A layer's numbers. `normal`: scale, shift, moving mean and variance (4, units), or None."""

    kernel: Floats  # (inputs, units)
    bias: Floats  # (units,)
    activation: str
    normal: Floats | None


class Passed(NamedTuple):
    """What a layer made of its inputs in a forward pass; (rows, units) but for `into` and `inverse`."""

    into: Floats  # (rows, inputs)
    z: Floats
    y: Floats  # what goes into the activation: z, normalized if the layer is
    a: Floats
    slope: Floats  # da/dy; of a softmax there is none, and this is 1
    keep: Floats  # what dropout multiplies a by
    hat: Floats  # y before scale and shift
    inverse: Floats  # (units,): 1 / the standard deviation that z was divided by


class Scored(NamedTuple):
    """The loss of every row, without penalty, and its slopes by the output layer's numbers."""

    loss: Floats  # (rows,)
    by_a: Floats  # (rows, outputs)
    by_z: Floats  # (rows, outputs)


class Slopes(NamedTuple):
    """The loss's slopes by one layer's numbers: the first three (rows, units)."""

    by_a: Floats
    by_y: Floats
    by_z: Floats
    kernel: Floats  # (inputs, units)
    bias: Floats  # (units,); 0 with batch normalization, whose shift takes the bias's place
    scales: Floats | None  # scale and shift (2, units), or None where the layer has none


def layers_of(lane: Lane) -> list[Layer]:
    """The lane's network as it is."""
    return [
        Layer(
            kernel.astype(np.float64),
            bias.astype(np.float64),
            activation,
            None if normal is None else normal.astype(np.float64),
        )
        for kernel, bias, activation, normal in zip(
            lane.weights[::2],
            lane.weights[1::2],
            lane.experiment.activations,
            lane.normalization,
            strict=True,
        )
    ]


def product(a: Floats, b: Floats) -> Floats:
    """The matrix product. Not numpy's: its threads wait for each other where cores are shared."""
    return tf.matmul(tf.constant(a), tf.constant(b)).numpy()


def value_of(name: str, y: Floats) -> Floats:
    """An activation's value, as y (..., units)."""
    if name == catalogue.SOFTMAX.name:
        powers = np.exp(y - y.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)
    return catalogue.row(catalogue.ACTIVATIONS, name).value(ArrayPrimitives(y))


def activated(name: str, y: Floats) -> tuple[Floats, Floats]:
    """Value and slope of an activation, as y; a softmax, over all outputs together, has slope 1 here."""
    if name == catalogue.SOFTMAX.name:
        return value_of(name, y), np.ones_like(y)
    row, primitives = catalogue.row(catalogue.ACTIVATIONS, name), ArrayPrimitives(y)
    return row.value(primitives), row.slope(primitives)


def forward(
    layers: Sequence[Layer], x: Floats, training: bool, kept: Sequence[Floats] | None = None
) -> list[Passed]:
    """The network on x (rows, features), layer by layer.

    In `training`, normalization goes by the mean and variance of these rows, else by the moving ones. `kept`:
    what dropout multiplies each hidden layer's activations by, (rows, units); without it nothing is dropped.
    """
    passed: list[Passed] = []
    h = x
    for number, layer in enumerate(layers):
        z = product(h, layer.kernel) + layer.bias
        hat, y, inverse = z, z, np.ones(z.shape[1])
        if layer.normal is not None:
            scale, shift, mean, variance = layer.normal
            if training:
                mean, variance = z.mean(axis=0), z.var(axis=0)
            inverse = 1.0 / np.sqrt(variance + EPSILON)
            hat = (z - mean) * inverse
            y = scale * hat + shift
        a, slope = activated(layer.activation, y)
        keep = kept[number] if kept is not None and number < len(kept) else np.ones_like(a)
        passed.append(Passed(h, z, y, a, slope, keep, hat, inverse))
        h = a * keep
    return passed


def losses(experiment: Experiment, z: Floats, a: Floats, target: Floats) -> Floats:
    """The loss of every row (...), without penalty, of outputs (..., outputs) and targets (...)."""
    loss = catalogue.row(catalogue.LOSSES, experiment.training.loss)
    if loss.several:
        number: Floats = np.arange(z.shape[-1], dtype=np.float64)
        return surprise(z, np.equal(target[..., None], number))
    p = ArrayPrimitives(z)
    return loss.value(p, a, p.one, target[..., None])[..., 0]


def scored(experiment: Experiment, output: Passed, target: Floats) -> Scored:
    """The loss of targets (rows,), as `reference.targets` has them, and its slopes."""
    loss = catalogue.row(catalogue.LOSSES, experiment.training.loss)
    z, a = output.z, output.a
    value = losses(experiment, z, a, target)
    if loss.several:
        number: Floats = np.arange(z.shape[1], dtype=np.float64)
        right = np.equal(target[:, None], number)
        return Scored(value, np.where(right, -1.0 / a, 0.0), a - right)
    p, t = ArrayPrimitives(z), target[:, None]
    by_a = loss.slope(p, a, p.one, t) if loss.by_output is None else loss.by_output(p, a, t)
    return Scored(value, by_a, loss.slope(p, a, output.slope, t))


def backward(
    layers: Sequence[Layer], passed: Sequence[Passed], score: Scored, training: bool
) -> list[Slopes]:
    """The mean loss's slopes by every layer's numbers, from what `forward` and `scored` gave.

    The normalization's in `training` is that of Ioffe and Szegedy 2015, "Batch Normalization", section 3.
    """
    rows = len(score.loss)
    by_a, by_y = score.by_a / rows, score.by_z / rows
    slopes: list[Slopes] = []
    for number in reversed(range(len(layers))):
        layer, seen = layers[number], passed[number]
        if number < len(layers) - 1:
            by_a = by_a * seen.keep
            by_y = by_a * seen.slope
        by_z, scales = by_y, None
        if layer.normal is not None:
            by_scale, by_shift = (by_y * seen.hat).sum(axis=0), by_y.sum(axis=0)
            scales = np.stack([by_scale, by_shift])
            through_batch = (by_shift + seen.hat * by_scale) / rows if training else 0.0
            by_z = layer.normal[0] * seen.inverse * (by_y - through_batch)
        bias = by_z.sum(axis=0) if layer.normal is None else np.zeros_like(layer.bias)
        slopes.append(Slopes(by_a, by_y, by_z, product(seen.into.T, by_z), bias, scales))
        by_a = product(by_z, layer.kernel.T)
    return slopes[::-1]
