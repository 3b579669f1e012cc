"""What a notebook sends of a model of its own: read without trust. docs/live.md has the layout."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.experiment import explain

VERSION = 1
SIDES = (10, 100)
MOST_POINTS = 2000
MOST_ROWS = 1000
MOST_LAYERS = 100
COLUMNS = 7  # of a row of the history

Text = Annotated[str, Field(min_length=1, max_length=60)]
Count = Annotated[int, Field(ge=0, le=2**53)]


class MessageError(ValueError):
    """What is wrong with a message, and what was expected."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(f"{message}; expected {expected}")
        self.message = message
        self.expected = expected


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class LiveAxis(_Part):
    """A column and what pictures show of it, in its own units."""

    name: Text
    low: float
    high: float

    @model_validator(mode="after")
    def _is_a_range(self) -> "LiveAxis":
        if not self.low < self.high:
            raise ValueError(f"{self.low:g} to {self.high:g} is no range; low below high")
        return self


class LiveTarget(_Part):
    """A number of the network is mean + scale times itself in the target's own units."""

    mean: float
    scale: Annotated[float, Field(gt=0)]


class LiveLayer(_Part):
    """A layer as the page lists it."""

    name: Text
    kind: Text
    shape: Annotated[str, Field(max_length=60)]
    parameters: Count


class About(_Part):
    """The model, and what its pictures and points are of."""

    model: Text
    layers: Annotated[list[LiveLayer], Field(max_length=MOST_LAYERS)]
    parameters: Count
    epochs: Count
    problem: Literal["classification", "regression"]
    classes: Annotated[int, Field(ge=0, le=8)]
    names: Annotated[list[Text], Field(max_length=8)]
    activation: Literal["sigmoid", "tanh", "softmax", "linear"]
    axes: Annotated[list[LiveAxis], Field(min_length=2, max_length=2)]
    target: LiveTarget
    train: Annotated[int, Field(ge=0, le=MOST_POINTS)]
    test: Annotated[int, Field(ge=0, le=MOST_POINTS)]

    @model_validator(mode="after")
    def _fits_together(self) -> "About":
        if (self.classes > 1) != (self.problem == "classification") or self.classes == 1:
            raise ValueError(f"classes: {self.classes} for {self.problem}; 2 to 8 classes, or 0 for numbers")
        if len(self.names) not in (0, self.classes):
            raise ValueError(f"names: {len(self.names)} of {self.classes} classes; one a class, or none")
        if self.train + self.test > MOST_POINTS:
            raise ValueError(f"train: {self.train + self.test} points; at most {MOST_POINTS} with test")
        return self

    @property
    def pictures(self) -> int:
        """How many pictures of outputs there are beside the boundary."""
        return self.classes if self.classes > 2 else 0


class _Header(_Part):
    version: int
    state: Literal["learning", "finished", "diverged"]
    epoch: Count
    step: Count
    about: About | None = None
    blocks: list[Any]


@dataclass(frozen=True)
class Message:
    """One message: its header, and its arrays by their names."""

    state: str
    epoch: int
    step: int
    about: About | None
    blocks: dict[str, Any]


def read(body: bytes, before: About | None) -> Message:
    """A message of a notebook whose last `about` was `before`.

    Raises:
        MessageError: it is none, or another version's, or does not fit together.
    """
    from models import frame  # with numpy, which the server need not wait for when it starts

    try:
        raw, blocks = frame.decode(body)
    except (ValueError, OverflowError, RecursionError, MemoryError):
        raise MessageError(
            "The message is no frame.", "header length, JSON header and blocks, as the documentation has it"
        ) from None
    if raw.get("version") != VERSION:
        raise MessageError(
            f"The message is of version {str(raw.get('version'))[:20]}.",
            f"version {VERSION}: fetch neural_playground_live.py from this server again",
        )
    try:
        header = _Header.model_validate(raw)
    except ValidationError as error:
        raise MessageError(*explain(error)) from None
    about = header.about or before
    if about is None:
        raise MessageError("The first message does not say what is trained.", "about, in the header")
    _check(blocks, about, fresh=header.about is not None)
    return Message(header.state, header.epoch, header.step, header.about, blocks)


def _check(blocks: dict[str, Any], about: About, *, fresh: bool) -> None:
    """MessageError unless the arrays are there, of the right shapes, and of numbers that can be drawn."""
    import numpy as np

    def shaped(name: str, kind: str, *shape: int) -> Any:
        block = blocks.get(name)
        if block is None or block.dtype != np.dtype(kind) or block.shape != shape:
            found = "missing" if block is None else f"{block.dtype} {list(block.shape)}"
            raise MessageError(f"{name}: {found} will not do", f"{np.dtype(kind)} {list(shape)}")
        return block

    def demand(holds: object, name: str, expected: str) -> None:
        if not holds:
            raise MessageError(f"{name}: its numbers will not do", expected)

    boundary = blocks.get("boundary")
    side = boundary.shape[0] if boundary is not None and boundary.ndim == 2 else 0
    if not SIDES[0] <= side <= SIDES[1]:
        raise MessageError(f"boundary: a side of {side} will not do", f"a side of {SIDES[0]} to {SIDES[1]}")
    regions = shaped("boundary", "u1", side, side)
    demand(regions.max() <= 254 or about.pictures, "boundary", "bytes of 0 to 254")
    ranges = shaped("ranges", "<f4", about.pictures + 1, 2)
    demand(
        np.isfinite(ranges).all() and (ranges[:, 0] < ranges[:, 1]).all(), "ranges", "finite, low below high"
    )
    expected = {"boundary", "ranges"}
    if about.pictures:
        demand((regions >> 5).max() < about.classes, "boundary", "classes that there are")
        demand(
            shaped("neurons", "u1", about.pictures, side, side).max() <= 254, "neurons", "bytes of 0 to 254"
        )
        expected.add("neurons")
    if "history" in blocks:
        rows = min(MOST_ROWS, len(blocks["history"]) if blocks["history"].ndim else 0)
        history = shaped("history", "<f4", rows, COLUMNS)
        fine = np.isfinite(history[:, 0]).all() and not np.isinf(history).any()
        demand(fine, "history", "finite epochs, and NaN where there is no figure")
        expected.add("history")
    if fresh:
        points = shaped("points", "<f4", about.train + about.test, 3)
        demand(np.isfinite(points).all(), "points", "finite numbers")
        if about.pictures:
            known = np.isin(points[:, 2], np.arange(about.classes)).all()
            demand(known, "points", f"labels that are whole numbers from 0 to {about.classes - 1}")
        expected.add("points")
    if unknown := sorted(set(blocks) - expected):
        raise MessageError(f"{unknown[0][:40]}: no such block here", f"only {', '.join(sorted(expected))}")
