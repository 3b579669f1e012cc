"""The compiled programs of this process: made once each, out of the learner's way."""

import math
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from models import program, solo
from models.backend import tf
from models.bucket import BATCHES, LANES, WHOLE, WIDTHS, Bucket, bucket_of
from models.experiment import Experiment
from models.maker import Key, Made, Maker
from models.structure import Structure

RETRY_SECONDS = 60.0  # after a program could not be made
DEFAULT = bucket_of(Experiment())
# Without these nobody is let in: the default's bucket, and the one that holds every permitted network.
NEEDED: tuple[tuple[Bucket, int], ...] = ((DEFAULT, LANES[0]), (WHOLE, LANES[0]))
# What a class has that begins with the default.
CLASS: tuple[tuple[Bucket, int], ...] = tuple(
    (Bucket(DEFAULT.width, DEFAULT.batch, extras), lanes) for extras in (False, True) for lanes in LANES
)
MOST_SOLOS = 64  # programs of single structures in the life of a host: TensorFlow never lets go of a program


def likeliest_first() -> list[tuple[Bucket, int]]:
    """The programs that are made before anybody asks: for a class, then for a learner alone."""
    alone = [
        (Bucket(width, batch, extras), LANES[0])
        for extras in (False, True)
        for width in WIDTHS
        for batch in BATCHES
    ]
    return [key for key in [*CLASS, *(key for key in alone if key not in CLASS)] if key not in NEEDED]


def zeros(spec: Any) -> Any:
    """What a tensor of that shape and type begins with."""
    return tf.zeros(spec.shape, spec.dtype)


def direct(function: Any) -> Any:
    """A traced function, to be called with tensors and named tuples of tensors that fit its signature.

    TensorFlow would check and cast the seventeen tensors of a tick at every call, which takes a millisecond:
    as long as ten steps.
    """
    traced = function.get_concrete_function()
    if traced.captured_inputs:
        raise ValueError("a program takes all that it needs as arguments")

    def called(*arguments: Any) -> Any:
        # `traced` is kept: the functions that it calls are its own, and would go with it.
        return traced.inference_fn.call_preflattened(tf.nest.flatten(arguments))

    return called


def make_advance(bucket: Bucket, lanes: int) -> Any:
    """Trace, compile and call once, with nothing to do, the training program."""
    made = program.compiled(bucket, lanes)
    made(*tf.nest.map_structure(zeros, program.signature(bucket, lanes)))
    return direct(made)


def make_solo(structure: Structure) -> Any:
    """The same of one network's own program."""
    made = solo.compiled(structure)
    made(*tf.nest.map_structure(zeros, solo.signature(structure)))
    return direct(made)


def make_program(key: Key) -> Any:
    """Trace, compile and call once the program of that key."""
    return make_solo(key) if isinstance(key, Structure) else make_advance(*key)


class Programs:
    """Makes programs on request, in threads of its own. Asking never waits."""

    def __init__(self, maker: Maker, made: Made, *, ahead: bool = True) -> None:
        self._maker = maker
        self._made = made
        self._ahead = ahead
        self._advance: dict[Key, Any] = {}
        self._asked: deque[Key] = deque()
        self._queue: deque[Key] = deque()
        self._failed: dict[Key, float] = {}  # when (time.monotonic) a program could not be made
        self._change = threading.Condition()
        self._busy = False
        self._stopped = False
        self._solos_left = MOST_SOLOS
        self._refused: set[Key] = set()
        self._taken: dict[str, tuple[int, float]] = {"compile": (0, 0.0), "load": (0, 0.0)}

    @property
    def figures(self) -> dict[str, tuple[int, float]]:
        """How many programs were compiled (by the maker) and loaded (here), and how many seconds it took."""
        return dict(self._taken)

    def advance(self, bucket: Bucket, lanes: int) -> Any | None:
        """The training program, or None while it is not there."""
        return self._advance.get((bucket, lanes))

    def request(self, bucket: Bucket, lanes: int) -> None:
        """Somebody waits for this program: make it next."""
        self._ask((bucket, lanes))

    def solo(self, structure: Structure) -> Any | None:
        """The training program of one network alone, or None while it is not there; it is made next.

        After `MOST_SOLOS` others none is made any more.
        """
        found = self._advance.get(structure)
        if found is None and self._solos_left > 0:
            self._ask(structure)
        return found

    def _ask(self, key: Key) -> None:
        with self._change:
            if key in self._advance or key in self._asked or key in self._refused:
                return
            if time.monotonic() - self._failed.get(key, -math.inf) < RETRY_SECONDS:
                return
            self._asked.append(key)
            self._change.notify_all()

    def warm(self, report: Callable[[str, float], None], *, for_class: bool = False) -> None:
        """Make all that must be there before the first learner.

        for_class: and what a class has, as far as it is compiled, for a host that is started for one.
        """
        more = [key for key in CLASS if for_class and key in self._made and key not in NEEDED]
        keys = [*NEEDED, *more]
        for done, key in enumerate(keys):
            report(f"compiling program {done + 1} of {len(keys)}", done / len(keys))
            self._load(key)

    def start(self) -> None:
        """Make the others in the background: what somebody waits for, then the likeliest."""
        with self._change:
            if self._ahead:
                self._queue.extend(key for key in likeliest_first() if key not in self._advance)
        threading.Thread(target=self._work, name="programs", daemon=True).start()

    def hold(self, busy: bool) -> None:
        """Make nothing that nobody asked for while the host is `busy`: tracing keeps its interpreter."""
        if busy != self._busy:
            with self._change:
                self._busy = busy
                self._change.notify_all()

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
                self._change.wait_for(
                    lambda: self._asked or (self._queue and not self._busy) or self._stopped
                )
                if self._stopped:
                    return
                line = self._asked or self._queue
                key = line[0]
            if key not in self._advance and self._is_made(key):
                if self._stopped:
                    return
                try:
                    self._load(key)
                except tf.errors.OpError as error:  # a disk that is full by now: XLA cannot keep it
                    print(f"A program could not be made: {error.message}.", file=sys.stderr, flush=True)
                    self._failed[key] = time.monotonic()
            with self._change:
                line.popleft()
                self._change.notify_all()

    def _is_made(self, key: Key) -> bool:
        """Have it compiled; false if it is to be done without."""
        if key in self._made:
            return True
        if self._compile(key):
            self._made.add(key)
            return True
        if isinstance(key, Structure):  # it is only faster: nobody shall wait for it to be compiled here
            self._refused.add(key)
            return False
        return True

    def _compile(self, key: Key) -> bool:
        started = time.monotonic()
        made = self._maker.make(key)
        if made:
            self._took("compile", started)
        return made

    def _load(self, key: Key) -> None:
        started = time.monotonic()
        self._advance[key] = make_program(key)
        self._took("load", started)
        self._made.add(key)
        if isinstance(key, Structure):
            self._solos_left -= 1
            self._made.trim()

    def _took(self, how: str, started: float) -> None:
        number, seconds = self._taken[how]
        self._taken[how] = number + 1, seconds + time.monotonic() - started
