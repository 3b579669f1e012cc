"""What an optimizer makes of a gradient: its rule, schedule, clipping and constraint."""

import math
from typing import Any, Protocol

import numpy as np

from models import catalogue
from models.backend import Tensor, tf
from models.tensors import REAL_ROWS, WHOLE_ROWS, Rows

# Nadam's momentum at step t is beta_1 (1 - ½ 0.96^t) (Keras; Dozat 2016). The product of the brackets up to t
# converges; after so many steps it does not change any more in float32.
NADAM_STEPS = 512
_BRACKETS = 1.0 - 0.5 * 0.96 ** np.arange(1.0, NADAM_STEPS + 1.0)
NADAM_PRODUCTS = np.cumprod([1.0, *_BRACKETS]).astype(np.float32)


def schedule_factor(whole: Rows, real: Rows, steps: Tensor) -> Tensor:
    """What each lane's learning rate is multiplied by after so many steps; all (lanes,).

    The formulas are those of `keras.optimizers.schedules`.
    """
    chosen = {row.name: tf.equal(whole.schedule, number) for number, row in enumerate(catalogue.SCHEDULES)}
    along = tf.cast(steps, tf.float32) / tf.cast(tf.maximum(whole.decay_steps, 1), tf.float32)
    power = tf.pow(real.decay_rate, tf.where(chosen["step"], tf.floor(along), along))
    part = tf.minimum(along, 1.0)
    factor = tf.where(chosen["step"] | chosen["exponential"], power, tf.ones_like(power))
    factor = tf.where(chosen["cosine"], 0.5 * (1.0 + tf.cos(math.pi * part)), factor)
    return tf.where(chosen["warm_up"], part, factor)


class Numbers(Protocol):
    """What of a setting an update needs: rows by `WHOLE_ROWS` and `REAL_ROWS`, (rows, lanes)."""

    @property
    def whole(self) -> Tensor: ...
    @property
    def real(self) -> Tensor: ...


class Update:
    """One step's update of all lanes, layer by layer: the plain rule, which covers the usual optimizers."""

    def __init__(self, setting: Numbers, steps: Tensor, width: int, rows: int) -> None:
        """steps: (lanes,), those made before; `rows` of a layer's place, the kernel's being `width`."""
        self.width = width
        self.c: Any = Rows(REAL_ROWS, setting.real)
        c = self.c
        self.t = tf.cast(steps + 1, tf.float32)
        self.v_left = 1.0 - c.v_keep**self.t
        self.m_left = 1.0 - c.m_keep**self.t
        self.rate = c.rate * tf.where(c.corrected > 0.0, tf.sqrt(self.v_left) / self.m_left, 1.0)
        self.is_kernel = tf.range(rows)[:, None, None] < width

    def penalized(self, g: Tensor, w: Tensor) -> Tensor:
        """The gradient with the penalty's: both (rows, width, lanes)."""
        return g + tf.where(self.is_kernel, self.c.l1 * tf.sign(w) + 2.0 * self.c.l2 * w, 0.0)

    def penalty(self, w: Tensor) -> Tensor:
        """The penalty of a layer's weights (rows, width, lanes): (lanes,)."""
        cost = self.c.l1 * tf.abs(w) + self.c.l2 * w * w
        return tf.reduce_sum(tf.where(self.is_kernel, cost, 0.0), (0, 1))

    def moved(self, w: Tensor, first: Tensor, second: Tensor, g: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """New weights, m and v of a layer, all (rows, width, lanes), from the data's gradient."""
        c = self.c
        g = self.penalized(g, w)
        m = c.m_keep * first + c.m_gain * g
        v = c.v_keep * second + c.v_gain * g * g
        divisor = tf.where(c.adaptive > 0.0, tf.sqrt(v + c.eps_in) + c.eps_out, 1.0)
        return w - c.decay * w - self.rate * (c.from_m * m + c.from_g * g) / divisor, m, v


class FullUpdate(Update):
    """All optimizers, schedules, clipping and the constraint."""

    def __init__(self, setting: Numbers, steps: Tensor, width: int, rows: int) -> None:
        super().__init__(setting, steps, width, rows)
        c = self.c
        whole: Any = Rows(WHOLE_ROWS, setting.whole)
        factor = schedule_factor(whole, c, steps)
        self.inside = tf.where(c.inside > 0.0, factor, 1.0)
        correction = tf.where(c.peak > 0.0, 1.0, tf.sqrt(self.v_left)) / self.m_left
        correction = tf.where((c.corrected > 0.0) & ~(c.nesterov > 0.0), correction, 1.0)
        self.rate = c.rate * correction * tf.where(c.inside > 0.0, 1.0, factor)
        self.decay = c.decay * factor
        self.from_m, self.from_g = self._nadam(steps)
        # Nadam divides by the root of v / v_left.
        self.v_scale = tf.where(c.nesterov > 0.0, 1.0 / self.v_left, 1.0)

    def _nadam(self, steps: Tensor) -> tuple[Tensor, Tensor]:
        c, t = self.c, self.t
        now = c.m_keep * (1.0 - 0.5 * tf.pow(0.96, t))
        then = c.m_keep * (1.0 - 0.5 * tf.pow(0.96, t + 1.0))
        product = c.m_keep**t * tf.gather(tf.constant(NADAM_PRODUCTS), tf.minimum(steps + 1, NADAM_STEPS))
        nadam = c.nesterov > 0.0
        return (
            tf.where(nadam, then / (1.0 - product * then), c.from_m),
            tf.where(nadam, (1.0 - now) / (1.0 - product), c.from_g * self.inside),
        )

    def clipped(self, g: Tensor) -> Tensor:
        """The gradient (rows, width, lanes), each variable's no longer than `clip_norm`, 0 being any."""
        most = self.c.clip_norm
        kernel = tf.sqrt(tf.reduce_sum(tf.where(self.is_kernel, g * g, 0.0), (0, 1), keepdims=True))
        others = tf.sqrt(tf.reduce_sum(g * g, 1, keepdims=True))  # every other row is a variable
        norm = tf.where(self.is_kernel, kernel, others)
        return tf.where((most > 0.0) & (norm > most), g * most / tf.where(norm > 0.0, norm, 1.0), g)

    def constrained(self, w: Tensor) -> Tensor:
        """Weights (rows, width, lanes), each unit's kernel no longer than `max_norm`, 0 being any.

        Like Keras's `MaxNorm`, of which the epsilon is a part.
        """
        most = self.c.max_norm
        norm = tf.sqrt(tf.reduce_sum(tf.where(self.is_kernel, w * w, 0.0), 0, keepdims=True))
        fitting = w * tf.minimum(norm, most) / (1e-7 + norm)
        return tf.where(self.is_kernel & (most > 0.0), fitting, w)

    def moved(self, w: Tensor, first: Tensor, second: Tensor, g: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c = self.c
        g = self.clipped(self.penalized(g, w))
        squares = c.v_keep * second + c.v_gain * g * g
        v = tf.where(c.peak > 0.0, tf.maximum(c.v_keep * second, tf.abs(g)), squares)
        root = tf.where(c.peak > 0.0, v, tf.sqrt(v * self.v_scale + c.eps_in))
        divisor = tf.where(c.adaptive > 0.0, root + c.eps_out, 1.0)
        divisor = tf.where(c.adadelta > 0.0, root / tf.sqrt(first + c.eps_in), divisor)
        m = c.m_keep * first + c.m_gain * self.inside * g
        sought = self.from_m * m + c.from_old * first + self.from_g * g
        sought = tf.where(c.signed > 0.0, tf.sign(sought), sought)
        step = sought / divisor
        m = tf.where(c.adadelta > 0.0, c.m_keep * first + c.m_gain * step * step, m)
        return self.constrained(w - self.decay * w - self.rate * step), m, v
