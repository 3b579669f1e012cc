"""A lane's blob, read without TensorFlow: what exports show of it, and whether a foreign one will do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from models import frame
from models.experiment import Experiment
from models.history import COLUMNS, MOST
from models.packing import Arrays, Floats, Scales, arranged, shaped, shaped_scales

MOST_STEPS = 2**31 - 1
MOST_EPOCHS = 2**24  # the history counts them in float32


@dataclass(frozen=True)
class SavedLane:
    """A lane's run: arrays as `models.lane` has them, `history` (rows, len(COLUMNS)), and the blob itself."""

    blob: bytes
    experiment: Experiment
    weights: Arrays
    first: Arrays
    second: Arrays
    scales: Scales
    first_scales: Scales
    second_scales: Scales
    moving: Scales
    step: int
    epoch: int
    history: Floats

    @property
    def keras_weights(self) -> Arrays:
        """In the order of Keras's `get_weights`."""
        return arranged(self.experiment, self.weights, self.scales, self.moving)

    @classmethod
    def of(cls, blob: bytes) -> "SavedLane":
        """Of bytes from anywhere; ValueError, naming what is wrong, if no lane could go on with them."""
        header, blocks = frame.decode(blob)
        experiment = Experiment.model_validate(header.get("experiment"))
        units = experiment.units
        arrays: dict[str, Arrays] = {
            part: shaped(_numbers(blocks, part), units) for part in ("weights", "first", "second")
        }
        scales: dict[str, Scales] = {
            part: shaped_scales(_numbers(blocks, part), units) if units[1:-1] else []
            for part in ("scales", "first_scales", "second_scales", "moving")
        }
        if _numbers(blocks, "sums").shape != (4,):
            raise ValueError("the saved lane's sums are not four numbers")
        history = blocks.get("history")
        if history is None or history.dtype != np.float32 or history.size % len(COLUMNS):
            raise ValueError("the saved lane's history has no rows of seven numbers")
        rows = history.reshape(-1, len(COLUMNS))
        if len(rows) > MOST:
            raise ValueError(f"the saved lane's history has {len(rows)} rows; expected at most {MOST}")
        step, epoch = _count(header, "step", MOST_STEPS), _count(header, "epoch", MOST_EPOCHS)
        _count(header, "offset", MOST_STEPS)
        return cls(blob, experiment, **arrays, **scales, step=step, epoch=epoch, history=cast(Floats, rows))


def _numbers(blocks: Mapping[str, frame.Block], name: str) -> Floats:
    block = blocks.get(name)
    if block is None or block.dtype != np.float32:
        raise ValueError(f"the saved lane has no numbers called {name}")
    if not np.isfinite(block).all():
        raise ValueError(f"the saved lane's {name} are not all finite")
    return cast(Floats, block)


def _count(header: Mapping[str, Any], name: str, most: int) -> int:
    value = header.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"the saved lane's {name} is no count")
    return value
