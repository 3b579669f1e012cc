"""A network's arrays in a padded stack of layers, and back."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.bucket import LAYERS
from models.experiment import Experiment

Floats = npt.NDArray[np.float32]
Arrays = list[Floats]  # kernel (inputs, units) and bias (units,) of every layer
Scales = list[Floats]  # of every hidden layer (2, units): two numbers a unit, such as scale and shift


def pack(arrays: Arrays, scales: Scales, width: int, rows: int) -> Floats:
    """(LAYERS, rows, width): a layer's kernel top left, then bias, scale and shift, zeros elsewhere."""
    stack = np.zeros((LAYERS, rows, width), np.float32)
    if rows > width + 1:
        stack[:, width + 1 :] = pack_scales(scales, width)
    for place, (kernel, bias) in enumerate(zip(arrays[::2], arrays[1::2], strict=True)):
        stack[place, : kernel.shape[0], : kernel.shape[1]] = kernel
        stack[place, width, : len(bias)] = bias
    return stack


def unpack(stack: Floats, units: Sequence[int]) -> Arrays:
    """The arrays of a network with these units: inputs, hidden layers, output."""
    width = stack.shape[2]
    arrays: Arrays = []
    for place, (before, here) in enumerate(pairwise(units)):
        arrays += [stack[place, :before, :here].copy(), stack[place, width, :here].copy()]
    return arrays


def pack_scales(scales: Scales, width: int) -> Floats:
    """(LAYERS, 2, width), zeros elsewhere."""
    stack = np.zeros((LAYERS, 2, width), np.float32)
    for place, pair in enumerate(scales):
        stack[place, :, : pair.shape[1]] = pair
    return stack


def unpack_scales(stack: Floats, units: Sequence[int]) -> Scales:
    """The hidden layers' pairs of a network with these units, from (LAYERS, 2, width)."""
    return [stack[place, :, :here].copy() for place, here in enumerate(units[1:-1])]


def constant_scales(units: Sequence[int], first: float, second: float) -> Scales:
    """The same two numbers for every unit of the hidden layers."""
    return [np.repeat(np.array([[first], [second]], np.float32), here, axis=1) for here in units[1:-1]]


def flat(arrays: Arrays) -> Floats:
    """All values in one row, array after array."""
    return np.concatenate([np.zeros(0, np.float32), *(array.ravel() for array in arrays)])


def shaped(values: Floats, units: Sequence[int]) -> Arrays:
    """The inverse of `flat`; ValueError if there are too few or too many values."""
    arrays: Arrays = []
    start = 0
    for before, here in pairwise(units):
        for shape in ((before, here), (here,)):
            size = int(np.prod(shape))
            arrays.append(values[start : start + size].reshape(shape).astype(np.float32))
            start += size
    if start != len(values):
        raise ValueError(f"expected {start} weights, got {len(values)}")
    return arrays


def shaped_scales(values: Floats, units: Sequence[int]) -> Scales:
    """The inverse of `flat` for the hidden layers' pairs; ValueError if there are too few or too many."""
    hidden = units[1:-1]
    if len(values) != 2 * sum(hidden):
        raise ValueError(f"expected {2 * sum(hidden)} numbers, got {len(values)}")
    ends = np.cumsum([2 * here for here in hidden])[:-1]
    return [part.reshape(2, -1) for part in np.split(values, ends)]


def normalized(experiment: Experiment, layer: int) -> bool:
    """Whether that layer, counted from 0, has batch normalization; the output has none."""
    return any(hidden.batch_normalization for hidden in experiment.network.hidden[layer : layer + 1])


def arranged(experiment: Experiment, weights: Arrays, scales: Scales, moving: Scales | None = None) -> Arrays:
    """A lane's arrays in the order of Keras's `get_weights`, or, without `moving`, of `trainable_weights`.

    weights: kernel and bias of every layer; scales: scale and shift (2, units) of every hidden layer; moving:
    their moving means and variances, alike.
    """
    arrays: Arrays = []
    for number in range(len(weights) // 2):
        if normalized(experiment, number):
            arrays += [weights[2 * number], *scales[number], *([] if moving is None else moving[number])]
        else:
            arrays += weights[2 * number : 2 * number + 2]
    return arrays
