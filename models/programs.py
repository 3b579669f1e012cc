"""The compiled programs of this process: made once each, off the learner's way."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from models import inspection, program
from models.backend import tf
from models.bucket import BATCHES, INPUTS, LANES, LAYERS, OUTPUTS, POINTS, WHOLE, WIDTHS, Bucket, bucket_of
from models.experiment import Experiment
from models.program import REAL_ROWS, WHOLE_ROWS, Setting, State

Key = tuple[Bucket, int]

DEFAULT = bucket_of(Experiment())
# Without these nobody is let in: the default's bucket, and the one that holds every permitted network.
NEEDED: tuple[Key, ...] = ((DEFAULT, LANES[0]), (WHOLE, LANES[0]))


def likeliest_first() -> list[Key]:
    """All programs in the order in which they are made when nobody asks for one."""
    ordered = [
        (Bucket(width, batch, costly), lanes)
        for costly in (False, True)
        for width in WIDTHS
        for batch in BATCHES
        for lanes in LANES
    ]
    # A class on the default network first, then whatever one learner may switch to, then classes on that.
    ordered.sort(key=lambda key: (key[0] != DEFAULT, LANES.index(key[1]), key[0].costly, key[0].batch))
    return [*NEEDED, *(key for key in ordered if key not in NEEDED)]


class Programs:
    """Makes programs on request, in threads of its own. Asking never waits."""

    def __init__(self) -> None:
        self._advance: dict[Key, Any] = {}
        self._pictures: dict[int, Any] = {}
        self._measure: dict[int, Any] = {}
        self._queue: deque[Key] = deque()
        self._change = threading.Condition()
        self._stopped = False

    def advance(self, bucket: Bucket, lanes: int) -> Any | None:
        """The training program, or None while it is not there; then it is next in line."""
        key = (bucket, lanes)
        found = self._advance.get(key)
        if found is None:
            with self._change:
                if key in self._queue and self._queue[0] != key:
                    self._queue.remove(key)
                    self._queue.appendleft(key)
        return found

    def pictures(self, width: int) -> Any:
        return self._pictures[width]

    def measure(self, width: int) -> Any:
        return self._measure[width]

    def warm(self, report: Callable[[str, float], None]) -> None:
        """Make all that must be there before the first learner. Then the rest follows in the background."""
        work: list[tuple[str, Callable[[], None]]] = []
        for bucket, lanes in NEEDED:
            work.append((f"networks up to {bucket.width} wide", lambda b=bucket, n=lanes: self._make(b, n)))
        for width in WIDTHS:
            work.append(("pictures", lambda w=width: self._make_pictures(w)))
            work.append(("losses", lambda w=width: self._make_measure(w)))
        for done, (name, make) in enumerate(work):
            report(f"compiling the program for {name}", done / len(work))
            make()
        report("ready", 1.0)

    def start(self) -> None:
        """Make the others in the background, likeliest first."""
        with self._change:
            self._queue.extend(key for key in likeliest_first() if key not in self._advance)
        threading.Thread(target=self._work, name="programs", daemon=True).start()

    def wait(self, timeout: float | None = None) -> bool:
        """Until the background has made everything; for tests and benchmarks."""
        with self._change:
            return self._change.wait_for(lambda: not self._queue, timeout)

    def stop(self) -> None:
        with self._change:
            self._stopped = True
            self._change.notify_all()

    def _work(self) -> None:
        while True:
            with self._change:
                if self._stopped or not self._queue:
                    self._change.notify_all()
                    return
                key = self._queue[0]
            self._make(*key)
            with self._change:
                self._queue.remove(key)

    def _make(self, bucket: Bucket, lanes: int) -> None:
        """Trace, compile and call once, with nothing to do."""
        made = program.compiled(bucket, lanes)
        weights = tf.zeros((LAYERS, bucket.width + 1, bucket.width, lanes))
        state = State(
            weights,
            weights,
            weights,
            tf.zeros((3, lanes), tf.int32),
            tf.zeros((4, lanes)),
            tf.zeros((lanes,), tf.bool),
        )
        setting = Setting(
            tf.zeros((lanes, POINTS, INPUTS + OUTPUTS)),
            tf.zeros((len(WHOLE_ROWS), lanes), tf.int32),
            tf.zeros((len(REAL_ROWS), lanes)),
            tf.zeros((LAYERS, lanes), tf.int32),
            tf.zeros((LAYERS, lanes), tf.int32),
        )
        feed = tf.zeros((lanes, bucket.steps, bucket.batch), tf.int32)
        made(state, setting, feed, tf.zeros((lanes,), tf.int32), tf.constant(1))
        self._advance[bucket, lanes] = made

    def _network(self, width: int) -> inspection.Network:
        return inspection.Network(
            tf.zeros((LAYERS, width + 1, width)),
            tf.zeros((LAYERS,), tf.int32),
            tf.zeros((LAYERS,), tf.int32),
            tf.constant(1),
        )

    def _make_pictures(self, width: int) -> None:
        made = inspection.compiled_pictures(width)
        made(self._network(width), tf.zeros((inspection.CELLS, width)))
        self._pictures[width] = made

    def _make_measure(self, width: int) -> None:
        made = inspection.compiled_measure(width)
        points = tf.zeros((POINTS, INPUTS + OUTPUTS))
        made(self._network(width), points, tf.constant([1, 0]), tf.constant(0), tf.constant(0.5))
        self._measure[width] = made
