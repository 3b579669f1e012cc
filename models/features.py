"""Inputs made from points."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models import catalogue


def inputs(position: npt.NDArray[np.float32], features: Sequence[str]) -> npt.NDArray[np.float32]:
    """The features of points: (n, columns) -> (n, features)."""
    x1, x2 = position[:, 0], position[:, min(1, position.shape[1] - 1)]  # one column: nothing uses x2
    rows = [catalogue.row(catalogue.FEATURES, name) for name in features]
    made = [row.value(x1, x2) if row.column is None else position[:, row.column] for row in rows]
    return np.stack(made, axis=1).astype(np.float32)
