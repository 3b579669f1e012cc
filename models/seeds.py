"""Stateless randomness: a draw is keyed by (seed, purpose, number), and nothing before it matters."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Purpose(IntEnum):
    """What a draw is for. The numbers are part of what makes a run reproducible: never renumber."""

    POSITIONS = 0
    NOISE = 1
    SPLIT = 2
    WEIGHTS = 3
    BATCHES = 4
    DROPOUT = 5


def generator(seed: int, purpose: Purpose, number: int = 0) -> np.random.Generator:
    """A stream of its own for that purpose and number."""
    return np.random.default_rng([seed, int(purpose), number])


def integer(seed: int, purpose: Purpose, number: int = 0) -> int:
    """A 31-bit seed for a library that takes an integer."""
    return int(generator(seed, purpose, number).integers(2**31 - 1))


def batch_order(seed: int, epoch: int, points: int) -> npt.NDArray[np.int32]:
    """The order in which an epoch visits the training points, shape (points,)."""
    return generator(seed, Purpose.BATCHES, epoch).permutation(points).astype(np.int32)
