"""The compiled programs of this process: made once each, out of the learner's way."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from models import program
from models.backend import tf
from models.bucket import BATCHES, LANES, WHOLE, WIDTHS, Bucket, bucket_of
from models.experiment import Experiment
from models.maker import Key, Made, Maker

DEFAULT = bucket_of(Experiment())
# Without these nobody is let in: the default's bucket, and the one that holds every permitted network.
NEEDED: tuple[Key, ...] = ((DEFAULT, LANES[0]), (WHOLE, LANES[0]))


def likeliest_first() -> list[Key]:
    """The programs that are made before anybody asks: a class on the default, and all for a learner alone."""
    alone = [
        (Bucket(width, batch, extras), LANES[0])
        for extras in (False, True)
        for width in WIDTHS
        for batch in BATCHES
    ]
    return [(DEFAULT, LANES[1]), *(key for key in alone if key not in NEEDED), (DEFAULT, LANES[2])]


def zeros(spec: Any) -> Any:
    """What a tensor of that shape and type begins with."""
    return tf.zeros(spec.shape, spec.dtype)


def make_advance(bucket: Bucket, lanes: int) -> Any:
    """Trace, compile and call once, with nothing to do, the training program."""
    made = program.compiled(bucket, lanes)
    made(*tf.nest.map_structure(zeros, program.signature(bucket, lanes)))
    return made


class Programs:
    """Makes programs on request, in threads of its own. Asking never waits."""

    def __init__(self, maker: Maker, made: Made, *, ahead: bool = True) -> None:
        self._maker = maker
        self._made = made
        self._ahead = ahead
        self._advance: dict[Key, Any] = {}
        self._asked: deque[Key] = deque()
        self._queue: deque[Key] = deque()
        self._change = threading.Condition()
        self._stopped = False

    def advance(self, bucket: Bucket, lanes: int) -> Any | None:
        """The training program, or None while it is not there."""
        return self._advance.get((bucket, lanes))

    def request(self, bucket: Bucket, lanes: int) -> None:
        """Somebody waits for this program: make it next."""
        key = (bucket, lanes)
        with self._change:
            if key in self._advance or key in self._asked:
                return
            self._asked.append(key)
            self._change.notify_all()

    def warm(self, report: Callable[[str, float], None]) -> None:
        """Make all that must be there before the first learner."""
        for done, key in enumerate(NEEDED):
            report(f"compiling program {done + 1} of {len(NEEDED)}", done / len(NEEDED))
            self._load(key)

    def start(self) -> None:
        """Make the others in the background: what somebody waits for, then the likeliest."""
        with self._change:
            if self._ahead:
                self._queue.extend(key for key in likeliest_first() if key not in self._advance)
        threading.Thread(target=self._work, name="programs", daemon=True).start()

    def wait(self, timeout: float | None = None) -> bool:
        """Until the background has made everything that was asked for; for tests and benchmarks."""
        with self._change:
            return self._change.wait_for(lambda: not self._queue and not self._asked, timeout)

    def stop(self) -> None:
        """End the background's work."""
        with self._change:
            self._stopped = True
            self._change.notify_all()
        self._maker.stop()

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._asked or self._queue or self._stopped)
                if self._stopped:
                    return
                line = self._asked or self._queue
                key = line[0]
            if key not in self._advance:
                if key in self._made or self._maker.make(key):
                    self._made.add(key)
                if self._stopped:
                    return
                self._load(key)
            with self._change:
                line.popleft()
                self._change.notify_all()

    def _load(self, key: Key) -> None:
        self._advance[key] = make_advance(*key)
        self._made.add(key)
