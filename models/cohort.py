"""The lanes that one compiled program trains together."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from models.backend import tf
from models.bucket import INPUTS, LAYERS, POINTS, Bucket
from models.lane import Lane, Mode
from models.packing import pack, pack_scales, unpack, unpack_scales
from models.tensors import REAL_ROWS, WHOLE_ROWS, Setting, State, rows_of, state_signature

# Of a tick, however few its steps: without it, steps would seem so slow in short ticks that these stay short.
CALL_SECONDS = 0.001


class Cohort:
    """Seats for lanes. Between ticks the numbers stay in tensors; they come to numpy when a seat changes."""

    def __init__(self, bucket: Bucket, seats: int, program: Any) -> None:
        self.bucket = bucket
        self.seats: list[Lane | None] = [None] * seats
        self._program = program
        self._taken = 0
        # An estimate, mended by every tick; of a large bucket rather too much, so that no tick takes seconds.
        self.step_seconds = 50e-6 * seats * (bucket.width / 8) * (bucket.batch / 10)
        self._arrays: list[npt.NDArray[Any]] = [
            np.zeros(spec.shape, spec.dtype.as_numpy_dtype) for spec in state_signature(bucket, seats)
        ]
        self._points = np.zeros((seats, POINTS, INPUTS + 1), np.float32)
        self._whole = np.zeros((len(WHOLE_ROWS), seats), np.int32)
        self._real = np.zeros((len(REAL_ROWS), seats), np.float32)
        self._units = np.zeros((LAYERS, seats), np.int32)
        self._activations = np.zeros((LAYERS, seats), np.int32)
        self._dropout = np.zeros((LAYERS, seats), np.float32)
        self._normalized = np.zeros((LAYERS, seats), np.bool_)
        self._feed = np.zeros((seats, bucket.steps, bucket.batch), np.int32)
        self._state: State | None = None
        self._seen: dict[int, npt.NDArray[Any]] = {}  # parts of the state, looked at since it changed
        self._setting: Setting | None = None
        self._point_tensor: Any = None

    @property
    def lanes(self) -> list[Lane]:
        return [lane for lane in self.seats if lane is not None]

    @property
    def is_shared(self) -> bool:
        """Whether more than one lane sits here."""
        return self._taken > 1

    def made_for(self, lane: Lane) -> bool:
        """Whether the lane, as it is now, may stay."""
        return lane.bucket == self.bucket

    def is_exact(self, lane: Lane) -> bool:
        """Whether the lane gets the bits of its own bucket's program."""
        return lane.bucket == self.bucket

    # --- seats

    def _open(self) -> None:
        """Bring the numbers to writeable numpy arrays."""
        if self._state is not None:
            self._arrays = [np.array(self._part(number)) for number in range(len(self._state))]
            self._take(None)

    def _part(self, number: int) -> npt.NDArray[Any]:
        """A part of the state in numpy, to read: each lane that is shown asks for the same ones."""
        if self._state is None:
            return self._arrays[number]
        if number not in self._seen:
            self._seen[number] = self._state[number].numpy()
        return self._seen[number]

    def _take(self, state: State | None) -> None:
        self._state = state
        self._seen.clear()

    def seat(self, lane: Lane) -> None:
        """Give a lane a free seat; ValueError if there is none."""
        place = self.seats.index(None)
        self.seats[place] = lane
        self._taken += 1
        self._load(lane, place)
        self._points[place] = lane.padded_points()
        self._point_tensor = None
        self.refresh(lane)

    def _load(self, lane: Lane, place: int) -> None:
        self._open()
        width, rows = self.bucket.width, rows_of(self.bucket)
        weights, first, second, moving, counters, sums, diverged = self._arrays
        weights[..., place] = pack(lane.weights, lane.scales, width, rows)
        first[..., place] = pack(lane.first, lane.first_scales, width, rows)
        second[..., place] = pack(lane.second, lane.second_scales, width, rows)
        if self.bucket.extras:
            moving[..., place] = pack_scales(lane.moving, width)
        counters[:, place] = (lane.step, lane.epoch, lane.offset)
        sums[:, place] = lane.sums
        diverged[place] = False

    def refresh(self, lane: Lane) -> None:
        """Take over what of a lane may change while it trains."""
        place = self.seats.index(lane)
        whole, real = lane.whole_numbers(), lane.real_numbers()
        self._whole[:, place] = [whole[name] for name in WHOLE_ROWS]
        self._real[:, place] = [real[name] for name in REAL_ROWS]
        depth = whole["depth"]
        self._units[:, place] = 0
        self._units[:depth, place] = lane.experiment.units[1:]
        self._activations[:, place] = 0
        self._activations[:depth, place] = lane.activation_numbers()
        hidden = lane.experiment.network.hidden
        self._dropout[:, place] = 0.0
        self._dropout[: len(hidden), place] = [layer.dropout for layer in hidden]
        self._normalized[:, place] = False
        self._normalized[: len(hidden), place] = [layer.batch_normalization for layer in hidden]
        self._setting = None

    def reload(self, lane: Lane) -> None:
        """Take over all of a lane's numbers again, after they were changed outside."""
        self._load(lane, self.seats.index(lane))

    def pull(self, lane: Lane) -> None:
        """Bring a lane's numbers up to date; it keeps its seat."""
        place = self.seats.index(lane)
        parts = [self._part(number) for number in range(3)]
        units = lane.shape.layers
        lane.weights, lane.first, lane.second = (unpack(part[..., place], units) for part in parts)
        if self.bucket.extras:
            width = self.bucket.width
            lane.scales, lane.first_scales, lane.second_scales = (
                unpack_scales(part[:, width + 1 :, :, place], units) for part in parts
            )
            lane.moving = unpack_scales(self._part(3)[..., place], units)
        lane.sums = np.array(self._part(5)[:, place])

    def weights(self, lane: Lane) -> None:
        """Bring what a lane's network computes with up to date, without the optimizer's numbers."""
        place = self.seats.index(lane)
        units = lane.shape.layers
        stack = self._part(0)
        lane.weights = unpack(stack[..., place], units)
        if self.bucket.extras:
            lane.scales = unpack_scales(stack[:, self.bucket.width + 1 :, :, place], units)
            lane.moving = unpack_scales(self._part(3)[..., place], units)

    def unseat(self, lane: Lane) -> None:
        self.pull(lane)
        self.free(lane)

    def free(self, lane: Lane) -> None:
        """Take the seat away; the lane's numbers here are lost."""
        place = self.seats.index(lane)
        self.seats[place] = None
        self._taken -= 1
        self._whole[:, place] = 0
        self._setting = None

    # --- training

    def _tensors(self) -> tuple[State, Setting]:
        if self._state is None:
            self._take(State(*(tf.constant(array) for array in self._arrays)))
        if self._point_tensor is None:
            self._point_tensor = tf.constant(self._points)
        if self._setting is None:
            self._setting = Setting(
                self._point_tensor,
                tf.constant(self._whole),
                tf.constant(self._real),
                tf.constant(self._units),
                tf.constant(self._activations),
                tf.constant(self._dropout),
                tf.constant(self._normalized),
            )
        assert self._state is not None
        return self._state, self._setting

    def tick(self, budget: Mapping[str, int]) -> None:
        """Train each lane up to so many steps (by lane name); counters and histories are up to date after."""
        steps = np.zeros(len(self.seats), np.int32)
        strides: list[int] = []
        for place, lane in enumerate(self.seats):
            if lane is not None and (wanted := min(budget.get(lane.name, 0), self.bucket.steps)) > 0:
                steps[place] = wanted
                self._feed[place, :wanted] = lane.next_batches(wanted, self.bucket.batch)
                strides.append(lane.steps_to_end)
        if not strides:
            return
        # The median: one lane with long epochs does not keep the others waiting, nor one with short ones
        # make everybody test after every step.
        stride = sorted(strides)[len(strides) // 2]
        state, setting = self._tensors()
        started = time.perf_counter()
        after, rows, done = self._program(
            state, setting, tf.constant(self._feed), tf.constant(steps), tf.constant(stride)
        )
        self._take(after)
        made = done.numpy()
        elapsed = time.perf_counter() - started
        training = max(elapsed - CALL_SECONDS, elapsed / 10)
        self.step_seconds += 0.2 * (training / max(1, int(made.max())) - self.step_seconds)
        self._read(rows.numpy(), made)

    def _read(self, rows: Any, made: Any) -> None:
        """Counters, sums and history rows of the lanes that trained."""
        counters, sums, diverged = (self._part(number) for number in (4, 5, 6))
        rows = rows[(rows[:, 0] > 0).any(1)].transpose(2, 0, 1)  # (lanes, rounds, columns)
        counts, totals = counters.T.tolist(), sums.T.copy()
        for place, lane in enumerate(self.seats):
            if lane is None or not (made[place] or diverged[place]):
                continue
            lane.step, lane.epoch, lane.offset = counts[place]
            lane.sums = totals[place]
            lane.version += 1
            for row in rows[place]:
                if row[0] > 0:
                    lane.end_epoch(row)
            if diverged[place] and lane.mode is Mode.PLAYING:
                lane.mode, lane.goal = Mode.DIVERGED, None
