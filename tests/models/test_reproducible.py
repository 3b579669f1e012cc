"""The same experiment gives the same weights to the bit, whoever trains beside it."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pytest

from models import seating
from models.bucket import LANES
from models.experiment import Experiment
from models.lane import Lane
from models.packing import Arrays
from tests.models.crowd import Crowd
from tests.models.training import cohort_of, make, same_bits, train_to

TWO, SIXTEEN, THIRTY_TWO = LANES


@dataclass(frozen=True)
class Case:
    """An experiment, how long it trains, and who trains beside it in the same bucket."""

    experiment: Experiment
    steps: int
    neighbour: Experiment
    sizes: tuple[int, ...]  # of the cohorts that it meets


CASES = {
    "default": Case(make(), 2000, make(hidden="8,8,3", activation="relu"), LANES),
    "short last batch, penalty": Case(
        make(batch_size=7, optimizer="adam", regularization="l1", regularization_rate=0.001, data="spiral"),
        2000,
        make(hidden="1"),
        LANES,
    ),
    "costly activations": Case(
        make(activation="gelu,sine", optimizer="rmsprop"),
        500,
        make(activation="softplus", hidden="3,3,3"),
        (TWO, SIXTEEN),
    ),
    "32 wide": Case(
        make(hidden="20,32", optimizer="adamw", learning_rate=0.003),
        300,
        make(hidden="32,32,32"),
        (TWO, SIXTEEN),
    ),
    "larger batches": Case(
        make(batch_size=30, data="plane"), 300, make(data="multi_gauss", batch_size=32), (TWO, SIXTEEN)
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What must not differ by a bit."""

    weights: Arrays
    history: bytes
    counters: tuple[int, int, int]

    @classmethod
    def of(cls, lane: Lane) -> "Outcome":
        return cls(lane.weights, lane.history.all().tobytes(), (lane.step, lane.epoch, lane.offset))

    def same(self, other: "Outcome") -> bool:
        return (
            same_bits(self.weights, other.weights)
            and self.history == other.history
            and self.counters == other.counters
        )


def alone(experiment: Experiment, steps: int, seats: int = TWO, cuts: tuple[int, ...] = ()) -> Outcome:
    lane = Lane("alone", experiment)
    cohort = cohort_of(lane.bucket, seats)
    cohort.seat(lane)
    train_to(cohort, {"alone": steps}, cuts)
    cohort.unseat(lane)
    return Outcome.of(lane)


@pytest.fixture(scope="module")
def expected() -> dict[str, Outcome]:
    """Every case alone in the smallest cohort, in the longest ticks."""
    return {name: alone(case.experiment, case.steps) for name, case in CASES.items()}


@pytest.fixture(autouse=True)
def _moves_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seating, "PATIENCE", 2)
    monkeypatch.setitem(seating.COSTS, SIXTEEN, 3.0)  # and where fewer train, too


def test_the_cases_differ(expected: dict[str, Outcome]) -> None:
    """The comparison can tell: one seed apart is not the same."""
    other = alone(make(seed=1), 2000)
    assert not other.same(expected["default"])
    assert expected["default"].counters == (2000, 80, 0)


@pytest.mark.parametrize("name", CASES)
def test_however_the_steps_are_cut(name: str, expected: dict[str, Outcome]) -> None:
    case = CASES[name]
    cuts = tuple(int(n) for n in np.random.default_rng(1).integers(1, 30, 60))
    for seats in case.sizes:
        assert alone(case.experiment, case.steps, seats, cuts).same(expected[name]), seats


@pytest.mark.parametrize(
    ("name", "others"),
    [(name, size - 1) for name, case in CASES.items() for size in case.sizes if size > TWO],
)
def test_among_others(name: str, others: int, expected: dict[str, Outcome]) -> None:
    """They train, change, leave and join meanwhile, so the lane moves between cohorts, mid-epoch too."""
    case = CASES[name]
    crowd = Crowd(Lane("mine", case.experiment), others, case.neighbour, seed=others, sizes=case.sizes)
    crowd.train_to(case.steps)
    assert Outcome.of(crowd.lane).same(expected[name])
    assert crowd.seats_seen >= {TWO, SIXTEEN if others == SIXTEEN - 1 else THIRTY_TWO}


@pytest.mark.parametrize("name", CASES)
def test_restored_in_mid_run(name: str, expected: dict[str, Outcome]) -> None:
    case = CASES[name]
    crowd = Crowd(Lane("mine", case.experiment), 15, case.neighbour, seed=2, sizes=(TWO, SIXTEEN))
    for step in (1, case.steps // 3, case.steps // 2 + 1):
        crowd.train_to(step)
        crowd.swap(Lane.restored("mine", crowd.lane.blob()))
    crowd.train_to(case.steps)
    assert Outcome.of(crowd.lane).same(expected[name])


def test_in_another_process(expected: dict[str, Outcome]) -> None:
    """As after a restart of the server."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for name in ("default", "costly activations"):
            case = CASES[name]
            other = pool.submit(alone, case.experiment, case.steps, SIXTEEN).result()
            assert other.same(expected[name]), name
