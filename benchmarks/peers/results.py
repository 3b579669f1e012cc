"""What was measured, the bars that it is held against, and its tables."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.figure import Bar, Figure, shown
from benchmarks.peers.tasks import DEEPEST, SMALLEST, TASKS, WIDEST, Task

# In the order of the tables' columns.
PEERS = {
    "lane": "one lane",
    "lanes": "64 lanes together",
    "compiled": "Keras, compiled loop",
    "fit": "Keras, fit",
    "torch": "PyTorch, eager",
    "tfjs": "TensorFlow.js",
    "convnet": "ConvNetJS",
    "numpy": "numpy",
}
RIVAL = "convnet"
AGREEMENT = 1e-3  # relative difference of a loss
ALONE = 1.0  # times as fast as the rival, on every network,
ALONE_LARGEST = 4.0  # and on the deepest and the widest
TOGETHER = {Task(SMALLEST, 10): 3.0, Task(DEEPEST, 10): 6.0}


@dataclass
class Results:
    """By task and peer: steps a second and seconds to the first step, a number a round; the greatest relative
    difference of a loss from numpy's; by peer its memory in MiB.
    """

    rates: dict[tuple[Task, str], list[float]] = field(default_factory=lambda: {})
    firsts: dict[tuple[Task, str], list[float]] = field(default_factory=lambda: {})
    differences: dict[tuple[Task, str], float] = field(default_factory=lambda: {})
    memory: dict[str, float] = field(default_factory=lambda: {})

    def ratio(self, task: Task, peer: str) -> float:
        """How many times as fast as the rival: the median over the rounds."""
        pairs = zip(self.rates[task, peer], self.rates[task, RIVAL], strict=True)
        return median(ours / theirs for ours, theirs in pairs)

    def summary(self, task: Task) -> str:
        """Steps a second of everybody, in a line."""
        return ", ".join(
            f"{title} {shown(median(self.rates[task, peer]), '/s')}" for peer, title in PEERS.items()
        )

    def figures(self) -> list[Figure]:
        """The bars, and what came of them."""
        (task, peer), worst = max(self.differences.items(), key=lambda item: item[1])
        return [
            *(
                Figure(
                    f"one lane against ConvNetJS, {task.name}",
                    self.ratio(task, "lane"),
                    "×",
                    Bar(ALONE_LARGEST if task.network in (DEEPEST, WIDEST) else ALONE, at_least=True),
                )
                for task in TASKS
            ),
            *(
                Figure(
                    f"64 lanes together against ConvNetJS, {task.name}",
                    self.ratio(task, "lanes"),
                    "×",
                    Bar(limit, at_least=True),
                )
                for task, limit in TOGETHER.items()
            ),
            Figure(
                f"greatest difference of a loss from numpy's ({PEERS[peer]}, {task.name})",
                100 * worst,
                "%",
                Bar(100 * AGREEMENT),
            ),
        ]

    def tables(self) -> str:
        """Everything else, as tables for docs/benchmarks.md."""
        peers = list(PEERS)
        memory = [shown(self.memory[peer], "MiB") for peer in peers]
        return "\n\n".join(
            [
                "Steps a second, and by how much the rounds differ:",
                _table(peers, lambda task, peer: _with_spread(self.rates[task, peer])),
                "Against ConvNetJS:",
                _table(peers, lambda task, peer: shown(self.ratio(task, peer), "×")),
                "From a new network to its first trained step:",
                _table(peers, lambda task, peer: _time(median(self.firsts[task, peer]))),
                "The most memory of its process:",
                _markdown(peers, {"all networks": memory}),
            ]
        )


def difference(losses: Sequence[float], expected: Sequence[float]) -> float:
    """The greatest relative difference; infinite where one is no number or there are not as many."""
    if len(losses) != len(expected) or not all(map(math.isfinite, losses)):
        return math.inf
    return max(abs(one - other) / abs(other) for one, other in zip(losses, expected, strict=True))


def _with_spread(values: Sequence[float]) -> str:
    """The median, and half of the span in percent of it."""
    middle = median(values)
    return f"{shown(middle, '')} ± {50 * (max(values) - min(values)) / middle:.0f} %"


def _time(seconds: float) -> str:
    return shown(seconds, "s") if seconds >= 1 else shown(1000 * seconds, "ms")


def _table(peers: Sequence[str], cell: Callable[[Task, str], str]) -> str:
    return _markdown(peers, {task.name: [cell(task, peer) for peer in peers] for task in TASKS})


def _markdown(peers: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    return "\n".join(
        [
            f"| | {' | '.join(PEERS[peer] for peer in peers)} |",
            f"|---|{'---:|' * len(peers)}",
            *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()),
        ]
    )
