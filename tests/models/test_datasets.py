"""Every data set by its formula."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from models import catalogue
from models.curves import CURVES
from models.datasets import GENERATORS, OF_SEVERAL, Points, draw
from models.experiment import Data

NAMES = tuple(row.name for row in catalogue.DATA_SETS if row.kind == "plane")
CLASSES = ("circle", "xor", "gauss", "spiral")
REGRESSION = ("plane", "multi_gauss")
SEVERAL = ("blobs", "rings", "arms")


def drawn(name: str, noise: float = 0.0, share: float = 0.5, seed: int = 0) -> Points:
    return draw(Data(name=name, noise=noise, train_share=share, seed=seed))


def columns(points: Points) -> tuple[npt.NDArray[np.float64], ...]:
    x, y = points.position.astype(np.float64).T
    return x, y, points.label.astype(np.float64)


@pytest.mark.parametrize("name", NAMES)
def test_number_type_and_split(name: str) -> None:
    n = 1200 if name in REGRESSION else 500
    points = drawn(name, share=0.3)
    assert points.position.shape == (n, 2)
    assert points.label.shape == (n,)
    assert points.position.dtype == points.label.dtype == np.float32
    assert (points.train, points.test) == (round(0.3 * n), n - round(0.3 * n))
    assert drawn(name, share=1.0).test == 0


@pytest.mark.parametrize("name", CLASSES)
def test_both_classes_are_about_even_and_mixed(name: str) -> None:
    label = drawn(name).label
    assert set(label.tolist()) == {-1.0, 1.0}
    assert abs(label.sum()) <= (0 if name != "xor" else 100)
    assert abs(label[:250].sum()) < 60  # shuffled: the training points hold both


def test_circle() -> None:
    x, y, label = columns(drawn("circle"))
    radius = np.hypot(x, y)
    inside = label > 0
    assert inside.sum() == 250
    assert radius[inside].max() < 2.5
    assert radius[~inside].min() > 3.5
    assert radius.max() < 5
    # r itself is uniform, so half of the disc's points lie within half of its radius.
    assert np.median(radius[inside]) == pytest.approx(1.25, abs=0.25)
    assert np.median(radius[~inside]) == pytest.approx(4.25, abs=0.25)
    assert all(np.sum((np.arctan2(y, x) // (np.pi / 2)) == quarter) > 80 for quarter in range(-2, 2))


def test_xor() -> None:
    x, y, label = columns(drawn("xor"))
    assert np.array_equal(label > 0, x * y >= 0)
    for along in (x, y):
        assert np.abs(along).min() >= 0.3
        assert 4.9 < np.abs(along).max() <= 5.3


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_gauss(noise: float) -> None:
    x, y, label = columns(drawn("gauss", noise))
    assert (label > 0).sum() == 250
    variance = 0.5 + 7 * noise
    for sign in (1, -1):
        for along in (x[label == sign], y[label == sign]):
            # Five standard errors of mean and variance of 250 draws.
            assert abs(along.mean() - 2 * sign) < 5 * np.sqrt(variance / 250)
            assert along.var(ddof=1) == pytest.approx(variance, rel=5 * np.sqrt(2 / 250))


def test_spiral() -> None:
    x, y, label = columns(drawn("spiral"))
    for sign, turned in ((1, 0.0), (-1, np.pi)):
        chosen = label == sign
        radius = np.hypot(x, y)[chosen]
        i = np.rint(radius / 5 * 250)
        assert sorted(i.tolist()) == list(range(250))
        t = 1.75 * 2 * np.pi * i / 250 + turned
        np.testing.assert_allclose(x[chosen], 5 * i / 250 * np.sin(t), atol=1e-5)
        np.testing.assert_allclose(y[chosen], 5 * i / 250 * np.cos(t), atol=1e-5)


def test_spiral_noise_moves_points() -> None:
    calm, wild = drawn("spiral"), drawn("spiral", 0.5)
    moved = wild.position - calm.position
    assert 0.45 < np.abs(moved).max() <= 0.5
    assert abs(moved.mean()) < 0.05


@pytest.mark.parametrize(("name", "reach"), [("spiral", 1.0), ("moons", 3.0), ("rings", 1.5), ("arms", 1.0)])
def test_noise_moves_the_points_of_the_same_sample(name: str, reach: float) -> None:
    """By U(-reach, reach) · noise: twice the noise moves each point twice as far in the same direction."""
    calm, some, more = (drawn(name, noise, seed=4) for noise in (0.0, 0.2, 0.4))
    moved = some.position - calm.position
    np.testing.assert_allclose(more.position - calm.position, 2 * moved, atol=1e-5)
    assert 0.9 * 0.2 * reach < np.abs(moved).max() <= 0.2 * reach + 1e-5
    assert np.array_equal(some.label, calm.label)
    assert np.array_equal(more.label, calm.label)


@pytest.mark.parametrize("name", ["gauss", "blobs"])
def test_noise_widens_the_clouds_of_the_same_sample(name: str) -> None:
    """Each point goes straight away from its cloud's centre, as far as the formula says."""
    calm, wild = drawn(name, seed=4), drawn(name, 0.3, seed=4)
    assert np.array_equal(wild.label, calm.label)
    if name == "gauss":
        centre, wider = 2.0 * calm.label[:, None], np.sqrt((0.5 + 7 * 0.3) / 0.5)
    else:
        turn = 2 * np.pi * calm.label / 3
        centre, wider = 3.2 * np.stack([np.sin(turn), np.cos(turn)], axis=1), (0.6 + 1.4 * 0.3) / 0.6
    np.testing.assert_allclose(wild.position - centre, wider * (calm.position - centre), atol=1e-5)


def test_plane() -> None:
    x, y, label = columns(drawn("plane"))
    np.testing.assert_allclose(label, (x + y) / 10, atol=1e-6)
    assert 5.9 < np.abs(x).max() <= 6
    assert 5.9 < np.abs(y).max() <= 6


def test_multi_gauss() -> None:
    x, y, label = columns(drawn("multi_gauss"))
    hills = [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
    expected: list[float] = []
    for px, py in zip(x, y, strict=True):
        cones = [sign * max(0.0, 1 - np.hypot(px - cx, py - cy) / 2) for cx, cy, sign in hills]
        expected.append(max(cones, key=abs))
    np.testing.assert_allclose(label, expected, atol=1e-6)
    assert label.max() > 0.8
    assert label.min() < -0.8


@pytest.mark.parametrize("name", ["circle", "xor", "plane", "multi_gauss"])
def test_noise_moves_the_deciding_position_alone(name: str) -> None:
    calm, wild = drawn(name), drawn(name, 0.5)
    assert np.array_equal(calm.position, wild.position)
    assert np.count_nonzero(calm.label != wild.label) > 0.03 * len(calm.label)


RULES: dict[str, Callable[[npt.NDArray[Any]], npt.NDArray[Any]]] = {
    "circle": lambda p: np.where(np.hypot(p[:, 0], p[:, 1]) < 2.5, 1, -1),
    "xor": lambda p: np.where(p[:, 0] * p[:, 1] >= 0, 1, -1),
    "plane": lambda p: (p[:, 0] + p[:, 1]) / 10,
}


@pytest.mark.parametrize(("name", "reach"), [("circle", 5.0), ("xor", 5.0), ("plane", 6.0)])
def test_the_deciding_noise_has_its_reach(name: str, reach: float) -> None:
    """U(-reach, reach) · noise a coordinate, drawn from the stream for noise."""
    noise = 0.4
    position, label = GENERATORS[name](300, np.random.default_rng(1), np.random.default_rng(2), noise)
    decided = position + np.random.default_rng(2).uniform(-reach, reach, (300, 2)) * noise
    np.testing.assert_allclose(label, RULES[name](decided))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_data_is_the_same_and_another_seed_another(name: str) -> None:
    one, same, other = drawn(name, 0.2, seed=5), drawn(name, 0.2, seed=5), drawn(name, 0.2, seed=6)
    assert one.position.tobytes() == same.position.tobytes()
    assert one.label.tobytes() == same.label.tobytes()
    assert not np.array_equal(one.position, other.position)


@pytest.mark.parametrize("name", NAMES)
def test_another_training_share_keeps_points_and_order(name: str) -> None:
    few, many = drawn(name, 0.3, share=0.1), drawn(name, 0.3, share=0.9)
    assert np.array_equal(few.position, many.position)
    assert np.array_equal(few.label, many.label)
    assert few.train < many.train


def test_every_data_set_has_its_generator() -> None:
    assert set(GENERATORS) | set(OF_SEVERAL) == set(NAMES)
    assert set(CURVES) == {row.name for row in catalogue.DATA_SETS if row.kind == "curve"}
    assert {row.name for row in catalogue.DATA_SETS if row.several} == set(OF_SEVERAL) == set(SEVERAL)


def several(name: str, classes: int, **more: Any) -> Points:
    return draw(Data(name=name, classes=classes, seed=3, **more))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.73])
@pytest.mark.parametrize(
    ("name", "classes"), [("circle", 2), ("spiral", 2), ("moons", 2), ("blobs", 3), ("rings", 8), ("arms", 5)]
)
def test_the_split_is_stratified(name: str, classes: int, share: float) -> None:
    points = several(name, max(3, classes), train_share=share, points=203)
    labels, counts = np.unique(points.label, return_counts=True)
    assert len(labels) == classes
    for label, count in zip(labels, counts, strict=True):
        wanted = count * points.train / len(points.label)
        assert abs((points.label[: points.train] == label).sum() - wanted) <= 1, label


@pytest.mark.parametrize("name", ["circle", "xor", "checkerboard", "smiley"])
def test_noise_leaves_every_point_on_its_side_of_the_split(name: str) -> None:
    calm, wild = drawn(name), drawn(name, 0.3)
    assert np.array_equal(calm.position, wild.position)
    assert not np.array_equal(calm.label, wild.label)


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("classes", [3, 8])
def test_several_classes_are_even_and_lie_on_the_plane(name: str, classes: int) -> None:
    points = several(name, classes)
    counts = np.bincount(points.label.astype(int))
    assert len(counts) == classes
    assert counts.max() - counts.min() <= 1
    assert np.abs(points.position).max() < 6


def test_rings_do_not_touch() -> None:
    points = several("rings", 4)
    radius = np.hypot(*points.position.T)
    for label in range(4):
        of_class = radius[points.label == label]
        assert 1.25 * label < of_class.min() < of_class.max() < 1.25 * (label + 1)


def test_blobs_lie_around_their_centres_and_noise_widens_them() -> None:
    for noise, spread in ((0.0, 0.6), (0.5, 1.3)):
        points = several("blobs", 4, noise=noise, points=4000)
        for label, centre in enumerate([(0.0, 3.2), (3.2, 0.0), (0.0, -3.2), (-3.2, 0.0)]):
            apart = points.position[points.label == label] - np.array(centre)
            # Five standard errors of mean and spread of 1000 draws.
            assert np.abs(apart.mean(axis=0)).max() < 5 * spread / np.sqrt(1000)
            assert apart.std() == pytest.approx(spread, rel=5 / np.sqrt(4000))


def test_arms_are_one_arm_turned() -> None:
    points = several("arms", 3, points=300)
    radius = np.hypot(*points.position.T)
    turn = np.arctan2(points.position[:, 0], points.position[:, 1]) / (2 * np.pi)
    away = (turn - radius / 5 - points.label / 3) % 1.0
    moving = radius > 0
    assert np.minimum(away, 1 - away)[moving].max() < 1e-6


def test_moons_are_those_of_scikit_learn() -> None:
    """Three times `make_moons`: (cos t, sin t) and (1 - cos t, ½ - sin t), moved to the middle."""
    x, y, label = columns(drawn("moons"))
    x, y = x / 3 + 0.5, y / 3 + 0.25
    upper = label < 0
    np.testing.assert_allclose(np.hypot(x, y)[upper], 1.0, atol=1e-6)
    np.testing.assert_allclose(np.hypot(x - 1, y - 0.5)[~upper], 1.0, atol=1e-6)
    assert y[upper].min() >= -1e-6
    assert y[~upper].max() <= 0.5 + 1e-6


def test_checkerboard_and_smiley() -> None:
    x, y, label = columns(drawn("checkerboard"))
    assert np.array_equal(label > 0, (np.floor(x / 2.5) + np.floor(y / 2.5)) % 2 == 0)
    x, y, label = columns(drawn("smiley"))
    # Eyes 2 · 0.9² / 5², mouth (3.6² - 2.2²) / 5² · 0.445, where y < -0.5; five standard errors of 500.
    assert (label > 0).mean() == pytest.approx(0.209, abs=5 * np.sqrt(0.209 * 0.791 / 500))
    assert np.hypot(x, y).max() < 5
    assert (np.sign(x[label > 0]) > 0).any()
    assert (label[np.hypot(x - 1.8, y - 1.7) < 0.9] > 0).all()
    assert (label[np.hypot(x, y) < 0.8] < 0).all()


@pytest.mark.parametrize("n", catalogue.POINTS)
@pytest.mark.parametrize("name", NAMES)
def test_as_many_points_as_wanted(name: str, n: int) -> None:
    points = draw(Data(name=name, points=n, classes=8))
    assert points.position.shape == (n, 2)
    assert np.isfinite(points.position).all()
    assert points.train == n // 2
