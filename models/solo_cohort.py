"""A lane that trains in a program of its own structure."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from models.backend import tf
from models.bucket import POINTS
from models.lane import Lane, Mode
from models.packing import flat, shaped
from models.solo import Layout, Setting, State
from models.structure import Structure
from models.tensors import REAL_ROWS, WHOLE_ROWS

Floats = npt.NDArray[np.float32]


class SoloCohort:
    """A cohort with one seat; see `models.cohort.Cohort`, whose methods these are."""

    def __init__(self, structure: Structure, program: Any) -> None:
        self.structure = structure
        self.seats: list[Lane | None] = [None]
        self.is_shared = False
        self.step_seconds = 50e-6  # an estimate, mended by every tick
        self._program = program
        self._layout = Layout(structure)
        inputs = structure.units[0]
        self._table = np.zeros((0, inputs + 1), np.float32)  # the training points
        self._feed = np.zeros((structure.steps, structure.batch, inputs + 1), np.float32)
        self._state: State | None = None
        self._setting: Setting | None = None
        self._test: Any = None

    @property
    def lanes(self) -> list[Lane]:
        return [lane for lane in self.seats if lane is not None]

    def made_for(self, lane: Lane) -> bool:
        """Whether the lane, as it is now, may stay."""
        return lane.structure == self.structure

    def is_exact(self, lane: Lane) -> bool:
        """Whether the lane gets the bits of its own bucket's program."""
        return lane.structure == self.structure and self.structure.same_bits

    # --- the seat

    def seat(self, lane: Lane) -> None:
        """Give a lane the seat; ValueError if it is taken."""
        self.seats[self.seats.index(None)] = lane
        inputs = self.structure.units[0]
        padded = lane.padded_points()
        points = np.concatenate([padded[:, :inputs], padded[:, -1:]], 1)
        train, test = lane.points.train, lane.points.test
        self._table = points[:train].copy()
        held_out = np.zeros((POINTS, inputs + 1), np.float32)
        held_out[:test] = points[train : train + test]
        self._test = tf.constant(held_out)
        self.reload(lane)
        self.refresh(lane)

    def refresh(self, lane: Lane) -> None:
        """Take over what of a lane may change while it trains."""
        whole, real = lane.whole_numbers(), lane.real_numbers()
        self._setting = Setting(
            self._test,
            tf.constant([whole[name] for name in WHOLE_ROWS], tf.int32),
            tf.constant([real[name] for name in REAL_ROWS], tf.float32),
            tf.constant([layer.dropout for layer in lane.experiment.network.hidden], tf.float32),
        )

    def reload(self, lane: Lane) -> None:
        """Take over all of a lane's numbers."""
        structure = self.structure

        def vector(dense: list[Floats], scales: list[Floats], used: bool = True) -> Any:
            return tf.constant(flat([*dense, *self._normalized(scales)] if used else []))

        self._state = State(
            vector(lane.weights, lane.scales),
            vector(lane.first, lane.first_scales, structure.first),
            vector(lane.second, lane.second_scales, structure.second),
            tf.constant(flat(self._normalized(lane.moving))),
            tf.constant(lane.step),
            tf.constant(lane.epoch),
            tf.constant(lane.sums),
            tf.constant(False),
        )

    def pull(self, lane: Lane) -> None:
        """Bring a lane's numbers up to date; it keeps its seat."""
        assert self._state is not None
        self.weights(lane)
        if self.structure.first:
            lane.first, lane.first_scales = self._arrays(self._state.first, lane, lane.first_scales)
        if self.structure.second:
            lane.second, lane.second_scales = self._arrays(self._state.second, lane, lane.second_scales)

    def weights(self, lane: Lane) -> None:
        """Bring what a lane's network computes with up to date, without the optimizer's numbers."""
        assert self._state is not None
        lane.weights, lane.scales = self._arrays(self._state.weights, lane, lane.scales)
        lane.moving = self._pairs(self._state.moving.numpy(), lane.moving)

    def _arrays(self, vector: Any, lane: Lane, scales: list[Floats]) -> tuple[list[Floats], list[Floats]]:
        values: Floats = vector.numpy()
        dense = self._layout.dense
        return shaped(values[:dense], lane.experiment.units), self._pairs(values[dense:], scales)

    def _normalized(self, pairs: list[Floats]) -> list[Floats]:
        """Of the hidden layers' pairs those that the program has."""
        return [pair for pair, normal in zip(pairs, self.structure.normalized, strict=True) if normal]

    def _pairs(self, values: Floats, before: list[Floats]) -> list[Floats]:
        """The normalized layers' pairs (2, units) from one row, and the others' as they were."""
        pairs: list[Floats] = []
        start = 0
        for pair, normal in zip(before, self.structure.normalized, strict=True):
            end = start + pair.size * normal
            pairs.append(values[start:end].reshape(pair.shape).copy() if normal else pair)
            start = end
        return pairs

    def unseat(self, lane: Lane) -> None:
        self.pull(lane)
        self.free(lane)

    def free(self, lane: Lane) -> None:
        """Take the seat away; the lane's numbers here are lost."""
        self.seats[self.seats.index(lane)] = None
        self._state = None

    # --- training

    def _sizes(self, lane: Lane) -> npt.NDArray[np.int32]:
        """How many points the next steps' batches have."""
        batch, train = self.structure.batch, lane.points.train
        sizes = np.full(self.structure.steps, batch, np.int32)
        first, others = lane.steps_to_end, lane.steps_an_epoch
        sizes[first - 1 : first] = train - lane.offset - (first - 1) * batch
        sizes[first - 1 + others :: others] = train - (others - 1) * batch
        return sizes

    def tick(self, budget: Mapping[str, int]) -> None:
        """Train the lane up to so many steps (by its name); counters and history are up to date after."""
        (lane,) = self.seats
        wanted = 0 if lane is None else min(budget.get(lane.name, 0), self.structure.steps)
        if lane is None or wanted <= 0:
            return
        started = time.perf_counter()
        self._feed[:wanted] = self._table[lane.next_batches(wanted, self.structure.batch)]
        to_end = lane.steps_to_end
        self._state, rows, done = self._program(
            self._state,
            self._setting,
            tf.constant(self._feed),
            tf.constant(self._sizes(lane)),
            tf.constant(wanted),
            tf.constant(to_end),
        )
        made = int(done)
        self._read(lane, rows.numpy(), made, to_end)
        elapsed = time.perf_counter() - started
        self.step_seconds += 0.2 * (elapsed / max(1, made) - self.step_seconds)

    def _read(self, lane: Lane, rows: Floats, made: int, to_end: int) -> None:
        """Counters, sums and history rows, after so many steps."""
        assert self._state is not None
        batch = self.structure.batch
        if made < to_end:
            lane.offset += made * batch
        else:
            lane.offset = (made - to_end) % lane.steps_an_epoch * batch
        lane.step, lane.epoch = int(self._state.steps), int(self._state.epochs)
        lane.sums = self._state.sums.numpy().copy()
        lane.version += 1
        for row in rows[rows[:, 0] > 0]:
            lane.end_epoch(row)
        if bool(self._state.diverged) and lane.mode is Mode.PLAYING:
            lane.mode, lane.goal = Mode.DIVERGED, None
