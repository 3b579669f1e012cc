"""A lane among others that come, go and change, seated as the host seats them."""

from itertools import count
from typing import Any

import numpy as np

from models import catalogue
from models.bucket import Bucket
from models.cohort import Cohort
from models.experiment import Experiment
from models.lane import Lane
from models.maker import Made, Maker
from models.programs import Programs
from models.seating import Seating
from tests.models.training import advance


class Ready(Programs):
    """Programs that are there when they are asked for, compiled once for all tests; no threads."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(Maker({}), Made(None, ""))
        self._sizes = sizes

    def advance(self, bucket: Bucket, lanes: int) -> Any | None:
        """Only the sizes of cohort that were asked for are there, so that a test compiles no others."""
        return advance(bucket, lanes) if lanes in self._sizes else None


class Crowd:
    """One lane that matters, and up to so many others of the same bucket, in a seating of their own.

    What the others do, and how the steps are cut into ticks, is drawn from a seed.
    """

    def __init__(
        self, lane: Lane, others: int, neighbour: Experiment, seed: int, sizes: tuple[int, ...]
    ) -> None:
        self.lane = lane
        self.seating = Seating(Ready(*sizes))
        self.seats_seen: set[int] = set()
        self._random = np.random.default_rng(seed)
        self._most = others
        self._neighbour = neighbour
        self._numbers = count()
        self._rounds = 0
        self._others: list[Lane] = []

    def train_to(self, step: int) -> None:
        """Rounds of the host until the lane has made so many steps in all."""
        while self.lane.step < step:
            before = self.lane.step
            self._stir()
            training = [other for other in self._others if self._random.random() < 0.8]
            self.seating.arrange([*training, self.lane])
            cohort = self.seating.cohort_of(self.lane)
            assert cohort is not None
            assert isinstance(cohort, Cohort)
            assert cohort.bucket == self.lane.bucket
            self.seats_seen.add(len(cohort.seats))
            budget = {other.name: int(self._random.integers(1, 30)) for other in training}
            budget[self.lane.name] = min(int(self._random.integers(1, 30)), step - self.lane.step)
            for each in self.seating.cohorts():
                each.tick(budget)
            assert self.lane.step > before
        self.seating.pull(self.lane)

    def swap(self, lane: Lane) -> None:
        """Go on with another lane in the place of the one that matters."""
        self.seating.drop(self.lane)
        self.lane = lane

    def _stir(self) -> None:
        """The others join in waves, leave, change their settings and begin afresh."""
        self._rounds += 1
        wanted = self._most if self._rounds // 4 % 2 == 0 else int(self._random.integers(0, 2))
        while len(self._others) < wanted:
            self._others.append(Lane(f"other {next(self._numbers)}", self._changed()))
        while len(self._others) > wanted:
            self.seating.drop(self._others.pop(int(self._random.integers(len(self._others)))))
        for other in self._others:
            if self._random.random() < 0.05:
                self._replace(other)

    def _replace(self, other: Lane) -> None:
        self.seating.pull(other)
        if other.change(self._changed()):
            self.seating.drop(other)
        elif (seat := self.seating.cohort_of(other)) is not None:
            seat.refresh(other)

    def _changed(self) -> Experiment:
        """The neighbour with another seed, or another optimizer, rate, penalty or batch size."""
        training = {
            "optimizer": str(self._random.choice(catalogue.names(catalogue.OPTIMIZERS))),
            "learning_rate": float(self._random.choice([0.001, 0.03, 10.0])),  # some overflow
            "regularization": str(self._random.choice(catalogue.names(catalogue.REGULARIZATIONS))),
            "regularization_rate": 0.01,
            "batch_size": int(self._random.integers(1, self._neighbour.training.batch_size + 1)),
        }
        whole = self._neighbour.model_dump()
        whole["training"] |= training
        return Experiment.model_validate({**whole, "seed": int(self._random.integers(3))})
