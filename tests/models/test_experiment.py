"""The experiment: frozen, validated, the same in JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from models import catalogue
from models.experiment import Experiment, explain
from tests.models.experiments import EXPERIMENTS, json_of_experiments

DEFAULT: dict[str, Any] = {
    "data": {
        "name": "circle",
        "points": None,
        "classes": 3,
        "noise": 0.0,
        "train_share": 0.5,
        "seed": 0,
        "inputs": [],
        "standardize": True,
        "table": "",
        "target": "",
        "labels": [],
        "drawn": "",
    },
    "features": ["x1", "x2"],
    "network": {
        "hidden": [
            {"neurons": neurons, "activation": "tanh", "dropout": 0.0, "batch_normalization": False}
            for neurons in (4, 2)
        ],
        "output_activation": "auto",
        "initializer": "glorot_uniform",
        "bias": 0.0,
    },
    "training": {
        "loss": "binary_crossentropy",
        "optimizer": "sgd",
        "learning_rate": 0.03,
        "regularization": "none",
        "regularization_rate": 0.0,
        "batch_size": 10,
        **dict.fromkeys(["momentum", "beta_1", "beta_2", "rho", "epsilon", "weight_decay"]),
        "schedule": "constant",
        "decay_steps": 1000,
        "decay_rate": 0.5,
        "clip_norm": 0.0,
        "max_norm": 0.0,
    },
    "seed": 0,
}


def test_the_default_experiment() -> None:
    assert Experiment().model_dump(mode="json") == DEFAULT
    assert Experiment.model_validate({}) == Experiment()
    assert Experiment().output_activation == "sigmoid"
    assert Experiment().activations == ("tanh", "tanh", "sigmoid")
    assert Experiment().units == (2, 4, 2, 1)


@given(json_of_experiments())
def test_any_experiment_comes_back_from_json(tree: dict[str, Any]) -> None:
    experiment = Experiment.model_validate(tree)
    assert experiment.model_dump(mode="json") == tree
    assert Experiment.model_validate_json(json.dumps(tree)) == experiment
    assert Experiment.model_validate_json(experiment.model_dump_json()) == experiment


@given(EXPERIMENTS)
def test_an_experiment_is_frozen_and_hashable(experiment: Experiment) -> None:
    with pytest.raises(ValidationError):
        experiment.seed = 1  # type: ignore[misc]
    assert hash(experiment) == hash(Experiment.model_validate(experiment.model_dump()))


def test_regression_has_its_own_loss_and_output() -> None:
    experiment = Experiment.model_validate({"data": {"name": "plane"}, "training": {"batch_size": 5}})
    assert experiment.training.loss == "mean_squared_error"
    assert experiment.training.batch_size == 5
    assert experiment.output_activation == "linear"


def changed(path: str, value: Any) -> dict[str, Any]:
    tree = json.loads(json.dumps(DEFAULT))
    *parents, last = path.split(".")
    part = tree
    for name in parents:
        part = part[name]
    part[last] = value
    return tree


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("data.name", "elsewhere", "circle, xor, gauss, spiral, moons"),
        ("data.noise", 0.51, "less than or equal to 0.5"),
        ("data.noise", -0.01, "greater than or equal to 0"),
        ("data.noise", "0.1", "valid number"),
        ("data.train_share", 0.09, "greater than or equal to 0.1"),
        ("data.seed", 2**32, "less than or equal to 4294967295"),
        ("data.seed", 1.5, "valid integer"),
        ("data.seed", True, "valid integer"),
        ("features", [], "at least 1"),
        ("features", ["x1", "x1"], "at most once"),
        ("features", ["x3"], "x1, x2, x1_squared"),
        ("network.hidden", [{"neurons": 1}] * 9, "at most 8"),
        ("network.hidden", [{"neurons": 0}], "greater than or equal to 1"),
        ("network.hidden", [{"neurons": 65}], "less than or equal to 64"),
        ("network.hidden", [{"activation": "cosine"}], "linear, relu"),
        ("network.output_activation", "relu", "auto, sigmoid, softmax, tanh, linear"),
        ("network.output_activation", "linear", "sigmoid or auto"),
        ("network.initializer", "ones", "glorot_uniform"),
        ("network.bias", 1e9, "less than or equal to 10"),
        ("training.loss", "poisson", "binary_crossentropy"),
        ("training.optimizer", "ftrl", "sgd, momentum"),
        ("training.learning_rate", 0.0, "greater than or equal to 0.00001"),
        ("training.learning_rate", float("inf"), "finite"),
        ("training.learning_rate", float("nan"), "finite"),
        ("training.regularization", "l3", "none, l1, l2"),
        ("training.batch_size", 513, "less than or equal to 512"),
        ("training.batch_size", 0, "greater than or equal to 1"),
        ("training.velocity", 0.9, "members"),
        ("training.momentum", 1.5, "0 to 0.9999"),
        ("data", None, "dictionary"),
    ],
)
def test_what_will_not_do_is_explained(path: str, value: Any, expected: str) -> None:
    """The message names the place, the rest what would do."""
    with pytest.raises(ValidationError) as refused:
        Experiment.model_validate(changed(path, value))
    message, wanted = explain(refused.value)
    assert message.startswith(path.split(".", maxsplit=1)[0])
    assert path.rsplit(".", maxsplit=1)[-1] in message
    assert expected in wanted


def test_a_loss_that_is_not_for_the_problem() -> None:
    with pytest.raises(ValidationError) as refused:
        Experiment.model_validate({"data": {"name": "plane"}, "training": {"loss": "binary_crossentropy"}})
    message, wanted = explain(refused.value)
    assert message.startswith("training.loss: binary_crossentropy is not for regression")
    assert wanted == "one of mean_squared_error, half_squared_error, mean_absolute_error, huber"


@pytest.mark.parametrize("given_", [None, 3, "circle", [], [DEFAULT]])
def test_what_is_no_object(given_: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Experiment.model_validate(given_)
    message, wanted = explain(refused.value)
    assert message
    assert wanted


def test_messages_stay_short() -> None:
    with pytest.raises(ValidationError) as refused:
        Experiment.model_validate({"features": "x" * 10_000})
    assert len(explain(refused.value)[0]) < 100


@given(EXPERIMENTS)
def test_the_limits_are_the_catalogues(experiment: Experiment) -> None:
    assert len(experiment.units) - 2 <= catalogue.HIDDEN_LAYERS[1]
    assert experiment.units[0] == len(experiment.features)
    assert experiment.units[-1] == (experiment.classes if experiment.output_activation == "softmax" else 1)
    assert len(experiment.activations) == len(experiment.units) - 1
    assert experiment.activations[-1] in catalogue.OUTPUT_ACTIVATION_NAMES
