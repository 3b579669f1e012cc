"""The registries, and what the page gets of them."""

import json
from typing import Any

import pytest

from models import catalogue, menu
from models.backend import keras
from models.experiment import Experiment
from models.spelling import FIELDS

PUBLIC = menu.public()
REGISTRIES = (
    "problems",
    "data_sets",
    "features",
    "activations",
    "output_activations",
    "losses",
    "optimizers",
    "optimizer_settings",
    "schedules",
    "regularizations",
    "initializers",
    "speeds",
)


def names(registry: str) -> list[str]:
    return [row["name"] for row in PUBLIC[registry]]


def test_what_there_is_to_choose() -> None:
    assert names("activations") == (
        [
            "linear",
            "relu",
            "leaky_relu",
            "elu",
            "selu",
            "gelu",
            "silu",
            "softplus",
            "softsign",
            "tanh",
            "sigmoid",
            "sine",
        ]
    )
    assert names("output_activations") == ["auto", "sigmoid", "softmax", "tanh", "linear"]
    assert names("losses") == (
        [
            "binary_crossentropy",
            "categorical_crossentropy",
            "mean_squared_error",
            "half_squared_error",
            "mean_absolute_error",
            "huber",
            "hinge",
        ]
    )
    assert names("optimizers") == (
        [
            "sgd",
            "momentum",
            "nesterov",
            "rmsprop",
            "adagrad",
            "adadelta",
            "adam",
            "adamw",
            "adamax",
            "nadam",
            "lion",
        ]
    )
    assert names("schedules") == ["constant", "step", "exponential", "cosine", "warm_up"]
    assert names("regularizations") == ["none", "l1", "l2", "l1_l2"]
    assert names("initializers") == (
        ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "uniform", "zeros"]
    )
    assert names("features") == [f"x{number}" for number in range(1, 9)] + [
        *("x1_squared", "x2_squared", "x1x2", "sin_x1", "sin_x2", "cos_x1", "cos_x2")
    ]
    assert names("data_sets") == (
        [
            "circle",
            "xor",
            "gauss",
            "spiral",
            "moons",
            "checkerboard",
            "smiley",
            "blobs",
            "rings",
            "arms",
            "plane",
            "multi_gauss",
            *("line", "sine", "step", "growing_noise", "sparse", "gap"),
            *("iris", "wine", "breast_cancer", "digits", "diabetes"),
            "own",
            "drawn",
        ]
    )
    assert names("problems") == ["classification", "regression"]


def test_it_is_json() -> None:
    assert set(REGISTRIES) < set(json.loads(json.dumps(PUBLIC, allow_nan=False)))


@pytest.mark.parametrize("registry", REGISTRIES)
def test_rows_have_different_names_and_labels(registry: str) -> None:
    assert len(set(names(registry))) == len(PUBLIC[registry]) > 1
    labels = [row["label"] for row in PUBLIC[registry]]
    assert len(set(labels)) == len(labels)
    assert all(labels)


def test_accessible_names_of_the_features() -> None:
    assert [row["label"] for row in PUBLIC["features"]] == [
        *(f"x{number}" for number in range(1, 9)),
        "x1 squared",
        "x2 squared",
        "x1 times x2",
        "sine of x1",
        "sine of x2",
        "cos of x1",
        "cos of x2",
    ]


def test_defaults_are_the_default_experiment() -> None:
    assert Experiment.model_validate(PUBLIC["defaults"]) == Experiment()
    assert PUBLIC["default_speed"] in names("speeds")


def test_menus_stay_within_the_limits() -> None:
    for shown, limit in (
        ("learning_rates", "learning_rate"),
        ("regularization_rates", "regularization_rate"),
    ):
        low, high = PUBLIC["limits"][limit]
        steps = PUBLIC[shown]
        assert steps == sorted(set(steps))
        assert low <= steps[0]
        assert steps[-1] <= high
    assert Experiment().training.learning_rate in PUBLIC["learning_rates"]


def test_the_steps_of_the_tensorflow_playground_are_offered() -> None:
    """Those of the menus in its `index.html`."""
    rates = {0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}
    assert rates <= set(PUBLIC["learning_rates"])
    assert {0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10} <= set(PUBLIC["regularization_rates"])


def test_limits() -> None:
    limits: dict[str, Any] = {name: list(limit) for name, limit in PUBLIC["limits"].items()}
    assert {name: limits[name] for name in ("hidden_layers", "neurons", "batch_size", "features")} == {
        "hidden_layers": [0, 8],
        "neurons": [1, 64],
        "batch_size": [1, 512],
        "features": [1, 8],
    }
    assert (limits["noise"], limits["train_share"]) == ([0, 0.5], [0.1, 1])


def test_fields_choose_from_the_registries() -> None:
    choices = {field["name"]: field["choices"] for field in PUBLIC["fields"]}
    assert [field["name"] for field in PUBLIC["fields"]] == [field.name for field in FIELDS]
    for name, registry in (("data", "data_sets"), ("optimizer", "optimizers"), ("activation", "activations")):
        assert choices[name] == names(registry)


def test_losses_say_what_they_are_for() -> None:
    problems = {row["name"]: row["problems"] for row in PUBLIC["losses"]}
    assert problems["binary_crossentropy"] == ["classification"]
    assert problems["mean_squared_error"] == ["classification", "regression"]


@pytest.mark.parametrize("row", catalogue.OPTIMIZERS, ids=lambda row: row.name)
def test_optimizers_have_keras_own_defaults(row: catalogue.Optimizer) -> None:
    """The settings and coefficients are those of the Keras class with nothing but its learning rate."""
    name, arguments = row.keras
    config = getattr(keras.optimizers, name)(learning_rate=0.5, **arguments).get_config()
    ours = row.coefficients(0.5, row.settings)
    if name == "SGD":  # Keras's own momentum is none; that of the two rows is the usual one
        assert ours.m_keep == row.settings.get("momentum", 0.0)
        assert (ours.from_m != 0 and ours.from_g != 0) is config["nesterov"]
        return
    assert {setting: config[setting] for setting in row.settings} == row.settings
    assert ours.rate == 0.5
    if name == "Lion":
        return
    assert max(ours.eps_in, ours.eps_out) == config["epsilon"]
    if name == "RMSprop":
        assert (ours.v_keep, config["momentum"], config["centered"]) == (config["rho"], 0.0, False)
    elif name == "Adadelta":
        assert (ours.m_keep, ours.v_keep) == (config["rho"], config["rho"])
    elif name == "Adagrad":
        assert ours.v_start == pytest.approx(config["initial_accumulator_value"])
    else:
        assert (ours.m_keep, ours.v_keep) == (config["beta_1"], config["beta_2"])
        assert ours.decay == 0.5 * (config["weight_decay"] or 0.0)
        assert not config.get("amsgrad")


def test_unknown_names() -> None:
    with pytest.raises(KeyError):
        catalogue.row(catalogue.OPTIMIZERS, "ftrl")
    with pytest.raises(KeyError):
        catalogue.index(catalogue.LOSSES, "poisson")
