"""Losses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.catalogue.activations import Primitives
from models.catalogue.data_set import Problem
from models.catalogue.row import Row


@dataclass(frozen=True)
class Loss(Row):
    """`value` and `slope` for output z, a = f(z), f'(z) and target t; the slope is by z.

    With 1 for f'(z) the slope is that by a; a loss of which this is not true has it as `by_output`.

    A loss with `outputs` is defined for these output activations alone. `several`: over all classes, from
    the logits; such a loss is no row's `value`, the programs have it.
    """

    problems: tuple[Problem, ...] = ("classification", "regression")
    outputs: tuple[str, ...] = ("sigmoid", "tanh", "linear")
    several: bool = False
    value: Callable[[Primitives, Any, Any, Any], Any] = lambda p, a, da, t: a
    slope: Callable[[Primitives, Any, Any, Any], Any] = lambda p, a, da, t: da
    by_output: Callable[[Primitives, Any, Any], Any] | None = None

    def public(self) -> dict[str, Any]:
        return {**super().public(), "problems": list(self.problems), "outputs": list(self.outputs)}


LOSSES: tuple[Loss, ...] = (
    Loss(
        "binary_crossentropy",
        "Binary cross-entropy",
        "-t ln(o) - (1 - t) ln(1 - o)",
        help="For yes-or-no questions; the output is a probability.",
        problems=("classification",),
        outputs=("sigmoid",),
        # From the logit, as Keras does when the output is a sigmoid: stable for any z.
        value=lambda p, a, da, t: p.softplus - p.z * t,
        slope=lambda p, a, da, t: a - t,
        by_output=lambda p, a, t: p.where(t > 0.5, -1.0 / a, 1.0 / (1.0 - a)),
    ),
    Loss(
        "categorical_crossentropy",
        "Categorical cross-entropy",
        "-ln(o_c), c the right class",
        help="For one of several classes; the outputs are probabilities that add up to 1.",
        problems=("classification",),
        outputs=("softmax",),
        several=True,
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
    Loss(
        "mean_absolute_error",
        "Mean absolute error",
        "|o - t|",
        help="For numbers; outliers count no more than their distance.",
        problems=("regression",),
        value=lambda p, a, da, t: p.absolute(a - t),
        slope=lambda p, a, da, t: p.sign(a - t) * da,
    ),
    Loss(
        "huber",
        "Huber",
        "½ (o - t)² up to |o - t| = 1, then |o - t| - ½",
        help="Squared for small errors, absolute for large ones.",
        problems=("regression",),
        value=lambda p, a, da, t: p.where(
            p.absolute(a - t) <= 1.0, 0.5 * (a - t) * (a - t), p.absolute(a - t) - 0.5
        ),
        slope=lambda p, a, da, t: p.where(p.absolute(a - t) <= 1.0, a - t, p.sign(a - t)) * da,
    ),
    Loss(
        "hinge",
        "Hinge",
        "max(0, 1 - t o)",
        help="For two classes, -1 and 1: points on the right side with room to spare cost nothing.",
        problems=("classification",),
        outputs=("tanh", "linear"),
        value=lambda p, a, da, t: p.where(1.0 - t * a > 0.0, 1.0 - t * a, 0.0 * a),
        slope=lambda p, a, da, t: p.where(1.0 - t * a > 0.0, -t * da, 0.0 * a),
    ),
)
