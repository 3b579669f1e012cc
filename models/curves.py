"""Seeded generators of the synthetic curves: y over one column; noise moves y.

Each takes the number of points, a stream for positions, one for noise, and the noise as a fraction, and
returns positions (n, 1) and labels (n,).
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Curve = Callable[[int, np.random.Generator, np.random.Generator, float], tuple[Floats, Floats]]

REACH = 5.0
DEVIATION = 0.5  # of y where the noise is 1
HALF_GAP = 1.5


def _over(n: int, place: np.random.Generator) -> Floats:
    return place.uniform(-REACH, REACH, (n, 1))


def _wave(x: Floats) -> Floats:
    return 0.8 * np.sin(x[:, 0])


def line(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A straight line."""
    x = _over(n, place)
    return x, 0.16 * x[:, 0] + DEVIATION * noise * disturb.standard_normal(n)


def sine(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A wave."""
    x = _over(n, place)
    return x, _wave(x) + DEVIATION * noise * disturb.standard_normal(n)


def step(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A jump at 0."""
    x = _over(n, place)
    return x, np.where(x[:, 0] >= 0.0, 0.7, -0.7) + DEVIATION * noise * disturb.standard_normal(n)


def growing_noise(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A wave; the deviation grows from none on the left to twice the others' on the right."""
    x = _over(n, place)
    growth = (x[:, 0] + REACH) / REACH
    return x, _wave(x) + growth * DEVIATION * noise * disturb.standard_normal(n)


def sparse(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A wave that has a deviation of 0.1 even without noise."""
    x = _over(n, place)
    return x, _wave(x) + (0.1 + DEVIATION * noise) * disturb.standard_normal(n)


def gap(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A wave with no point in the middle."""
    x = place.uniform(-1.0, 1.0, (n, 1)) * (REACH - HALF_GAP)
    x += np.where(x >= 0.0, HALF_GAP, -HALF_GAP)
    return x, _wave(x) + DEVIATION * noise * disturb.standard_normal(n)


CURVES: dict[str, Curve] = {
    "line": line,
    "sine": sine,
    "step": step,
    "growing_noise": growing_noise,
    "sparse": sparse,
    "gap": gap,
}
