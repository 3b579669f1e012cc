"""The history rows of a run, thinned when they get many."""

import numpy as np
import numpy.typing as npt

COLUMNS = ("epoch", "loss", "accuracy", "penalty", "val_loss", "val_accuracy", "val_penalty")
MOST = 4096


class History:
    """Rows (n, len(COLUMNS)) of float32. Over `MOST`, about half of them go: the curve keeps its shape."""

    def __init__(self, rows: npt.NDArray[np.float32] | None = None) -> None:
        self._rows: list[npt.NDArray[np.float32]] = [] if rows is None else list(rows)
        self._new: list[npt.NDArray[np.float32]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: npt.NDArray[np.float32]) -> None:
        self._rows.append(row)
        self._new.append(row)
        if len(self._rows) > MOST:
            self._thin()

    def _thin(self) -> None:
        """Keep evenly spaced epochs, and the first and the last.

        Every second row would not do: what is old would be halved again each time, until the beginning, where
        most happens, had no rows left.
        """
        first, *others, last = self._rows
        spacing = (last[0] - first[0]) / (MOST // 2)
        self._rows = [first]
        for row in others:
            if row[0] - self._rows[-1][0] >= spacing:
                self._rows.append(row)
        self._rows.append(last)

    @property
    def newest(self) -> npt.NDArray[np.float32]:
        """The last row; IndexError before the first."""
        return self._rows[-1]

    def all(self) -> npt.NDArray[np.float32]:
        return _stacked(self._rows)

    def take_new(self) -> npt.NDArray[np.float32]:
        """The rows since the last call, none left out."""
        new, self._new = self._new, []
        return _stacked(new)


def _stacked(rows: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(len(rows), len(COLUMNS))
