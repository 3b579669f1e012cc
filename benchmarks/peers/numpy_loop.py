"""Training in plain numpy, forward and backward by hand."""

import numpy as np

from benchmarks.peers.given import Floats, Given

Batches = list[tuple[Floats, Floats]]


def prepare(given: Given) -> Batches:
    """What all networks of the task share."""
    return list(zip(*given.batches(), strict=True))


class Trainer:
    """A network that trains."""

    def __init__(self, given: Given, batches: Batches) -> None:
        self._batches = batches
        self._kernels = [kernel.copy() for kernel in given.weights[::2]]
        self._biases = [bias.copy() for bias in given.weights[1::2]]
        self._rate = np.float32(given.learning_rate / given.batch)
        self._next = 0

    def train(self, steps: int) -> float:
        """So many steps more; the mean of their losses."""
        total = 0.0
        for _ in range(steps):
            x, y = self._batches[self._next]
            self._next = (self._next + 1) % len(self._batches)
            total += self._step(x, y)
        return total / steps

    def _step(self, x: Floats, y: Floats) -> float:
        outputs = [x]  # of every layer, (batch, units)
        last = len(self._kernels) - 1
        for layer, (kernel, bias) in enumerate(zip(self._kernels, self._biases, strict=True)):
            z = outputs[-1] @ kernel + bias
            outputs.append(z if layer == last else np.tanh(z))
        slope = outputs.pop() - y
        loss = 0.5 * float(np.mean(slope * slope))
        for layer in range(last, -1, -1):
            a = outputs.pop()
            kernel = self._kernels[layer]
            before = (slope @ kernel.T) * (1.0 - a * a) if layer else slope
            kernel -= self._rate * (a.T @ slope)
            self._biases[layer] -= self._rate * slope.sum(0)
            slope = before
        return loss
