"""A network's arrays in a padded stack of layers, and back."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.bucket import LAYERS

Floats = npt.NDArray[np.float32]
Arrays = list[Floats]  # kernel (inputs, units) and bias (units,) of every layer


def pack(arrays: Arrays, width: int) -> Floats:
    """(LAYERS, width + 1, width): a layer's kernel top left, its bias in the last row, zeros elsewhere."""
    stack = np.zeros((LAYERS, width + 1, width), np.float32)
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


def flat(arrays: Arrays) -> Floats:
    """All values in one row, array after array."""
    return np.concatenate([array.ravel() for array in arrays])


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
