"""Seeded generators of the synthetic data sets.

The formulas are those of the TensorFlow Playground (`dataset.ts`). Positions, noise and split draw from
streams of their own: another noise or training share keeps the same sample.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models import catalogue
from models.experiment import Data
from models.seeds import Purpose, generator

Floats = npt.NDArray[np.float64]

PLANE = 6.0  # pictures show [-PLANE, PLANE]²
RADIUS = 5.0


@dataclass(frozen=True)
class Points:
    """A drawn data set, training points first.

    `position` (n, 2); `label` (n,): -1 or 1 for classification, a number for regression; `train`: how many
    of them are training points.
    """

    position: npt.NDArray[np.float32]
    label: npt.NDArray[np.float32]
    train: int

    @property
    def test(self) -> int:
        return len(self.label) - self.train


# A generator takes the number of points, a stream for positions, one for noise, and the noise as a fraction,
# and returns positions (n, 2) and labels (n,).
Generator = Callable[[int, np.random.Generator, np.random.Generator, float], tuple[Floats, Floats]]


def _jitter(stream: np.random.Generator, n: int, reach: float, noise: float) -> Floats:
    return stream.uniform(-reach, reach, (n, 2)) * noise


def circle(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A disc in a ring; noise moves the position by which the label is decided, not the point."""
    inner = np.arange(n) < n // 2
    share = place.uniform(0.0, 1.0, n)
    radius = np.where(inner, 0.5 * share, 0.7 + 0.3 * share) * RADIUS
    angle = place.uniform(0.0, 2.0 * np.pi, n)
    position = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    decided = position + _jitter(disturb, n, RADIUS, noise)
    return position, np.where(np.hypot(decided[:, 0], decided[:, 1]) < 0.5 * RADIUS, 1.0, -1.0)


def xor(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """Four quarters, pushed 0.3 away from the axes."""
    position = place.uniform(-5.0, 5.0, (n, 2))
    position += np.where(position > 0.0, 0.3, -0.3)
    decided = position + _jitter(disturb, n, 5.0, noise)
    return position, np.where(decided[:, 0] * decided[:, 1] >= 0.0, 1.0, -1.0)


def gauss(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """Two clouds around (2, 2) and (-2, -2); noise widens them."""
    label = np.where(np.arange(n) < n // 2, 1.0, -1.0)
    spread = np.sqrt(0.5 + 7.0 * noise)
    return 2.0 * label[:, None] + spread * place.standard_normal((n, 2)), label


def spiral(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """Two arms; noise moves the points."""
    half = n // 2
    first = np.arange(n) < half
    along = np.where(first, np.arange(n), np.arange(n) - half) / np.where(first, half, n - half)
    turn = 1.75 * 2.0 * np.pi * along + np.where(first, 0.0, np.pi)
    radius = RADIUS * along
    position = np.stack([radius * np.sin(turn), radius * np.cos(turn)], axis=1)
    return position + _jitter(disturb, n, 1.0, noise), np.where(first, 1.0, -1.0)


def plane(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A tilted plane."""
    position = place.uniform(-PLANE, PLANE, (n, 2))
    decided = position + _jitter(disturb, n, PLANE, noise)
    return position, decided.sum(axis=1) / 10.0


HILLS = np.array(
    [
        [-4.0, 2.5, 1.0],
        [0.0, 2.5, -1.0],
        [4.0, 2.5, 1.0],
        [-4.0, -2.5, -1.0],
        [0.0, -2.5, 1.0],
        [4.0, -2.5, -1.0],
    ]
)


def multi_gauss(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """Six cones of radius 2 and sign ±1; the strongest wins."""
    position = place.uniform(-PLANE, PLANE, (n, 2))
    decided = position + _jitter(disturb, n, PLANE, noise)
    distance = np.hypot(decided[:, None, 0] - HILLS[:, 0], decided[:, None, 1] - HILLS[:, 1])  # (n, hills)
    height = np.maximum(0.0, 1.0 - distance / 2.0)
    strongest = height.argmax(axis=1)
    return position, height[np.arange(n), strongest] * HILLS[strongest, 2]


GENERATORS: dict[str, Generator] = {
    "circle": circle,
    "xor": xor,
    "gauss": gauss,
    "spiral": spiral,
    "plane": plane,
    "multi_gauss": multi_gauss,
}


def draw(data: Data) -> Points:
    """The points of a data set: the same for the same `Data`, on every machine with the same numpy."""
    n = catalogue.row(catalogue.DATA_SETS, data.name).points
    position, label = GENERATORS[data.name](
        n,
        generator(data.seed, Purpose.POSITIONS),
        generator(data.seed, Purpose.NOISE),
        data.noise,
    )
    order = generator(data.seed, Purpose.SPLIT).permutation(n)
    return Points(
        position=position[order].astype(np.float32),
        label=label[order].astype(np.float32),
        train=max(1, round(data.train_share * n)),
    )
