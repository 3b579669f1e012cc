"""Commands carried out on a lane, without a host around it."""

from typing import Any

import numpy as np
import pytest

from models import plane
from models.bucket import LANES
from models.desk import Desk, Refused
from models.lane import Goal, Lane, Mode
from models.seating import Seating
from tests.models.crowd import Ready
from tests.models.training import make, same_bits


class Counter:
    """A desk, its seating, and one lane that was opened there."""

    def __init__(self, **texts: object) -> None:
        self.seating = Seating(Ready(LANES[0]))
        self.desk = Desk(self.seating)
        self.lane = self.desk.open("mine", make(**texts).model_dump(mode="json"), None)

    def do(self, kind: str, **members: Any) -> None:
        self.desk.carry_out(self.lane, {"type": kind, **members})

    def set(self, **texts: object) -> None:
        self.do("set", experiment=make(**texts).model_dump(mode="json"))

    def train(self, steps: int) -> None:
        self.seating.arrange([self.lane])
        cohort = self.seating.cohort_of(self.lane)
        assert cohort is not None
        cohort.tick({"mine": steps})
        self.seating.pull(self.lane)


def test_an_opened_lane_is_paused_and_measured() -> None:
    lane = Counter().lane
    assert (lane.mode, lane.step) == (Mode.PAUSED, 0)
    assert lane.history.all()[:, 0].tolist() == [0]
    assert 0.3 < lane.history.all()[0, 1] < 3


def test_play_and_pause() -> None:
    counter = Counter()
    counter.do("play")
    assert (counter.lane.mode, counter.lane.goal) == (Mode.PLAYING, None)
    counter.do("pause")
    assert (counter.lane.mode, counter.lane.wants()) == (Mode.PAUSED, 0)


def test_steps_add_up() -> None:
    """Two quick clicks are two epochs, or two batches."""
    counter = Counter()
    for epochs in (1, 2):
        counter.do("step", unit="epoch", count=1)
        assert counter.lane.goal == Goal(epoch=epochs)
    counter.do("pause")
    counter.do("step", unit="batch", count=5)
    counter.do("step", unit="batch", count=2)
    assert counter.lane.goal == Goal(step=7)


def test_play_forgets_a_goal() -> None:
    counter = Counter()
    counter.do("step", unit="batch", count=5)
    counter.do("play")
    assert counter.lane.wants() is None


def test_a_live_change_keeps_weights_and_seat() -> None:
    counter = Counter()
    counter.train(30)
    seat, weights = counter.seating.cohort_of(counter.lane), counter.lane.weights
    counter.set(learning_rate=0.3)
    assert counter.seating.cohort_of(counter.lane) is seat
    assert counter.lane.step == 30
    assert same_bits(counter.lane.weights, weights)
    # The next steps already use it: one without the change ends elsewhere.
    counter.train(1)
    other = Counter()
    other.train(31)
    assert not same_bits(counter.lane.weights, other.lane.weights)


def test_a_live_change_to_another_bucket_keeps_the_numbers() -> None:
    counter = Counter()
    counter.train(30)
    weights = counter.lane.weights
    counter.set(batch_size=30)
    assert counter.seating.cohort_of(counter.lane) is None
    assert same_bits(counter.lane.weights, weights)
    counter.train(1)
    assert counter.lane.step == 31


def test_a_fresh_change_gives_up_the_seat_and_goes_on_playing() -> None:
    counter = Counter()
    counter.do("play")
    counter.train(30)
    counter.set(hidden="5")
    lane = counter.lane
    assert counter.seating.cohort_of(lane) is None
    assert (lane.mode, lane.step, lane.experiment.units) == (Mode.PLAYING, 0, (2, 5, 1))
    assert lane.history.all()[:, 0].tolist() == [0]


@pytest.mark.parametrize("mode", [Mode.PAUSED, Mode.PLAYING])
def test_rewind(mode: Mode) -> None:
    counter = Counter()
    first = counter.lane.weights
    counter.train(40)
    counter.lane.mode = mode
    counter.do("rewind")
    lane = counter.lane
    assert same_bits(lane.weights, first)
    assert (lane.mode, lane.step, lane.epoch, lane.offset) == (mode, 0, 0, 0)
    assert lane.history.all()[:, 0].tolist() == [0]
    # What its seat held is gone, too.
    counter.train(1)
    assert counter.lane.step == 1


def test_speed_and_watch() -> None:
    counter = Counter()
    counter.do("speed", speed="full")
    assert counter.lane.pace() is None
    counter.do("play")
    counter.do("watch", watched=False)
    assert counter.lane.wants() == 0
    counter.do("watch", watched=True)
    assert counter.lane.wants() is None


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"type": "dance"},
        {"type": "set"},
        {"type": "speed", "speed": "warp"},
        {"type": "speed"},
        {"type": "step", "unit": "epoch"},
        {"type": "step", "unit": "epoch", "count": 1.5},
        {"type": "watch", "watched": "yes"},
        {"type": "set", "experiment": {"features": []}},
    ],
)
def test_a_refused_command_changes_nothing(command: dict[str, Any]) -> None:
    counter = Counter()
    before = counter.lane.blob()
    with pytest.raises(Refused) as refused:
        counter.desk.carry_out(counter.lane, command)
    assert refused.value.message
    assert refused.value.expected
    assert counter.lane.blob() == before
    assert counter.lane.watched


def test_open_from_a_blob() -> None:
    counter = Counter()
    counter.train(30)
    again = counter.desk.open("again", None, counter.lane.blob())
    assert again.step == 30
    assert same_bits(again.weights, counter.lane.weights)
    assert np.array_equal(again.history.all(), counter.lane.history.all(), equal_nan=True)


def test_open_refuses() -> None:
    desk = Counter().desk
    for experiment, blob in (({"seed": "x"}, None), (None, None), ({}, b"no blob")):
        with pytest.raises(Refused) as refused:
            desk.open("other", experiment, blob)
        assert refused.value.code == "invalid"


def test_lanes_are_apart() -> None:
    one, other = Counter(), Counter()
    one.do("play")
    assert isinstance(other.lane, Lane)
    assert other.lane.mode is Mode.PAUSED


def test_what_pictures_do_not_show_is_held_where_it_is_wanted() -> None:
    names = ["petal length (cm)", "petal width (cm)", "sepal width (cm)"]
    counter = Counter(data="iris", inputs=",".join(names))
    lane = counter.lane
    held = plane.limits_of(lane.points, lane.held)[2][2]
    assert held == pytest.approx(0, abs=1e-9)  # the mean of what is standardized
    counter.do("hold", column="sepal width (cm)", value=4.0)
    values = lane.points.axes[2]
    assert plane.limits_of(lane.points, lane.held)[2][2] == pytest.approx((4.0 - values.mean) / values.scale)
    assert Lane.restored("again", lane.blob()).held == {"sepal width (cm)": 4.0}
    for column, value, expected in (
        ("petal width (cm)", 1.0, "one of sepal width"),
        ("colour", 1.0, "one of sepal width"),
        ("sepal width (cm)", 99.0, "value: 1.88 to 4.52"),
    ):
        with pytest.raises(Refused) as refused:
            counter.do("hold", column=column, value=value)
        assert expected in refused.value.expected
    assert lane.held == {"sepal width (cm)": 4.0}


def test_an_own_table_that_is_not_there_is_refused_and_changes_nothing() -> None:
    counter = Counter()
    before = counter.lane.experiment
    gone = {"data": {"name": "own", "table": "0" * 32, "inputs": ["a"], "target": "b"}}
    with pytest.raises(Refused, match="not on this server"):
        counter.do("set", experiment=gone)
    assert counter.lane.experiment is before


def load(counter: Counter, **members: Any) -> None:
    whole = {"experiment": make(hidden="3").model_dump(mode="json"), "blob": None, "weights": None, **members}
    counter.do("load", **whole)


def test_what_is_loaded_pauses_and_keeps_what_is_the_pages_own() -> None:
    source, counter = Counter(hidden="3"), Counter()
    source.do("play")
    source.train(30)
    source.do("weight", layer=1, source=0, unit=0, value=0.5)
    counter.do("speed", speed="slow")
    counter.do("stop", epochs=5, test_loss=None, test_accuracy=None, patience=None)
    counter.do("panels", open={"verdict": {}})
    counter.do("play")
    counter.train(10)
    run = counter.lane.run
    load(counter, blob=source.lane.blob())
    lane = counter.lane
    assert (lane.mode, lane.goal, lane.step, lane.run) == (Mode.PAUSED, None, 30, run + 1)
    assert (lane.speed.name, lane.stops.conditions.epochs, [*lane.panels]) == ("slow", 5, ["verdict"])
    assert same_bits(lane.weights, source.lane.weights)
    assert lane.measured == source.lane.measured is not None
    assert counter.seating.cohort_of(lane) is None
    load(counter)  # afresh, although it is the same experiment
    assert (lane.step, lane.touched, lane.history.all()[:, 0].tolist()) == (0, False, [0.0])


@pytest.mark.parametrize(
    "members",
    [
        {"blob": b"no blob"},
        {"weights": {"weights": [], "scales": [], "moving": []}},
        {"weights": {"weights": [np.zeros((2, 3), np.float32)] * 4, "scales": [], "moving": []}},
        {"experiment": {"seed": -1}},
    ],
)
def test_what_cannot_be_loaded_changes_nothing(members: dict[str, Any]) -> None:
    counter = Counter()
    counter.do("play")
    counter.train(10)
    before, seat = counter.lane.blob(), counter.seating.cohort_of(counter.lane)
    with pytest.raises(Refused):
        load(counter, **members)
    assert counter.lane.blob() == before
    assert counter.seating.cohort_of(counter.lane) is seat


@pytest.mark.parametrize("offset", [-1, 10**6])
def test_a_saved_lane_beyond_its_points_is_refused(offset: int) -> None:
    counter = Counter()
    counter.lane.offset = offset
    with pytest.raises(Refused, match="offset"):
        load(Counter(), blob=counter.lane.blob())
