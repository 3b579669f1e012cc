"""Weights that are changed by hand, and weights that are kept when the data change."""

import numpy as np
import pytest

from models import reference
from models.desk import Refused
from models.experiment import Experiment
from models.lane import Lane
from models.packing import Arrays
from models.snapshot import snapshot
from tests.models.oracle import Oracle
from tests.models.test_desk import Counter
from tests.models.training import make, same_bits


def by_keras(experiment: Experiment, weights: Arrays) -> list[float]:
    """Loss and accuracy on training points, penalty, loss and accuracy on test points."""
    model = reference.build(experiment)
    model.set_weights(weights)
    train, test = (
        model.evaluate(x, y, batch_size=512, verbose=0, return_dict=True)
        for x, y in reference.data(experiment)
    )
    penalty = float(sum(model.losses)) if model.losses else 0.0
    return [train["loss"], train["accuracy"], penalty, test["loss"], test["accuracy"]]


@pytest.mark.parametrize("trained", [0, 13])
@pytest.mark.parametrize(("source", "place"), [(3, (3, 1)), (None, (1,))])
def test_one_number_changes_and_is_measured(trained: int, source: int | None, place: tuple[int, ...]) -> None:
    counter = Counter(regularization="l2", regularization_rate=0.01)
    if trained:
        counter.do("play")
        counter.train(trained)
    before = [array.copy() for array in counter.lane.weights]
    counter.do("weight", layer=2, source=source, unit=1, value=-1.25)
    before[3 if source is None else 2][place] = -1.25
    counter.seating.pull(counter.lane)
    assert same_bits(counter.lane.weights, before)
    assert (counter.lane.step, counter.lane.touched) == (trained, True)
    assert counter.lane.measured == pytest.approx(by_keras(counter.lane.experiment, before), rel=1e-5)


def test_training_goes_on_from_the_edit() -> None:
    counter = Counter(optimizer="adam")
    oracle = Oracle(counter.lane.experiment)
    counter.do("play")
    counter.train(13)
    oracle.train(13)
    counter.do("weight", layer=1, source=0, unit=2, value=2)
    weights = oracle.weights
    weights[0][0, 2] = 2
    oracle.model.set_weights(weights)
    counter.train(20)
    oracle.train(20)
    for ours, theirs in zip(counter.lane.weights, oracle.weights, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)
    assert counter.lane.measured is None  # an epoch has ended since
    assert counter.lane.touched
    counter.do("rewind")
    assert not counter.lane.touched
    assert same_bits(counter.lane.weights, reference.initial_weights(counter.lane.experiment))


@pytest.mark.parametrize(
    ("layer", "source", "unit", "value", "wrong"),
    [
        (0, 0, 0, 1, "no layer 0"),
        (4, 0, 0, 1, "no layer 4"),
        (1, 2, 0, 1, "no source 2"),
        (1, -1, 0, 1, "no source -1"),
        (1, 0, 4, 1, "no unit 4"),
        (3, 0, 1, 1, "no unit 1"),
        (1, 0, 0, 1001, "value is 1001"),
        (1, 0, 0, float("nan"), "value is nan"),
    ],
)
def test_places_and_values_that_there_are_not(
    layer: int, source: int, unit: int, value: float, wrong: str
) -> None:
    counter = Counter()
    before = counter.lane.weights
    with pytest.raises(Refused, match=wrong):
        counter.do("weight", layer=layer, source=source, unit=unit, value=value)
    assert same_bits(counter.lane.weights, before)
    assert not counter.lane.touched


def test_weights_are_kept_over_other_data() -> None:
    counter = Counter(optimizer="momentum")
    oracle = Oracle(counter.lane.experiment)
    counter.do("play")
    counter.train(30)  # five steps into the second epoch
    oracle.train(30)
    kept = [array.copy() for array in counter.lane.weights]
    other = make(optimizer="momentum", data="xor", noise=0.2, train_share=0.6, data_seed=3)
    counter.do("set", experiment=other.model_dump(mode="json"), keep_weights=True)
    lane = counter.lane
    assert same_bits(lane.weights, kept)
    assert (lane.step, lane.epoch, lane.offset, lane.touched, lane.run) == (30, 1, 0, True, 1)
    assert lane.measured == pytest.approx(by_keras(other, kept), rel=1e-5)
    counter.train(7)
    x, y = reference.data(other)[0]
    order = reference.batch_order(other.seed, 1, len(y))
    for step in range(7):
        batch = order[10 * step : 10 * step + 10]
        oracle.model.train_on_batch(x[batch], y[batch])
    for ours, theirs in zip(lane.weights, oracle.weights, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("change", [{"hidden": "3"}, {"data": "plane"}, {"seed": 1, "data_seed": 1}])
def test_weights_are_not_kept_over_anything_else(change: dict[str, object]) -> None:
    counter = Counter()
    counter.do("play")
    counter.train(5)
    counter.do("set", experiment=make(**change).model_dump(mode="json"), keep_weights=True)
    assert (counter.lane.step, counter.lane.touched) == (0, False)


def test_a_blob_holds_edits_and_conditions() -> None:
    counter = Counter()
    counter.do("stop", epochs=9, test_loss=0.25, test_accuracy=None, patience=4)
    counter.do("weight", layer=1, source=None, unit=0, value=3)
    counter.do("play")
    other = Lane.restored("mine", counter.lane.blob())
    assert (other.touched, other.measured) == (True, counter.lane.measured)
    assert other.stops == counter.lane.stops
    assert np.frombuffer(snapshot(other, 1, True, True), np.uint8).any()


def test_numbers_beyond_all_bounds_are_none() -> None:
    """1000 times 1000, layer by layer, is more than float32 holds; frames and blobs still go out."""
    counter = Counter(hidden="4,4,4,4,4,4,4,4", activation="linear", data="plane")
    for layer in range(1, 10):
        for unit in range(counter.lane.experiment.units[layer]):
            for source in range(counter.lane.experiment.units[layer - 1]):
                counter.do("weight", layer=layer, source=source, unit=unit, value=1000)
        counter.do("weight", layer=1, source=None, unit=0, value=1000)
    assert counter.lane.measured == [None, None, 0, None, None]
    counter.do("set", experiment=counter.lane.experiment.model_dump(mode="json"))
    counter.lane.add_row(np.array([1, np.inf, np.nan, 0, np.inf, np.nan, 0], np.float32))
    counter.do("play")
    assert len(snapshot(counter.lane, 1, True, True)) > 1000
    assert same_bits(Lane.restored("mine", counter.lane.blob()).weights, counter.lane.weights)
