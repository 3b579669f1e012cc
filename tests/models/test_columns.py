"""Real sets against scikit-learn's own arrays, curves by their formulas, own tables by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn import datasets  # pyright: ignore[reportMissingTypeStubs]

from models import catalogue, plane, tables
from models.curves import CURVES
from models.datasets import Points, draw
from models.experiment import Data, Experiment, explain
from models.features import inputs
from models.table import TableError

REAL = tuple(row for row in catalogue.DATA_SETS if row.kind == "real")
CSV = b"width;height;kind\n1,5;10;b\n2,5;30;a\n3,5;20;b\n4,5;40;a\n"


def loaded(name: str) -> Any:
    options: dict[str, Any] = {"scaled": False} if name == "diabetes" else {}
    return getattr(datasets, f"load_{name}")(**options)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(tables.FOLDER, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("row", REAL, ids=lambda row: row.name)
def test_a_real_set_is_scikit_learns(row: catalogue.DataSet) -> None:
    whole = loaded(row.name)
    kept = whole.target < 8 if row.name == "digits" else whole.target == whole.target
    values, target = whole.data[kept], whole.target[kept]
    if row.problem == "classification" and len(row.class_names) == 2:
        target = 2 * target - 1
    assert row.points == kept.sum()
    assert len(row.columns) == values.shape[1]
    for start in range(0, len(row.columns), catalogue.MAX_INPUTS):
        names = row.columns[start : start + catalogue.MAX_INPUTS]
        points = draw(Data(name=row.name, inputs=names, standardize=False))
        found = np.column_stack([points.position, points.label])
        wanted = np.column_stack([values[:, start : start + len(names)], target]).astype(np.float32)
        assert np.array_equal(found[np.lexsort(found.T)], wanted[np.lexsort(wanted.T)])
        assert tuple(axis.name for axis in points.axes) == names


@pytest.mark.parametrize("row", REAL, ids=lambda row: row.name)
def test_its_names_are_scikit_learns(row: catalogue.DataSet) -> None:
    whole = loaded(row.name)
    if row.name != "diabetes":  # whose names there are s1 to s6
        assert list(row.columns) == [str(name).replace("_", " ") for name in whole.feature_names]
        of_it = [str(name).replace("_", " ") for name in whole.target_names]
        assert list(row.class_names) == of_it[: len(row.class_names)]
    assert set(row.first) <= set(row.columns)
    assert "https://" in row.source


@pytest.mark.parametrize("row", REAL, ids=lambda row: row.name)
def test_standardized_columns(row: catalogue.DataSet) -> None:
    points, raw = draw(Data(name=row.name)), draw(Data(name=row.name, standardize=False))
    values = raw.position.astype(np.float64)
    np.testing.assert_allclose(points.position, (values - values.mean(0)) / values.std(0), atol=1e-5)
    for place, (axis, plain) in enumerate(zip(points.axes, raw.axes, strict=True)):
        low, high = values[:, place].min(), values[:, place].max()
        margin = 0.05 * (high - low)
        for shown in (axis.public(), plain.public()):  # both in the data's own units
            assert shown["low"] == pytest.approx(low - margin, rel=1e-5, abs=1e-5)
            assert shown["high"] == pytest.approx(high + margin, rel=1e-5, abs=1e-5)
    if row.problem == "regression":
        label = raw.label.astype(np.float64)
        middle, half = (label.max() + label.min()) / 2, (label.max() - label.min()) / 2
        np.testing.assert_allclose(points.label, (label - middle) / half, atol=1e-5)
        assert points.target.public()["low"] == pytest.approx(25)
        assert points.target.public()["high"] == pytest.approx(346)


def test_a_column_that_is_always_the_same_is_zero() -> None:
    assert not draw(Data(name="digits", inputs=("pixel 0 0", "pixel 1 2"))).position[:, 0].any()


def test_seed_and_points_choose_among_the_rows() -> None:
    calm, noisy = draw(Data(name="iris", seed=1)), draw(Data(name="iris", seed=1, noise=0.5))
    other, few = draw(Data(name="iris", seed=2)), draw(Data(name="iris", seed=1, points=30))
    assert np.array_equal(calm.position, noisy.position)
    assert not np.array_equal(calm.position, other.position)
    assert np.array_equal(np.sort(calm.position, axis=0), np.sort(other.position, axis=0))
    assert np.array_equal(calm.position[:30], few.position)
    assert np.bincount(few.label.astype(int)).tolist() == [10, 10, 10]


def evenly(points: Points) -> None:
    """Every class has its share of the training points."""
    labels, counts = np.unique(points.label, return_counts=True)
    assert len(labels) > 1
    for label, count in zip(labels, counts, strict=True):
        wanted = count * points.train / len(points.label)
        assert abs((points.label[: points.train] == label).sum() - wanted) <= 1, label


@pytest.mark.parametrize("share", [0.1, 0.5, 0.73])
@pytest.mark.parametrize("name", [row.name for row in REAL if row.problem == "classification"])
def test_the_split_of_a_real_set_is_stratified(name: str, share: float) -> None:
    evenly(draw(Data(name=name, train_share=share, seed=5)))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.73])
def test_the_split_of_an_own_table_is_stratified(folder: Path, share: float) -> None:
    rows = "".join(f"{n},{'few' if n % 5 == 0 else 'more' if n % 5 < 3 else 'most'}\n" for n in range(103))
    digest, _ = tables.keep(f"number,kind\n{rows}".encode())
    labels = ("few", "more", "most")
    own = Data(name="own", table=digest, inputs=("number",), target="kind", labels=labels, train_share=share)
    evenly(draw(own))


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "line": lambda x: 0.16 * x,
    "sine": lambda x: 0.8 * np.sin(x),
    "step": lambda x: np.where(x >= 0, 0.7, -0.7),
    "growing_noise": lambda x: 0.8 * np.sin(x),
    "sparse": lambda x: 0.8 * np.sin(x),
    "gap": lambda x: 0.8 * np.sin(x),
}


@pytest.mark.parametrize("name", CURVES)
def test_curves_by_their_formulas(name: str) -> None:
    points = draw(Data(name=name, seed=4, points=2000))
    x: Any = points.position[:, 0].astype(np.float64)
    y: Any = points.label.astype(np.float64)
    assert points.position.shape == (2000, 1)
    assert np.abs(x).max() <= 5
    always = 0.1 if name == "sparse" else 0.0
    assert np.std(y - FORMULAS[name](x)) == pytest.approx(always, abs=0.01)
    if name == "gap":
        assert np.abs(x).min() >= 1.5
    noisy = draw(Data(name=name, seed=4, points=2000, noise=0.4))
    assert np.array_equal(points.position, noisy.position)
    strayed = noisy.label.astype(np.float64) - FORMULAS[name](x)
    if name == "growing_noise":
        strayed /= (x + 5) / 5
    assert np.std(strayed) == pytest.approx(always + 0.2, abs=0.02)


@pytest.mark.parametrize("n", catalogue.POINTS)
@pytest.mark.parametrize("name", CURVES)
def test_as_many_points_of_a_curve_as_wanted(name: str, n: int) -> None:
    points = draw(Data(name=name, points=n))
    assert (points.position.shape, points.train) == ((n, 1), n // 2)


def test_an_own_table_by_hand(folder: Path) -> None:
    digest, table = tables.keep(CSV)
    assert table.names == ("width", "height", "kind")
    data = Data(
        name="own", table=digest, inputs=("height", "width"), target="kind", labels=("a", "b"), seed=3
    )
    experiment = Experiment(data=data)
    assert (experiment.problem, experiment.classes, experiment.units) == ("classification", 2, (2, 4, 2, 1))
    points = draw(data.model_copy(update={"standardize": False}))
    rows: list[list[float]] = np.column_stack([points.position, points.label]).tolist()
    assert sorted(rows) == [[10, 1.5, 1], [20, 3.5, 1], [30, 2.5, -1], [40, 4.5, -1]]
    scaled = draw(data).position
    np.testing.assert_allclose(np.sort(scaled[:, 0]), (np.array([10, 20, 30, 40]) - 25) / np.sqrt(125))
    number = Data(name="own", table=digest, inputs=("width",), target="height")
    assert (number.problem, number.columns) == ("regression", 1)
    np.testing.assert_allclose(np.sort(draw(number).label), [-1, -1 / 3, 1 / 3, 1], atol=1e-6)


def test_a_table_that_has_gone_is_missed(folder: Path) -> None:
    digest, _ = tables.keep(CSV)
    data = Data(name="own", table=digest, inputs=("width",), target="height")
    draw(data)
    tables.forget(digest)
    with pytest.raises(TableError, match="not on this server"):
        draw(data)
    with pytest.raises(TableError, match="not on this server"):
        draw(data.model_copy(update={"table": "../../../../etc/passwd"}))


def test_labels_must_be_the_tables(folder: Path) -> None:
    digest, _ = tables.keep(CSV)
    with pytest.raises(TableError, match="labels are not those"):
        draw(Data(name="own", table=digest, inputs=("width",), target="kind", labels=("b", "a")))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "circle", "inputs": ["x1"]}, "none"),
        ({"name": "iris", "inputs": ["sepal length (cm)", "colour"]}, "sepal length (cm), sepal width"),
        ({"name": "iris", "inputs": ["petal width (cm)"] * 2}, "every column at most once"),
        ({"name": "iris", "target": "species"}, "none"),
        ({"name": "own", "inputs": ["a"], "target": "b"}, "table, inputs and target"),
        ({"name": "own", "inputs": ["a"], "target": "b", "table": "0" * 32, "labels": ["x"]}, "2 to 8"),
        ({"name": "own", "inputs": ["a"], "target": "b", "table": "../secret"}, "pattern"),
    ],
)
def test_what_does_not_fit_is_said(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Experiment.model_validate({"data": given})
    assert expected in " ".join(explain(caught.value))


def test_features_need_their_columns() -> None:
    assert Experiment.model_validate({"data": {"name": "sine"}}).features == ("x1",)
    three = {"name": "iris", "inputs": list(catalogue.row(catalogue.DATA_SETS, "iris").columns[:3])}
    assert Experiment.model_validate({"data": three}).features == ("x1", "x2", "x3")
    with pytest.raises(ValidationError, match="x2 needs 2 columns"):
        Experiment.model_validate({"data": {"name": "sine"}, "features": ["x2"]})


def test_pictures_show_a_tables_own_range() -> None:
    columns = catalogue.row(catalogue.DATA_SETS, "iris").columns[:3]
    points = draw(Data(name="iris", inputs=columns, standardize=False))
    limits = plane.limits_of(points)
    cells = plane.shown(2, limits)
    low, high = (np.array([limit[i] for limit in limits]) for i in range(2))
    quarter = low + (high - low) / 4
    assert cells[2, :2] == pytest.approx(quarter[:2], rel=1e-5)  # the lower left of four
    assert cells[:, 2] == pytest.approx(np.full(4, points.position[:, 2].mean()), rel=1e-4)
    shown = plane.on_the_plane(points)
    expected = (points.position[:, 0] - low[0]) / (high[0] - low[0]) * 12 - 6
    assert shown[:, 0] == pytest.approx(expected, abs=1e-4)
    assert np.abs(shown[:, :2]).max() <= 6


def test_the_plane_itself_is_shown_as_it_is() -> None:
    points = draw(Data(name="circle"))
    assert np.array_equal(plane.shown(24, plane.limits_of(points)), plane.grid(24, plane.PLANE))
    assert np.array_equal(plane.on_the_plane(points)[:, :2], points.position)
    assert np.array_equal(inputs(points.position, ("x1", "x2")), points.position)
