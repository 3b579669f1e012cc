"""Inputs made from points, and the grid of the pictures."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from models import catalogue
from models.features import inputs
from models.plane import grid

FORMULAS: dict[str, Callable[[float, float], float]] = {
    "x1": lambda a, b: a,
    "x2": lambda a, b: b,
    "x1_squared": lambda a, b: a**2,
    "x2_squared": lambda a, b: b**2,
    "x1x2": lambda a, b: a * b,
    "sin_x1": lambda a, b: math.sin(a),
    "sin_x2": lambda a, b: math.sin(b),
    "cos_x1": lambda a, b: math.cos(a),
    "cos_x2": lambda a, b: math.cos(b),
}
BEYOND = tuple(f"x{number}" for number in range(3, 9))


def test_every_feature_by_its_formula() -> None:
    names = tuple(FORMULAS)
    assert catalogue.names(catalogue.FEATURES) == (*names[:2], *BEYOND, *names[2:])
    points = np.random.default_rng(0).uniform(-6, 6, (40, 2)).astype(np.float32)
    table = inputs(points, names)
    assert table.dtype == np.float32
    for column, name in enumerate(names):
        expected = [FORMULAS[name](float(a), float(b)) for a, b in points]
        assert table[:, column] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_columns_beyond_the_second_are_as_they_are() -> None:
    table = np.arange(24, dtype=np.float32).reshape(3, 8)
    assert inputs(table, ["x8", "x3", "x1x2"]).tolist() == [[7, 2, 0], [15, 10, 72], [23, 18, 272]]
    assert inputs(table[:, :1], ["x1", "x1_squared"]).tolist() == [[0, 0], [8, 64], [16, 256]]


def test_the_order_asked_for_is_kept() -> None:
    points = np.array([[1, 2], [3, 4]], np.float32)
    assert inputs(points, ["x2", "x1"]).tolist() == [[2, 1], [4, 3]]


def test_the_grid_runs_row_by_row_from_the_top_left() -> None:
    assert grid(2, 6.0).tolist() == [[-3, 3], [3, 3], [-3, -3], [3, -3]]


def test_the_grid_has_its_cells_centres() -> None:
    cells = grid(100, 6.0)
    assert cells.shape == (10_000, 2)
    assert cells.min() == pytest.approx(-5.94)
    assert cells.max() == pytest.approx(5.94)
    assert cells.mean() == pytest.approx(0, abs=1e-6)
