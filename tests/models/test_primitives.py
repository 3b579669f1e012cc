"""Every activation's value and slope against Keras and its automatic differentiation."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from models import catalogue
from models.backend import keras, tf
from models.primitives import TensorPrimitives, sine_cosine
from models.reference import activation
from models.scores import crossentropy
from tests.models.training import make

# Around zero, where values and slopes change, and far out, where exponentials overflow. Much nearer to zero
# TensorFlow's own gradient of SELU, taken from the rounded value, is wrong even in double precision.
TINY = np.logspace(-12, 0, 61)
NEAR = np.concatenate([np.linspace(-12, 12, 4001), TINY, -TINY, [0.0]])
FAR = np.array([20, 50, 87, 88, 89, 103, 104, 150, 1e3, 1e4])
Z = np.concatenate([NEAR, FAR, -FAR]).astype(np.float32)
ROWS = {row.name: row for row in catalogue.ACTIVATIONS}


def exact(name: str, z: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Value and slope from Keras in double precision: in float32 it has rounding errors of its own."""
    wide = tf.constant(z.astype(np.float64))
    with tf.GradientTape() as tape:
        tape.watch(wide)
        value = keras.activations.get(activation(name))(wide)
    assert value.dtype == tf.float64
    return value.numpy(), tape.gradient(value, wide).numpy()


def ours(name: str, z: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Value and slope as a compiled program gets them."""

    def both(z: Any) -> Any:
        primitives = TensorPrimitives(z)
        return ROWS[name].value(primitives), ROWS[name].slope(primitives)

    value, slope = tf.function(both, jit_compile=True, autograph=False)(tf.constant(z))
    return value.numpy(), slope.numpy()


@pytest.mark.parametrize("name", ROWS)
def test_value_and_slope(name: str) -> None:
    z = Z[np.abs(Z) < 1000] if name == "sine" else Z
    # XLA's erf ends 9e-8 above -1, which z Φ(z) multiplies by z.
    room = 1e-6 + (1e-7 * np.abs(z) if name == "gelu" else 0.0)
    for found, wanted in zip(ours(name, z), exact(name, z), strict=True):
        assert np.isfinite(found).all()
        assert (np.abs(found - wanted) <= room + 1e-6 * np.abs(wanted)).all()


@pytest.mark.parametrize("name", ["tanh", "elu", "selu", "softsign", "sine", "silu", "gelu"])
def test_small_numbers_keep_their_digits(name: str) -> None:
    """These run through zero almost straight: f(z) / z must not be lost in rounding."""
    # Below 1e-8 Keras's own exp(z) - 1 has lost its digits even in double precision.
    small = np.logspace(-8, -3, 50).astype(np.float32)
    z = np.concatenate([small, -small])
    np.testing.assert_allclose(ours(name, z)[0], exact(name, z)[0], rtol=1e-6)


def test_bounds_hold_and_are_reached() -> None:
    for row in catalogue.ACTIVATIONS:
        values = row.value(TensorPrimitives(tf.constant(Z[np.abs(Z) < 1000]))).numpy()
        if row.bounds is None:
            assert np.abs(values).max() > 100, row.name
        else:
            low, high = row.bounds
            assert low <= values.min() < low + 0.02, row.name
            assert high - 0.02 < values.max() <= high, row.name


def test_sine_and_cosine() -> None:
    """Within 3e-7 of the exact values, for |z| < 1000."""
    z = np.concatenate(
        [
            np.linspace(-1000, 1000, 200_001),
            np.arange(-636, 637) * (np.pi / 2),
            np.arange(-1273, 1274) * (np.pi / 4),
        ]
    ).astype(np.float32)
    z = z[np.abs(z) < 1000]
    wide = z.astype(np.float64)
    for compiled in (sine_cosine, tf.function(sine_cosine, jit_compile=True)):
        sine, cosine = (tensor.numpy() for tensor in compiled(tf.constant(z)))
        assert np.abs(sine - np.sin(wide)).max() < 3e-7
        assert np.abs(cosine - np.cos(wide)).max() < 3e-7


def test_costly_activations_are_those_whose_bucket_has_extras() -> None:
    from models.bucket import bucket_of

    for row in catalogue.ACTIVATIONS:
        assert bucket_of(make(activation=row.name)).extras is row.costly


KERAS_LOSSES = {"half_squared_error": "mean_squared_error"}
OF_ONE = [row for row in catalogue.LOSSES if not row.several]


@pytest.mark.parametrize("row", OF_ONE, ids=lambda row: row.name)
def test_losses_and_their_slopes(row: catalogue.Loss) -> None:
    """By z, through the output's activation, against Keras in double precision."""
    output = row.outputs[0]
    z = np.linspace(-9, 9, 202, dtype=np.float32)  # without 0, where some slopes jump
    wide = tf.constant(z.astype(np.float64)[:, None])
    loss = getattr(keras.losses, KERAS_LOSSES.get(row.name, row.name))
    # From the logit, as Keras computes it when the output is a sigmoid: a probability it would clip.
    logits = {"from_logits": True} if row.outputs == ("sigmoid",) else {}
    for t in (0.0 if output == "sigmoid" else -1.0, 1.0):
        target = tf.fill(wide.shape, tf.constant(t, tf.float64))
        with tf.GradientTape() as tape:
            tape.watch(wide)
            out = wide if logits else keras.activations.get(output)(wide)
            value = loss(target, out, **logits) * (0.5 if row.name == "half_squared_error" else 1.0)
        by_z = tape.gradient(value, wide).numpy()[:, 0]
        primitives = TensorPrimitives(tf.constant(z))
        a, slope = ROWS[output].value(primitives), ROWS[output].slope(primitives)
        for found, wanted in (
            (row.value(primitives, a, slope, t), value.numpy()),
            (row.slope(primitives, a, slope, t), by_z),
        ):
            np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize("classes", [2, 3, 8])
def test_the_loss_of_several_classes_and_its_slope(classes: int) -> None:
    """Of padded outputs, against Keras in double precision; overconfident ones and ties included."""
    rng = np.random.default_rng(1)
    z = np.zeros((60, 8), np.float32)
    z[:, :classes] = rng.normal(0.0, 20.0, (60, classes))
    z[:3] = 0.0
    right = rng.integers(0, classes, 60)
    value, by_z, answered = (
        part.numpy()[..., 0]
        for part in crossentropy(
            tf.constant(z[..., None]), tf.constant([classes]), tf.constant(right[:, None].astype(np.float32))
        )
    )
    wide = tf.constant(z[:, :classes].astype(np.float64))
    with tf.GradientTape() as tape:
        tape.watch(wide)
        wanted = keras.losses.categorical_crossentropy(np.eye(classes)[right], wide, from_logits=True)
    np.testing.assert_allclose(value, wanted.numpy(), rtol=1e-6, atol=2e-6)
    np.testing.assert_allclose(by_z[:, :classes], tape.gradient(wanted, wide).numpy(), rtol=1e-6, atol=2e-6)
    assert not by_z[:, classes:].any()
    assert answered.tolist() == (z[:, :classes].argmax(axis=1) == right).tolist()
