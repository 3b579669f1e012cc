"""Files from elsewhere: networks of bare Keras, and round trips of those written here."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import catalogue, imports, keras_file, reference
from models.backend import keras
from models.bucket import LANES
from models.desk import Desk
from models.experiment import Experiment
from models.file_error import FileError
from models.imports import Imported
from models.inspection import outputs
from models.lane import Lane, Mode
from models.saved_lane import SavedLane
from models.seating import Seating
from tests.models import saved_by_keras
from tests.models.crowd import Crowd, Ready
from tests.models.training import make, same_bits, trained

layers = keras.layers
X = np.random.default_rng(5).uniform(-4, 4, (50, 2)).astype(np.float32)


def file_of(model: Any, folder: Path) -> bytes:
    """What Keras writes, the weights being other than they were at first."""
    random = np.random.default_rng(2)
    model.set_weights([random.uniform(0.2, 1, array.shape) for array in model.get_weights()])
    model.save(folder / "model.keras")
    return (folder / "model.keras").read_bytes()


def lane_of(imported: Imported) -> Lane:
    """A lane that had another run before, told to go on with this one."""
    desk = Desk(Seating(Ready(LANES[0])))
    lane = desk.open("mine", make(data="xor", hidden="3").model_dump(mode="json"), None)
    command = {"experiment": imported.experiment.model_dump(mode="json"), "blob": imported.blob}
    desk.carry_out(lane, {"type": "load", **command, "weights": imported.weights})
    return lane


def answers(lane: Lane, x: Any) -> Any:
    return outputs(lane.weights, lane.experiment.activations, lane.normalization, x)


def sequential(*chain: Any) -> Any:
    return keras.Sequential([keras.Input((2,)), *chain])


def functional(*chain: Any) -> Any:
    entry = keras.Input((2,))
    h: Any = entry
    for layer in chain:
        h = layer(h)
    return keras.Model(entry, h)


MODELS = {
    "activations inside": lambda: sequential(layers.Dense(5, "relu"), layers.Dense(1, "sigmoid")),
    "activations as layers": lambda: sequential(
        layers.Dense(5),
        layers.ReLU(),
        layers.Dense(4),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Dropout(0.25),
        layers.Dense(3),
        layers.Activation("swish"),
        layers.Dense(1),
        layers.Activation("sigmoid"),
    ),
    "batch normalization after a bias": lambda: sequential(
        layers.Dense(5),
        layers.BatchNormalization(),
        layers.Activation("elu"),
        layers.Dense(1, "sigmoid"),
    ),
    "batch normalization of another epsilon, without scale or shift": lambda: sequential(
        layers.Dense(5, use_bias=False),
        layers.BatchNormalization(epsilon=0.01, scale=False),
        layers.Dense(4),
        layers.BatchNormalization(epsilon=1e-4, center=False),
        layers.Dense(1, "sigmoid"),
    ),
    "no biases": lambda: sequential(
        layers.Dense(5, "gelu", use_bias=False), layers.Dense(1, "sigmoid", use_bias=False)
    ),
    "a chain": lambda: functional(layers.Dense(5, "selu"), layers.Dropout(0.1), layers.Dense(1, "sigmoid")),
    "a chain with sines": lambda: functional(
        layers.Dense(5), keras.ops.sin, layers.Dense(4), keras.ops.sin, layers.Dense(1, "sigmoid")
    ),
    "names of one's own": lambda: sequential(
        layers.Dense(5, "tanh", name="second"), layers.Dense(1, "sigmoid", name="dense")
    ),
    "no hidden layer": lambda: sequential(layers.Dense(1, "tanh")),
    "two outputs": lambda: sequential(layers.Dense(4, "tanh"), layers.Dense(2, "softmax")),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_network_of_bare_keras_answers_the_same_here(name: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    lane = lane_of(imports.read(file_of(model, tmp_path), Experiment()))
    np.testing.assert_allclose(answers(lane, X), model.predict(X, verbose=0), atol=2e-6)
    assert (lane.experiment.features, lane.experiment.data) == (("x1", "x2"), Experiment().data)
    assert (lane.mode, lane.step, lane.touched, len(lane.history)) == (Mode.PAUSED, 0, True, 1)


TRAININGS = {
    "adam": (
        keras.optimizers.Adam(0.003, beta_1=0.8, clipnorm=2.0),
        {"optimizer": "adam", "learning_rate": 0.003, "beta_1": 0.8, "beta_2": None, "clip_norm": 2.0},
    ),
    "momentum": (
        keras.optimizers.SGD(0.05, momentum=0.7),
        {"optimizer": "momentum", "learning_rate": 0.05, "momentum": 0.7},
    ),
    "nesterov": (
        keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        {"optimizer": "nesterov", "learning_rate": 0.05, "momentum": None},
    ),
    "sgd": (keras.optimizers.SGD(0.05), {"optimizer": "sgd", "learning_rate": 0.05}),
    "step": (
        keras.optimizers.RMSprop(keras.optimizers.schedules.ExponentialDecay(0.02, 70, 0.4, staircase=True)),
        {
            "optimizer": "rmsprop",
            "schedule": "step",
            "decay_steps": 70,
            "decay_rate": 0.4,
            "learning_rate": 0.02,
        },
    ),
    "unknown": (keras.optimizers.Ftrl(0.02), {"optimizer": "adagrad"}),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_what_is_known_of_the_training(name: str, tmp_path: Path) -> None:
    optimizer, expected = TRAININGS[name]
    penalty, norm = keras.regularizers.L2(0.004), keras.constraints.MaxNorm(3)
    alike = {"kernel_regularizer": penalty, "kernel_constraint": norm, "kernel_initializer": "he_normal"}
    model = sequential(layers.Dense(3, "relu", **alike), layers.Dense(1, "sigmoid", **alike))
    model.compile(optimizer, "mse")
    imported = imports.read(file_of(model, tmp_path), make(optimizer="adagrad", batch_size=7))
    expected = {**expected, "loss": "mean_squared_error", "batch_size": 7, "max_norm": 3.0}
    expected |= {"regularization": "l2", "regularization_rate": 0.004}
    found = imported.experiment.training.model_dump()
    assert {member: found[member] for member in expected} == expected
    assert imported.experiment.network.initializer == "he_normal"
    assert bool(imported.notes) == (name == "unknown")


def test_the_json_of_a_model_is_its_network_with_fresh_weights() -> None:
    model = functional(layers.Dense(3, "tanh"), layers.Dropout(0.5), layers.Dense(1, "sigmoid"))
    imported = imports.read(model.to_json().encode(), make(seed=4))
    assert imported.weights is None
    (hidden,) = imported.experiment.network.hidden
    assert (hidden.neurons, hidden.activation, hidden.dropout) == (3, "tanh", 0.5)
    lane = lane_of(imported)
    assert not lane.touched
    assert same_bits(lane.weights, reference.initial_weights(imported.experiment))


def test_columns_of_a_table_are_inputs(tmp_path: Path) -> None:
    iris = catalogue.row(catalogue.DATA_SETS, "iris")
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "softmax")])
    raw = file_of(model, tmp_path)
    imported = imports.read(raw, make(data="iris", inputs=",".join(iris.columns)))
    assert imported.experiment.features == ("x1", "x2", "x3", "x4")
    with pytest.raises(FileError, match="4 inputs, and the data in force have 2 columns"):
        imports.read(raw, make())


ROUND_TRIPS = {
    "default": {"hidden": "4,2"},
    "everything": {
        "hidden": "5,3",
        "activation": "sine,gelu",
        "optimizer": "nadam",
        "batch_normalization": "true,false",
        "dropout": "0.2,0.1",
        "schedule": "cosine",
        "regularization": "l1",
        "regularization_rate": "0.001",
    },
    "no hidden layer": {"data": "plane", "hidden": "", "optimizer": "momentum"},
}


@pytest.mark.parametrize("options", ROUND_TRIPS.values(), ids=list(ROUND_TRIPS))
def test_out_and_in_again_to_the_bit(options: dict[str, Any]) -> None:
    """The same run, and the same ten epochs after it, whoever trains beside it."""
    experiment = make(**options)
    (lane, _) = trained([experiment, experiment], 42)
    imported = imports.read(keras_file.of_lane(SavedLane.of(lane.blob())), make(data="gauss"))
    assert (imported.kind, imported.experiment, imported.epoch) == ("run", experiment, lane.epoch)
    again = lane_of(imported)
    assert same_bits(again.weights, lane.weights)
    assert (again.step, again.epoch, again.offset, again.touched) == (42, lane.epoch, lane.offset, False)
    to = 42 + 10 * lane.steps_an_epoch
    neighbour = make(**{**options, "optimizer": "sgd"})
    for seed, each in enumerate((lane, again)):
        crowd = Crowd(each, seed, neighbour, seed, (LANES[0],))
        crowd.train_to(to)
    for part in ("weights", "first", "second", "scales", "first_scales", "second_scales", "moving"):
        assert same_bits(getattr(again, part), getattr(lane, part)), part
    assert same_bits([again.history.all()[-10:]], [lane.history.all()[-10:]])
    assert len(again.history) >= 10


def test_a_file_of_the_command_line_has_its_experiment_and_its_weights() -> None:
    experiment = make(features="x1_squared,sin_x2", hidden="3", batch_size=5)
    weights = [array + np.float32(0.25) for array in reference.build(experiment).get_weights()]
    imported = imports.read(keras_file.write(experiment, weights), make(data="gauss"))
    lane = lane_of(imported)
    assert (imported.kind, lane.experiment, lane.touched) == ("network", experiment, True)
    assert same_bits(lane.weights, weights)


def test_what_keras_saved_of_an_experiment_is_that_network_again(tmp_path: Path) -> None:
    experiment = make(**ROUND_TRIPS["everything"])
    weights = [np.abs(array) + np.float32(0.1) for array in reference.build(experiment).get_weights()]
    saved_by_keras.save(experiment, weights, tmp_path / "model.keras")
    imported = imports.read((tmp_path / "model.keras").read_bytes(), Experiment())
    assert imported.experiment.network == experiment.network
    assert imported.experiment.training == experiment.training
    model = reference.build(experiment)
    model.set_weights(weights)
    np.testing.assert_allclose(answers(lane_of(imported), X), model.predict(X, verbose=0), atol=1e-6)


def test_an_experiment_is_itself() -> None:
    experiment = make(data="spiral", noise=0.1, hidden="8,8", optimizer="lion", seed=5)
    imported = imports.read(experiment.model_dump_json(indent=2).encode(), Experiment())
    assert (imported.experiment, imported.kind) == (experiment, "experiment")
    lane = lane_of(imported)
    assert (lane.experiment, lane.touched, lane.step) == (experiment, False, 0)
    assert imports.read(json.dumps({}).encode(), make(data="xor")).experiment == Experiment()
