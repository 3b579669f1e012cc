"""A network's output over the plane by numpy alone, from what a frame says: nothing of the program's own."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special  # pyright: ignore[reportMissingTypeStubs]

Array = npt.NDArray[Any]
Header = Mapping[str, Any]

EPSILON = 1e-3  # of batch normalization, Keras's default


def _selu(z: Array) -> Array:
    return 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0)))


def _softmax(z: Array) -> Array:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


ACTIVATIONS: dict[str, Callable[[Array], Any]] = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": _selu,
    "gelu": lambda z: z * special.ndtr(z),
    "silu": lambda z: z * special.expit(z),
    "softplus": lambda z: np.logaddexp(z, 0),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "sine": np.sin,
    "softmax": _softmax,
}
FEATURES: dict[str, Callable[[Array], Array]] = {
    "x1_squared": lambda x: x[:, 0] ** 2,
    "x2_squared": lambda x: x[:, 1] ** 2,
    "x1x2": lambda x: x[:, 0] * x[:, 1],
    "sin_x1": lambda x: np.sin(x[:, 0]),
    "sin_x2": lambda x: np.sin(x[:, 1]),
    "cos_x1": lambda x: np.cos(x[:, 0]),
    "cos_x2": lambda x: np.cos(x[:, 1]),
}


def cells(axes: list[Mapping[str, Any]], side: int) -> Array:
    """The columns of a picture's cells, (side², columns), from the top left, in the network's units."""
    ends = [[(axis[end] - axis["mean"]) / axis["scale"] for end in ("low", "high", "held")] for axis in axes]
    shares = (np.arange(side) + 0.5) / side
    x = np.empty((side * side, len(axes)))
    for place, (low, high, held) in enumerate(ends):
        along = low + (high - low) * shares
        x[:, place] = (
            np.tile(along, side) if place == 0 else np.repeat(along[::-1], side) if place == 1 else held
        )
    return x


def output(header: Header, blocks: Mapping[str, Array], features: list[str], x: Array) -> Array:
    """(rows, outputs) of x (rows, columns), in the floats that x has."""
    made = [FEATURES[name](x) if name in FEATURES else x[:, int(name[1:]) - 1] for name in features]
    h = np.stack(made, axis=1)
    weights, normal = blocks["weights"].astype(x.dtype), blocks["normalization"].astype(x.dtype)
    hidden = header["experiment"]["network"]["hidden"]
    for place, (before, here) in enumerate(pairwise(header["layers"])):
        kernel, bias, weights = np.split(weights, [before * here, before * here + here])
        z = h @ kernel.reshape(before, here) + bias
        if place < len(hidden) and hidden[place]["batch_normalization"]:
            (scale, shift, mean, variance), normal = normal[: 4 * here].reshape(4, here), normal[4 * here :]
            z = scale * (z - mean) / np.sqrt(variance + x.dtype.type(EPSILON)) + shift
        h = ACTIVATIONS[header["activations"][place]](z)
    assert len(weights) == len(normal) == 0
    return h


def assert_pictured(header: Header, blocks: Mapping[str, Array]) -> None:
    """That the boundary's picture is one of the frame's weights. `header` has `experiment` and `axes`, too.

    What rounding may do is told by the difference between float32 and float64.
    """
    picture = blocks["boundary"]
    x = cells(header["axes"], len(picture))
    features = header["experiment"]["features"]
    with np.errstate(all="ignore"):
        exact = output(header, blocks, features, x)
        rounded = output(header, blocks, features, x.astype(np.float32))
        error = 4.0 * np.abs(exact - rounded).max() + 1e-6
    if not np.isfinite(error):
        return  # an overflowed network has a picture, but of nothing
    found = picture.ravel().astype(float)
    if exact.shape[1] > 2:
        likeliest, second = np.sort(exact, axis=1)[:, ::-1][:, :2].T
        clear = likeliest - second > 2 * error
        np.testing.assert_array_equal(found[clear] // 32, exact.argmax(axis=1)[clear])
        assert np.abs(found % 32 - 31 * likeliest)[clear].max(initial=0) <= 0.51 + 31 * error
    else:
        low, high = blocks["ranges"].reshape(-1, 2)[-1].astype(float)
        level = 254.0 / (high - low)
        wanted = np.clip((exact[:, -1] - low) * level, 0, 254)
        assert np.abs(found - wanted).max() <= 0.51 + level * error
