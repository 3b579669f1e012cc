"""Data sets, the problems that they pose, and the features made of their points."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from models.catalogue.row import Row

Problem = Literal["classification", "regression"]


@dataclass(frozen=True)
class Feature(Row):
    """An input made from the point (x1, x2); `value` works on arrays."""

    symbol: str = ""
    value: Callable[[Any, Any], Any] = lambda x1, x2: x1

    def public(self) -> dict[str, Any]:
        return {**super().public(), "symbol": self.symbol}


def _sine(x: Any) -> Any:
    import numpy as np

    return np.sin(x)


def _cosine(x: Any) -> Any:
    import numpy as np

    return np.cos(x)


FEATURES: tuple[Feature, ...] = (
    Feature("x1", "x1", "x₁", symbol="x₁", value=lambda x1, x2: x1),
    Feature("x2", "x2", "x₂", symbol="x₂", value=lambda x1, x2: x2),
    Feature("x1_squared", "x1 squared", "x₁²", symbol="x₁²", value=lambda x1, x2: x1 * x1),
    Feature("x2_squared", "x2 squared", "x₂²", symbol="x₂²", value=lambda x1, x2: x2 * x2),
    Feature("x1x2", "x1 times x2", "x₁ x₂", symbol="x₁x₂", value=lambda x1, x2: x1 * x2),
    Feature("sin_x1", "sine of x1", "sin(x₁)", symbol="sin x₁", value=lambda x1, x2: _sine(x1)),
    Feature("sin_x2", "sine of x2", "sin(x₂)", symbol="sin x₂", value=lambda x1, x2: _sine(x2)),
    Feature("cos_x1", "cos of x1", "cos(x₁)", symbol="cos x₁", value=lambda x1, x2: _cosine(x1)),
    Feature("cos_x2", "cos of x2", "cos(x₂)", symbol="cos x₂", value=lambda x1, x2: _cosine(x2)),
)


@dataclass(frozen=True)
class DataSet(Row):
    """A synthetic data set; its generator is in `models.datasets` under the same name.

    `points`: how many unless chosen otherwise; `several`: whether the learner chooses how many classes.
    """

    problem: Problem = "classification"
    points: int = 500
    several: bool = False

    def public(self) -> dict[str, Any]:
        return {
            **super().public(),
            "problem": self.problem,
            "points": self.points,
            "several": self.several,
        }


DATA_SETS: tuple[DataSet, ...] = (
    DataSet("circle", "Circle", help="A disc inside a ring."),
    DataSet("xor", "Exclusive or", help="Four quarters; opposite quarters belong together."),
    DataSet("gauss", "Two Gaussians", help="Two clouds that one straight line separates."),
    DataSet("spiral", "Spiral", help="Two arms wound around each other: the hard one."),
    DataSet("moons", "Moons", help="Two half moons, one in the arms of the other."),
    DataSet("checkerboard", "Checkerboard", help="Sixteen squares of two classes by turns."),
    DataSet("smiley", "Smiley", help="Two eyes and a mouth in a face."),
    DataSet("blobs", "Blobs", help="A cloud for each class.", several=True),
    DataSet("rings", "Rings", help="A ring around a ring, one for each class.", several=True),
    DataSet("arms", "Arms", help="A spiral with an arm for each class.", several=True),
    DataSet("plane", "Plane", "(x₁ + x₂) / 10", help="A tilted plane.", problem="regression", points=1200),
    DataSet(
        "multi_gauss", "Multi Gaussian", help="Six hills and valleys.", problem="regression", points=1200
    ),
)

PROBLEMS: tuple[Row, ...] = (Row("classification", "Classification"), Row("regression", "Regression"))
