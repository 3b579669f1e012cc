"""A task as a peer reads it. Needs numpy alone: PyTorch's environment has nothing else of ours."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Given:
    """Points `x` (n, inputs) and `y` (n, 1); `orders` (epochs, n), the point numbers of an epoch's batches
    one after another; `weights`, kernel (inputs, units) and bias (units,) of every layer. Hidden layers are
    tanh, the output is linear, the loss half the squared error, the optimizer plain gradient descent.
    """

    name: str
    experiment: dict[str, Any]
    learning_rate: float
    batch: int
    x: Floats
    y: Floats
    orders: npt.NDArray[np.int64]
    weights: list[Floats]

    @property
    def epoch(self) -> int:
        """Steps of an epoch."""
        return len(self.y) // self.batch

    def batches(self) -> tuple[Floats, Floats]:
        """Inputs (batches, batch, inputs) and targets (batches, batch, 1) of all epochs in their order."""
        rows = self.orders.reshape(-1, self.batch)
        return self.x[rows], self.y[rows]


def read(path: Path) -> Given:
    """Of a file that `benchmarks.peers.tasks` wrote."""
    tree = json.loads(path.read_text(encoding="utf-8"))
    return Given(
        name=tree["name"],
        experiment=tree["experiment"],
        learning_rate=tree["learning_rate"],
        batch=tree["batch"],
        x=np.array(tree["x"], np.float32),
        y=np.array(tree["y"], np.float32),
        orders=np.array(tree["orders"], np.int64),
        weights=[np.array(array, np.float32) for array in tree["weights"]],
    )
