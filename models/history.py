"""The history rows of a run, thinned when they get many."""

import numpy as np
import numpy.typing as npt

COLUMNS = ("epoch", "loss", "accuracy", "penalty", "val_loss", "val_accuracy", "val_penalty")
MOST = 4096
FIRST = 64  # rows that there is room for at once


class History:
    """Rows (n, len(COLUMNS)) of float32. Over `MOST`, about half of them go: the curve keeps its shape."""

    def __init__(self, rows: npt.NDArray[np.float32] | None = None) -> None:
        self._count = 0 if rows is None else len(rows)
        self._rows: npt.NDArray[np.float32] = np.zeros(
            (max(FIRST, 2 * self._count), len(COLUMNS)), np.float32
        )
        if rows is not None:
            self._rows[: self._count] = rows
        self._new: list[npt.NDArray[np.float32]] = []

    def __len__(self) -> int:
        return self._count

    def add(self, row: npt.NDArray[np.float32]) -> None:
        if self._count == len(self._rows):
            more = np.zeros(self._rows.shape, np.float32)
            self._rows = np.concatenate([self._rows, more])
        self._rows[self._count] = row
        self._count += 1
        self._new.append(row)
        if self._count > MOST:
            self._thin()

    def _thin(self) -> None:
        """Keep evenly spaced epochs, and the first and the last.

        Every second row would not do: what is old would be halved again each time, until the beginning, where
        most happens, had no rows left.
        """
        first, last = self._rows[0], self.newest
        spacing = (last[0] - first[0]) / (MOST // 2)
        kept, latest = [0], first[0]
        for place, epoch in enumerate(self._rows[1 : self._count - 1, 0], 1):
            if epoch - latest >= spacing:
                kept.append(place)
                latest = epoch
        kept.append(self._count - 1)
        self._rows[: len(kept)] = self._rows[kept]
        self._count = len(kept)

    @property
    def newest(self) -> npt.NDArray[np.float32]:
        """The last row; IndexError before the first."""
        return self._rows[: self._count][-1]

    def all(self) -> npt.NDArray[np.float32]:
        return self._rows[: self._count].copy()

    def take_new(self) -> npt.NDArray[np.float32]:
        """The rows since the last call, none left out."""
        new, self._new = self._new, []
        return np.array(new, np.float32).reshape(len(new), len(COLUMNS))
