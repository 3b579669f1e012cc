"""Training in PyTorch on the CPU, eagerly, as its tutorials write it."""

import importlib
import os
from itertools import pairwise
from typing import Any

from benchmarks.peers.given import Given

# It is in an environment of its own, out of the type checker's reach.
torch: Any = importlib.import_module("torch")
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

Batches = list[tuple[Any, Any]]


def prepare(given: Given) -> Batches:
    """What all networks of the task share."""
    x, y = (torch.from_numpy(array) for array in given.batches())
    return list(zip(x, y, strict=True))


class Trainer:
    """A network that trains."""

    def __init__(self, given: Given, batches: Batches) -> None:
        self._batches = batches
        units = [given.x.shape[1], *(len(bias) for bias in given.weights[1::2])]
        layers: list[Any] = []
        for inputs, outputs in pairwise(units):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.Tanh()]
        self._model = torch.nn.Sequential(*layers[:-1])
        with torch.no_grad():
            for parameter, array in zip(self._model.parameters(), given.weights, strict=True):
                parameter.copy_(torch.from_numpy(array.T))
        self._optimizer = torch.optim.SGD(self._model.parameters(), lr=given.learning_rate)
        self._next = 0

    def train(self, steps: int) -> float:
        """So many steps more; the mean of their losses."""
        total = 0.0
        for _ in range(steps):
            x, y = self._batches[self._next]
            self._next = (self._next + 1) % len(self._batches)
            self._optimizer.zero_grad()
            loss = 0.5 * torch.nn.functional.mse_loss(self._model(x), y)
            loss.backward()
            self._optimizer.step()
            total += loss.item()
        return total / steps
