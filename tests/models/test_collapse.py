"""Linear layers as one: what is shown of it, and the command that puts it in their place."""

import numpy as np
import pytest

from models import frame, packing, reference
from models.collapse import collapsed, linear, one_layer
from models.desk import Refused
from models.experiment import Experiment
from models.inspection import LEVELS
from models.lane import Lane, Mode
from models.packing import Floats
from models.snapshot import snapshot
from tests.models.test_desk import Counter
from tests.models.training import make, same_bits

LINEAR: dict[str, object] = {"hidden": "5,4,3", "activation": "linear", "dropout": "0.2,0,0"}


def by_keras(lane: Lane) -> Floats:
    """The reference's answers to the training points."""
    model = reference.build(lane.experiment)
    model.set_weights(packing.arranged(lane.experiment, lane.weights, lane.scales, lane.moving))
    return model.predict(reference.data(lane.experiment)[0][0], verbose=0)


def shown(lane: Lane) -> Floats:
    """The output's picture in its own units."""
    _, blocks = frame.decode(snapshot(lane, 1, True, True))
    low, high = blocks["ranges"][-1]
    return np.asarray(low + blocks["boundary"] / LEVELS * (high - low), np.float32)


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"loss": "hinge", "output_activation": "tanh"},
        {"data": "blobs", "classes": 6},
        {"data": "plane"},
        {"features": "x1,x2,sin_x1"},
    ],
)
def test_one_layer_computes_the_same(texts: dict[str, object]) -> None:
    counter = Counter(**LINEAR, **texts, optimizer="adam")
    counter.do("play")
    counter.train(30)
    lane = counter.lane
    answers, picture = by_keras(lane), shown(lane)
    look = linear(lane)
    assert look is not None
    weights, run = lane.weights, lane.run
    counter.do("collapse")
    assert lane.experiment.units == (len(lane.experiment.features), answers.shape[1])
    np.testing.assert_allclose(by_keras(lane), answers, atol=1e-5)
    np.testing.assert_allclose(shown(lane), picture, atol=1e-5)
    assert [look[1][name].tolist() for name in ("kernel", "bias")] == [part.tolist() for part in lane.weights]
    assert same_bits(lane.weights, one_layer(weights))
    assert (lane.run, lane.step, lane.touched, lane.mode) == (run + 1, 0, True, Mode.PLAYING)
    assert counter.seating.cohort_of(lane) is None
    # The first row of its history is what it was left with.
    model = reference.build(lane.experiment)
    model.set_weights(lane.weights)
    x, y = reference.data(lane.experiment)[0]
    loss = model.evaluate(x, y, batch_size=512, verbose=0, return_dict=True)["loss"]
    assert lane.history.all()[0, 1] == pytest.approx(loss, rel=1e-5)
    # It trains on as the experiment that it is.
    assert Experiment.model_validate(lane.experiment.model_dump(mode="json")) == lane.experiment
    counter.train(5)
    assert lane.step == 5
    counter.do("rewind")
    assert not lane.touched
    assert same_bits(lane.weights, reference.initial_weights(lane.experiment))


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({"hidden": ""}, "no hidden layer"),
        ({"hidden": "3,2", "activation": "linear,tanh"}, "hidden layer 2 is not linear but tanh"),
        ({"activation": "linear", "batch_normalization": "true,false"}, "hidden layer 1 has batch norm"),
    ],
)
def test_what_is_not_linear_is_not_one(texts: dict[str, object], why: str) -> None:
    counter = Counter(**texts)
    before = counter.lane.blob()
    assert linear(counter.lane) is None
    with pytest.raises(Refused, match=why) as refused:
        counter.do("collapse")
    assert "linear" in refused.value.expected
    assert counter.lane.blob() == before


def test_weights_beyond_all_bounds_are_refused() -> None:
    lane = Lane("x", make(hidden="4,4,4", activation="linear"))
    with pytest.raises(ValueError, match="too large"):
        collapsed(lane.experiment, [np.full_like(array, 1e20) for array in lane.weights])
