"""Inputs made from points."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models import catalogue


def inputs(position: npt.NDArray[np.float32], features: Sequence[str]) -> npt.NDArray[np.float32]:
    """The features of points: (n, 2) -> (n, features)."""
    x1, x2 = position[:, 0], position[:, 1]
    columns = [catalogue.row(catalogue.FEATURES, name).value(x1, x2) for name in features]
    return np.stack(columns, axis=1).astype(np.float32)


def grid(cells: int, reach: float) -> npt.NDArray[np.float32]:
    """The centres of a square of cells over [-reach, reach]², row by row from the top left: (cells², 2)."""
    centres = (np.arange(cells, dtype=np.float64) + 0.5) * (2.0 * reach / cells) - reach
    x1 = np.tile(centres, cells)
    x2 = np.repeat(centres[::-1], cells)
    return np.stack([x1, x2], axis=1).astype(np.float32)
