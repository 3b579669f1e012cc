"""What a student saw, in memory that does not grow with time: durations, and the epochs of its runs."""

import numpy as np
import numpy.typing as npt

from models.history import MOST

LONGEST = 60_000  # milliseconds; what takes longer counts as that


class Durations:
    """How many took how many milliseconds."""

    def __init__(self) -> None:
        self._counts: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return int(self._counts.sum())

    def add(self, seconds: float) -> None:
        """Note one; a negative one counts as none at all."""
        place = min(LONGEST, max(0, round(1000.0 * seconds)))
        self._reach(place + 1)
        self._counts[place] += 1

    def include(self, other: "Durations") -> None:
        """Add another's."""
        counts = other._counts
        self._reach(len(counts))
        self._counts[: len(counts)] += counts

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of them did not exceed; NaN if there is none."""
        total = len(self)
        if not total:
            return float("nan")
        below = np.cumsum(self._counts)
        return float(np.searchsorted(below, share * total))

    def _reach(self, length: int) -> None:
        if length > len(self._counts):
            longer = np.zeros(length, np.int64)
            longer[: len(self._counts)] = self._counts
            self._counts = longer


class Epochs:
    """The history rows of the run that is shown, and what was wrong with them in any run so far.

    `lost`: epochs without a row, although neither thinning nor a fresh start explains it. `repeated`: epochs
    that a run fell back by, as when it goes on from its last saved state. `differing`: rows that came twice
    and were not the same to the bit; after a change of what may change while training they may.
    """

    def __init__(self) -> None:
        self.lost = self.repeated = self.differing = 0
        self.run = -1
        self.last = -1  # epoch
        self._rows: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> dict[int, bytes]:
        """The rows of the run that is shown, by epoch; the last 4096 at least."""
        return dict(self._rows)

    def take(self, run: int, key: bool, rows: npt.NDArray[np.float32]) -> None:
        """A frame's rows (n, 7): all of its run if it is a key frame, else those since the frame before."""
        if run != self.run:
            if not key:
                self.lost += 1  # a run begins with a key frame
            self.run, self.last = run, -1
            self._rows.clear()
        numbers = rows[:, 0].astype(np.int64)
        if not len(numbers):
            return
        if key:
            self._whole(numbers)
        else:
            self.lost += int(numbers[0]) - self.last - 1 if numbers[0] > self.last else 0
            self.lost += int((np.diff(numbers) - 1).sum())
        for number, row in zip(numbers.tolist(), rows, strict=True):
            raw = row.tobytes()
            before = self._rows.setdefault(number, raw)
            if before != raw:
                self.differing += 1
                self._rows[number] = raw
        self.last = int(numbers[-1])
        if len(self._rows) > 2 * MOST:
            self._rows = dict(list(self._rows.items())[-MOST:])

    def _whole(self, numbers: npt.NDArray[np.int64]) -> None:
        self.repeated += max(0, self.last - int(numbers[-1]))
        if numbers[-1] < MOST:  # so that nothing was thinned
            self.lost += int(numbers[0]) + int((np.diff(numbers) - 1).sum())
