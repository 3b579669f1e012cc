"""Dropout, batch normalization, schedules, clipping, constraint, and the rarer losses, against Keras."""

from typing import Any

import numpy as np
import pytest

from models import packing, reference
from models.backend import keras, tf
from models.experiment import Experiment
from models.extras import kept_in_numpy
from models.lane import Lane
from models.packing import Arrays
from models.seeds import Purpose, integer
from tests.models.oracle import Oracle
from tests.models.training import make, trained

STEPS = 60
BASE: dict[str, object] = {"hidden": "5,3", "learning_rate": 0.01}
ADAPTIVE = ("adadelta", "adamax", "nadam", "lion")
SCHEDULES = ("step", "exponential", "cosine", "warm_up")

CASES: dict[str, dict[str, object]] = {
    "two softmax outputs": {"loss": "categorical_crossentropy"},
    "hinge, tanh": {"loss": "hinge"},
    "hinge, linear": {"loss": "hinge", "output_activation": "linear"},
    "huber": {"data": "plane", "loss": "huber", "output_activation": "linear", "bias": 2.0},
    "mean absolute error": {"data": "plane", "loss": "mean_absolute_error"},
    **{name: {"optimizer": name} for name in ADAPTIVE},
    "nadam with its own numbers": {"optimizer": "nadam", "beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.001},
    "adamw with its own decay": {"optimizer": "adamw", "weight_decay": 0.2},
    "momentum of its own": {"optimizer": "momentum", "momentum": 0.5},
    "rmsprop with its own rho": {"optimizer": "rmsprop", "rho": 0.5},
    **{
        f"{schedule} of {optimizer}": {"schedule": schedule, "decay_steps": 20, "optimizer": optimizer}
        for schedule in SCHEDULES
        for optimizer in ("nesterov", "adamw")
    },
    "clipping": {"clip_norm": 0.05, "optimizer": "momentum"},
    "max-norm": {"max_norm": 0.7, "optimizer": "adam"},
    "L1 and L2": {"regularization": "l1_l2", "regularization_rate": 0.01},
    "batch normalization": {"batch_normalization": "true", "bias": 0.1},
    "batch normalization, short last batches": {
        "batch_normalization": "true,false",
        "batch_size": 7,
        "optimizer": "adamw",
        "activation": "relu",
        "regularization": "l2",
        "regularization_rate": 0.01,
        "clip_norm": 0.5,
    },
    "64 neurons": {"hidden": "64,64", "loss": "categorical_crossentropy"},
}


def in_keras_order(lane: Lane) -> Arrays:
    return packing.arranged(lane.experiment, lane.weights, lane.scales, lane.moving)


def furthest(one: Arrays, other: Arrays) -> float:
    assert [array.shape for array in one] == [array.shape for array in other]
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_lane_trains_as_keras_does(case: str) -> None:
    experiment = make(**{**BASE, **CASES[case]})
    (lane,) = trained([experiment], STEPS)
    first = in_keras_order(Lane("first", experiment))
    oracle = Oracle(experiment)
    oracle.train(STEPS)
    assert furthest(first, oracle.weights) > 1e-6, "nothing was learned"
    assert furthest(in_keras_order(lane), oracle.weights) < 1e-5


class FedDropout(keras.layers.Layer):
    """Dropout whose mask comes from outside."""

    def __init__(self, units: int) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self.mask: Any = tf.Variable(tf.ones((1, units)), shape=(None, units), trainable=False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        return inputs * self.mask if training else inputs


def with_fed_dropout(experiment: Experiment) -> tuple[Any, list[FedDropout]]:
    """The reference with `FedDropout` in place of Keras's, compiled alike."""
    fed: list[FedDropout] = []
    layers: list[Any] = [keras.Input((len(experiment.features),))]
    for layer in reference.build(experiment).layers:
        if isinstance(layer, keras.layers.Dropout):
            fed.append(FedDropout(layer.input.shape[-1]))
            layers.append(fed[-1])
        else:
            layers.append(layer)
    model = keras.Sequential(layers)
    reference.compile_model(model, experiment, [])
    return model, fed


@pytest.mark.parametrize("normalization", ["false", "true"])
def test_dropout_trains_as_keras_does_with_the_same_masks(normalization: str) -> None:
    experiment = make(
        hidden="6,4", dropout="0.5,0.2", batch_normalization=normalization, optimizer="adam", batch_size=8
    )
    (lane,) = trained([experiment], STEPS)
    model, fed = with_fed_dropout(experiment)
    (x, y), _ = reference.data(experiment)
    seed = integer(experiment.seed, Purpose.DROPOUT)
    batches = [batch for epoch in range(3) for batch in reference.batches(experiment, epoch, len(y))][:STEPS]
    for step, batch in enumerate(batches):
        for place, (layer, hidden) in enumerate(zip(fed, experiment.network.hidden, strict=True)):
            mask = kept_in_numpy(hidden.dropout, seed, step, place, len(batch), hidden.neurons)
            layer.mask.assign(mask)
        model.train_on_batch(x[batch], y[batch])
    assert furthest(in_keras_order(lane), model.get_weights()) < 1e-5


def test_masks_drop_their_share_and_differ_by_step_place_row_and_seed() -> None:
    masks = np.stack([kept_in_numpy(0.3, 5, step, 1, 100, 20) for step in range(50)])
    assert set(np.unique(masks)) == {np.float32(0.0), np.float32(1.0 / 0.7)}
    # 100,000 draws: their mean is within five standard deviations of 1.
    assert abs(masks.mean() - 1.0) < 5 * np.sqrt(0.3 / 0.7 / masks.size)
    for other in (kept_in_numpy(0.3, 6, 0, 1, 100, 20), kept_in_numpy(0.3, 5, 0, 2, 100, 20), masks[1]):
        assert 0.3 < np.mean(other == masks[0]) < 0.8  # of independent masks 0.58 agree
    assert np.corrcoef(masks[0, 0], masks[0, 1])[0, 1] < 0.9


def test_two_softmax_outputs_are_one_sigmoid() -> None:
    """softmax(z)_1 = sigmoid(z_1 - z_0): the loss of a network of either kind is the same function."""
    one = Lane("one", make(hidden="", loss="binary_crossentropy"))
    two = Lane("two", make(hidden="", loss="categorical_crossentropy"))
    kernel, bias = two.weights
    one.weights = [kernel[:, 1:] - kernel[:, :1], bias[1:] - bias[:1]]
    from models.snapshot import measured

    np.testing.assert_allclose(measured(one)[1:3], measured(two)[1:3], rtol=1e-6)


def test_a_normalized_layer_is_shown_as_keras_infers() -> None:
    from models.detail import STILL
    from models.inspection import LEVELS, pictures
    from models.plane import grid

    experiment = make(hidden="5,3", batch_normalization="true", dropout="0.4")
    (lane,) = trained([experiment], STEPS)
    model = reference.build(experiment)
    model.set_weights(in_keras_order(lane))
    cells = np.concatenate([grid(STILL.boundary, 6.0), grid(STILL.neurons, 6.0)]).astype(np.float32)
    made = pictures(lane.weights, experiment.activations, lane.normalization, cells.T, STILL)
    expected = model.predict(cells[: STILL.boundary**2], verbose=0)[:, 0]
    np.testing.assert_allclose(made.boundary.ravel() / LEVELS, expected, atol=0.51 / LEVELS)
