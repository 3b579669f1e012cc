"""What activations are made of, each computed at most once and only when asked for."""

from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from models.backend import Tensor, tf, xla_optimization_barrier


def sine_cosine(z: Tensor) -> tuple[Tensor, Tensor]:
    """Sine and cosine of float32 `z` within 3e-7 for |z| < 1000, of plain multiply-adds.

    XLA's own call the C library once an element, 8 times slower for the pair. Reduction by multiples of π/2
    in three parts (Cody and Waite 1980), then the minimax polynomials of Cephes' `sinf` and `cosf`.
    """
    quarter = tf.round(z * 0.6366197723675814)
    r = z - quarter * 1.5703125
    r = r - quarter * 4.83751296997e-4
    r = r - quarter * 7.54978995489e-8
    r2 = r * r
    sine = r + r * r2 * (-1.6666654611e-1 + r2 * (8.3321608736e-3 + r2 * -1.9515295891e-4))
    cosine = 1.0 - 0.5 * r2
    cosine = cosine + r2 * r2 * (
        4.166664568298827e-2 + r2 * (-1.388731625493765e-3 + r2 * 2.443315711809948e-5)
    )
    turn = tf.bitwise.bitwise_and(tf.cast(quarter, tf.int32), 3)
    swap = tf.equal(tf.bitwise.bitwise_and(turn, 1), 1)
    s = tf.where(swap, cosine, sine)
    c = tf.where(swap, sine, cosine)
    return tf.where(turn >= 2, -s, s), tf.where(tf.logical_or(tf.equal(turn, 1), tf.equal(turn, 2)), -c, c)


class TensorPrimitives:
    """`models.catalogue.Primitives` of a tensor of pre-activations; all members have its shape."""

    def __init__(self, z: Tensor) -> None:
        self.z = z

    def where(self, condition: Tensor, then: Tensor, otherwise: Tensor) -> Tensor:
        return tf.where(condition, then, otherwise)

    def absolute(self, x: Tensor) -> Tensor:
        return tf.abs(x)

    def sign(self, x: Tensor) -> Tensor:
        return tf.sign(x)

    @cached_property
    def one(self) -> Tensor:
        return tf.ones_like(self.z)

    @cached_property
    def positive(self) -> Tensor:
        return self.z > 0.0

    @cached_property
    def magnitude(self) -> Tensor:
        return tf.abs(self.z)

    @cached_property
    def decay_minus_one(self) -> Tensor:
        # Value and slope end up in different loops of the compiled program; behind the barrier this, the
        # dearest part of both, is computed once.
        shared = tf.math.expm1(-self.magnitude)
        if not tf.executing_eagerly():
            (shared,) = xla_optimization_barrier(input=[shared])
        return shared

    @cached_property
    def decay(self) -> Tensor:
        return self.decay_minus_one + 1.0

    @cached_property
    def sigmoid(self) -> Tensor:
        return tf.where(self.positive, 1.0, self.decay) / (1.0 + self.decay)

    @cached_property
    def tanh(self) -> Tensor:
        # (1 - e²) / (1 + e²) with e = exp(-|z|), from expm1 so that small z keep their digits.
        both = self.decay_minus_one * (self.decay_minus_one + 2.0)
        return tf.where(self.positive, -both, both) / (2.0 + both)

    @cached_property
    def softplus(self) -> Tensor:
        return tf.maximum(self.z, 0.0) + tf.math.log1p(self.decay)

    @cached_property
    def normal_cdf(self) -> Tensor:
        return 0.5 * (1.0 + tf.math.erf(self.z * 0.7071067811865476))

    @cached_property
    def normal_pdf(self) -> Tensor:
        return 0.3989422804014327 * tf.exp(-0.5 * self.z * self.z)

    @cached_property
    def _sine_cosine(self) -> tuple[Tensor, Tensor]:
        return sine_cosine(self.z)

    @property
    def sine(self) -> Tensor:
        return self._sine_cosine[0]

    @property
    def cosine(self) -> Tensor:
        return self._sine_cosine[1]


class ArrayPrimitives:
    """`models.catalogue.Primitives` of a numpy array."""

    def __init__(self, z: npt.NDArray[Any]) -> None:
        self.z = z

    def where(self, condition: Any, then: Any, otherwise: Any) -> Any:
        return cast(Any, np.where(condition, then, otherwise))

    def absolute(self, x: Any) -> Any:
        return np.abs(x)

    def sign(self, x: Any) -> Any:
        return np.sign(x)

    @cached_property
    def one(self) -> Any:
        return np.ones_like(self.z)

    @cached_property
    def positive(self) -> Any:
        return self.z > 0.0

    @cached_property
    def magnitude(self) -> Any:
        return np.abs(self.z)

    @cached_property
    def decay_minus_one(self) -> Any:
        return np.expm1(-self.magnitude)

    @cached_property
    def decay(self) -> Any:
        return np.exp(-self.magnitude)

    @cached_property
    def sigmoid(self) -> Any:
        return np.where(self.positive, 1.0, self.decay) / (1.0 + self.decay)

    @cached_property
    def tanh(self) -> Any:
        return np.tanh(self.z)

    @cached_property
    def softplus(self) -> Any:
        return np.maximum(self.z, 0.0) + np.log1p(self.decay)

    @cached_property
    def normal_cdf(self) -> Any:
        return 0.5 * (1.0 + tf.math.erf(tf.constant(self.z / np.sqrt(2.0))).numpy())

    @cached_property
    def normal_pdf(self) -> Any:
        return np.exp(-0.5 * self.z * self.z) / np.sqrt(2.0 * np.pi)

    @cached_property
    def sine(self) -> Any:
        return np.sin(self.z)

    @cached_property
    def cosine(self) -> Any:
        return np.cos(self.z)


def surprise(z: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Categorical cross-entropy (...) of softmax outputs: logits z and the right class, (..., classes)."""
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=-1)) - np.where(right, shifted, 0.0).sum(axis=-1)
