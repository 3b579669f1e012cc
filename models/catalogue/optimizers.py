"""Optimizers, and the one update rule that covers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.catalogue.row import Row

MOMENTUM = 0.9
RHO = 0.9
BETA_1, BETA_2 = 0.9, 0.999
EPSILON = 1e-7
WEIGHT_DECAY = 0.004


@dataclass(frozen=True)
class Coefficients:
    """One update rule covers all optimizers; they differ in these numbers.

        m' <- m_keep m + m_gain g                    (adadelta: m_keep m + m_gain s², s below)
        v' <- v_keep v + v_gain g²                   (peak: max(v_keep v, |g|))
        s  =  c (from_m m' + from_old m + from_g g)  (signed: its sign)
        w  <- (1 - decay) w - rate s / d

    with d = sqrt(v' + eps_in) + eps_out if `adaptive` (peak: v' + eps_out; adadelta: times
    1 / sqrt(m + eps_in)), else 1, and c = Adam's bias correction sqrt(1 - v_keep^t) / (1 - m_keep^t) if
    `corrected` (peak: its denominator alone), else 1. In `nesterov`, which is Nadam's, from_m and from_g
    follow its momentum schedule instead. `v` starts at `v_start`, m at 0.

    A schedule's factor multiplies `rate` and `decay`, or, where the rate is `inside` the velocity, m_gain and
    from_g.
    """

    rate: float
    m_keep: float = 0.0
    m_gain: float = 0.0
    v_keep: float = 0.0
    v_gain: float = 0.0
    from_m: float = 0.0
    from_old: float = 0.0
    from_g: float = 0.0
    eps_in: float = 0.0
    eps_out: float = 0.0
    decay: float = 0.0
    adaptive: float = 0.0
    corrected: float = 0.0
    peak: float = 0.0
    signed: float = 0.0
    adadelta: float = 0.0
    nesterov: float = 0.0
    inside: float = 0.0
    v_start: float = 0.0


Settings = Mapping[str, float]


@dataclass(frozen=True)
class Optimizer(Row):
    """`settings`: the names of its own numbers, with Keras's defaults.

    `coefficients(learning_rate, settings)` for lanes; `keras`: the class in `keras.optimizers` and the
    arguments beside those settings. A `costly` one needs a rule of its own; only networks that use one pay.
    """

    settings: Settings = field(default_factory=dict[str, float])
    coefficients: Callable[[float, Settings], Coefficients] = lambda r, _: Coefficients(rate=r, from_g=1.0)
    keras: tuple[str, Mapping[str, Any]] = ("SGD", {})
    costly: bool = False

    def public(self) -> dict[str, Any]:
        return {**super().public(), "settings": dict(self.settings)}


def _adam(r: float, s: Settings) -> Coefficients:
    return Coefficients(
        rate=r,
        m_keep=s["beta_1"],
        m_gain=1.0 - s["beta_1"],
        v_keep=s["beta_2"],
        v_gain=1.0 - s["beta_2"],
        from_m=1.0,
        eps_out=s["epsilon"],
        decay=r * s.get("weight_decay", 0.0),
        adaptive=1.0,
        corrected=1.0,
    )


ADAM = {"beta_1": BETA_1, "beta_2": BETA_2, "epsilon": EPSILON}

# The numbers are the defaults of keras.optimizers; the tests hold each row against its Keras class.
OPTIMIZERS: tuple[Optimizer, ...] = (
    Optimizer("sgd", "SGD", "w ← w - η g", help="Plain gradient descent, one batch at a time."),
    Optimizer(
        "momentum",
        "SGD with momentum",
        "v ← 0.9 v - η g;  w ← w + v",
        help="Keeps rolling in the direction of earlier steps.",
        settings={"momentum": MOMENTUM},
        coefficients=lambda r, s: Coefficients(
            rate=1.0, m_keep=s["momentum"], m_gain=-r, from_m=-1.0, inside=1.0
        ),
    ),
    Optimizer(
        "nesterov",
        "SGD with Nesterov momentum",
        "v ← 0.9 v - η g;  w ← w + 0.9 v - η g",
        help="Momentum that looks ahead.",
        settings={"momentum": MOMENTUM},
        coefficients=lambda r, s: Coefficients(
            rate=1.0, m_keep=s["momentum"], m_gain=-r, from_m=-s["momentum"], from_g=r, inside=1.0
        ),
        keras=("SGD", {"nesterov": True}),
    ),
    Optimizer(
        "rmsprop",
        "RMSprop",
        "v ← 0.9 v + 0.1 g²;  w ← w - η g / √(v + ε)",
        help="Divides each step by the recent size of its gradient.",
        settings={"rho": RHO, "epsilon": EPSILON},
        coefficients=lambda r, s: Coefficients(
            rate=r, v_keep=s["rho"], v_gain=1.0 - s["rho"], from_g=1.0, eps_in=s["epsilon"], adaptive=1.0
        ),
        keras=("RMSprop", {}),
    ),
    Optimizer(
        "adagrad",
        "Adagrad",
        "v ← v + g²;  w ← w - η g / √(v + ε)",
        help="Steps get smaller the more a weight has moved.",
        settings={"epsilon": EPSILON},
        coefficients=lambda r, s: Coefficients(
            rate=r, v_keep=1.0, v_gain=1.0, from_g=1.0, eps_in=s["epsilon"], adaptive=1.0, v_start=0.1
        ),
        keras=("Adagrad", {}),
    ),
    Optimizer(
        "adadelta",
        "Adadelta",
        "v ← 0.95 v + 0.05 g²;  s = g √(u + ε) / √(v + ε);  u ← 0.95 u + 0.05 s²;  w ← w - η s",
        help="Finds its own step size from the steps so far; starts slowly. Made for a learning rate of 1.",
        settings={"rho": 0.95, "epsilon": EPSILON},
        coefficients=lambda r, s: Coefficients(
            rate=r,
            m_keep=s["rho"],
            m_gain=1.0 - s["rho"],
            v_keep=s["rho"],
            v_gain=1.0 - s["rho"],
            from_g=1.0,
            eps_in=s["epsilon"],
            adaptive=1.0,
            adadelta=1.0,
        ),
        keras=("Adadelta", {}),
        costly=True,
    ),
    Optimizer(
        "adam",
        "Adam",
        "w ← w - η m̂ / (√v̂ + ε)",
        help="Momentum and step sizes adapted to each weight; a good first choice.",
        settings=ADAM,
        coefficients=_adam,
        keras=("Adam", {}),
    ),
    Optimizer(
        "adamw",
        "AdamW",
        "w ← (1 - 0.004 η) w - η m̂ / (√v̂ + ε)",
        help="Adam with weight decay.",
        settings={**ADAM, "weight_decay": WEIGHT_DECAY},
        coefficients=_adam,
        keras=("AdamW", {}),
    ),
    Optimizer(
        "adamax",
        "Adamax",
        "u ← max(0.999 u, |g|);  w ← w - η m̂ / (u + ε)",
        help="Adam that divides by the largest recent gradient.",
        settings=ADAM,
        coefficients=lambda r, s: replace(_adam(r, s), v_gain=0.0, peak=1.0),
        keras=("Adamax", {}),
        costly=True,
    ),
    Optimizer(
        "nadam",
        "Nadam",
        "w ← w - η (0.9 m̂ + 0.1 ĝ) / (√v̂ + ε)",
        help="Adam with Nesterov's look ahead.",
        settings=ADAM,
        coefficients=lambda r, s: replace(_adam(r, s), nesterov=1.0),
        keras=("Nadam", {}),
        costly=True,
    ),
    Optimizer(
        "lion",
        "Lion",
        "w ← w - η sign(0.9 m + 0.1 g);  m ← 0.99 m + 0.01 g",
        help="Every weight moves by the same amount, only the direction counts. Wants a small learning rate.",
        settings={"beta_1": BETA_1, "beta_2": 0.99},
        coefficients=lambda r, s: Coefficients(
            rate=r,
            m_keep=s["beta_2"],
            m_gain=1.0 - s["beta_2"],
            from_old=s["beta_1"],
            from_g=1.0 - s["beta_1"],
            signed=1.0,
        ),
        keras=("Lion", {}),
        costly=True,
    ),
)


@dataclass(frozen=True)
class OptimizerSetting(Row):
    """A number that some optimizers have; without one given, each takes its own default."""

    limits: tuple[float, float] = (0.0, 0.9999)

    def public(self) -> dict[str, Any]:
        return {**super().public(), "limits": list(self.limits)}


OPTIMIZER_SETTINGS: tuple[OptimizerSetting, ...] = (
    OptimizerSetting("momentum", "Momentum", help="How much of its velocity each step keeps."),
    OptimizerSetting("beta_1", "β₁", help="How much of the mean gradient each step keeps."),
    OptimizerSetting("beta_2", "β₂", help="How much of the mean squared gradient each step keeps."),
    OptimizerSetting("rho", "ρ", help="How much of the mean squared gradient each step keeps."),
    OptimizerSetting(
        "epsilon", "ε", help="Keeps the division finite where gradients are tiny.", limits=(1e-10, 1.0)
    ),
    OptimizerSetting(
        "weight_decay", "Weight decay", help="How much every weight shrinks, times η.", limits=(0.0, 1.0)
    ),
)
