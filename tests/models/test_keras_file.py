"""`.keras` files written without Keras, against those that Keras writes."""

import re
import warnings
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from models import catalogue, keras_file, packing, reference
from models.backend import keras
from models.experiment import Experiment
from models.saved_lane import SavedLane
from tests.models import saved_by_keras
from tests.models.training import make, trained

EXPERIMENTS = {
    **{row.name: {"hidden": "3,2", "activation": row.name} for row in catalogue.ACTIVATIONS},
    **{f"optimizer {row.name}": {"hidden": "2", "optimizer": row.name} for row in catalogue.OPTIMIZERS},
    **{
        f"schedule {row.name}": {"hidden": "2", "schedule": row.name, "optimizer": "adam"}
        for row in catalogue.SCHEDULES
    },
    **{
        f"penalty {row.name}": {"hidden": "2", "regularization": row.name, "regularization_rate": 0.01}
        for row in catalogue.REGULARIZATIONS
    },
    **{f"initializer {row.name}": {"hidden": "2", "initializer": row.name} for row in catalogue.INITIALIZERS},
    "all at once": {
        "hidden": "4,3,2",
        "activation": "sine,relu,sine",
        "batch_normalization": "true,true,false",
        "dropout": "0.2,0.1,0.3",
        "optimizer": "nadam",
        "beta_1": 0.8,
        "clip_norm": 1.5,
        "max_norm": 2,
        "regularization": "l1_l2",
        "regularization_rate": 0.002,
        "bias": 0.25,
        "features": "x1,x1x2,sin_x2",
    },
    "softmax": {"data": "multi_gauss", "classes": 5, "hidden": "3", "batch_normalization": "true"},
    "regression": {"data": "plane", "hidden": "", "loss": "half_squared_error"},
    "huber": {"data": "plane", "hidden": "4", "loss": "huber"},
    "hinge": {"hidden": "4", "loss": "hinge"},
}


def loaded(content: bytes, path: Path) -> Any:
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Keras warns of what it leaves out
        return keras.saving.load_model(path)


def some_weights(experiment: Experiment) -> list[Any]:
    """Not those of a fresh model: also biases, scales and moving averages are something."""
    random = np.random.default_rng(3)
    shapes: list[tuple[int, ...]] = [array.shape for array in reference.build(experiment).get_weights()]
    return [np.asarray(random.uniform(0.1, 1.0, shape), np.float32) for shape in shapes]


def alike(value: Any) -> Any:
    """A config without what depends on the order in which models were made: names and their numbers."""
    if isinstance(value, dict):
        parts = cast(dict[str, Any], value).items()
        return {name: alike(part) for name, part in parts if name not in ("name", "shared_object_id")}
    if isinstance(value, list | tuple):
        return [alike(part) for part in cast(list[Any], value)]
    if isinstance(value, str):
        return re.sub(r"_\d+$", "", value)
    return pytest.approx(value) if isinstance(value, float) else value


@pytest.mark.parametrize("options", EXPERIMENTS.values(), ids=list(EXPERIMENTS))
def test_keras_loads_what_it_would_have_written(options: dict[str, Any], tmp_path: Path) -> None:
    experiment = make(**options)
    weights = some_weights(experiment)
    ours = loaded(keras_file.write(experiment, weights), tmp_path / "ours.keras")
    saved_by_keras.save(experiment, weights, tmp_path / "theirs.keras")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")  # it has made no step
        theirs = keras.saving.load_model(tmp_path / "theirs.keras")
    assert alike(ours.get_config()) == alike(theirs.get_config())
    compiled, by_keras = alike(ours.get_compile_config()), alike(theirs.get_compile_config())
    metrics = [metric["class_name"] for metric in compiled.pop("metrics")]
    assert by_keras.pop("metrics") == []
    assert compiled == by_keras
    expected = ["CategoricalAccuracy"] if experiment.units[-1] > 1 else ["BinaryAccuracy"]
    has_metric = experiment.problem == "classification" and options.get("loss") != "hinge"
    assert metrics == (expected if has_metric else [])
    x = np.random.default_rng(1).uniform(-3, 3, (40, experiment.units[0])).astype(np.float32)
    reference_model = reference.build(experiment)
    reference_model.set_weights(weights)
    np.testing.assert_array_equal(ours(x), theirs(x))
    np.testing.assert_allclose(ours(x), reference_model(x), atol=1e-6)


@pytest.mark.parametrize("optimizer", catalogue.names(catalogue.OPTIMIZERS))
def test_training_goes_on_in_keras_where_a_lane_left_off(optimizer: str, tmp_path: Path) -> None:
    """Slots, step and learning rate are taken along: five more steps are those of the lane."""
    rate = 0.001 if optimizer == "lion" else 0.03
    experiment = make(
        hidden="3,2",
        activation="tanh",
        batch_normalization="true,false",
        optimizer=optimizer,
        learning_rate=rate,
        schedule="exponential",
        decay_steps=10,
    )
    before, after = (trained([experiment, experiment], steps)[0] for steps in (8, 13))
    model = loaded(keras_file.of_lane(SavedLane.of(before.blob())), tmp_path / "model.keras")
    assert int(model.optimizer.iterations) == 8
    (x, y), _ = reference.data(experiment)
    for batch in [*reference.batches(experiment, 0, len(y))][8:13]:
        model.train_on_batch(x[batch], y[batch])
    expected = packing.arranged(experiment, after.weights, after.scales, after.moving)
    for mine, theirs in zip(expected, model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=2e-5)
