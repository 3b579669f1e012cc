"""How much memory the server's processes have, looked at now and then."""

from collections.abc import Callable

LOOK_EVERY = 1.0  # seconds for which a figure is good enough
MEGABYTE = 1_000_000


def resident(*processes: int) -> int:
    """Bytes of memory that these processes have in all; those that have ended have none."""
    import psutil  # only where there is a limit, so that the server need not wait for it when it starts

    total = 0
    for process in processes:
        try:
            total += psutil.Process(process).memory_info().rss
        except psutil.Error:
            continue
    return total


class Memory:
    """Whether more than `limit` bytes are used. Without a limit (0) nothing is ever measured.

    `measure` gives the bytes in use; `clock` the time in seconds.
    """

    def __init__(self, limit: int, measure: Callable[[], int], clock: Callable[[], float]) -> None:
        self.limit = limit
        self._measure = measure
        self._clock = clock
        self._used = 0
        self._looked: float | None = None

    @property
    def exceeded(self) -> bool:
        """As of a moment ago: a burst of newcomers is one look."""
        if not self.limit:
            return False
        now = self._clock()
        if self._looked is None or now - self._looked >= LOOK_EVERY:
            self._looked = now
            self._used = self._measure()
        return self._used > self.limit
