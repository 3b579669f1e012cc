"""Arrays of a network in a padded stack, and back."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bucket import LAYERS
from models.packing import (
    Arrays,
    Scales,
    constant_scales,
    flat,
    pack,
    pack_scales,
    shaped,
    shaped_scales,
    unpack,
    unpack_scales,
)

UNITS = st.lists(st.integers(1, 8), min_size=2, max_size=LAYERS + 1)


def network(units: list[int]) -> Arrays:
    """Every value another, none zero."""
    total = sum((before + 1) * here for before, here in pairwise(units))
    return shaped(np.arange(1, total + 1, dtype=np.float32), units)


@given(UNITS)
def test_packed_and_unpacked_is_the_same(units: list[int]) -> None:
    arrays = network(units)
    for one, other in zip(unpack(pack(arrays, [], 8, 9), units), arrays, strict=True):
        assert np.array_equal(one, other)


@given(UNITS)
def test_padding_is_zero(units: list[int]) -> None:
    arrays = network(units)
    stack = pack(arrays, [], 8, 9)
    assert stack.shape == (LAYERS, 9, 8)
    assert np.count_nonzero(stack) == sum(array.size for array in arrays)


def test_where_kernel_and_bias_lie() -> None:
    kernel, bias = np.array([[1, 2, 3], [4, 5, 6]], np.float32), np.array([7, 8, 9], np.float32)
    stack = pack([kernel, bias], [], 8, 9)
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
    stack = pack(network([2, 3, 1]), [], 8, 9)
    arrays = unpack(stack, [2, 3, 1])
    stack[:] = 0
    assert arrays[0].any()


def pairs(units: list[int]) -> Scales:
    """Every value another, none zero."""
    values = np.arange(1, 2 * sum(units[1:-1]) + 1, dtype=np.float32)
    return shaped_scales(values, units) if values.size else []


@given(UNITS)
def test_scales_lie_below_the_bias_and_come_back(units: list[int]) -> None:
    scales = pairs(units)
    stack = pack(network(units), scales, 8, 11)
    assert np.array_equal(stack[:, 9:], pack_scales(scales, 8))
    assert np.array_equal(stack[:, :9], pack(network(units), [], 8, 9))
    for one, other in zip(unpack_scales(stack[:, 9:], units), scales, strict=True):
        assert np.array_equal(one, other)
    if scales:
        assert flat(scales).tolist() == list(range(1, 2 * sum(units[1:-1]) + 1))


def test_constant_scales_and_a_wrong_number_of_them() -> None:
    (only,) = constant_scales([2, 3, 1], 1.0, 0.5)
    assert only.tolist() == [[1.0, 1.0, 1.0], [0.5, 0.5, 0.5]]
    with pytest.raises(ValueError, match="expected 6"):
        shaped_scales(np.zeros(5, np.float32), [2, 3, 1])
