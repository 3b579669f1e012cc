"""Dropout and batch normalization of lanes, in the programs that have them.

Both are switched per lane and layer; where they are off, numbers pass through unchanged.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.backend import Tensor, tf

MOMENTUM = 0.99  # Keras's defaults for BatchNormalization
EPSILON = 0.001
_ROWS, _UNITS = (
    512,
    64,
)  # what a mask is numbered by; never the bucket's own sizes, so that masks stay the same


def _mixed(x: Tensor) -> Tensor:
    """MurmurHash3's finalizer (Austin Appleby, public domain), of uint32."""
    x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(16, tf.uint32)))
    x = x * tf.constant(0x85EBCA6B, tf.uint32)
    x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(13, tf.uint32)))
    x = x * tf.constant(0xC2B2AE35, tf.uint32)
    return tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, tf.constant(16, tf.uint32)))


def kept(rate: Tensor, seed: Tensor, steps: Tensor, place: Tensor, rows: int, width: int) -> Tensor:
    """What dropout multiplies a layer's outputs by: 0, or 1 / (1 - rate); (rows, width, lanes).

    rate, seed and steps (those made before): (lanes,). A unit's fate depends on these, the place, the row in
    the batch and the unit's number alone.
    """
    number = (place * _ROWS + tf.range(rows)[:, None]) * _UNITS + tf.range(width)[None]
    number = tf.cast(number, tf.uint32) * tf.constant(0x9E3779B9, tf.uint32)  # 2^32 / golden ratio
    key = _mixed(tf.cast(seed, tf.uint32) ^ _mixed(tf.cast(steps, tf.uint32)))
    bits = _mixed(number[..., None] + key)
    share = tf.cast(tf.cast(tf.bitwise.right_shift(bits, tf.constant(8, tf.uint32)), tf.int32), tf.float32)
    return tf.where(share * 2.0**-24 >= rate, 1.0 / (1.0 - rate), 0.0)


def kept_in_numpy(
    rate: float, seed: int, step: int, place: int, rows: int, width: int
) -> npt.NDArray[np.float32]:
    """`kept` of one lane, (rows, width), in other arithmetic: for looking inside it, and for tests."""

    def mixed(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        low = np.uint64(0xFFFFFFFF)
        x = ((x ^ (x >> np.uint64(16))) * np.uint64(0x85EBCA6B)) & low
        x = ((x ^ (x >> np.uint64(13))) * np.uint64(0xC2B2AE35)) & low
        return x ^ (x >> np.uint64(16))

    number = (place * _ROWS + np.arange(rows, dtype=np.uint64)[:, None]) * np.uint64(_UNITS)
    number = (number + np.arange(width, dtype=np.uint64)) * np.uint64(0x9E3779B9)
    key = mixed(np.array(seed, np.uint64) ^ mixed(np.array(step, np.uint64)))
    share = (mixed((number + key) & np.uint64(0xFFFFFFFF)) >> np.uint64(8)).astype(np.float64) / 2**24
    return np.where(share >= np.float32(rate), 1.0 / (1.0 - rate), 0.0).astype(np.float32)


class Normal(NamedTuple):
    """What the backward pass needs of a layer's normalization."""

    hat: Tensor  # (rows, width, lanes): the normalized values
    inverse: Tensor  # (width, lanes): 1 / sqrt(variance + EPSILON)


def normalized(
    z: Tensor, scale: Tensor, shift: Tensor, moving: Tensor, on: Tensor, counted: Tensor, size: Tensor
) -> tuple[Tensor, Normal, Tensor]:
    """A layer's z normalized over the batch, where it is `on` (lanes,).

    z (rows, width, lanes), scale and shift (width, lanes), moving (2, width, lanes), counted (rows, 1,
    lanes), 1 for the batch's `size` (lanes,) points and 0 for padding; also all without the lanes. Returns z,
    what goes back, and the new `moving`.
    """
    mean = tf.reduce_sum(z * counted, 0) / size
    variance = tf.reduce_sum((z - mean) ** 2 * counted, 0) / size
    inverse = 1.0 / tf.sqrt(variance + EPSILON)
    hat = (z - mean) * inverse
    scaled = scale * hat + shift
    moved = MOMENTUM * moving + (1.0 - MOMENTUM) * tf.stack([mean, variance])
    return tf.where(on, scaled, z), Normal(hat, inverse), tf.where(on, moved, moving)


def normalized_back(
    dy: Tensor, normal: Normal, scale: Tensor, on: Tensor, counted: Tensor, size: Tensor
) -> tuple[Tensor, Tensor]:
    """The slope by z of `normalized`, from that by its value, (rows, width, lanes); and by scale and shift.

    The formula is that of Ioffe and Szegedy 2015, "Batch Normalization", section 3, in its shortened form.
    """
    by_scale = tf.reduce_sum(dy * normal.hat, 0)
    by_shift = tf.reduce_sum(dy, 0)
    inner = dy - (by_shift + normal.hat * by_scale) / size
    dz = scale * normal.inverse * inner * counted
    return tf.where(on, dz, dy), tf.where(on, tf.stack([by_scale, by_shift]), 0.0)


def normalized_at_rest(z: Tensor, scale: Tensor, shift: Tensor, moving: Tensor, on: Tensor) -> Tensor:
    """z normalized by the moving statistics, as Keras does in inference."""
    hat = (z - moving[0]) / tf.sqrt(moving[1] + EPSILON)
    return tf.where(on, scale * hat + shift, z)
