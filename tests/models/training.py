"""Lanes that train inside the tests' own process."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from models import device, spelling
from models.bucket import LANES, Bucket
from models.cohort import Cohort
from models.experiment import Experiment
from models.lane import Lane
from models.packing import Arrays
from models.program import compiled
from models.programs import make_solo
from models.seating import fewest
from models.solo_cohort import SoloCohort
from models.structure import Structure

device.choose("cpu")


def make(**texts: object) -> Experiment:
    """An experiment in the spelling of URL and command line: `make(hidden="4,2", optimizer="adam")`."""
    return spelling.parse({name: str(text) for name, text in texts.items()})


@cache
def advance(bucket: Bucket, lanes: int) -> Any:
    """The training program, compiled once for all tests, when it is first called."""
    return compiled(bucket, lanes)


@cache
def solo_program(structure: Structure) -> Any:
    """The program of one network alone, compiled once for all tests."""
    return make_solo(structure)


def solo_of(lane: Lane) -> SoloCohort:
    """The lane in its own program."""
    assert lane.structure is not None
    cohort = SoloCohort(lane.structure, solo_program(lane.structure))
    cohort.seat(lane)
    return cohort


def cohort_of(bucket: Bucket, seats: int = LANES[0]) -> Cohort:
    """An empty cohort."""
    return Cohort(bucket, seats, advance(bucket, seats))


def train_to(cohort: Cohort | SoloCohort, goals: Mapping[str, int], cuts: Iterable[int] = ()) -> None:
    """Tick until every lane has made so many steps; `cuts`: how many a tick, in turn, then as many as fit."""
    turns = iter(cuts)
    while budget := {lane.name: goals[lane.name] - lane.step for lane in cohort.lanes if lane.name in goals}:
        if not any(budget.values()):
            return
        most = next(turns, 400)
        before = sum(lane.step for lane in cohort.lanes)
        cohort.tick({name: min(most, steps) for name, steps in budget.items()})
        assert sum(lane.step for lane in cohort.lanes) > before, "a tick trained nobody"


def trained(experiments: Sequence[Experiment], steps: int) -> list[Lane]:
    """These experiments of one bucket, each trained so many steps in cohorts as a host would have them."""
    lanes = [Lane(str(number), experiment) for number, experiment in enumerate(experiments)]
    rest = list(lanes)
    for seats in fewest(len(lanes), LANES):
        cohort = cohort_of(lanes[0].bucket, seats)
        seated, rest = rest[:seats], rest[seats:]
        for lane in seated:
            assert lane.bucket == cohort.bucket
            cohort.seat(lane)
        train_to(cohort, {lane.name: steps for lane in seated})
        for lane in seated:
            cohort.unseat(lane)
    return lanes


def same_bits(a: Arrays, b: Arrays) -> bool:
    """Whether two networks agree to the last bit."""
    return len(a) == len(b) and all(
        one.shape == other.shape and np.array_equal(one.view(np.uint32), other.view(np.uint32))
        for one, other in zip(a, b, strict=True)
    )
