"""A point's numbers are GradientTape's on the reference, and those that a pencil finds."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import catalogue, frame, inside, reference
from models.desk import Refused
from models.features import inputs
from models.lane import Lane
from models.next_update import masks, point
from models.packing import Arrays
from models.snapshot import snapshot
from tests.models import tape
from tests.models.test_desk import Counter
from tests.models.training import make

# Both sides compute in float64 and say it in float32, which keeps 6e-8 of a number.
CLOSE: Any = {"rtol": 1e-5, "atol": 1e-7}
SOME: dict[str, object] = {"hidden": "4,3", "features": "x1,x2,x1x2"}
FITTING = [
    (loss.name, output, data)
    for loss in catalogue.LOSSES
    for output in loss.outputs
    for data, problem in (("circle", "classification"), ("plane", "regression"))
    if problem in loss.problems
]


@pytest.fixture(autouse=True, scope="module")
def _exact() -> Iterator[None]:
    with tape.float64():
        yield


def stirred(lane: Lane, seed: int, steps: int = 7) -> Lane:
    """The lane with other numbers everywhere, as if it had trained."""
    draw = np.random.default_rng(seed)

    def some(arrays: Arrays, low: float, high: float) -> Arrays:
        return [np.asarray(draw.uniform(low, high, array.shape), np.float32) for array in arrays]

    normal = [layer.batch_normalization for layer in lane.experiment.network.hidden]
    lane.weights = some(lane.weights, -1.5, 1.5)
    for place, on in enumerate(normal):
        if on:
            lane.weights[2 * place + 1][:] = 0.0
    adds_up = lane.experiment.training.optimizer == "adadelta"
    lane.first, lane.first_scales = (
        some(arrays, 0.001 if adds_up else -0.1, 0.1) for arrays in (lane.first, lane.first_scales)
    )
    lane.second, lane.second_scales = (
        some(arrays, 0.001, 0.1) for arrays in (lane.second, lane.second_scales)
    )
    lane.scales = some(lane.scales, 0.5, 1.5)
    lane.moving = some(lane.moving, 0.2, 1.5)
    lane.step = steps
    return lane


def asked(lane: Lane, number: int = 0) -> catalogue.AskedPoint:
    """One of the lane's own points."""
    at = tuple(map(float, lane.points.position[number]))
    return catalogue.AskedPoint(at=at, target=float(lane.points.label[number]))


def same_as_the_tape(lane: Lane, number: int = 0) -> None:
    """All that is said of a point is what TensorFlow and Keras make of it."""
    look = point(lane, asked(lane, number))
    assert look is not None
    said, blocks = look
    label = lane.points.label[number : number + 1]
    y = tape.one_hot(lane, reference.targets(lane.experiment, label))
    x = inputs(lane.points.position[number : number + 1], lane.experiment.features)
    found = tape.passes(lane, tape.model_of(lane), x, y, training=False)
    expected = {
        "inputs": x,
        "z": tape.row(found.z),
        "normalized": tape.row(found.y),
        "a": tape.row(found.a),
        "by_a": tape.row(found.by_a),
        "by_normalized": tape.row(found.by_y),
        "by_z": tape.row(found.by_z),
        "gradient": tape.row(found.plain),
        "gradient_with_penalty": tape.row(found.penalized),
    }
    update, scale_update = tape.keras_update(lane, found.penalized, found.scales)
    expected["update"] = update
    if found.scales:
        expected |= {"scale_gradient": tape.row(found.scales), "scale_update": scale_update}
    for name, values in expected.items():
        np.testing.assert_allclose(blocks[name], values.ravel(), **CLOSE, err_msg=name)
    assert set(blocks) - set(expected) <= {"normalization"}
    assert said["loss"] == pytest.approx(float(found.losses[0]), rel=1e-6, abs=1e-9)
    assert said["penalty"] == pytest.approx(found.penalty, rel=1e-5)
    assert said["outputs"] == pytest.approx(found.a[-1].ravel().tolist(), rel=1e-6)


@pytest.mark.parametrize("name", catalogue.names(catalogue.ACTIVATIONS))
def test_every_activation(name: str) -> None:
    same_as_the_tape(stirred(Lane("x", make(**SOME, activation=name)), 1))


@pytest.mark.parametrize(("loss", "output", "data"), FITTING)
def test_every_loss(loss: str, output: str, data: str) -> None:
    lane = stirred(Lane("x", make(**SOME, data=data, loss=loss, output_activation=output)), 2)
    same_as_the_tape(lane, len(loss))


@pytest.mark.parametrize("classes", range(3, 9))
def test_several_classes(classes: int) -> None:
    lane = stirred(Lane("x", make(**SOME, data="blobs", classes=classes)), classes)
    look = point(lane, asked(lane))
    assert look is not None
    assert look[0]["target"] == lane.points.label[0]
    assert len(look[0]["outputs"]) == classes
    same_as_the_tape(lane)


MORE: dict[str, dict[str, object]] = {
    "L1": {"regularization": "l1", "regularization_rate": 0.1},
    "L2": {"regularization": "l2", "regularization_rate": 0.1},
    "L1 and L2": {"regularization": "l1_l2", "regularization_rate": 0.1},
    "clipping": {"clip_norm": 0.01},
    "max-norm": {"max_norm": 0.7},
    "batch normalization": {"batch_normalization": "true,false", "clip_norm": 0.05},
    "weight decay of scales": {"batch_normalization": "true", "weight_decay": 0.3},
}


@pytest.mark.parametrize("optimizer", catalogue.names(catalogue.OPTIMIZERS))
def test_every_optimizer(optimizer: str) -> None:
    more = MORE[list(MORE)[catalogue.index(catalogue.OPTIMIZERS, optimizer) % len(MORE)]]
    same_as_the_tape(stirred(Lane("x", make(**SOME, **more, optimizer=optimizer)), 6))


@pytest.mark.parametrize("more", MORE)
def test_what_else_changes_a_step(more: str) -> None:
    same_as_the_tape(stirred(Lane("x", make(**SOME, **MORE[more], optimizer="adamw")), 3))


@pytest.mark.parametrize("schedule", catalogue.names(catalogue.SCHEDULES))
@pytest.mark.parametrize("steps", [0, 19, 55])
def test_every_schedule(schedule: str, steps: int) -> None:
    experiment = make(hidden="2", schedule=schedule, decay_steps=20, decay_rate=0.3, optimizer="nesterov")
    lane = stirred(Lane("x", experiment), 4, steps)
    look = point(lane, asked(lane))
    assert look is not None
    rate = reference.learning_rate(experiment)
    rate = float(rate if schedule == "constant" else rate(steps))
    assert look[0]["rate"] == pytest.approx(rate, rel=1e-5)
    same_as_the_tape(lane)


LAYERS = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(catalogue.names(catalogue.ACTIVATIONS)), st.booleans()),
    max_size=4,
)
# What keeps weights and gradients small; 0 is without a limit.
LIMITS: st.SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {
        "regularization": st.sampled_from(catalogue.names(catalogue.REGULARIZATIONS)),
        "regularization_rate": st.floats(0.0, 1.0),
        "clip_norm": st.just(0.0) | st.floats(0.01, 2.0),
        "max_norm": st.just(0.0) | st.floats(0.1, 3.0),
    }
)


@settings(deadline=None, max_examples=10, derandomize=True)
@given(LAYERS, st.sampled_from(FITTING), st.sampled_from(catalogue.OPTIMIZERS), LIMITS, st.integers(0, 999))
def test_any_network(
    layers: list[tuple[int, str, bool]],
    fitting: tuple[str, str, str],
    optimizer: catalogue.Optimizer,
    limits: dict[str, object],
    seed: int,
) -> None:
    loss, output, data = fitting
    texts: dict[str, object] = {"hidden": ",".join(str(units) for units, _, _ in layers)}
    if layers:
        texts["activation"] = ",".join(name for _, name, _ in layers)
        texts["batch_normalization"] = ",".join(str(on).lower() for _, _, on in layers)
    texts |= {"loss": loss, "output_activation": output, "data": data, "optimizer": optimizer.name}
    experiment = make(**texts, **limits, seed=seed)
    same_as_the_tape(stirred(Lane("x", experiment), seed), seed % 100)


def test_one_neuron_by_hand() -> None:
    """w = (0.3, 0.1), b = 1, x = (1, 2.2): z = 0.3 + 0.22 + 1, its sigmoid 0.8205, and back with target 1."""
    lane = Lane("x", make(hidden="", learning_rate=0.1))
    lane.weights = [np.array([[0.3], [0.1]], np.float32), np.array([1.0], np.float32)]
    look = point(lane, catalogue.AskedPoint(at=(1.0, 2.2), target=1.0))
    assert look is not None
    said, blocks = look
    a = 1.0 / (1.0 + np.exp(-1.52))
    assert said["outputs"] == [pytest.approx(0.8205, abs=5e-5)]
    assert (said["target"], said["rate"]) == (1.0, 0.1)
    assert said["loss"] == pytest.approx(-np.log(a))
    assert blocks["z"].tolist() == pytest.approx([1.52])
    assert blocks["inputs"].tolist() == pytest.approx([1.0, 2.2])
    assert blocks["by_a"].tolist() == pytest.approx([-1.0 / a])
    assert blocks["by_z"].tolist() == pytest.approx([a - 1.0])
    assert blocks["gradient"].tolist() == pytest.approx([a - 1.0, 2.2 * (a - 1.0), a - 1.0])
    assert blocks["update"].tolist() == pytest.approx([0.1 * (1.0 - a), 0.22 * (1.0 - a), 0.1 * (1.0 - a)])


def test_a_point_without_a_target_goes_forward_only() -> None:
    lane = Lane("x", make())
    look = point(lane, catalogue.AskedPoint(at=(1.0, 2.0), target=None))
    assert look is not None
    assert (look[0]["loss"], look[0]["target"]) == (None, None)
    assert set(look[1]) == {"inputs", "z", "normalized", "a"}


@pytest.mark.parametrize(
    ("texts", "at", "target"),
    [
        ({}, (1.0,), None),
        ({}, (), None),
        ({}, (1.0, 2.0, 3.0), 1.0),
        ({}, (1.0, 2.0), 0.0),
        ({"data": "blobs"}, (1.0, 2.0), 3.0),
        ({"data": "blobs"}, (1.0, 2.0), -1.0),
        ({"data": "blobs"}, (1.0, 2.0), 0.5),
        ({"data": "sine"}, (1.0, 2.0), 0.5),
    ],
)
def test_a_point_that_the_data_cannot_have(
    texts: dict[str, object], at: tuple[float, ...], target: float | None
) -> None:
    assert point(Lane("x", make(**texts)), catalogue.AskedPoint(at=at, target=target)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"at": [1, 2]},
        {"at": [1, float("nan")], "target": 1},
        {"at": [1, float("inf")], "target": 1},
        {"at": [1, "2"], "target": 1},
        {"at": [1, True], "target": 1},
        {"at": [1, 2], "target": float("nan")},
        {"at": [1, 2], "target": "1"},
    ],
)
def test_what_is_no_point_is_refused(wrong: dict[str, Any]) -> None:
    counter = Counter()
    with pytest.raises(Refused):
        counter.do("panels", open={"point": wrong})
    assert not counter.lane.panels


@pytest.mark.parametrize(
    "texts",
    [
        {"data": "plane"},
        {"loss": "mean_squared_error"},
        {"loss": "binary_crossentropy"},
        {"loss": "categorical_crossentropy"},
    ],
)
def test_numbers_beyond_all_bounds_make_a_frame(texts: dict[str, object]) -> None:
    """Neither overflow nor the end of a sigmoid may keep a frame or a blob from being made."""
    penalty: dict[str, object] = {"regularization": "l2", "regularization_rate": 10}
    counter = Counter(hidden="4,4,4", activation="linear", **penalty, **texts)
    lane = counter.lane
    lane.weights = [np.full_like(array, 1e30) for array in lane.weights]
    opened = {"point": {"at": [1e300, -1], "target": 1}, "batch": {}, "layers": {}, "linear": {}}
    counter.do("panels", open=opened)
    header, blocks = frame.decode(snapshot(lane, 1, True, True))
    assert {"point.update", "batch.update", "layers.weights", "linear.kernel"} <= set(blocks)
    assert header["panels"]["point"]["penalty"] is None
    if texts == {"data": "plane"}:
        assert header["panels"]["point"]["loss"] is None
        assert header["panels"]["layers"]["verdict"] == "exploding"
    assert set(Lane.restored("again", lane.blob()).panels) == set(opened)


def test_in_training_the_batch_counts_together() -> None:
    """Normalization by the batch's own statistics, and dropout with masks, against the tape."""
    lane = stirred(
        Lane("x", make(hidden="5,4", activation="tanh,relu", batch_normalization="true", dropout="0.4,0.2")),
        5,
    )
    (x, y), _ = reference.data(lane.experiment)
    x, y = x[:12].astype(np.float64), y[:12].astype(np.float64)
    layers, kept = inside.layers_of(lane), masks(lane, 12)
    passed = inside.forward(layers, x, True, kept)
    score = inside.scored(lane.experiment, passed[-1], y[:, 0])
    slopes = inside.backward(layers, passed, score, True)
    found = tape.passes(lane, tape.model_of(lane), x, y, True, kept)
    for ours, theirs in (
        ([layer.y for layer in passed], found.y),
        ([layer.by_a for layer in slopes], found.by_a),
        ([layer.by_y for layer in slopes], found.by_y),
        ([layer.by_z for layer in slopes], found.by_z),
        ([part for layer in slopes for part in (layer.kernel, layer.bias)], found.plain),
        ([layer.scales for layer in slopes if layer.scales is not None], found.scales),
    ):
        np.testing.assert_allclose(tape.row(ours), tape.row(theirs), rtol=1e-9, atol=1e-12)
