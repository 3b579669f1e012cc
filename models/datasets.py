"""Every data set as points, and the seeded generators of those on the plane.

The formulas of the first six are those of the TensorFlow Playground (`dataset.ts`). Positions, noise and
split draw from streams of their own: another noise or training share keeps the same sample.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from models import columns, drawing
from models.columns import Axis
from models.curves import CURVES
from models.experiment import Data
from models.seeds import Purpose, generator

Floats = npt.NDArray[np.float64]

PLANE = 6.0  # pictures show [-PLANE, PLANE]²
RADIUS = 5.0
TARGET = Axis("y", -1.0, 1.0)
ON_PLANE = (Axis("x1", -PLANE, PLANE), Axis("x2", -PLANE, PLANE))


@dataclass(frozen=True)
class Points:
    """A drawn data set, training points first.

    `position` (n, columns); `label` (n,): -1 or 1 for two classes, the class's number from 0 for more, a
    number for regression; `train`: how many of them are training points; `axes`: what pictures show of each
    column; `target`: what a number to predict means.
    """

    position: npt.NDArray[np.float32]
    label: npt.NDArray[np.float32]
    train: int
    axes: tuple[Axis, ...] = ON_PLANE
    target: Axis = TARGET

    @property
    def reach(self) -> float:
        """Pictures show outputs from -reach to reach; a curve has room above and below its points."""
        largest = max(1.0, abs(self.target.low), abs(self.target.high))
        return 2.0 * largest if len(self.axes) == 1 else largest

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


def moons(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """Two half circles, those of scikit-learn's `make_moons` times three; noise moves the points."""
    first = np.arange(n) < n // 2
    angle = place.uniform(0.0, np.pi, n)
    x = np.where(first, np.cos(angle), 1.0 - np.cos(angle))
    y = np.where(first, np.sin(angle), 0.5 - np.sin(angle))
    position = 3.0 * np.stack([x - 0.5, y - 0.25], axis=1)
    return position + _jitter(disturb, n, 3.0, noise), np.where(first, -1.0, 1.0)


def checkerboard(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """Squares of side 2.5 by turns; noise moves the position by which the label is decided."""
    position = place.uniform(-5.0, 5.0, (n, 2))
    decided = position + _jitter(disturb, n, 2.5, noise)
    odd = np.floor(decided / 2.5).sum(axis=1) % 2.0
    return position, np.where(odd == 0.0, 1.0, -1.0)


def in_smiley(position: Floats) -> npt.NDArray[np.bool_]:
    """Which positions (n, 2) lie in an eye or in the mouth."""
    x, y = position.T
    eyes = np.hypot(np.abs(x) - 1.8, y - 1.7) < 0.9
    radius = np.hypot(x, y)
    return eyes | ((radius > 2.2) & (radius < 3.6) & (y < -0.5))


def smiley(
    n: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A disc of radius 5 with eyes and mouth; noise moves the position by which the label is decided."""
    radius, angle = RADIUS * np.sqrt(place.uniform(0.0, 1.0, n)), place.uniform(0.0, 2.0 * np.pi, n)
    position = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    decided = position + _jitter(disturb, n, 2.0, noise)
    return position, np.where(in_smiley(decided), 1.0, -1.0)


def _class_of_each(n: int, classes: int) -> Floats:
    """The number of each point's class, in blocks that are as even as can be."""
    return np.floor(np.arange(n) * (classes / n))


def blobs(
    n: int, classes: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """Clouds around a circle of radius 3.2; noise widens them."""
    label = _class_of_each(n, classes)
    angle = 2.0 * np.pi * label / classes
    centre = 3.2 * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return centre + (0.6 + 1.4 * noise) * place.standard_normal((n, 2)), label


def rings(
    n: int, classes: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """Rings of equal breadth with gaps between them; noise moves the points."""
    label = _class_of_each(n, classes)
    radius = RADIUS * (label + 0.15 + 0.7 * place.uniform(0.0, 1.0, n)) / classes
    angle = place.uniform(0.0, 2.0 * np.pi, n)
    position = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    return position + _jitter(disturb, n, 1.5, noise), label


def arms(
    n: int, classes: int, place: np.random.Generator, disturb: np.random.Generator, noise: float
) -> tuple[Floats, Floats]:
    """A spiral of one turn with an arm for each class; noise moves the points."""
    label = _class_of_each(n, classes)
    counts = np.bincount(label.astype(np.int64))
    number = np.arange(n) - (np.cumsum(counts) - counts)[label.astype(np.int64)]  # within its arm
    along = number / counts[label.astype(np.int64)]
    turn = 2.0 * np.pi * (along + label / classes)
    position = RADIUS * along[:, None] * np.stack([np.sin(turn), np.cos(turn)], axis=1)
    return position + _jitter(disturb, n, 1.0, noise), label


GENERATORS: dict[str, Generator] = {
    "circle": circle,
    "xor": xor,
    "gauss": gauss,
    "spiral": spiral,
    "plane": plane,
    "multi_gauss": multi_gauss,
    "moons": moons,
    "checkerboard": checkerboard,
    "smiley": smiley,
}
# These take the number of classes after that of the points, and label points by their class's number.
OF_SEVERAL: dict[str, Callable[..., tuple[Floats, Floats]]] = {"blobs": blobs, "rings": rings, "arms": arms}


def stratified(order: npt.NDArray[np.int64], label: Floats) -> npt.NDArray[np.int64]:
    """Point numbers (n,) in an order of which every beginning holds each class by its share.

    To within one point for classes about as large as each other, to within two for very uneven ones. Within a
    class they stay in the given order.
    """
    place = np.empty(len(order))
    for value in np.unique(label):
        of_class = label[order] == value
        count = int(of_class.sum())
        place[of_class] = (np.arange(count) + 0.5) / count
    return order[np.argsort(place, kind="stable")]


def _generated(data: Data, n: int, noise: float) -> tuple[Floats, Floats]:
    streams = generator(data.seed, Purpose.POSITIONS), generator(data.seed, Purpose.NOISE)
    if data.row.several:
        return OF_SEVERAL[data.name](n, data.classes, *streams, noise)
    return (CURVES if data.row.kind == "curve" else GENERATORS)[data.name](n, *streams, noise)


def draw(data: Data) -> Points:
    """The points of a data set: the same for the same `Data`, on every machine with the same numpy.

    TableError if it is of a table that is not here, or that cannot be trained on.
    """
    if data.row.is_table:
        return _rows(data)
    if data.row.kind == "drawn":
        return _drawn(data)
    return _synthetic(data)  # pyright: ignore[reportArgumentType] - frozen, so that it has a hash


@lru_cache(maxsize=128)  # a change of anything else draws them again, and a class often has the same ones
def _synthetic(data: Data) -> Points:
    n = data.row.points if data.points is None else data.points
    position, label = _generated(data, n, data.noise)
    order = generator(data.seed, Purpose.SPLIT).permutation(n)
    if data.problem == "classification":
        # By the labels without noise: another noise keeps every point on its side of the split.
        order = stratified(order, _generated(data, n, 0.0)[1])
    points = Points(
        position=position[order].astype(np.float32),
        label=label[order].astype(np.float32),
        train=_training(data, n),
        axes=ON_PLANE[: data.columns],
    )
    points.position.flags.writeable = points.label.flags.writeable = False
    return points


def _training(data: Data, n: int) -> int:
    return max(1, round(data.train_share * n))


def _rows(data: Data) -> Points:
    """Rows of a table, in an order by the seed; fewer points are a part of the same split."""
    table = columns.chosen(data)
    order = generator(data.seed, Purpose.SPLIT).permutation(len(table.label))
    if data.problem == "classification":
        order = stratified(order, table.label)
    order = order[: data.points]
    return Points(
        position=table.inputs[order].astype(np.float32),
        label=table.label[order].astype(np.float32),
        train=_training(data, len(order)),
        axes=table.axes,
        target=table.target,
    )


def _drawn(data: Data) -> Points:
    """What was drawn, in the order in which it was; the training points first."""
    points = np.array(drawing.decode(data.drawn), np.float64)
    training = np.array(drawing.is_training(points[:, 0].astype(int).tolist(), data.train_share))
    order = np.argsort(~training, kind="stable")
    label = points[:, 0] if data.class_count > 2 else 2.0 * points[:, 0] - 1.0
    return Points(
        position=points[order, 1:].astype(np.float32),
        label=label[order].astype(np.float32),
        train=int(training.sum()),
    )
