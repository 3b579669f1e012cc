"""The reference's forward and backward pass by TensorFlow's GradientTape, in float64."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models import catalogue, packing, reference
from models.backend import keras, tf
from models.experiment import Experiment
from models.lane import Lane

Array = npt.NDArray[Any]


@contextmanager
def float64() -> Generator[None]:
    """Keras models that are built here compute in float64, so that agreement is no matter of rounding."""
    policy = keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        yield
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy(policy)


def model_of(lane: Lane) -> Any:
    """The reference with the lane's weights."""
    model = reference.build(lane.experiment)
    model.set_weights(packing.arranged(lane.experiment, lane.weights, lane.scales, lane.moving))
    return model


@dataclass
class Passes:
    """What the tape found; arrays layer by layer, gradients kernel, bias (0 for none), scale and shift."""

    z: list[Array]
    y: list[Array]
    a: list[Array]
    by_a: list[Array]
    by_y: list[Array]
    by_z: list[Array]
    losses: Array
    penalty: float
    plain: list[Array]
    penalized: list[Array]
    scales: list[Array]


def losses(experiment: Experiment, y: Any, a: Any) -> Any:
    """Keras's loss of every row."""
    name = experiment.training.loss
    if name == "half_squared_error":
        return 0.5 * keras.losses.mean_squared_error(y, a)
    return keras.losses.get(name)(y, a)


def _of_the_output(experiment: Experiment, y: Any, a: Any) -> Array:
    """The mean loss's slope by the output itself, from which Keras otherwise goes back to the logits."""
    a = tf.constant(a.numpy())
    with tf.GradientTape() as tape:
        tape.watch(a)
        if experiment.training.loss == "categorical_crossentropy":
            value = -tf.reduce_mean(tf.reduce_sum(tf.math.xlogy(y, a), -1))  # Keras also makes their sum 1
        else:
            value = tf.reduce_mean(losses(experiment, y, a))
    return tape.gradient(value, a).numpy()


def passes(lane: Lane, model: Any, x: Array, y: Array, training: bool, masks: Sequence[Array] = ()) -> Passes:
    """Both passes on x (rows, features), y (rows, outputs); `masks` of every hidden layer."""
    x, y = tf.constant(x, tf.float64), tf.constant(y, tf.float64)
    zs: list[Any] = []
    ys: list[Any] = []
    activated: list[Any] = []
    normalized = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    followers = iter(normalized)
    with tf.GradientTape(persistent=True) as tape:
        h = x
        for number, layer in enumerate(dense):
            z = tf.matmul(h, layer.kernel) + (layer.bias if layer.use_bias else 0.0)
            # Without a bias, normalization follows.
            value = z if layer.use_bias else next(followers)(z, training=training)
            name = lane.experiment.activations[number]
            a = keras.activations.get(reference.activation(name))(value)
            zs.append(z)
            ys.append(value)
            activated.append(a)
            h = a * masks[number] if number < len(masks) else a
        each = losses(lane.experiment, y, activated[-1])
        plain = tf.reduce_mean(each)
        penalty = tf.add_n(model.losses) if model.losses else tf.zeros((), tf.float64)
        whole = plain + penalty

    def slope(value: Any, sources: list[Any]) -> list[Array]:
        return [found.numpy() for found in tape.gradient(value, sources, unconnected_gradients="zero")]

    def of_weights(value: Any) -> list[Array]:
        found: list[Array] = []
        for layer in dense:
            found += slope(value, [layer.kernel.value])
            found += slope(value, [layer.bias.value]) if layer.use_bias else [np.zeros(layer.units)]
        return found

    by_a = slope(plain, activated)
    by_a[-1] = _of_the_output(lane.experiment, y, activated[-1])
    return Passes(
        [value.numpy() for value in zs],
        [value.numpy() for value in ys],
        [value.numpy() for value in activated],
        by_a,
        slope(plain, ys),
        slope(plain, zs),
        each.numpy(),
        float(penalty),
        of_weights(plain),
        of_weights(whole),
        [np.stack(slope(plain, [layer.gamma.value, layer.beta.value])) for layer in normalized],
    )


def row(arrays: Sequence[Array]) -> Array:
    """All values in one row."""
    return np.concatenate([np.zeros(0), *(np.asarray(array).ravel() for array in arrays)])


# Keras's names of a lane's m and v.
SLOTS = {
    "sgd": ("", ""),
    "momentum": ("momentums", ""),
    "nesterov": ("momentums", ""),
    "rmsprop": ("", "_velocities"),
    "adagrad": ("", "_accumulators"),
    "adadelta": ("_accumulated_delta_vars", "_accumulated_grads"),
    "adam": ("_momentums", "_velocities"),
    "adamw": ("_momentums", "_velocities"),
    "adamax": ("_m", "_u"),
    "nadam": ("_momentums", "_velocities"),
    "lion": ("_momentums", ""),
}


def keras_update(lane: Lane, gradients: Sequence[Array], scales: Sequence[Array]) -> tuple[Array, Array]:
    """What Keras's optimizer, with the lane's slots and count, makes of these gradients.

    gradients: kernel and bias of every layer; scales: scale and shift of every normalized one. Returns the
    differences of weights and of scales, each in a row.
    """
    normal = [
        place for place, layer in enumerate(lane.experiment.network.hidden) if layer.batch_normalization
    ]
    parts: list[tuple[Array, Array, Array, Array, bool]] = [
        (w, m, v, g, place % 2 == 0)
        for place, (w, m, v, g) in enumerate(
            zip(lane.weights, lane.first, lane.second, gradients, strict=True)
        )
    ]
    for place, pair in zip(normal, scales, strict=True):
        of_layer = (lane.scales[place], lane.first_scales[place], lane.second_scales[place], pair)
        parts += [(w, m, v, g, False) for w, m, v, g in zip(*of_layer, strict=True)]
    most = lane.experiment.training.max_norm
    variables = [keras.Variable(w.astype(np.float64), dtype="float64") for w, *_ in parts]
    for variable, (*_, is_kernel) in zip(variables, parts, strict=True):
        if is_kernel and most:
            variable.constraint = keras.constraints.MaxNorm(most)
    optimizer = reference.optimizer(lane.experiment)
    optimizer.build(variables)
    optimizer.iterations.assign(lane.step)
    _fill(optimizer, lane, parts)
    optimizer.apply([tf.constant(g, tf.float64) for *_, g, _ in parts], variables)
    differences = [
        variable.numpy() - w.astype(np.float64) for variable, (w, *_) in zip(variables, parts, strict=True)
    ]
    count = len(lane.weights)
    return row(differences[:count]), row(differences[count:])


def _fill(optimizer: Any, lane: Lane, parts: Sequence[tuple[Array, Array, Array, Array, bool]]) -> None:
    """Put the lane's slots into Keras's, by their names."""
    name = lane.experiment.training.optimizer
    first, second = SLOTS[name]
    for slots, which in ((first, 1), (second, 2)):
        if slots:
            for slot, part in zip(getattr(optimizer, slots), parts, strict=True):
                slot.assign(part[which])
    if name == "nadam":
        steps = np.arange(1, lane.step + 1)
        beta = lane.experiment.training.settings["beta_1"]
        optimizer._u_product.assign(np.prod(beta * (1.0 - 0.5 * 0.96**steps)))


def one_hot(lane: Lane, target: Array) -> Array:
    """Targets (rows,) as Keras wants them, (rows, outputs)."""
    outputs = lane.experiment.units[-1]
    several = catalogue.row(catalogue.LOSSES, lane.experiment.training.loss).several
    return (target[:, None] == np.arange(outputs)).astype(float) if several else target[:, None]
