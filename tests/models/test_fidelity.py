"""Steps in a lane are the reference's `train_on_batch`, for all that the catalogue offers."""

import gc
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from models import catalogue, program, reference
from models.experiment import Experiment
from models.lane import Lane
from models.packing import Arrays
from models.train import Numbers, in_a_lane, in_keras
from tests.models.oracle import Oracle
from tests.models.training import advance, cohort_of, make, same_bits, train_to, trained

STEPS = 60
# float32 keeps 6e-8 of a number; 60 steps sum these errors up, and RMSprop, which begins by dividing by next
# to nothing, magnifies them: at a learning rate of 0.03 one case came to 3e-5, at 0.01 all stay below 1e-6.
# A single weight whose L1 sign was taken wrongly once would make 6e-5, a slope that is 0.03 % off makes 1e-5.
TOLERANCE = 1e-5
RATE = 0.01

LOSSES = (
    ("binary_crossentropy", "sigmoid"),
    ("mean_squared_error", "linear"),
    ("half_squared_error", "tanh"),
)
OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw")
# Tracing a Keras model takes most of the time, so each holds three activations: a layer of each.
TOGETHER = ("relu,sine,gelu", "tanh,leaky_relu,softplus", "selu,softsign,linear", "sigmoid,silu,elu")
RATES = {"none": 0.0, "l1": 0.003, "l2": 0.01}
ALL_RATES = {**RATES, "l1_l2": 0.002}
# With seed 6 the absolute error with momentum magnifies rounding: Keras against Keras with its first kernel
# moved by one bit is 7e-4 apart after 60 steps, which shows nothing of a lane.
SEED = 7


@pytest.fixture(autouse=True, scope="module")
def _little_garbage() -> Iterator[None]:
    """Tracing makes so many objects that a third of the time would go into looking for garbage."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def distance(a: Arrays, b: Arrays) -> float:
    """The largest difference of two weights, relative to its array's largest weight if that is over 1."""
    return max(
        float(np.abs(one - other).max() / max(1.0, np.abs(other).max()))
        for one, other in zip(a, b, strict=True)
    )


def far(lane: Lane, oracle: Oracle) -> float:
    """How far a lane is from its reference, which must have learned something."""
    assert distance(oracle.weights, reference.initial_weights(lane.experiment)) > 1e-3
    return distance(lane.weights, oracle.weights)


def test_every_activation_is_among_them() -> None:
    assert sorted(",".join(TOGETHER).split(",")) == sorted(catalogue.names(catalogue.ACTIVATIONS))


@pytest.mark.parametrize(("loss", "output"), LOSSES)
@pytest.mark.parametrize("activations", TOGETHER)
def test_every_optimizer_and_penalty(activations: str, loss: str, output: str) -> None:
    """50 training points in batches of 10: 60 steps are 12 epochs."""
    cases = list(product(OPTIMIZERS, RATES))
    experiments = [
        make(
            train_share=0.1,
            hidden="4,3,3",
            activation=activations,
            output_activation=output,
            loss=loss,
            optimizer=optimizer,
            learning_rate=RATE,
            regularization=penalty,
            regularization_rate=RATES[penalty],
            bias=0.1,
            seed=5,
        )
        for optimizer, penalty in cases
    ]
    apart: dict[tuple[str, str], float] = {}
    oracle: Oracle | None = None
    for case, lane in zip(cases, trained(experiments, STEPS), strict=True):
        if oracle is None or not oracle.serves(lane.experiment):
            oracle = Oracle(lane.experiment)
        oracle.again(lane.experiment)
        oracle.train(STEPS)
        apart[case] = far(lane, oracle)
    assert len(apart) == len(OPTIMIZERS) * len(RATES)
    assert {case: d for case, d in apart.items() if not d < TOLERANCE} == {}


@pytest.mark.parametrize("loss", catalogue.LOSSES, ids=lambda row: row.name)
def test_every_loss_with_every_optimizer(loss: catalogue.Loss) -> None:
    """With activations, penalties and outputs by turns: every optimizer and penalty with each loss."""
    apart: dict[str, float] = {}
    assert list(ALL_RATES) == [row.name for row in catalogue.REGULARIZATIONS]
    for number, optimizer in enumerate(catalogue.names(catalogue.OPTIMIZERS)):
        penalty = list(ALL_RATES)[number % len(ALL_RATES)]
        experiment = make(
            data="circle" if "classification" in loss.problems else "plane",
            train_share=0.1,
            hidden="4,3,3",
            activation=TOGETHER[(number + 1) % len(TOGETHER)],
            output_activation=loss.outputs[number % len(loss.outputs)],
            loss=loss.name,
            optimizer=optimizer,
            learning_rate=1.0 if optimizer == "adadelta" else RATE / 10 if optimizer == "lion" else RATE,
            regularization=penalty,
            regularization_rate=ALL_RATES[penalty],
            seed=SEED,
        )
        (lane,) = trained([experiment], STEPS)
        oracle = Oracle(experiment)
        oracle.train(STEPS)
        apart[optimizer] = far(lane, oracle)
    assert {case: d for case, d in apart.items() if not d < TOLERANCE} == {}


# Those of the plane, one more than a network takes.
FEATURES = tuple(row.name for row in catalogue.FEATURES if row.columns <= 2)
SHAPES = {
    "short last batch": make(train_share=0.1, batch_size=8, optimizer="momentum"),
    "64 neurons": make(hidden="64,64,64", optimizer="adam", learning_rate=0.003),
    "batch size 1": make(train_share=0.1, batch_size=1, optimizer="adam"),
    "batch larger than the data": make(train_share=0.1, batch_size=300),
    "no hidden layer": make(hidden="", regularization="l1", regularization_rate=0.01),
    "no hidden layer, regression": make(data="plane", hidden="", learning_rate=0.003),
    "8 x 32": make(hidden=",".join(["32"] * 8), optimizer="adam", learning_rate=0.003),
    "8 x 32, regression": make(
        data="multi_gauss", hidden=",".join(["32"] * 8), activation="relu", learning_rate=0.003
    ),
    "all features but the first": make(
        features=",".join(FEATURES[1:]), learning_rate=0.003, optimizer="adagrad"
    ),
    "all features but the last": make(
        features=",".join(FEATURES[:-1]), learning_rate=0.003, optimizer="adagrad"
    ),
    "one neuron": make(hidden="1", features="x1x2"),
    "mixed activations": make(hidden="6,5,4,3", activation="gelu,relu,sine,tanh", optimizer="nesterov"),
    "bias start value": make(bias=-0.75, optimizer="rmsprop", learning_rate=0.003),
    "batches of 32": make(batch_size=32, optimizer="adamw"),
    "batches of 128": make(batch_size=128, optimizer="rmsprop", learning_rate=0.003),
    "batches of 512": make(batch_size=512, data="multi_gauss", train_share=1, optimizer="momentum"),
    "tanh output": make(output_activation="tanh", loss="mean_squared_error", data="xor", noise=0.2),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape(name: str) -> None:
    (lane,) = trained([SHAPES[name]], STEPS)
    oracle = Oracle(SHAPES[name])
    oracle.train(STEPS)
    assert far(lane, oracle) < TOLERANCE


def test_the_buckets_are_all_among_the_shapes() -> None:
    used = {Lane(name, experiment).bucket for name, experiment in SHAPES.items()}
    assert {bucket.batch for bucket in used} == {10, 32, 128, 512}
    assert {bucket.width for bucket in used} == {8, 32, 64}
    assert {bucket.extras for bucket in used} == {False, True}


def test_every_initializer() -> None:
    experiments = [make(initializer=name, seed=3) for name in catalogue.names(catalogue.INITIALIZERS)]
    oracle = Oracle(experiments[0])
    for experiment, lane in zip(experiments, trained(experiments, STEPS), strict=True):
        assert same_bits(Lane("fresh", experiment).weights, reference.build(experiment).get_weights())
        oracle.again(experiment)
        oracle.train(STEPS)
        assert distance(lane.weights, oracle.weights) < TOLERANCE, experiment.network.initializer


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_live_changes(optimizer: str) -> None:
    """Learning rate, penalty and batch size change in mid-epoch; the optimizer keeps what it gathered."""
    first = make(optimizer=optimizer, learning_rate=0.01)
    settings: tuple[dict[str, object], ...] = (
        {"learning_rate": 0.03},
        {"learning_rate": 0.03, "regularization": "l2", "regularization_rate": 0.03},
        {"learning_rate": 0.003, "regularization": "l1", "regularization_rate": 0.01, "batch_size": 7},
        {"learning_rate": 0.02, "batch_size": 3},
    )
    lane, oracle = Lane("live", first), Oracle(first)
    cohort = cohort_of(lane.bucket)
    cohort.seat(lane)
    for number, texts in enumerate(settings, start=1):
        train_to(cohort, {"live": 13 * number})
        oracle.train(13)
        cohort.pull(lane)
        assert far(lane, oracle) < TOLERANCE
        changed = make(optimizer=optimizer, **texts)
        assert not lane.change(changed)
        cohort.refresh(lane)
        oracle.change(changed)
    train_to(cohort, {"live": 13 * len(settings) + 30})
    oracle.train(30)
    cohort.pull(lane)
    assert far(lane, oracle) < TOLERANCE


def test_a_batch_size_of_another_bucket() -> None:
    first, then = make(optimizer="adam"), make(optimizer="adam", batch_size=60)
    lane, oracle = Lane("live", first), Oracle(first)
    for experiment in (first, then, first):
        lane.change(experiment)
        oracle.change(experiment)
        cohort = cohort_of(lane.bucket)
        cohort.seat(lane)
        train_to(cohort, {"live": lane.step + 13})
        cohort.unseat(lane)
        oracle.train(13)
        assert far(lane, oracle) < TOLERANCE


@pytest.mark.parametrize("penalty", catalogue.names(catalogue.REGULARIZATIONS))
def test_the_reference_penalizes_every_kernel_and_no_bias(penalty: str) -> None:
    """The oracle puts its own rates into the model, so the reference's are looked at here, by the formula."""
    model = reference.build(make(regularization=penalty, regularization_rate=0.25, bias=1))
    kernels = model.get_weights()[::2]
    sums = {
        "none": 0.0,
        "l1": sum(np.abs(kernel).sum() for kernel in kernels),
        "l2": sum((kernel**2).sum() for kernel in kernels),
    }
    sums["l1_l2"] = sums["l1"] + sums["l2"]
    assert float(sum(model.losses)) == pytest.approx(0.25 * sums[penalty], rel=1e-6)


@pytest.mark.parametrize(
    "experiment",
    [
        make(regularization="l2", regularization_rate=0.01, batch_size=9, noise=0.3),
        make(data="multi_gauss", batch_size=64, regularization="l1", regularization_rate=0.001),
        make(train_share=1, output_activation="tanh", loss="half_squared_error"),
    ],
    ids=["classification", "regression", "no test set"],
)
def test_history_rows_are_keras_numbers(experiment: Experiment) -> None:
    """`loss` is Keras's running mean over the epoch's batches, penalties included; the rest is `evaluate`."""
    expected: list[Numbers] = []
    model = reference.train(experiment, 3, expected.append)
    lane = Lane("history", experiment)
    cohort = cohort_of(lane.bucket)
    cohort.seat(lane)
    train_to(cohort, {"history": 3 * lane.steps_an_epoch})
    cohort.pull(lane)
    rows = lane.history.all()
    assert rows[:, 0].tolist() == [1, 2, 3]
    for column, name in ((1, "loss"), (2, "accuracy"), (4, "val_loss"), (5, "val_accuracy")):
        if name in expected[0]:
            assert rows[:, column] == pytest.approx([row[name] for row in expected], rel=2e-5), name
        else:
            assert np.isnan(rows[:, column]).all(), name
    model.set_weights(lane.weights)
    penalty = float(sum(model.losses)) if model.losses else 0.0
    if experiment.data.train_share < 1:
        seen = model.evaluate(*reference.data(experiment)[1], verbose=0, return_dict=True)
        assert rows[-1, 4] == pytest.approx(seen["loss"], rel=1e-5)
        assert rows[-1, 6] == pytest.approx(penalty, rel=1e-5)


def numbers_of(experiment: Experiment, epochs: int) -> tuple[list[Numbers], list[Numbers]]:
    lanes: list[Numbers] = []
    keras: list[Numbers] = []
    in_a_lane(experiment, epochs, lanes.append)
    in_keras(experiment, epochs, keras.append)
    return lanes, keras


@pytest.mark.parametrize("data", ["circle", "iris"])
def test_both_engines_of_the_command_line(data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "compiled", advance)
    lanes, keras = numbers_of(make(data=data, noise=0.1), 50)
    assert len(lanes) == len(keras) == 50
    for ours, theirs in zip(lanes, keras, strict=True):
        assert list(ours) == list(theirs) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
        assert ours == pytest.approx(theirs, rel=1e-3)


def test_both_engines_on_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "compiled", advance)
    lanes, keras = numbers_of(make(data="plane"), 2)
    for ours, theirs in zip(lanes, keras, strict=True):
        assert list(ours) == list(theirs) == ["epoch", "loss", "val_loss"]
        assert ours == pytest.approx(theirs, rel=1e-3)
