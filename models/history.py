"""The history rows of a run, thinned when they get many."""

import numpy as np
import numpy.typing as npt

COLUMNS = ("epoch", "loss", "accuracy", "penalty", "val_loss", "val_accuracy", "val_penalty")
MOST = 4096


class History:
    """Rows (n, len(COLUMNS)) of float32. Over `MOST`, every second row goes: the curve keeps its shape."""

    def __init__(self, rows: npt.NDArray[np.float32] | None = None) -> None:
        self._rows: list[npt.NDArray[np.float32]] = [] if rows is None else list(rows)
        self._new: list[npt.NDArray[np.float32]] = []

    def add(self, row: npt.NDArray[np.float32]) -> None:
        self._rows.append(row)
        self._new.append(row)
        if len(self._rows) > MOST:
            del self._rows[1:-1:2]

    def all(self) -> npt.NDArray[np.float32]:
        return _stacked(self._rows)

    def take_new(self) -> npt.NDArray[np.float32]:
        """The rows since the last call, none left out."""
        new, self._new = self._new, []
        return _stacked(new)


def _stacked(rows: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(len(rows), len(COLUMNS))
