"""How two moments differ that a page compares."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Page

from models import frame

DIFFERENCE = """async ([a, b]) => {
  const { decode, merge } = await import("/static/frame.js");
  const { differenceOf } = await import("/static/back/difference.js");
  const snapshots = [a, b].map((bytes) => merge(null, decode(Uint8Array.from(bytes).buffer)));
  const found = differenceOf(...snapshots);
  return found && { ...found, values: [...found.values], classes: found.classes && [...found.classes] };
}"""


def encoded(
    activation: str, boundary: np.ndarray, span: tuple[float, float], classes: int, **members: Any
) -> list[int]:
    """A key frame of a network without hidden layers that puts out this picture."""
    axis = {"name": "x1", "low": -6, "high": 6, "mean": 0, "scale": 1, "held": 0}
    header: dict[str, Any] = {
        "seq": 1, "key": True, "applied": 0, "run": 1, "step": 0, "epoch": 0, "offset": 0, "train_points": 1,
        "state": "paused", "speed": "slow", "exact": True, "layers": [2, max(1, classes * (classes > 2))],
        "activations": [activation], "problem": "classification", "classes": classes, "measured": None,
        "stopped": None, "touched": False, "panels": {}, "stop": {}, "experiment": {}, "running": None,
        "counts": {"train": 1, "test": 0}, "axes": [axis, {**axis, "name": "x2"}], "target": axis,
    }  # fmt: skip
    header |= members
    inputs = len(header["axes"])
    header["layers"] = [inputs, *header["layers"][1:]]
    blocks = {
        "weights": np.zeros(inputs + 1, np.float32),
        "ranges": np.array([span], np.float32),
        "boundary": boundary,
        "neurons": np.zeros((0, 24, 24), np.uint8),
        "inputs": np.zeros((inputs, 24, 24), np.uint8),
        "input_ranges": np.zeros((inputs, 2), np.float32),
        "points": np.zeros((1, 3), np.float32),
    }
    return list(frame.encode(header, blocks))


def test_the_difference_is_that_of_the_two_pictures(modules: Page) -> None:
    draw = np.random.default_rng(7)
    a, b = draw.integers(0, 255, (2, 100, 100), dtype=np.uint8)
    found = modules.evaluate(DIFFERENCE, [encoded("tanh", a, (-1, 1), 2), encoded("tanh", b, (-1, 1), 2)])
    values = [2 * picture / 254 - 1 for picture in (a.astype(float), b.astype(float))]
    difference = values[1] - values[0]
    np.testing.assert_allclose(np.reshape(found["values"], (100, 100)), difference, atol=1e-6)
    assert found["reach"] == pytest.approx(np.abs(difference).max())
    assert found["higher"] == np.mean(difference > 0)
    assert found["otherwise"] == np.mean((values[0] >= 0) != (values[1] >= 0))
    # A sigmoid's 0 to 1 against a tanh's -1 to 1: as far between the classes.
    found = modules.evaluate(DIFFERENCE, [encoded("sigmoid", a, (0, 1), 2), encoded("tanh", b, (-1, 1), 2)])
    np.testing.assert_allclose(np.reshape(found["values"], (100, 100)), difference, atol=1e-6)


def test_the_difference_of_two_numbers_is_in_the_targets_units(modules: Page) -> None:
    """Over the plane, and of one column, where every row is the same; a target of mean 10 and scale 4."""
    draw = np.random.default_rng(9)
    axis = {"name": "x1", "low": -6, "high": 6, "mean": 0, "scale": 1, "held": 0}
    target = {**axis, "name": "y", "mean": 10, "scale": 4}
    plane = {"problem": "regression", "target": target}
    curve = {**plane, "axes": [axis]}
    spans = ((-1.0, 1.0), (-0.5, 2.0))
    pair: list[npt.NDArray[np.uint8]] = []
    frames: list[list[int]] = []
    for members, shape in ((plane, (100, 100)), (curve, (1, 100))):
        pair = [np.broadcast_to(draw.integers(0, 255, shape, dtype=np.uint8), (100, 100)) for _ in spans]
        frames = [encoded("linear", part, span, 0, **members) for part, span in zip(pair, spans, strict=True)]
        found = modules.evaluate(DIFFERENCE, frames)
        before, now = (
            low + part.astype(float) / 254 * (high - low)
            for part, (low, high) in zip(pair, spans, strict=True)
        )
        difference = 4 * (now - before)
        np.testing.assert_allclose(found["values"], difference.ravel(), atol=1e-5)
        assert found["reach"] == pytest.approx(np.abs(difference).max())
        assert found["higher"] == pytest.approx(np.mean(difference > 1e-9), abs=1e-4)
        assert math.isnan(found["otherwise"])
        assert found["classes"] is None
        same = modules.evaluate(DIFFERENCE, [frames[0], frames[0]])
        assert (same["reach"], same["higher"]) == (0, 0)
    assert modules.evaluate(DIFFERENCE, [encoded("linear", pair[0], spans[0], 0, **plane), frames[1]]) is None


def test_the_difference_of_several_classes_is_where_they_differ(modules: Page) -> None:
    draw = np.random.default_rng(8)
    kinds = draw.integers(0, 3, (2, 100, 100))
    pictures = (32 * kinds + draw.integers(11, 32, (2, 100, 100))).astype(np.uint8)
    a, b = (encoded("softmax", picture, (0, 1), 3) for picture in pictures)
    found = modules.evaluate(DIFFERENCE, [a, b])
    expected = np.where(kinds[0] == kinds[1], 0, kinds[1] + 1)
    np.testing.assert_array_equal(np.reshape(found["classes"], (100, 100)), expected)
    assert found["otherwise"] == np.count_nonzero(kinds[0] != kinds[1]) / 100**2
    two = encoded("tanh", pictures[0] % 255, (-1, 1), 2)
    assert modules.evaluate(DIFFERENCE, [two, b]) is None


def test_a_finer_picture_is_compared_at_the_coarser_ones_cells(modules: Page) -> None:
    draw = np.random.default_rng(9)
    coarse = draw.integers(0, 255, (40, 40), dtype=np.uint8)
    fine = np.repeat(np.repeat(draw.integers(0, 255, (40, 40), dtype=np.uint8), 3, 0), 3, 1)
    for a, b, sign in ((coarse, fine, 1), (fine, coarse, -1)):
        found = modules.evaluate(DIFFERENCE, [encoded("tanh", a, (-1, 1), 2), encoded("tanh", b, (-1, 1), 2)])
        assert found["side"] == 40
        expected: Any = sign * 2 * (fine[1::3, 1::3].astype(float) - coarse.astype(float)) / 254
        np.testing.assert_allclose(np.reshape(found["values"], (40, 40)), expected, atol=1e-6)
    regions = [np.full((side, side), 32 * kind, np.uint8) for side, kind in ((100, 0), (56, 2))]
    found = modules.evaluate(DIFFERENCE, [encoded("softmax", one, (0, 1), 3) for one in regions])
    assert (found["side"], found["otherwise"], set(found["classes"])) == (56, 1, {3})
