"""Pictures and measures against the reference's own predictions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn import datasets  # pyright: ignore[reportMissingTypeStubs]

from models import frame, reference
from models.backend import keras
from models.detail import STILL
from models.experiment import Experiment
from models.inspection import CONFIDENCES, LEVELS
from models.lane import Lane
from models.snapshot import MANY_NEURONS, MANY_WITH_CLASSES, measured, snapshot
from tests.models.training import make

BOUNDARY, NEURON = STILL.boundary, STILL.neurons
EIGHT_BY_32 = ",".join(["32"] * 8)
CASES = {
    "default": make(bias=0.2),
    "every bound": make(hidden="3,3,3,3", activation="sigmoid,softsign,tanh,sine", data="spiral"),
    "no bound": make(
        hidden="3,2,4,2,2,3,2,2",
        activation="relu,leaky_relu,elu,selu,gelu,silu,softplus,linear",
        data="plane",
        features="x1,x2,x1x2",
    ),
    "8 x 32": make(hidden=EIGHT_BY_32, activation="relu", initializer="he_uniform", data="multi_gauss"),
    "no hidden layer": make(hidden="", output_activation="tanh", loss="mean_squared_error"),
    "a softmax of two": make(loss="categorical_crossentropy"),
    "regions": make(hidden="4,3", data="blobs", classes=5, bias=0.1),
    "regions and many neurons": make(hidden="16,8", data="arms", classes=8, initializer="he_normal"),
    "a curve": make(hidden="5,3", data="sine", initializer="he_normal", bias=0.3),
    "columns": make(
        hidden="4", data="iris", inputs="petal width (cm),sepal width (cm),petal length (cm)", bias=0.1
    ),
    "raw columns": make(
        hidden="3", data="iris", inputs="sepal length (cm),petal length (cm)", standardize="false", seed=3
    ),
    "a number of columns": make(hidden="4", data="diabetes", activation="sigmoid"),
}


def centres(cells: int) -> npt.NDArray[np.float64]:
    """Centres of cells over [-6, 6]², row by row, the first row at the top."""
    along = [-6 + 12 * (i + 0.5) / cells for i in range(cells)]
    return np.array([(x1, x2) for x2 in reversed(along) for x1 in along])


def places(experiment: Experiment, cells: int) -> npt.NDArray[np.float64]:
    """Every cell's columns; of a table scikit-learn's, 5 % beyond their values, and the third at its mean."""
    data = experiment.data
    if data.row.kind != "real":
        return centres(cells)
    options: dict[str, Any] = {"scaled": False} if data.name == "diabetes" else {}
    whole = getattr(datasets, f"load_{data.name}")(**options)
    values = whole.data[:, [data.row.columns.index(name) for name in data.inputs or data.row.first]]
    if data.standardize:
        values = (values - values.mean(axis=0)) / values.std(axis=0)
    low, high = values.min(axis=0)[:2], values.max(axis=0)[:2]
    position = np.tile(values.mean(axis=0), (cells**2, 1))
    position[:, :2] = (low + high) / 2 + centres(cells) / 12 * 1.1 * (high - low)
    return position


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "x1": lambda x: x[:, 0],
    "x2": lambda x: x[:, 1],
    "x3": lambda x: x[:, 2],
    "x1x2": lambda x: x[:, 0] * x[:, 1],
}


def features(experiment: Experiment, position: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    columns: list[Any] = [FORMULAS[name](position) for name in experiment.features]
    return np.array(columns, np.float32).T


def layers_of(experiment: Experiment, x: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """What every layer of the reference puts out."""
    model = reference.build(experiment)
    whole = keras.Model(model.inputs, [layer.output for layer in model.layers])
    outputs: Any = whole.predict(x, verbose=0)
    return outputs if len(model.layers) > 1 else [outputs]


def frame_of(experiment: Experiment) -> tuple[dict[str, Any], dict[str, frame.Block]]:
    return frame.decode(snapshot(Lane("x", experiment), 1, key=True, with_experiment=False))


def value(levels: npt.NDArray[Any], span: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The formula of docs/protocol.md."""
    low, high = span
    return low + levels / 254 * (high - low)


@pytest.mark.parametrize("name", CASES)
def test_pictures_are_what_the_reference_predicts(name: str) -> None:
    experiment = CASES[name]
    _, blocks = frame_of(experiment)
    *_, output = layers_of(experiment, features(experiment, places(experiment, BOUNDARY)))
    several = experiment.units[-1] if experiment.units[-1] > 1 else 0
    many = sum(experiment.units[1:-1]) + several
    side = NEURON // (2 if many > (MANY_WITH_CLASSES if experiment.classes > 2 else MANY_NEURONS) else 1)
    *hidden, last = layers_of(experiment, features(experiment, places(experiment, side)))
    drawn = [*hidden, last] if several else hidden
    neurons = np.concatenate([*(layer.T for layer in drawn), np.zeros((0, side**2))])
    assert len(blocks["ranges"]) == len(neurons) + 1
    assert blocks["neurons"].shape == (len(neurons), side, side)
    for picture, span, exact in zip(blocks["neurons"], blocks["ranges"][:-1], neurons, strict=True):
        shown = value(picture, span)
        level = (span[1] - span[0]) / LEVELS
        assert np.abs(shown - exact.reshape(side, side)).max() <= 0.51 * level + 1e-5
    if experiment.classes > 2:
        probability = output.max(axis=1).reshape(BOUNDARY, BOUNDARY)
        best, level = np.divmod(blocks["boundary"], CONFIDENCES)
        said = np.take_along_axis(output, best.reshape(-1, 1).astype(int), axis=1).reshape(BOUNDARY, BOUNDARY)
        assert (probability - said).max() <= 1e-5  # the likeliest, or one that is as likely
        assert len(np.unique(best)) > 1, "classes to be told apart"
        assert np.abs(level / (CONFIDENCES - 1) - probability).max() <= 0.51 / (CONFIDENCES - 1) + 1e-5
        return
    low, high = blocks["ranges"][-1]
    shown = value(blocks["boundary"], blocks["ranges"][-1])
    clipped = np.clip(output[:, -1].reshape(BOUNDARY, BOUNDARY), low, high)
    assert np.abs(shown - clipped).max() <= 0.51 * (high - low) / LEVELS + 1e-5


@pytest.mark.parametrize("hidden", ["4,2", "8,8,8", "32,16"])
def test_frames_of_eight_classes_are_below_24_kb(hidden: str) -> None:
    experiment = make(data="arms", classes=8, hidden=hidden)
    assert len(snapshot(Lane("x", experiment), 1, key=False, with_experiment=False)) < 24_000


def test_ranges() -> None:
    """Bounded activations show their bounds, unbounded ones a symmetric range that just holds them."""
    _, blocks = frame_of(CASES["every bound"])
    expected = [(0, 1)] * 3 + [(-1, 1)] * 9 + [(0, 1)]
    assert blocks["ranges"].tolist() == [list(pair) for pair in expected]
    _, blocks = frame_of(CASES["no bound"])
    ranges = blocks["ranges"]
    assert np.array_equal(ranges[:, 0], -ranges[:, 1])
    assert ranges[-1].tolist() == [-1, 1]
    _, blocks_of_curve = frame_of(CASES["a curve"])
    assert blocks_of_curve["ranges"][-1].tolist() == [-2, 2]  # room above and below the points
    for picture, span in zip(blocks["neurons"], ranges[:-1], strict=True):
        assert span[1] > 0
        assert picture.max() == LEVELS or picture.min() == 0


def test_orientation() -> None:
    """Row 0 is the top, x2 = 6, and column 0 the left, x1 = -6."""
    lane = Lane("x", make(hidden="", data="plane"))
    for kernel, side in (([[0.1], [0.0]], (slice(None), -1)), ([[0.0], [0.1]], (0, slice(None)))):
        lane.weights = [np.array(kernel, np.float32), np.zeros(1, np.float32)]
        _, blocks = frame.decode(snapshot(lane, 1, key=True, with_experiment=False))
        high = blocks["boundary"][side]
        assert (high == blocks["boundary"].max()).all()
        assert value(high, blocks["ranges"][-1]) == pytest.approx(0.594, abs=0.005)
    # The inputs' own pictures lie the same way.
    assert (blocks["inputs"][0][:, -1] == LEVELS).all()
    assert (blocks["inputs"][1][0] == LEVELS).all()


def test_input_pictures_cover_their_range() -> None:
    experiment = make(features="x1x2,x1")
    _, blocks = frame_of(experiment)
    exact = features(experiment, centres(NEURON)).T.reshape(2, NEURON, NEURON)
    for picture, span, wanted in zip(blocks["inputs"], blocks["input_ranges"], exact, strict=True):
        assert -span[0] == span[1] == pytest.approx(np.abs(wanted).max())
        assert np.abs(value(picture, span) - wanted).max() <= 0.51 * (span[1] - span[0]) / LEVELS


@pytest.mark.parametrize("name", CASES)
def test_the_first_row_is_the_untrained_network_evaluated(name: str) -> None:
    regularized = CASES[name].model_dump()
    regularized["training"] |= {"regularization": "l2", "regularization_rate": 0.01}
    experiment = Experiment.model_validate(regularized)
    row = measured(Lane("x", experiment))
    model = reference.build(experiment)
    train, test = (model.evaluate(*part, verbose=0, return_dict=True) for part in reference.data(experiment))
    penalty = float(sum(model.losses))
    assert row[[1, 4]] == pytest.approx([train["loss"], test["loss"]], rel=1e-4)
    assert row[[3, 6]] == pytest.approx([penalty, penalty], rel=1e-5)
    assert row[0] == 0
    if experiment.problem == "classification":
        assert row[[2, 5]] == pytest.approx([train["accuracy"], test["accuracy"]], abs=1e-6)


def test_numbers_that_are_none_show_the_middle() -> None:
    """An overflowed network still has a picture."""
    lane = Lane("x", make(hidden="2", activation="relu", data="plane"))
    lane.weights = [np.full_like(array, 3e38) for array in lane.weights]
    _, blocks = frame.decode(snapshot(lane, 1, key=False, with_experiment=False))
    assert np.isfinite(blocks["ranges"]).all()
    assert np.isin(blocks["boundary"], (0, LEVELS / 2, LEVELS)).all()
