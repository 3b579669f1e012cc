"""One step of a lane's optimizer in float64: the rule of `catalogue.Coefficients`, read top to bottom.

The compiled form, for many lanes at once, is `models.update`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models import catalogue
from models.experiment import Experiment
from models.lane import Lane
from models.update import NADAM_PRODUCTS, NADAM_STEPS

Floats = npt.NDArray[np.float64]
CONSTRAINT_EPSILON = 1e-7  # Keras's, a part of its MaxNorm


def schedule_factor(experiment: Experiment, steps: int) -> float:
    """What the learning rate is multiplied by after so many steps."""
    training = experiment.training
    row = catalogue.row(catalogue.SCHEDULES, training.schedule)
    return row.factor(steps / training.decay_steps, training.decay_rate)


@dataclass(frozen=True)
class Rule:
    """How an optimizer moves weights at one step. `steps`: those made before; `factor`: the schedule's."""

    coefficients: catalogue.Coefficients
    steps: int
    factor: float
    l1: float
    l2: float
    clip_norm: float  # 0: not clipped
    max_norm: float  # 0: not constrained

    @classmethod
    def of(cls, lane: Lane) -> "Rule":
        """That of the lane's next step."""
        real = lane.real_numbers()
        return cls(
            lane.coefficients,
            lane.step,
            schedule_factor(lane.experiment, lane.step),
            real["l1"],
            real["l2"],
            real["clip_norm"],
            real["max_norm"],
        )

    def penalized(self, kernel: Floats, g: Floats) -> Floats:
        """A kernel's gradient with the penalty's part; the penalty is l1 Σ|w| + l2 Σw² over kernels."""
        return g + self.l1 * np.sign(kernel) + 2.0 * self.l2 * kernel

    def clipped(self, g: Floats) -> Floats:
        """A variable's gradient, no longer than `clip_norm`."""
        norm = float(np.sqrt((g * g).sum()))
        return g * (self.clip_norm / norm) if self.clip_norm and norm > self.clip_norm else g

    def constrained(self, kernel: Floats) -> Floats:
        """A kernel whose columns, the weights of a unit, are no longer than `max_norm`."""
        norm = np.sqrt((kernel * kernel).sum(axis=0))
        return kernel * np.minimum(norm, self.max_norm) / (CONSTRAINT_EPSILON + norm)

    def moved(self, w: Floats, m: Floats, v: Floats, g: Floats) -> tuple[Floats, Floats, Floats]:
        """New values of a variable and of its two slots, from its gradient with the penalty's part."""
        c, t = self.coefficients, self.steps + 1
        inside, outside = (self.factor, 1.0) if c.inside else (1.0, self.factor)
        from_m, from_g = (c.from_m, c.from_g * inside) if not c.nesterov else self._nadam()
        g = self.clipped(g)
        m_new = c.m_keep * m + c.m_gain * inside * g
        v_new = np.maximum(c.v_keep * v, np.abs(g)) if c.peak else c.v_keep * v + c.v_gain * g * g
        s = from_m * m_new + c.from_old * m + from_g * g
        if c.signed:
            s = np.sign(s)
        if c.corrected and not c.nesterov:
            s = s * (1.0 if c.peak else np.sqrt(1.0 - c.v_keep**t)) / (1.0 - c.m_keep**t)
        if c.adaptive:
            unbiased = v_new / (1.0 - c.v_keep**t) if c.nesterov else v_new
            root = v_new if c.peak else np.sqrt(unbiased + c.eps_in)
            s = s * np.sqrt(m + c.eps_in) / root if c.adadelta else s / (root + c.eps_out)
        if c.adadelta:
            m_new = c.m_keep * m + c.m_gain * s * s
        return w - c.decay * self.factor * w - c.rate * outside * s, m_new, v_new

    def _nadam(self) -> tuple[float, float]:
        """What Nadam takes of m and of g: its momentum is β₁ (1 - ½ 0.96^t) at step t (Dozat 2016)."""
        keep, t = self.coefficients.m_keep, self.steps + 1
        now, then = (keep * (1.0 - 0.5 * 0.96**step) for step in (t, t + 1))
        so_far = keep**t * float(NADAM_PRODUCTS[min(t, NADAM_STEPS)])
        return then / (1.0 - so_far * then), (1.0 - now) / (1.0 - so_far)

    def update(self, w: Floats, m: Floats, v: Floats, g: Floats, is_kernel: bool) -> Floats:
        """By how much a variable changes: its new value, constrained if it is a kernel, minus its old one."""
        new, _, _ = self.moved(w, m, v, g)
        return (self.constrained(new) if is_kernel and self.max_norm else new) - w
