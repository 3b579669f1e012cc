"""Activations and losses of lanes, each lane having its own."""

from models import catalogue
from models.backend import Tensor, tf, xla_optimization_barrier
from models.primitives import TensorPrimitives

USUAL = ("linear", "relu", "tanh", "sigmoid")


def activate(index: Tensor, z: Tensor, costly: bool) -> tuple[Tensor, Tensor]:
    """Value and slope of each lane's own activation: index (lanes,), z (..., lanes).

    Where no lane has any but the usual ones, the others are not computed.
    """

    def among(names: tuple[str, ...]) -> tuple[Tensor, Tensor]:
        primitives = TensorPrimitives(z)
        value: Tensor = primitives.z
        slope: Tensor = primitives.one
        for number, row in enumerate(catalogue.ACTIVATIONS):
            if row.name != "linear" and row.name in names:
                chosen = tf.equal(index, number)
                value = tf.where(chosen, row.value(primitives), value)
                slope = tf.where(chosen, row.slope(primitives), slope)
        return value, slope

    every = tuple(row.name for row in catalogue.ACTIVATIONS if costly or not row.costly)
    usual = tf.constant([catalogue.index(catalogue.ACTIVATIONS, name) for name in USUAL])
    is_usual = tf.reduce_any(tf.equal(index[None], usual[:, None]), 0)
    return tf.cond(tf.reduce_all(is_usual), lambda: among(USUAL), lambda: among(every))


def loss_of(index: Tensor, z: Tensor, a: Tensor, slope: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Each lane's own loss of one output and its slope by z: index (lanes,), others (rows, 1, lanes).

    Zero for lanes whose loss is over several classes.
    """
    primitives = TensorPrimitives(z)
    value: Tensor = tf.zeros_like(z)
    by_z: Tensor = tf.zeros_like(z)
    for number, row in enumerate(catalogue.LOSSES):
        if not row.several:
            chosen = tf.equal(index, number)
            value = tf.where(chosen, row.value(primitives, a, slope, target), value)
            by_z = tf.where(chosen, row.slope(primitives, a, slope, target), by_z)
    return value, by_z


def is_several(index: Tensor) -> Tensor:
    """Which lanes' losses are over several classes: index (lanes,)."""
    numbers = [number for number, row in enumerate(catalogue.LOSSES) if row.several]
    return tf.reduce_any(tf.equal(index[None], tf.constant(numbers)[:, None]), 0)


def crossentropy(z: Tensor, classes: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Categorical cross-entropy of softmax outputs, from the logits: stable for any z.

    z: (rows, OUTPUTS, lanes), of which the first `classes` (lanes,) are used; target: (rows, lanes), the
    class's number. Returns the loss (rows, lanes), its slope by z, and whether the likeliest class, the first
    of equals, is the right one (rows, lanes).
    """
    number = tf.range(z.shape[1])[None, :, None]
    used = number < classes
    if not tf.executing_eagerly():
        # With a barrier in it, XLA leaves out what is behind a condition, instead of choosing afterwards.
        (z,) = xla_optimization_barrier(input=[z])
    shifted = z - tf.reduce_max(tf.where(used, z, -float("inf")), 1, keepdims=True)
    powers = tf.where(used, tf.exp(tf.where(used, shifted, 0.0)), 0.0)
    total = tf.reduce_sum(powers, 1, keepdims=True)
    right = tf.equal(tf.cast(number, tf.float32), target[:, None])
    of_right = tf.reduce_sum(tf.where(right, shifted, 0.0), 1)
    by_z = powers / total - tf.where(right, 1.0, 0.0)
    best = tf.reduce_min(tf.where(used & (shifted >= 0.0), number, z.shape[1]), 1)
    answered = tf.equal(tf.cast(best, tf.float32), target)
    return tf.math.log(total[:, 0]) - of_right, tf.where(used, by_z, 0.0), answered
