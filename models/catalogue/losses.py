"""Losses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.catalogue.activations import Primitives
from models.catalogue.data import Problem
from models.catalogue.row import Row


@dataclass(frozen=True)
class Loss(Row):
    """`value` and `slope` for output z, a = f(z), f'(z) and target t; the slope is by z.

    A loss with an `output` is defined for that output activation alone.
    """

    problems: tuple[Problem, ...] = ("classification", "regression")
    output: str | None = None
    value: Callable[[Primitives, Any, Any, Any], Any] = lambda p, a, da, t: a
    slope: Callable[[Primitives, Any, Any, Any], Any] = lambda p, a, da, t: da

    def public(self) -> dict[str, Any]:
        return {**super().public(), "problems": list(self.problems), "output": self.output}


LOSSES: tuple[Loss, ...] = (
    Loss(
        "binary_crossentropy",
        "Binary cross-entropy",
        "-t ln(o) - (1 - t) ln(1 - o)",
        help="For yes-or-no questions; the output is a probability.",
        problems=("classification",),
        output="sigmoid",
        # From the logit, as Keras does when the output is a sigmoid: stable for any z.
        value=lambda p, a, da, t: p.softplus - p.z * t,
        slope=lambda p, a, da, t: a - t,
    ),
    Loss(
        "mean_squared_error",
        "Mean squared error",
        "(o - t)²",
        help="For numbers; large errors count most.",
        value=lambda p, a, da, t: (a - t) * (a - t),
        slope=lambda p, a, da, t: 2.0 * (a - t) * da,
    ),
    Loss(
        "half_squared_error",
        "Half squared error",
        "½ (o - t)²",
        help="Half the squared error, the loss of the TensorFlow Playground.",
        value=lambda p, a, da, t: 0.5 * (a - t) * (a - t),
        slope=lambda p, a, da, t: (a - t) * da,
    ),
)
