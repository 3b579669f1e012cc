"""One experiment's place in the engine: its weights, optimizer slots, data and counters, in numpy.

A lane that trains sits in a cohort, which holds its numbers meanwhile; `Cohort.pull` brings them back here.
"""

import dataclasses
import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from models import catalogue, frame, reference
from models.bucket import INPUTS, POINTS, Bucket, bucket_of
from models.datasets import draw
from models.experiment import Experiment
from models.features import inputs
from models.history import COLUMNS, History
from models.packing import Arrays, Scales, constant_scales, flat, shaped, shaped_scales
from models.seeds import Purpose, batch_order, integer
from models.stops import Stops
from models.structure import Structure, structure_of

# Loss, accuracy, penalty, test loss, test accuracy; None where there is none.
Measured = list[float | None]

SCALES = ("scales", "first_scales", "second_scales", "moving")
# What a run is made of, beside its experiment.
RUN = (
    *("weights", "first", "second", *SCALES),
    *("step", "epoch", "offset", "sums", "history", "exact", "touched", "measured"),
)
LIVE = {"learning_rate", "regularization", "regularization_rate", "batch_size"}


# What a panel shows of a lane: members for the frame's header (without NaN), and blocks. None where the
# network, as it is now, has nothing of what was asked.
Look = tuple[dict[str, Any], Mapping[str, frame.Block]] | None


class Mode(StrEnum):
    """What a lane is doing."""

    PAUSED = "paused"
    PLAYING = "playing"
    DIVERGED = "diverged"


@dataclasses.dataclass
class Goal:
    """Where a lane that was asked for some steps or epochs pauses again."""

    step: int | None = None
    epoch: int | None = None


@dataclasses.dataclass
class OpenPanel:
    """A panel that somebody looks at: what of, the lane's version that it showed, when it may look again.

    `cost`: seconds that the last look took.
    """

    asked: catalogue.Asked
    version: int = -1
    due: float = 0.0
    cost: float = 0.0


@dataclasses.dataclass(frozen=True)
class Shape:
    """What every frame and every tick asks of an experiment, worked out once."""

    layers: tuple[int, ...]  # units
    activations: tuple[str, ...]
    problem: catalogue.Problem
    classes: int
    threshold: float
    normalized: bool

    @classmethod
    def of(cls, experiment: Experiment) -> "Shape":
        return cls(
            experiment.units,
            experiment.activations,
            experiment.problem,
            experiment.classes,
            reference.threshold(experiment),
            any(layer.batch_normalization for layer in experiment.network.hidden),
        )


class Lane:
    """A lane. `run` grows with every fresh start, `version` with everything a page could see change."""

    def __init__(self, name: str, experiment: Experiment) -> None:
        self.name = name
        self.mode = Mode.PAUSED
        self.goal: Goal | None = None
        self.speed = catalogue.row(catalogue.SPEEDS, catalogue.DEFAULT_SPEED)
        self.watched = True
        self.held: dict[str, float] = {}  # by column, in its own units: where pictures hold it
        self.panels: dict[str, OpenPanel] = {}
        self.run = 0
        self.version = 0
        self.applied = 0
        self.stops = Stops()
        self._ordered: tuple[tuple[int, int, int], npt.NDArray[np.int32]] = (
            (-1, -1, -1),
            np.zeros(0, np.int32),
        )
        self.experiment = experiment
        self._take(experiment)
        self.restart()

    @property
    def diverged(self) -> bool:
        """Whether its numbers overflowed."""
        return self.mode is Mode.DIVERGED

    # --- experiment

    def _take(self, experiment: Experiment) -> None:
        """Everything that follows from the experiment alone."""
        self.experiment = experiment
        self.bucket: Bucket = bucket_of(experiment)
        self.structure: Structure | None = structure_of(experiment)
        self.shape = Shape.of(experiment)
        self.points = draw(experiment.data)
        training = experiment.training
        optimizer = catalogue.row(catalogue.OPTIMIZERS, training.optimizer)
        self.coefficients = optimizer.coefficients(training.learning_rate, training.settings)
        self.mask_seed = integer(experiment.seed, Purpose.DROPOUT)

    def keeps_weights(self, experiment: Experiment) -> bool:
        """Whether only the data differ, and what may change while it trains anyway."""
        rest: Any = {"data": True, "training": LIVE}
        return (
            experiment.data != self.experiment.data
            and experiment.problem == self.experiment.problem
            and experiment.classes == self.experiment.classes
            and experiment.model_dump(exclude=rest) == self.experiment.model_dump(exclude=rest)
        )

    def move(self, experiment: Experiment) -> None:
        """Go on with these weights on other data, for which `keeps_weights` holds; the epoch begins anew."""
        self._take(experiment)
        self.offset, self.sums = 0, np.zeros(4, np.float32)
        self.touched = True
        self.recover()

    def recover(self) -> None:
        """After an overflow: its last finite weights may fare better with what has changed."""
        if self.mode is Mode.DIVERGED:
            self.mode = Mode.PAUSED

    def change(self, experiment: Experiment) -> bool:
        """Take another experiment; true if that began a fresh run."""
        old = self.experiment.model_dump(exclude={"training": LIVE})
        fresh = experiment.model_dump(exclude={"training": LIVE}) != old
        self._take(experiment)
        if fresh:
            self.restart()
        else:
            self.recover()
        return fresh

    def become(self, other: "Lane") -> None:
        """Go on with another lane's run, paused; how it is shown and when it stops remains this one's."""
        self._take(other.experiment)
        for name in RUN:
            setattr(self, name, getattr(other, name))
        self.mode = Mode.DIVERGED if other.diverged else Mode.PAUSED
        self.goal = self.stopped = None
        self.held = {}
        self.stops.begin()
        self.run += 1

    def put(self, weights: Arrays, scales: Scales, moving: Scales) -> None:
        """Other weights than training has made; ValueError if they are not of this network's shapes."""
        old = [*self.weights, *self.scales, *self.moving]
        new = [*weights, *scales, *moving]
        if [array.shape for array in old] != [array.shape for array in new]:
            raise ValueError("the weights are not of the network's shapes")
        self.weights, self.scales, self.moving = weights, scales, moving
        self.touched = True

    def restart(self) -> None:
        """A fresh run from the experiment's first weights."""
        self.weights: Arrays = reference.initial_weights(self.experiment)
        self.first: Arrays = [np.zeros_like(array) for array in self.weights]
        start = np.float32(self.coefficients.v_start)
        self.second: Arrays = [np.full_like(array, start) for array in self.weights]
        units = self.experiment.units
        self.scales: Scales = constant_scales(units, 1.0, 0.0)  # scale and shift
        self.first_scales: Scales = constant_scales(units, 0.0, 0.0)
        self.second_scales: Scales = constant_scales(units, float(start), float(start))
        self.moving: Scales = constant_scales(units, 0.0, 1.0)  # mean and variance
        self.step = self.epoch = self.offset = 0
        self.sums = np.zeros(4, np.float32)
        self.history = History()
        self.exact = True
        self.touched = False
        self.measured: Measured | None = None
        self.stopped: dict[str, Any] | None = None
        self.stops.begin()
        self.run += 1
        self.recover()
        if self.mode is Mode.PAUSED:
            self.goal = None

    # --- what programs need of it

    @property
    def batch_size(self) -> int:
        return self.experiment.training.batch_size

    @property
    def steps_an_epoch(self) -> int:
        return math.ceil(self.points.train / self.batch_size)

    @property
    def steps_to_end(self) -> int:
        """Steps left in the current epoch."""
        return math.ceil((self.points.train - self.offset) / self.batch_size)

    @property
    def threshold(self) -> float:
        return self.shape.threshold

    def padded_points(self) -> npt.NDArray[np.float32]:
        """Inputs and targets, training points first: (POINTS, INPUTS + 1)."""
        table = np.zeros((POINTS, INPUTS + 1), np.float32)
        x = inputs(self.points.position, self.experiment.features)
        table[: len(x), : x.shape[1]] = x
        table[: len(x), INPUTS] = reference.targets(self.experiment, self.points.label)
        return table

    def whole_numbers(self) -> dict[str, int]:
        return {
            "depth": len(self.experiment.activations),
            "train": self.points.train,
            "test": self.points.test,
            "batch": self.batch_size,
            "loss": catalogue.index(catalogue.LOSSES, self.experiment.training.loss),
            "mask_seed": self.mask_seed,
            "schedule": catalogue.index(catalogue.SCHEDULES, self.experiment.training.schedule),
            "decay_steps": self.experiment.training.decay_steps,
        }

    def real_numbers(self) -> dict[str, float]:
        training = self.experiment.training
        penalty = catalogue.row(catalogue.REGULARIZATIONS, training.regularization)
        return {
            "l1": penalty.l1 * training.regularization_rate,
            "l2": penalty.l2 * training.regularization_rate,
            "threshold": self.threshold,
            "clip_norm": training.clip_norm,
            "max_norm": training.max_norm,
            "decay_rate": training.decay_rate,
            **dataclasses.asdict(self.coefficients),
        }

    @property
    def normalization(self) -> list[npt.NDArray[np.float32] | None]:
        """Of every layer scale, shift, moving mean and variance (4, units), or None where it has none."""
        if not self.shape.normalized:
            return [None] * len(self.shape.activations)
        hidden = [
            np.concatenate([scale, moving]) if layer.batch_normalization else None
            for layer, scale, moving in zip(
                self.experiment.network.hidden, self.scales, self.moving, strict=True
            )
        ]
        return [*hidden, None]

    def activation_numbers(self) -> list[int]:
        """The output's softmax is a part of its loss, so that its place is linear."""
        names = ["linear" if name == catalogue.SOFTMAX.name else name for name in self.experiment.activations]
        return [catalogue.index(catalogue.ACTIVATIONS, name) for name in names]

    def _order(self, epoch: int) -> npt.NDArray[np.int32]:
        """The epoch's order of points; the last one is kept, since many ticks may ask for it."""
        key = (self.experiment.seed, epoch, self.points.train)
        if self._ordered[0] != key:
            self._ordered = key, batch_order(*key)
        return self._ordered[1]

    def next_batches(self, count: int, batch: int) -> npt.NDArray[np.int32]:
        """The point numbers of the next `count` batches, (count, batch), padded with zeros."""
        feed = np.zeros((count, batch), np.int32)
        size, done, epoch, offset = self.batch_size, 0, self.epoch, self.offset
        while done < count:
            rest = self._order(epoch)[offset:]
            short = -len(rest) % size
            table = np.concatenate([rest, np.zeros(short, np.int32)]).reshape(-1, size)[: count - done]
            feed[done : done + len(table), :size] = table
            done, epoch, offset = done + len(table), epoch + 1, 0
        return feed

    def penalty(self) -> float:
        """The regularization penalty of the weights as they are."""
        real = self.real_numbers()
        return sum(
            real["l1"] * float(np.abs(kernel).sum()) + real["l2"] * float((kernel * kernel).sum())
            for kernel in self.weights[::2]
        )

    def end_epoch(self, row: npt.NDArray[np.float32]) -> None:
        """A row of the programs: a history's, but with sums over the test points instead of their means."""
        row = row.copy()
        if self.points.test:
            row[4:6] /= np.float32(self.points.test)
            row[4] += row[6]
        self.add_row(row)

    def add_row(self, row: npt.NDArray[np.float32]) -> None:
        """A row for the history, to keep; what this experiment has no figure for becomes NaN."""
        if self.shape.problem == "regression":
            row[[2, 5]] = np.nan
        if not self.points.test:
            row[[4, 5, 6]] = np.nan
        self.history.add(row)
        self.measured = None
        if self.mode is Mode.PLAYING and self.goal is None and (reason := self.stops.reason(row)):
            self.mode, self.stopped = Mode.PAUSED, {"reason": reason, "epoch": int(row[0])}

    def open_panels(self, asked: Mapping[str, Any]) -> None:
        """These panels are open from now on, and no others; ValidationError or KeyError if unknown."""
        opened = {
            name: OpenPanel(catalogue.row(catalogue.PANELS, name).asked.model_validate(members))
            for name, members in asked.items()
        }
        same = {
            name: before
            for name, before in self.panels.items()
            if name in opened and before.asked == opened[name].asked
        }
        self.panels = {**opened, **same}

    # --- pace

    def wants(self) -> int | None:
        """Steps until its goal; None for as many as it gets; 0 if it does not train."""
        if self.mode is not Mode.PLAYING or not self.watched:
            return 0
        if self.goal is None:
            left = self.stops.epochs_left(self.epoch)
            return None if left is None else self.steps_to_end + (left - 1) * self.steps_an_epoch
        if self.goal.step is not None:
            return max(0, self.goal.step - self.step)
        epochs = (self.goal.epoch or 0) - self.epoch
        return 0 if epochs <= 0 else self.steps_to_end + (epochs - 1) * self.steps_an_epoch

    def pace(self) -> float | None:
        """Steps a second that its speed asks for; None for as many as it gets."""
        if self.goal is not None:
            return None
        rate = self.speed.steps + self.speed.epochs * self.steps_an_epoch
        return rate or None

    # --- blob

    def blob(self) -> bytes:
        """All that it takes to go on elsewhere."""
        header = {
            "experiment": self.experiment.model_dump(mode="json"),
            "mode": self.mode.value,
            "goal": None if self.goal is None else dataclasses.asdict(self.goal),
            "speed": self.speed.name,
            "run": self.run,
            "step": self.step,
            "epoch": self.epoch,
            "offset": self.offset,
            "exact": self.exact,
            "touched": self.touched,
            "measured": self.measured,
            "stopped": self.stopped,
            "stops": self.stops.saved(),
            "panels": {name: opened.asked.model_dump() for name, opened in self.panels.items()},
            "held": self.held,
        }
        blocks: dict[str, frame.Block] = {
            "weights": flat(self.weights),
            "first": flat(self.first),
            "second": flat(self.second),
            **{name: flat(getattr(self, name)) for name in SCALES if self.scales},
            "sums": self.sums,
            "history": self.history.all(),
        }
        return frame.encode(header, blocks)

    @classmethod
    def restored(cls, name: str, blob: bytes) -> "Lane":
        """A lane as it was; ValueError for bytes that are no blob."""
        header, blocks = frame.decode(blob)
        lane = cls(name, Experiment.model_validate(header["experiment"]))
        units = lane.experiment.units
        lane.weights, lane.first, lane.second = (
            shaped(blocks[part].astype(np.float32), units) for part in ("weights", "first", "second")
        )
        for part in SCALES:
            if lane.scales:
                setattr(lane, part, shaped_scales(blocks[part].astype(np.float32), units))
        lane.sums = blocks["sums"].astype(np.float32)
        lane.history = History(blocks["history"].astype(np.float32).reshape(-1, len(COLUMNS)))
        lane.mode = Mode(header["mode"])
        lane.goal = None if header["goal"] is None else Goal(**header["goal"])
        lane.speed = catalogue.row(catalogue.SPEEDS, header["speed"])
        lane.run = header["run"]
        lane.step, lane.epoch, lane.offset = header["step"], header["epoch"], header["offset"]
        if not 0 <= lane.offset < lane.points.train:
            raise ValueError(f"offset {lane.offset} is beyond the {lane.points.train} training points")
        lane.exact, lane.touched = bool(header["exact"]), bool(header["touched"])
        lane.measured, lane.stopped = header["measured"], header["stopped"]
        lane.stops = Stops.restored(header["stops"])
        lane.held = header["held"]
        lane.open_panels(header["panels"])
        return lane
