"""The plane that pictures show: the first two columns of the data, the others held at their means."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from models.columns import Axis
from models.datasets import PLANE, Points

Limits = tuple[tuple[float, float, float], ...]  # of every column low, high, and what holds it unless shown
WHOLE_PLANE: Limits = ((-PLANE, PLANE, 0.0),) * 2


def grid(cells: int, reach: float) -> npt.NDArray[np.float32]:
    """The centres of a square of cells over [-reach, reach]², row by row from the top left: (cells², 2)."""
    centres = (np.arange(cells, dtype=np.float64) + 0.5) * (2.0 * reach / cells) - reach
    x1 = np.tile(centres, cells)
    x2 = np.repeat(centres[::-1], cells)
    return np.stack([x1, x2], axis=1).astype(np.float32)


def limits_of(points: Points, held: Mapping[str, float] | None = None) -> Limits:
    """What pictures show of each column; `held` by name, in the source's units, where not at its mean."""
    chosen = held or {}

    def holds(axis: Axis) -> float:
        return (chosen[axis.name] - axis.mean) / axis.scale if axis.name in chosen else axis.held

    return tuple((axis.low, axis.high, holds(axis)) for axis in points.axes)


def shown(cells: int, limits: Limits) -> npt.NDArray[np.float32]:
    """The columns of the cells of a picture, (cells², columns): the first two vary, others do not.

    In a table's own units; what is shown of it is stretched to the plane.
    """
    places = grid(cells, PLANE)
    if limits == WHOLE_PLANE:
        return places
    low, high, held = np.array(limits, np.float64).T
    columns = np.tile(held, (len(places), 1))
    varied = min(2, len(limits))
    share = (places[:, :varied].astype(np.float64) + PLANE) / (2.0 * PLANE)
    columns[:, :varied] = low[:varied] + share * (high - low)[:varied]
    return columns.astype(np.float32)


def on_the_plane(points: Points) -> npt.NDArray[np.float32]:
    """x1, x2 of the plane and label of every point, (n, 3); one column leaves x2 at 0."""
    shown = np.zeros((len(points.label), 3), np.float32)
    for place, axis in enumerate(points.axes[:2]):
        values = points.position[:, place]
        if (axis.low, axis.high) != (-PLANE, PLANE):
            values = (values - axis.low) * (2.0 * PLANE / (axis.high - axis.low)) - PLANE
        shown[:, place] = values
    shown[:, 2] = points.label
    return shown
