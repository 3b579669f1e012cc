"""Stateless randomness: a draw is keyed by (seed, purpose, number), and nothing before it matters."""

from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random.bit_generator import ISeedSequence

Words = npt.NDArray[np.uint32]
BLOCK = 128  # epochs whose generators are prepared at once
# Of M. E. O'Neill's seed_seq_fe, https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html,
# as numpy.random.SeedSequence has it.
INIT_A, MULTIPLIER_A = 0x43B0D7E5, 0x931E8875
INIT_B, MULTIPLIER_B = 0x8B51F9DD, 0x58F38DED
MIX_LEFT, MIX_RIGHT = 0xCA01F9DD, 0x4973F715
POOL = 4  # words
ONES = 0xFFFFFFFF


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
    """The order in which an epoch visits the training points, shape (points,).

    It is `generator(seed, Purpose.BATCHES, epoch).permutation(points)`; every epoch of every lane asks.
    """
    block, place = divmod(epoch, BLOCK)
    # Its type is not among those that numpy's stubs know of.
    words: Any = _Words(_initial_words(seed, int(Purpose.BATCHES), block)[place])
    return np.random.Generator(np.random.PCG64(words)).permutation(points).astype(np.int32)


class _Words(ISeedSequence):
    """A seed sequence whose words are known."""

    def __init__(self, words: npt.NDArray[np.uint64]) -> None:
        self._words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> npt.NDArray[Any]:
        """The words, of which PCG64 asks for four of 64 bits."""
        return self._words


class _Hash:
    """Each value that it hashes changes how it hashes the next."""

    def __init__(self, constant: int, multiplier: int) -> None:
        self._constant, self._multiplier = constant, multiplier

    def __call__(self, value: Words) -> Words:
        value = value ^ np.uint32(self._constant)
        self._constant = self._constant * self._multiplier & ONES
        return _shifted(value * np.uint32(self._constant))


def _shifted(value: Words) -> Words:
    return value ^ value >> np.uint32(16)


@lru_cache(maxsize=1024)
def _initial_words(seed: int, purpose: int, block: int) -> npt.NDArray[np.uint64]:
    """What `SeedSequence([seed, purpose, number])` gives PCG64 for all numbers of a block, (BLOCK, 4).

    For all at once it takes a tenth of the time.
    """
    numbers = block * BLOCK + np.arange(BLOCK, dtype=np.uint32)
    nothing = np.zeros_like(numbers)
    hashed = _Hash(INIT_A, MULTIPLIER_A)
    pool = [
        hashed(words) for words in (nothing + np.uint32(seed), nothing + np.uint32(purpose), numbers, nothing)
    ]
    for source in range(POOL):
        for target in range(POOL):
            if source != target:
                left, right = np.uint32(MIX_LEFT) * pool[target], np.uint32(MIX_RIGHT) * hashed(pool[source])
                pool[target] = _shifted(left - right)
    hashed = _Hash(INIT_B, MULTIPLIER_B)
    words = np.stack([hashed(pool[word % POOL]) for word in range(2 * POOL)], 1)
    return np.ascontiguousarray(words).view("<u8").astype(np.uint64)
