"""What goes into a network: columns of the data, and functions of the first two."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.catalogue.limits import MAX_INPUTS
from models.catalogue.row import Row


@dataclass(frozen=True)
class Feature(Row):
    """An input: the data's column of that number, counted from 0, or made from the first two.

    `value(x1, x2)` works on arrays; `columns`: how many the data must have.
    """

    symbol: str = ""
    column: int | None = None
    value: Callable[[Any, Any], Any] = lambda x1, x2: x1
    columns: int = 2

    def public(self) -> dict[str, Any]:
        return {**super().public(), "symbol": self.symbol, "columns": self.columns, "column": self.column}


def _column(number: int) -> Feature:
    symbol = "x" + "₁₂₃₄₅₆₇₈"[number]
    return Feature(
        f"x{number + 1}", f"x{number + 1}", symbol, symbol=symbol, column=number, columns=number + 1
    )


def _sine(x: Any) -> Any:
    import numpy as np

    return np.sin(x)


def _cosine(x: Any) -> Any:
    import numpy as np

    return np.cos(x)


FEATURES: tuple[Feature, ...] = (
    *(_column(number) for number in range(MAX_INPUTS)),
    Feature("x1_squared", "x1 squared", "x₁²", symbol="x₁²", value=lambda x1, x2: x1 * x1, columns=1),
    Feature("x2_squared", "x2 squared", "x₂²", symbol="x₂²", value=lambda x1, x2: x2 * x2),
    Feature("x1x2", "x1 times x2", "x₁ x₂", symbol="x₁x₂", value=lambda x1, x2: x1 * x2),
    Feature("sin_x1", "sine of x1", "sin(x₁)", symbol="sin x₁", value=lambda x1, x2: _sine(x1), columns=1),
    Feature("sin_x2", "sine of x2", "sin(x₂)", symbol="sin x₂", value=lambda x1, x2: _sine(x2)),
    Feature("cos_x1", "cos of x1", "cos(x₁)", symbol="cos x₁", value=lambda x1, x2: _cosine(x1), columns=1),
    Feature("cos_x2", "cos of x2", "cos(x₂)", symbol="cos x₂", value=lambda x1, x2: _cosine(x2)),
)

# The data's columns as they are, in their order.
COLUMNS: tuple[Feature, ...] = tuple(row for row in FEATURES if row.column is not None)
