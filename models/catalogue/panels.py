"""Panels: what frames can say of a network beyond the usual, only while somebody looks at it."""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.catalogue.row import Row


class Asked(BaseModel):
    """What a panel is to show; without members, there is nothing to choose."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class AskedPoint(Asked):
    """A point, one number a column of the data as the network gets them, and its label if it has one."""

    at: Annotated[tuple[float, ...], Field(strict=False)]
    target: float | None


class AskedWeight(Asked):
    """A weight or, without a source, a bias: its layer counts from 1, source and unit from 0."""

    layer: int = Field(ge=1)
    source: int | None = Field(ge=0)
    unit: int = Field(ge=0)


FURTHEST = 1e6  # beyond which nobody looks for a weight; float32 still tells a 33rd of such a range apart


class AskedSurface(Asked):
    """The loss over one or two weights, or over two random directions where there are none.

    `low`, `high`: from where to where, a number each way; `seed`: which directions.
    """

    weights: Annotated[tuple[AskedWeight, ...], Field(strict=False, max_length=2)]
    low: Annotated[tuple[float, ...], Field(strict=False)]
    high: Annotated[tuple[float, ...], Field(strict=False)]
    seed: int = Field(ge=0, lt=2**31)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        ways = len(self.weights) or 2
        if len(set(self.weights)) != len(self.weights):
            raise ValueError("the two weights are the same one")
        if len(self.low) != ways or len(self.high) != ways:
            raise ValueError(f"low and high have a number for each of {ways} ways")
        if not all(
            -FURTHEST <= low < high <= FURTHEST for low, high in zip(self.low, self.high, strict=True)
        ):
            raise ValueError(f"low is below high, both within {FURTHEST:g} of 0")
        return self


@dataclass(frozen=True)
class Panel(Row):
    """`asked`: what a page says when it opens the panel; `seconds`: the least between two looks at a lane.

    `slots`: whether it needs the optimizer's own numbers, and not only the network's.
    """

    asked: type[Asked] = Asked
    seconds: float = 0.0
    slots: bool = False


PANELS: tuple[Panel, ...] = (
    Panel("verdict", "How good it is", help="Confusion matrices, or R² for regression."),
    Panel(
        "point",
        "One point",
        help="Forward and backward pass of one point, and the update that it would make.",
        asked=AskedPoint,
        seconds=0.1,
        slots=True,
    ),
    Panel(
        "batch",
        "The next batch",
        help="Loss and gradient of the next batch, and the update that it will make.",
        seconds=0.1,
        slots=True,
    ),
    Panel(
        "layers",
        "Layer by layer",
        help="Sizes of weights and gradients, and neurons that do not learn.",
        seconds=0.25,
    ),
    Panel(
        "linear",
        "The one layer that it is",
        help="Linear layers after one another compute what a single one does.",
        seconds=0.1,
    ),
    Panel(
        "surface",
        "The loss surface",
        help="The loss over one or two weights, or over two random directions, and where the network is.",
        asked=AskedSurface,
        seconds=0.5,
    ),
)
