"""A lane in a program of its own: the same numbers to the bit, wherever it trains and however it moves."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import catalogue, detail, packing, programs, seating
from models.bucket import LANES, Bucket
from models.desk import Desk
from models.experiment import Experiment
from models.lane import SCALES, Goal, Lane, Mode
from models.maker import Key, Made, Maker, read, written
from models.packing import flat
from models.programs import Programs
from models.seating import Seating
from models.solo_cohort import SoloCohort
from models.stops import Conditions
from models.structure import Structure, structure_of
from tests.models.crowd import Ready
from tests.models.oracle import Oracle
from tests.models.training import cohort_of, make, same_bits, solo_of, solo_program, train_to

STEPS = 700
FULL = catalogue.row(catalogue.SPEEDS, "full")

CASES = {
    "default": make(),
    "short last batches, penalty": make(
        hidden="5,3",
        activation="relu,elu",
        batch_size=7,
        optimizer="adam",
        learning_rate=0.01,
        regularization="l1_l2",
        regularization_rate=0.003,
    ),
    "normalized, several classes": make(
        data="blobs",
        hidden="6,4",
        batch_normalization="true,false",
        dropout="0.0,0.3",
        optimizer="adamw",
        learning_rate=0.01,
    ),
    "schedule, costly activations": make(
        activation="gelu,sine", optimizer="nadam", schedule="cosine", decay_steps=400, learning_rate=0.01
    ),
    "wide, regression": make(data="plane", hidden="20,32", batch_size=32, optimizer="momentum"),
}


def same(lane: Lane, other: Lane) -> bool:
    """To the bit, but for what is only reported: losses are added up in another order."""
    for mine, theirs in ((lane.history.all(), other.history.all()), (lane.sums, other.sums)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, equal_nan=True)
    return kept(lane) == kept(other)


def kept(lane: Lane) -> dict[str, bytes | tuple[int, ...]]:
    """All that training goes on with."""
    normalized = [layer.batch_normalization for layer in lane.experiment.network.hidden]
    scales = [
        pair
        for part in (lane.scales, lane.first_scales, lane.second_scales, lane.moving)
        for pair, on in zip(part, normalized, strict=True)
        if on
    ]
    return {
        "weights": flat(lane.weights).tobytes(),
        "slots": flat([*lane.first, *lane.second]).tobytes(),
        "scales": flat(scales).tobytes(),
        "accuracies": lane.history.all()[:, [0, 2, 5]].tobytes(),
        "counters": (lane.step, lane.epoch, lane.offset),
    }


def in_its_bucket(experiment: Experiment, steps: int = STEPS) -> Lane:
    lane = Lane("bucket", experiment)
    cohort = cohort_of(lane.bucket)
    cohort.seat(lane)
    train_to(cohort, {lane.name: steps})
    cohort.unseat(lane)
    return lane


@pytest.mark.parametrize("case", CASES)
def test_the_same_numbers_as_in_its_bucket(case: str) -> None:
    """However the steps are cut into ticks."""
    lane = Lane("solo", CASES[case])
    cohort = solo_of(lane)
    cuts = (int(n) for n in np.random.default_rng(1).integers(1, 90, 8))
    train_to(cohort, {lane.name: STEPS}, cuts)
    cohort.unseat(lane)
    expected = in_its_bucket(CASES[case])
    assert lane.structure is not None
    if lane.structure.same_bits:
        assert same(lane, expected)
        return
    assert (lane.step, lane.epoch, lane.offset) == (expected.step, expected.epoch, expected.offset)
    parts = ("weights", "first", "second", *(SCALES if any(lane.structure.normalized) else ()))
    for part in parts:
        both = list(zip(getattr(lane, part), getattr(expected, part), strict=True))
        if part in SCALES:  # of a layer without normalization the bucket's program may change them
            both = [pair for pair, on in zip(both, lane.structure.normalized, strict=True) if on]
        for mine, theirs in both:
            assert np.abs(mine - theirs).max() < 1e-5 * max(1.0, np.abs(theirs).max()), part
    np.testing.assert_allclose(lane.history.all(), expected.history.all(), rtol=1e-4, atol=0.005)


@pytest.mark.parametrize("case", ["short last batches, penalty", "schedule, costly activations"])
def test_it_trains_as_keras_does(case: str) -> None:
    lane = Lane("solo", CASES[case])
    cohort = solo_of(lane)
    oracle = Oracle(lane.experiment)
    before = oracle.weights
    train_to(cohort, {lane.name: 60})
    oracle.train(60)
    cohort.unseat(lane)
    found = packing.arranged(lane.experiment, lane.weights, lane.scales, lane.moving)
    for first, mine, keras in zip(before, found, oracle.weights, strict=True):
        assert np.abs(keras - first).max() > 1e-3
        assert np.abs(mine - keras).max() < 1e-5 * max(1.0, np.abs(keras).max())


class ReadyAlone(Ready):
    """Programs of structures are there, too, when they are asked for."""

    def solo(self, structure: Structure) -> Any | None:
        return solo_program(structure)


@pytest.fixture
def seats(monkeypatch: pytest.MonkeyPatch) -> Seating:
    monkeypatch.setattr(seating, "ALONE_SECONDS", 0.0)
    return Seating(ReadyAlone(LANES[0]))


def playing(name: str, experiment: Experiment) -> Lane:
    lane = Lane(name, experiment)
    lane.mode, lane.speed = Mode.PLAYING, FULL
    return lane


def is_alone(seats: Seating, lane: Lane) -> bool:
    return isinstance(seats.cohort_of(lane), SoloCohort)


def turn(seats: Seating, steps: int, *lanes: Lane) -> None:
    """One of the host's."""
    seats.arrange([lane for lane in lanes if lane.wants() != 0])
    for cohort in seats.cohorts():
        cohort.tick({lane.name: min(steps, lane.wants() or steps) for lane in lanes if lane.wants() != 0})


def test_it_moves_when_another_wants_all_and_back(seats: Seating) -> None:
    """In mid-epoch and without a trace: history without a gap, and every bit as if it had never moved."""
    lane, other = playing("mine", CASES["default"]), playing("other", make(hidden="3"))
    for count, beside in enumerate([False, True, False, True, False]):
        for _ in range(4):
            turn(seats, 31 + count, lane, *([other] if beside else []))
            assert is_alone(seats, lane) is not beside
    assert not is_alone(seats, other)
    seats.pull(lane)
    assert lane.step == 4 * (31 + 32 + 33 + 34 + 35)
    assert lane.history.all()[:, 0].tolist() == list(range(1, lane.epoch + 1))
    assert lane.exact
    assert same(lane, in_its_bucket(lane.experiment, lane.step))


def test_paced_lanes_and_single_steps_leave_it_alone(seats: Seating) -> None:
    lane, slow, stepping = (playing(name, CASES["default"]) for name in ("mine", "slow", "stepping"))
    slow.speed = catalogue.row(catalogue.SPEEDS, "fast")
    stepping.goal = Goal(step=3)
    turn(seats, 50, lane, slow, stepping)
    assert [is_alone(seats, each) for each in (lane, slow, stepping)] == [True, False, False]


def test_in_a_class_nobody_gets_a_program_of_ones_own(seats: Seating) -> None:
    """Compiled for each who is the only one for a while, they would fill the host's memory."""
    lane, *slow = (playing(f"{number}", CASES["default"]) for number in range(1 + detail.FEW))
    for each in slow:
        each.speed = catalogue.row(catalogue.SPEEDS, "fast")
    turn(seats, 50, lane, *slow)
    assert not is_alone(seats, lane)
    turn(seats, 50, lane, *slow[1:])
    assert is_alone(seats, lane)
    turn(seats, 50, lane, *slow)
    assert is_alone(seats, lane)  # it keeps what there is


def test_only_after_a_while(seats: Seating, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(seating, "ALONE_SECONDS", 1.0)
    monkeypatch.setattr(seating.time, "monotonic", lambda: now)
    lane = playing("mine", CASES["default"])
    turn(seats, 5, lane)
    now = 100.9
    turn(seats, 5, lane)
    assert not is_alone(seats, lane)
    now = 101.1
    turn(seats, 5, lane)
    assert is_alone(seats, lane)


def test_whatever_is_done_to_it_while_it_is_alone(seats: Seating) -> None:
    """Live changes, an edited weight, another batch size: as if it had been in its bucket throughout."""
    desk = Desk(seats)
    shared = Seating(Ready(LANES[0]))
    lanes = playing("mine", CASES["default"]), playing("mine", CASES["default"])
    changes: tuple[dict[str, Any], ...] = (
        {"type": "set", "experiment": make(learning_rate=0.1).model_dump()},
        {"type": "weight", "layer": 2, "source": 1, "unit": 0, "value": 0.25},
        {"type": "set", "experiment": make(learning_rate=0.1, batch_size=9).model_dump()},
        {"type": "set", "experiment": make(learning_rate=0.1).model_dump()},
        {"type": "set", "experiment": make(learning_rate=0.1, noise=0.2).model_dump(), "keep_weights": True},
    )
    for change in changes:
        for lane, where, orders in ((lanes[0], seats, desk), (lanes[1], shared, Desk(shared))):
            turn(where, 30, lane)
            orders.carry_out(lane, change)
        turn(seats, 17, lanes[0])
        turn(shared, 17, lanes[1])
        seat = seats.cohort_of(lanes[0])
        assert isinstance(seat, SoloCohort)
        assert seat.made_for(lanes[0])  # of another batch size in another program
        assert not is_alone(shared, lanes[1])
    for lane, where in ((lanes[0], seats), (lanes[1], shared)):
        turn(where, 40, lane)
        where.pull(lane)
    assert lanes[0].step > 200
    assert same(*lanes)


def test_it_is_saved_and_goes_on_elsewhere(seats: Seating) -> None:
    lane = playing("mine", CASES["default"])
    turn(seats, 213, lane)
    assert is_alone(seats, lane)
    seats.pull(lane)
    restored = Lane.restored("again", lane.blob())
    cohort = cohort_of(restored.bucket)
    cohort.seat(restored)
    train_to(cohort, {"again": STEPS})
    cohort.unseat(restored)
    assert same(restored, in_its_bucket(lane.experiment))


def test_it_pauses_at_its_goal_and_at_the_epoch_that_meets_a_condition(seats: Seating) -> None:
    lane = playing("mine", CASES["default"])
    lane.stops.change(Conditions(epochs=7), np.zeros(7, np.float32))
    for _ in range(9):
        turn(seats, 60, lane)
    assert (lane.mode, lane.epoch, lane.step) == (Mode.PAUSED, 7, 175)
    assert lane.stopped == {"reason": "epochs", "epoch": 7}
    lane.mode, lane.goal = Mode.PLAYING, Goal(step=188)
    turn(seats, 60, lane)
    assert (lane.step, lane.offset) == (188, 130)


def test_it_stops_where_its_bucket_stops_when_numbers_overflow() -> None:
    wild = make(data="plane", hidden="", features="x1_squared,x2_squared", learning_rate=10)
    shared, alone = playing("shared", wild), playing("alone", wild)
    cohort = cohort_of(shared.bucket)
    cohort.seat(shared)
    for lane, where in ((shared, cohort), (alone, solo_of(alone))):
        while lane.mode is Mode.PLAYING:
            where.tick({lane.name: 100})
        where.unseat(lane)
    assert alone.diverged
    assert same_bits(alone.weights, shared.weights)
    assert (alone.step, alone.epoch, alone.offset) == (shared.step, shared.epoch, shared.offset)


def test_it_says_when_its_bits_are_not_those_of_its_bucket(seats: Seating) -> None:
    for case in ("default", "wide, regression"):
        lane = playing("mine", CASES[case])
        turn(seats, 3, lane)
        assert is_alone(seats, lane)
        assert lane.exact is (case == "default")
        seats.drop(lane)


def test_which_lanes_have_no_program_of_their_own(seats: Seating) -> None:
    for limits in ({"clip_norm": 0.5}, {"max_norm": 1.0}):
        lane = playing("mine", make(**limits))
        assert lane.structure is None


@pytest.mark.parametrize("key", [(Bucket(8, 10), 2), *(structure_of(case) for case in CASES.values())])
def test_what_the_other_process_is_told(key: Key) -> None:
    assert read(written(key)) == key
    assert written(key).count("\n") == 1


class Slow(Maker):
    """Compiles when it is let, or cannot."""

    def __init__(self, can: bool = True) -> None:
        super().__init__({})
        self.go = threading.Event()
        self.can = can
        self.asked: list[Key] = []

    def make(self, key: Key) -> bool:
        self.asked.append(key)
        assert self.go.wait(60)
        return self.can


@pytest.fixture
def made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(key: Key) -> Any:
        return "program of", key

    monkeypatch.setattr(programs, "make_program", at_once)


@pytest.mark.usefixtures("made_at_once")
def test_asking_does_not_wait_and_is_done_once() -> None:
    maker = Slow()
    made = Programs(maker, Made(None, ""), ahead=False)
    made.start()
    structure = structure_of(CASES["default"])
    assert structure is not None
    for _ in range(3):
        assert made.solo(structure) is None
    maker.go.set()
    assert made.wait(60)
    assert made.solo(structure) == ("program of", structure)
    assert maker.asked == [structure]
    made.stop()


@pytest.mark.usefixtures("made_at_once")
def test_what_cannot_be_made_elsewhere_is_done_without() -> None:
    """Compiling it in the host would stop everybody."""
    maker = Slow(can=False)
    maker.go.set()
    made = Programs(maker, Made(None, ""), ahead=False)
    made.start()
    structure = structure_of(CASES["default"])
    assert structure is not None
    for _ in range(2):
        assert made.solo(structure) is None
        assert made.wait(60)
    assert maker.asked == [structure]
    made.stop()


@pytest.mark.usefixtures("made_at_once")
def test_there_is_an_end_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MOST_SOLOS", 2)
    maker = Slow()
    maker.go.set()
    made = Programs(maker, Made(None, ""), ahead=False)
    made.start()
    found: list[Any] = []
    for experiment in list(CASES.values())[:3]:
        structure = structure_of(experiment)
        assert structure is not None
        made.solo(structure)
        assert made.wait(60)
        found.append(made.solo(structure))
    assert [program is not None for program in found] == [True, True, False]
    made.stop()


def test_the_oldest_programs_leave_a_full_cache(tmp_path: Path) -> None:
    made = Made(str(tmp_path), "mark")
    made.add((Bucket(8, 10), 2))
    for number in range(5):
        path = tmp_path / f"xla_compile_cache_{number}"
        path.write_bytes(bytes(100))
        os.utime(path, (number, number))
    made.trim(500)
    assert (Bucket(8, 10), 2) in made
    made.trim(400)
    assert sorted(path.name[-1] for path in tmp_path.glob("xla_compile_cache*")) == ["2", "3", "4"]
    assert (Bucket(8, 10), 2) not in made, "it is compiled elsewhere again, not in the host"
    assert (Bucket(8, 10), 2) not in Made(str(tmp_path), "mark")
