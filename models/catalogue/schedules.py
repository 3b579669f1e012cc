"""Learning-rate schedules: what the learning rate is multiplied by as steps are made."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.catalogue.row import Row


@dataclass(frozen=True)
class Schedule(Row):
    """`keras(learning_rate, decay_steps, decay_rate)`: class in `keras.optimizers.schedules` and arguments.

    `settings`: which of decay_steps and decay_rate it has; `factor(steps / decay_steps, decay_rate)`: what
    the learning rate is multiplied by.
    """

    settings: tuple[str, ...] = ()
    factor: Callable[[float, float], float] = lambda along, rate: 1.0
    keras: str = ""
    arguments: Mapping[str, Any] | None = None

    def public(self) -> dict[str, Any]:
        return {**super().public(), "settings": list(self.settings)}


SCHEDULES: tuple[Schedule, ...] = (
    Schedule("constant", "Constant", "η", help="The same learning rate all the time."),
    Schedule(
        "step",
        "Step",
        "η · r^⌊n / N⌋",
        help="Falls at once after every N steps.",
        settings=("decay_steps", "decay_rate"),
        factor=lambda along, rate: rate ** math.floor(along),
        keras="ExponentialDecay",
        arguments={"staircase": True},
    ),
    Schedule(
        "exponential",
        "Exponential",
        "η · r^(n / N)",
        help="Falls evenly, to the share r in N steps.",
        settings=("decay_steps", "decay_rate"),
        factor=lambda along, rate: rate**along,
        keras="ExponentialDecay",
    ),
    Schedule(
        "cosine",
        "Cosine",
        "η · ½ (1 + cos(π n / N)), 0 after N steps",
        help="Falls slowly, then fast, then slowly to zero in N steps.",
        settings=("decay_steps",),
        factor=lambda along, rate: 0.5 * (1.0 + math.cos(math.pi * min(along, 1.0))),
        keras="CosineDecay",
    ),
    Schedule(
        "warm_up",
        "Warm-up",
        "η · n / N, η after N steps",
        help="Rises evenly from zero in N steps, so that the first steps, with wild gradients, are small.",
        settings=("decay_steps",),
        factor=lambda along, rate: min(along, 1.0),
        keras="PolynomialDecay",
    ),
)
