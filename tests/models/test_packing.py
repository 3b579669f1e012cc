"""Arrays of a network in a padded stack, and back."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bucket import LAYERS
from models.packing import Arrays, flat, pack, shaped, unpack

UNITS = st.lists(st.integers(1, 8), min_size=2, max_size=LAYERS + 1)


def network(units: list[int]) -> Arrays:
    """Every value another, none zero."""
    total = sum((before + 1) * here for before, here in pairwise(units))
    return shaped(np.arange(1, total + 1, dtype=np.float32), units)


@given(UNITS)
def test_packed_and_unpacked_is_the_same(units: list[int]) -> None:
    arrays = network(units)
    for one, other in zip(unpack(pack(arrays, 8), units), arrays, strict=True):
        assert np.array_equal(one, other)


@given(UNITS)
def test_padding_is_zero(units: list[int]) -> None:
    arrays = network(units)
    stack = pack(arrays, 8)
    assert stack.shape == (LAYERS, 9, 8)
    assert np.count_nonzero(stack) == sum(array.size for array in arrays)


def test_where_kernel_and_bias_lie() -> None:
    kernel, bias = np.array([[1, 2, 3], [4, 5, 6]], np.float32), np.array([7, 8, 9], np.float32)
    stack = pack([kernel, bias], 8)
    assert stack[0, :2, :3].tolist() == kernel.tolist()
    assert stack[0, 8, :3].tolist() == bias.tolist()


@given(UNITS)
def test_flat_and_shaped_are_inverse(units: list[int]) -> None:
    arrays = network(units)
    assert [array.tolist() for array in shaped(flat(arrays), units)] == [array.tolist() for array in arrays]
    assert flat(arrays).tolist() == list(range(1, len(flat(arrays)) + 1))


@pytest.mark.parametrize("count", [12, 14])
def test_too_few_or_too_many_values(count: int) -> None:
    with pytest.raises(ValueError, match=r"13|reshape"):
        shaped(np.zeros(count, np.float32), (2, 3, 1))


def test_unpacked_arrays_are_copies() -> None:
    stack = pack(network([2, 3, 1]), 8)
    arrays = unpack(stack, [2, 3, 1])
    stack[:] = 0
    assert arrays[0].any()
