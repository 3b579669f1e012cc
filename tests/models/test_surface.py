"""The loss surface: each of its numbers is Keras's with those weights; on a line, a parabola's."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models import packing, reference
from models.catalogue import AskedSurface, AskedWeight
from models.desk import Refused
from models.features import inputs
from models.lane import Lane
from models.snapshot import measured
from models.surface import MOST, STEPS, WORK, course, extent, nowhere, place_of, random_ways, surface, way_of
from tests.models import tape
from tests.models.test_desk import Counter
from tests.models.test_inside import FITTING, SOME, stirred
from tests.models.training import make

# The surface computes in float32.
CLOSE: Any = {"rtol": 2e-5, "atol": 2e-6}
FIRST, SECOND = {"layer": 1, "source": 1, "unit": 2}, {"layer": 2, "source": None, "unit": 0}
LINE = {"data": "line", "hidden": "", "optimizer": "sgd"}


@pytest.fixture(autouse=True, scope="module")
def _exact() -> Iterator[None]:
    with tape.float64():
        yield


def asked(*weights: dict[str, Any], low: float = -2.0, high: float = 2.0, seed: int = 0) -> AskedSurface:
    ways = len(weights) or 2
    some = tuple(AskedWeight(**weight) for weight in weights)
    return AskedSurface(weights=some, low=(low,) * ways, high=(high,) * ways, seed=seed)


def looked(lane: Lane, question: AskedSurface) -> tuple[dict[str, Any], Any]:
    look = surface(lane, question)
    assert look is not None
    return look


class Judge:
    """Keras's loss of the lane's network with other weights, on the same training points."""

    def __init__(self, lane: Lane, points: int) -> None:
        self._lane, self._model = lane, tape.model_of(lane)
        (x, y), _ = reference.data(lane.experiment, lane.points)
        self._x, self._y = x[:points], y[:points]

    def loss(self, weights: Sequence[Any]) -> float:
        lane = self._lane
        self._model.set_weights(packing.arranged(lane.experiment, list(weights), lane.scales, lane.moving))
        a = self._model(self._x, training=True)
        penalty = sum(float(one) for one in self._model.losses)
        each: Any = tape.losses(lane.experiment, self._y, a)
        return float(np.asarray(each, np.float64).mean()) + penalty


def put(lane: Lane, where: dict[str, Any], value: float) -> list[Any]:
    """The lane's weights with another one there."""
    weights = [array.astype(float) for array in lane.weights]
    kernel, bias = weights[2 * where["layer"] - 2 : 2 * where["layer"]]
    if where["source"] is None:
        bias[where["unit"]] = value
    else:
        kernel[where["source"], where["unit"]] = value
    return weights


@pytest.mark.parametrize(("loss", "output", "data"), FITTING)
def test_the_surface_is_that_of_keras(loss: str, output: str, data: str) -> None:
    """With a penalty, too; of softmax and of every loss."""
    texts = {**SOME, "data": data, "loss": loss, "output_activation": output}
    lane = stirred(Lane("x", make(**texts, regularization="l2", regularization_rate=0.1)), 1)
    header, blocks = looked(lane, asked(FIRST, SECOND))
    judge = Judge(lane, header["points"])
    grid, side = blocks["loss"], len(blocks["loss"])
    values = np.linspace(-2.0, 2.0, side)
    assert grid.shape == (side, side)
    for row, column in ((0, 0), (0, side - 1), (side // 3, side // 2), (side - 1, 2)):
        weights = put(lane, FIRST, values[column])
        weights[3][0] = values[row]
        assert grid[row, column] == pytest.approx(judge.loss(weights), rel=2e-5)
    assert header["loss"] == pytest.approx(judge.loss(lane.weights), rel=1e-6)
    assert header["at"] == pytest.approx([lane.weights[0][1, 2], lane.weights[3][0]])


def test_normalized_layers_and_all_slopes() -> None:
    """Batch normalization by the points' own statistics; the slopes are the tape's with the penalty."""
    texts = {"hidden": "4,3", "batch_normalization": "true,false", "regularization": "l1"}
    lane = stirred(Lane("x", make(**texts, regularization_rate=0.03, activation="gelu,relu")), 2)
    first, second = {"layer": 1, "source": 0, "unit": 3}, {"layer": 3, "source": 1, "unit": 0}
    header, blocks = looked(lane, asked(first, second))
    judge = Judge(lane, header["points"])
    values = np.linspace(-2.0, 2.0, len(blocks["loss"]))
    weights = put(lane, first, values[5])
    weights[4][1, 0] = values[9]
    assert blocks["loss"][9, 5] == pytest.approx(judge.loss(weights), rel=2e-5)
    (x, y), _ = reference.data(lane.experiment, lane.points)
    count = header["points"]
    passed = tape.passes(lane, tape.model_of(lane), x[:count], y[:count], training=True)
    wanted = [passed.penalized[0][0, 3], passed.penalized[4][1, 0]]
    assert header["slope"] == pytest.approx(wanted, rel=1e-5)


def test_the_loss_is_what_the_page_shows() -> None:
    """All training points of the default, so the present loss is that of the history's rows."""
    lane = stirred(Lane("x", make(regularization="l2", regularization_rate=0.03)), 3)
    header, _ = looked(lane, asked(FIRST))
    assert header["points"] == lane.points.train == 250
    assert header["loss"] == pytest.approx(float(measured(lane)[1]), rel=1e-5)
    assert header["penalty"] == pytest.approx(lane.penalty())


def parabola(lane: Lane) -> tuple[Any, float, float]:
    """The loss over the weight of one linear neuron, its minimum's place, and its second derivative."""
    x = inputs(lane.points.position[: lane.points.train], lane.experiment.features)[:, 0].astype(float)
    t = lane.points.label[: lane.points.train].astype(float)
    bias = float(lane.weights[1][0])
    a, b, c = (float(np.mean(one)) for one in (x * x, 2 * x * (bias - t), (bias - t) ** 2))

    def height(w: Any) -> Any:
        return a * w * w + b * w + c

    return height, -b / (2 * a), 2 * a


@pytest.mark.parametrize(("times", "wanted"), [(0.3, "shrink"), (1.7, "overshoot"), (2.4, "grow")])
def test_the_parabola_of_one_linear_neuron(times: float, wanted: str) -> None:
    """Steps of plain gradient descent leave (1 - rate L'')^n of the way to the minimum."""
    lane = Lane("x", make(**LINE, loss="mean_squared_error"))
    _, _, bend = parabola(lane)
    lane = Lane("x", make(**LINE, loss="mean_squared_error", learning_rate=round(times / bend, 6)))
    height, lowest, _ = parabola(lane)
    now = float(lane.weights[0][0, 0])
    header, blocks = looked(lane, asked({"layer": 1, "source": 0, "unit": 0}, low=now - 3, high=now + 3))
    values = np.linspace(now - 3, now + 3, len(blocks["loss"]))
    np.testing.assert_allclose(blocks["loss"], height(values), **CLOSE)
    assert header["slope"] == pytest.approx([bend * (now - lowest)], rel=1e-6)
    ratio = 1.0 - header["rate"] * bend
    assert header["course"] == wanted
    assert header["ratio"] == pytest.approx(ratio, rel=1e-5)
    steps = lowest + (now - lowest) * ratio ** np.arange(STEPS + 1)
    np.testing.assert_allclose(blocks["steps"][:, 0], steps, **CLOSE)
    np.testing.assert_allclose(blocks["steps"][:, 1], height(steps), **CLOSE)


@given(st.floats(-3, 3), st.floats(0.01, 10), st.floats(0.01, 3))
def test_what_becomes_of_steps_on_a_parabola(start: float, bend: float, rate: float) -> None:
    places = [start * (1.0 - rate * bend) ** n for n in range(4)]
    said, ratio = course([(w, 0.5 * bend * w * w) for w in places], span=6.0)
    if abs(places[1] - places[0]) <= 6e-6:
        assert (said, ratio) == ("settled", None)
    else:
        factor = 1.0 - rate * bend
        assert ratio == pytest.approx(factor, abs=1e-6)
        if min(abs(factor), abs(factor + 1.0)) > 1e-6:
            assert said == ("shrink" if factor > 0 else "overshoot" if factor > -1 else "grow")


def test_steps_that_cannot_be_told() -> None:
    assert course([], 1.0) == (None, None)
    assert course([(0.0, 1.0), (9e9, 1e9)], 1.0) == ("grow", None)
    assert course([(0.0, 1.0), (1.0, 0.5), (3.0, 0.1)], 1.0) == ("longer", 2.0)


def test_random_directions() -> None:
    """As long as the first weights into each neuron, from where the run began; the network is on them."""
    lane = Lane("x", make(hidden="4,3"))
    ways = random_ways(lane, 5)
    for kernel, part in zip(lane.weights[::2], ways[0].kernels, strict=True):
        np.testing.assert_allclose(np.linalg.norm(part, axis=0), np.linalg.norm(kernel, axis=0), rtol=1e-6)
    assert not any(bias.any() for bias in ways[0].biases)
    assert place_of(lane, ways) == pytest.approx([0.0, 0.0])
    again, other = random_ways(lane, 5), random_ways(lane, 6)
    assert np.array_equal(again[1].kernels[0], ways[1].kernels[0])
    assert not np.array_equal(other[1].kernels[0], ways[1].kernels[0])
    first = lane.weights
    for place, kernel in enumerate(first[::2]):
        moved = kernel + 0.5 * ways[0].kernels[place] - 1.0 * ways[1].kernels[place]
        lane.weights[2 * place] = moved.astype(np.float32)
    header, blocks = looked(lane, asked(low=-1.0, high=1.0, seed=5))
    assert header["at"] == pytest.approx([0.5, -1.0], abs=1e-6)
    side = len(blocks["loss"])
    assert blocks["loss"][0, 3 * (side - 1) // 4] == pytest.approx(header["loss"], rel=1e-5)
    judge = Judge(lane, header["points"])
    weights = [array.astype(float) for array in lane.weights]
    for place in range(3):  # to (1, 1)
        weights[2 * place] += 0.5 * ways[0].kernels[place] + 2.0 * ways[1].kernels[place]
    assert blocks["loss"][-1, -1] == pytest.approx(judge.loss(weights), rel=2e-5)


def test_a_large_network_gets_fewer_points() -> None:
    lane = Lane("x", make(hidden=",".join(["64"] * 8), points=3000))
    ways = [way_of(lane, AskedWeight(**FIRST))]
    assert ways[0] is not None
    side, points = extent(lane.experiment.units, [ways[0], nowhere(lane)], 2000)
    multiplications = 7 * 64 * 64 * points * side * side
    assert multiplications < 10 * WORK
    assert extent((2, 4, 2, 1), random_ways(Lane("x", make()), 0), 2000)[0] == 33
    assert extent((1, 1), random_ways(Lane("x", make(**LINE)), 0), 2000)[1] == MOST


@pytest.mark.parametrize(
    "where",
    [
        {"layer": 4, "source": 0, "unit": 0},
        {"layer": 1, "source": 2, "unit": 0},
        {"layer": 1, "source": 0, "unit": 4},
        {"layer": 1, "source": None, "unit": 0},  # it is normalized
    ],
)
def test_weights_that_there_are_not(where: dict[str, Any]) -> None:
    lane = Lane("x", make(hidden="4,2", batch_normalization="true,false"))
    assert surface(lane, asked(where)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": [FIRST, FIRST]},
        {"weights": [FIRST]},
        {"low": [2.0, -2.0]},
        {"high": [2.0, 1e9]},
        {"seed": -1},
        {"weights": [{**FIRST, "layer": 0}, SECOND]},
    ],
)
def test_what_cannot_be_asked(wrong: dict[str, Any]) -> None:
    question = {"weights": [FIRST, SECOND], "low": [-2, -2], "high": [2, 2], "seed": 0}
    counter = Counter()
    counter.do("panels", open={"surface": question})
    again = Lane.restored("again", counter.lane.blob())
    assert again.panels["surface"].asked == counter.lane.panels["surface"].asked
    with pytest.raises(ValidationError):
        AskedSurface.model_validate({**question, **wrong})
    with pytest.raises(Refused):
        counter.do("panels", open={"surface": {**question, **wrong}})


def test_numbers_that_overflow_are_none() -> None:
    lane = Lane("x", make(**LINE))
    lane.weights[0][:] = np.inf
    header, blocks = looked(lane, asked({"layer": 1, "source": 0, "unit": 0}))
    assert header["loss"] is None
    assert header["course"] is None
    assert blocks["steps"].shape == (0, 2)
