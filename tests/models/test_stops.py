"""A lane pauses by itself at the very epoch that meets a condition, as a look through its history says."""

from typing import Any

import numpy as np
import pytest

from models import catalogue
from models.lane import Mode
from tests.models.test_desk import Counter

EPOCHS = 120
NONE: dict[str, Any] = {"epochs": None, "test_loss": None, "test_accuracy": None, "patience": None}
SETTINGS: dict[str, object] = {"noise": 0.2, "optimizer": "adam", "learning_rate": 0.01, "train_share": 0.3}


def play_on(counter: Counter, epochs: int) -> None:
    """As the host does, in ticks as long as they may be, until it pauses or has made so many epochs."""
    while counter.lane.mode is Mode.PLAYING and counter.lane.epoch < epochs:
        wanted = counter.lane.wants()
        counter.train(10_000 if wanted is None else wanted)


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """The run's history without conditions."""
    counter = Counter(**SETTINGS)
    counter.do("play")
    play_on(counter, EPOCHS)
    return counter.lane.history.all()


def patience_ends(losses: np.ndarray, patience: int) -> int:
    """The first epoch that is `patience` epochs after the last that was lower by enough."""
    best, since = losses[0], 0
    for epoch, loss in enumerate(losses):
        if loss <= best - catalogue.MIN_DELTA:
            best, since = loss, epoch
        if epoch - since >= patience:
            return epoch
    raise AssertionError("it improves all the time")


def test_at_the_first_epoch_that_meets_it(rows: np.ndarray) -> None:
    loss, accuracy = rows[:, 4], rows[:, 5]
    target = float(np.sort(loss)[len(loss) // 3])
    right = float(np.sort(accuracy)[len(loss) // 2])
    first = {
        "epochs": (37, 37),
        "test_loss": (target, int(np.argmax(loss <= target))),
        "test_accuracy": (right, int(np.argmax(accuracy >= right))),
        "patience": (5, patience_ends(loss, 5)),
    }
    for reason, (value, epoch) in first.items():
        assert 1 < epoch < EPOCHS
        counter = Counter(**SETTINGS)
        counter.do("stop", **{**NONE, reason: value})
        counter.do("play")
        play_on(counter, EPOCHS)
        lane = counter.lane
        assert lane.mode is Mode.PAUSED, reason
        assert (lane.epoch, lane.offset) == (epoch, 0), reason
        assert lane.stopped == {"reason": reason, "epoch": epoch}
        assert np.array_equal(lane.history.all(), rows[: epoch + 1], equal_nan=True), reason


def test_what_is_met_when_play_is_pressed_is_no_reason_to_pause() -> None:
    counter = Counter()
    counter.do("stop", **{**NONE, "epochs": 3, "test_loss": 100.0})
    counter.do("play")
    play_on(counter, EPOCHS)
    assert counter.lane.epoch == 3
    counter.do("play")
    assert counter.lane.stopped is None
    play_on(counter, 80)
    assert (counter.lane.mode, counter.lane.epoch >= 80) == (Mode.PLAYING, True)
    counter.do("rewind")  # which goes on playing, and a fresh run has met nothing
    assert counter.lane.stopped == {"reason": "test_loss", "epoch": 0}


def test_steps_ignore_conditions() -> None:
    counter = Counter()
    counter.do("stop", **{**NONE, "epochs": 2})
    counter.do("step", unit="epoch", count=4)
    while wanted := counter.lane.wants():
        counter.train(wanted)
    assert (counter.lane.epoch, counter.lane.stopped) == (4, None)


def test_without_a_test_set_training_figures_count() -> None:
    counter = Counter(train_share=1)
    counter.do("stop", **{**NONE, "test_loss": 0.3})
    counter.do("play")
    play_on(counter, 300)
    rows = counter.lane.history.all()
    assert np.isnan(rows[:, 4]).all()
    assert rows[-1, 1] <= 0.3 < rows[-2, 1]


def test_regression_has_no_accuracy_to_reach() -> None:
    counter = Counter(data="plane", train_share=0.1)
    counter.do("stop", **{**NONE, "test_accuracy": 0.0})
    counter.do("play")
    play_on(counter, 5)
    assert counter.lane.mode is Mode.PLAYING


def test_play_while_steps_are_made_is_play() -> None:
    counter = Counter()
    counter.do("stop", **{**NONE, "epochs": 2})
    counter.do("step", unit="epoch", count=4)
    while counter.lane.epoch < 3:
        counter.train(10)
    counter.do("play")
    play_on(counter, 8)
    assert counter.lane.epoch >= 8
    assert counter.lane.stopped is None
