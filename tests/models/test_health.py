"""Layers by hand: networks of which it is known what is wrong with them."""

from typing import Any

import numpy as np
import pytest

from models import catalogue, inside, reference
from models.health import BINS, POINTS, QUANTILES, histogram, layers, quantiles, steepest, verdict
from models.lane import Lane
from tests.models import tape
from tests.models.training import make


def said(lane: Lane) -> tuple[dict[str, Any], Any]:
    look = layers(lane)
    assert look is not None
    return look


def test_norms_are_those_of_the_tape() -> None:
    with tape.float64():
        lane = Lane("x", make(hidden="5,4", activation="tanh,relu", batch_normalization="true,false"))
        (x, y), _ = reference.data(lane.experiment)
        found = tape.passes(lane, tape.model_of(lane), x, y, training=True)
    header, blocks = said(lane)
    assert header["points"] == 250
    for place, layer in enumerate(header["layers"]):
        kernel, gradient = lane.weights[2 * place], found.plain[2 * place]
        assert layer["norm"] == pytest.approx(np.linalg.norm(kernel), rel=1e-5)
        assert layer["mean"] == pytest.approx(np.abs(kernel).mean(), rel=1e-5)
        assert layer["gradient_norm"] == pytest.approx(np.linalg.norm(gradient), rel=1e-6)
        assert blocks["weights"][place].sum() == blocks["gradients"][place].sum() == kernel.size
        assert layer["reach"] == pytest.approx(np.abs(kernel).max())
        assert layer["gradient_reach"] == pytest.approx(np.abs(gradient).max())
        for of, values in (("weight", kernel), ("gradient", gradient)):
            wanted = np.quantile(values, QUANTILES)
            assert blocks[f"{of}_quantiles"][place] == pytest.approx(wanted, rel=1e-5, abs=1e-7)
    norms = [layer["gradient_norm"] for layer in header["layers"]]
    assert header["ratio"] == pytest.approx(norms[0] / norms[-1])
    assert header["verdict"] is None
    assert blocks["weights"].shape == (3, BINS)


def test_gradients_of_scale_and_shift_are_those_of_the_tape() -> None:
    with tape.float64():
        lane = Lane("x", make(hidden="5,4,3", activation="tanh", batch_normalization="false,true,true"))
        (x, y), _ = reference.data(lane.experiment)
        found = tape.passes(lane, tape.model_of(lane), x, y, training=True)
    said_of = said(lane)[0]["layers"]
    names = ("scale_gradient_norm", "shift_gradient_norm")
    for layer, of_layer in zip(said_of[1:3], found.scales, strict=True):
        assert [layer[name] for name in names] == pytest.approx(np.linalg.norm(of_layer, axis=1), rel=1e-6)
    for layer in (said_of[0], said_of[3]):
        assert [layer[name] for name in names] == [None, None]


def test_no_more_points_than_it_says() -> None:
    assert said(Lane("x", make(points=3000)))[0]["points"] == POINTS


def test_dead_and_saturated_neurons() -> None:
    """Of four: one never fires, one is on the flat part for almost all points, two are well."""
    relu = Lane("x", make(hidden="4", activation="relu"))
    relu.weights[1] = np.array([-100, 0, 0, 0], np.float32)
    first = said(relu)[0]["layers"][0]
    assert (first["dead"], first["saturated"]) == (0.25, 0.0)
    tanh = Lane("x", make(hidden="4", activation="tanh"))
    tanh.weights[0] = tanh.weights[0] * np.array([1, 1000, 1, 1], np.float32)
    first = said(tanh)[0]["layers"][0]
    assert (first["dead"], first["saturated"]) == (0.0, 0.25)
    assert said(Lane("x", make(data="blobs")))[0]["layers"][-1]["dead"] is None


def test_a_deep_network_of_sigmoids_vanishes_and_one_of_large_weights_explodes() -> None:
    deep = Lane("x", make(hidden="4,4,4,4,4,4,4,4", activation="sigmoid"))
    header, _ = said(deep)
    assert header["ratio"] < 1e-3
    assert header["verdict"] == "vanishing"
    large = Lane("x", make(hidden="4,4,4,4,4,4,4,4", activation="linear", data="plane"))
    first, *others = large.weights
    large.weights = [np.float32(1e-3) * first, *(np.float32(20.0) * array for array in others)]
    header, _ = said(large)
    assert header["ratio"] > 1e3
    assert header["verdict"] == "exploding"


@pytest.mark.parametrize(
    ("norms", "expected"),
    [
        ([1.0], (None, None)),
        ([0.0, 0.0], (None, None)),
        ([0.0, 1.0], (0.0, "vanishing")),
        ([1.0, 0.01], (100.0, None)),
        ([1.0, np.inf], (None, "exploding")),
        ([np.nan, 1.0, 1.0], (None, "exploding")),
        ([1e300, 1e-300], (None, "exploding")),
    ],
)
def test_verdicts(norms: list[float], expected: tuple[float | None, str | None]) -> None:
    assert verdict(norms) == (pytest.approx(expected[0]), expected[1])


def test_histograms() -> None:
    counts, reach = histogram(np.array([-2.0, -1.9, 0.01, 2.0, np.inf, np.nan]))
    assert reach == 2.0
    assert counts[[0, BINS // 2, BINS - 1]].tolist() == [2.0, 1.0, 1.0]
    assert counts.sum() == 4
    counts, reach = histogram(np.zeros((3, 2)))
    assert (counts.sum(), reach) == (6, 1.0)


def test_quantiles_are_those_of_numpy() -> None:
    values = np.random.default_rng(2).normal(size=(7, 5)) ** 3
    assert quantiles(values) == pytest.approx(np.quantile(values, QUANTILES))
    assert quantiles(np.array([np.inf, 1.0, np.nan, 3.0])) == pytest.approx([1, 1.1, 1.5, 2, 2.5, 2.9, 3])
    assert quantiles(np.array([[-2.0]])) == pytest.approx([-2.0] * len(QUANTILES))
    assert np.isnan(quantiles(np.array([np.nan]))).all()


@pytest.mark.parametrize("name", catalogue.names(catalogue.ACTIVATIONS))
def test_the_largest_slope_is_that_of_a_finer_grid(name: str) -> None:
    z = np.linspace(-30.0, 30.0, 400_001)
    value, _ = inside.activated(name, z[:, None])
    differences = np.abs(np.diff(value[:, 0]) / np.diff(z))
    assert steepest(name) == pytest.approx(differences.max(), rel=1e-3)
