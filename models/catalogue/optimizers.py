"""Optimizers, and the one update rule that covers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.catalogue.row import Row


@dataclass(frozen=True)
class Coefficients:
    """One update rule covers all optimizers; they differ in these numbers.

        m <- m_keep m + m_gain g
        v <- v_keep v + v_gain g²
        w <- (1 - decay) w - rate c (from_m m + from_g g) / d

    with d = sqrt(v + eps_in) + eps_out if `adaptive`, else 1, and Adam's bias correction
    c = sqrt(1 - v_keep^t) / (1 - m_keep^t) if `corrected`, else 1. `v` starts at `v_start`, m at 0.
    """

    rate: float
    m_keep: float = 0.0
    m_gain: float = 0.0
    v_keep: float = 0.0
    v_gain: float = 0.0
    from_m: float = 0.0
    from_g: float = 0.0
    eps_in: float = 0.0
    eps_out: float = 0.0
    decay: float = 0.0
    adaptive: float = 0.0
    corrected: float = 0.0
    v_start: float = 0.0


@dataclass(frozen=True)
class Optimizer(Row):
    """`coefficients(learning_rate)` for lanes; `keras`: the class in `keras.optimizers` and its arguments."""

    coefficients: Callable[[float], Coefficients] = lambda r: Coefficients(rate=r, from_g=1.0)
    keras: tuple[str, Mapping[str, Any]] = ("SGD", {})


MOMENTUM = 0.9
RHO = 0.9
BETA_1, BETA_2 = 0.9, 0.999
EPSILON = 1e-7
WEIGHT_DECAY = 0.004


def _adam(rate: float, decay: float = 0.0) -> Coefficients:
    return Coefficients(
        rate=rate,
        m_keep=BETA_1,
        m_gain=1.0 - BETA_1,
        v_keep=BETA_2,
        v_gain=1.0 - BETA_2,
        from_m=1.0,
        eps_out=EPSILON,
        decay=rate * decay,
        adaptive=1.0,
        corrected=1.0,
    )


# The numbers are the defaults of keras.optimizers; the tests hold each row against its Keras class.
OPTIMIZERS: tuple[Optimizer, ...] = (
    Optimizer("sgd", "SGD", "w ← w - η g", help="Plain gradient descent, one batch at a time."),
    Optimizer(
        "momentum",
        "SGD with momentum",
        "v ← 0.9 v - η g;  w ← w + v",
        help="Keeps rolling in the direction of earlier steps.",
        coefficients=lambda r: Coefficients(rate=1.0, m_keep=MOMENTUM, m_gain=-r, from_m=-1.0),
        keras=("SGD", {"momentum": MOMENTUM}),
    ),
    Optimizer(
        "nesterov",
        "SGD with Nesterov momentum",
        "v ← 0.9 v - η g;  w ← w + 0.9 v - η g",
        help="Momentum that looks ahead.",
        coefficients=lambda r: Coefficients(rate=1.0, m_keep=MOMENTUM, m_gain=-r, from_m=-MOMENTUM, from_g=r),
        keras=("SGD", {"momentum": MOMENTUM, "nesterov": True}),
    ),
    Optimizer(
        "rmsprop",
        "RMSprop",
        "v ← 0.9 v + 0.1 g²;  w ← w - η g / √(v + ε)",
        help="Divides each step by the recent size of its gradient.",
        coefficients=lambda r: Coefficients(
            rate=r, v_keep=RHO, v_gain=1.0 - RHO, from_g=1.0, eps_in=EPSILON, adaptive=1.0
        ),
        keras=("RMSprop", {}),
    ),
    Optimizer(
        "adagrad",
        "Adagrad",
        "v ← v + g²;  w ← w - η g / √(v + ε)",
        help="Steps get smaller the more a weight has moved.",
        coefficients=lambda r: Coefficients(
            rate=r, v_keep=1.0, v_gain=1.0, from_g=1.0, eps_in=EPSILON, adaptive=1.0, v_start=0.1
        ),
        keras=("Adagrad", {}),
    ),
    Optimizer(
        "adam",
        "Adam",
        "w ← w - η m̂ / (√v̂ + ε)",
        help="Momentum and step sizes adapted to each weight; a good first choice.",
        coefficients=_adam,
        keras=("Adam", {}),
    ),
    Optimizer(
        "adamw",
        "AdamW",
        "w ← (1 - 0.004 η) w - η m̂ / (√v̂ + ε)",
        help="Adam with weight decay.",
        coefficients=lambda r: _adam(r, WEIGHT_DECAY),
        keras=("AdamW", {}),
    ),
)
