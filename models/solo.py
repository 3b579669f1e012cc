"""The training program of one network alone: its own shapes, unrolled layers, and only what it uses.

The same arithmetic as `models.program`, written without padding, masks, selections and the axis of lanes. A
network's parameters are one vector (see `Layout`), so that an optimizer's update is one loop over it.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models import catalogue
from models.backend import Tensor, tf
from models.bucket import CHUNK, POINTS, SMALL
from models.extras import kept, normalized, normalized_at_rest, normalized_back
from models.history import COLUMNS
from models.primitives import TensorPrimitives
from models.program import Products
from models.scores import crossentropy
from models.structure import Structure
from models.tensors import REAL_ROWS, WHOLE_ROWS, Rows, added, put
from models.update import FullUpdate, Update

ROUNDS = 256  # epochs that may end in one tick


class Place(NamedTuple):
    """Where a layer's parameters stand in the vector: half-open ranges, the last two of equal length."""

    kernel: tuple[int, int]
    bias: tuple[int, int]
    scale: tuple[int, int]  # empty without batch normalization, as is the shift
    shift: tuple[int, int]


class Layout:
    """A network's parameters in one vector: kernels and biases layer by layer, then scales and shifts."""

    def __init__(self, structure: Structure) -> None:
        self.normalized = (*structure.normalized, False)
        end = 0

        def take(size: int) -> tuple[int, int]:
            nonlocal end
            end += size
            return end - size, end

        pairs = list(pairwise(structure.units))
        dense = [(take(before * here), take(here)) for before, here in pairs]
        self.dense = end
        scales = [
            (take(here), take(here)) if on else ((end, end), (end, end))
            for (_, here), on in zip(pairs, self.normalized, strict=True)
        ]
        self.places = [Place(*kernel_bias, *both) for kernel_bias, both in zip(dense, scales, strict=True)]
        self.size = end
        self.is_kernel: npt.NDArray[np.bool_] = np.zeros(end, np.bool_)
        for place in self.places:
            self.is_kernel[slice(*place.kernel)] = True


class State(NamedTuple):
    """What training changes; vectors are (parameters,), or empty where the optimizer does not use them."""

    weights: Tensor
    first: Tensor
    second: Tensor
    moving: Tensor  # (normalized units, of each layer its means and then its variances,)
    steps: Tensor  # () int32: optimizer steps made
    epochs: Tensor  # () int32
    sums: Tensor  # (4,) float32 over the epoch so far: loss, right answers, penalty, points
    diverged: Tensor  # () bool


class Setting(NamedTuple):
    """What a tick leaves as it is."""

    test: Tensor  # (POINTS, inputs + 1) float32: inputs and target of the test points
    whole: Tensor  # (len(WHOLE_ROWS),) int32
    real: Tensor  # (len(REAL_ROWS),) float32
    dropout: Tensor  # (hidden layers,) float32


class Seen(NamedTuple):
    """What a layer's backward pass needs of its forward pass, each (rows, units)."""

    into: Tensor  # (rows, inputs of the layer)
    slope: Tensor
    normal: Any


class MatrixProducts:
    """A layer's three products as XLA's matrix products, of what `Products` takes, less the lanes."""

    def forward(self, h: Tensor, k: Tensor) -> Tensor:
        return tf.matmul(h, k)

    def back(self, dz: Tensor, k: Tensor) -> Tensor:
        return tf.matmul(dz, k, transpose_b=True)

    def outer(self, h: Tensor, dz: Tensor) -> Tensor:
        return tf.matmul(h, dz, transpose_a=True)


class Solo:
    """The program of a structure, as plain functions for tracing."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.layout = Layout(structure)
        self.loss = catalogue.row(catalogue.LOSSES, structure.loss)
        self.rows = [catalogue.row(catalogue.ACTIVATIONS, name) for name in structure.activations]
        self.product = Products(True) if max(structure.units) <= SMALL else MatrixProducts()

    def _kernel(self, vector: Tensor, number: int) -> Tensor:
        start, end = self.layout.places[number].kernel
        return tf.reshape(vector[start:end], self.structure.units[number : number + 2])

    def _linear(self, state: State, h: Tensor, number: int) -> Tensor:
        bias = state.weights[slice(*self.layout.places[number].bias)]
        return self.product.forward(h, self._kernel(state.weights, number)) + bias

    def forward(self, state: State, x: Tensor, counted: Tensor, size: Tensor, setting: Setting) -> Any:
        """z, value and slope of the output (rows, outputs), what goes back, and the new moving statistics."""
        seen: list[Seen] = []
        moving: list[Tensor] = []
        h, z, slope = x, x, x
        seed = Rows(WHOLE_ROWS, setting.whole).mask_seed
        for number, (place, row) in enumerate(zip(self.layout.places, self.rows, strict=True)):
            into = h
            z = (
                self.product.forward(h, self._kernel(state.weights, number))
                + state.weights[slice(*place.bias)]
            )
            normal = None
            if self.layout.normalized[number]:
                scale, shift = state.weights[slice(*place.scale)], state.weights[slice(*place.shift)]
                before = tf.reshape(state.moving[slice(*self.moving_range(number))], (2, -1))
                z, normal, after = normalized(z, scale, shift, before, True, counted, size)
                moving.append(tf.reshape(after, (-1,)))
            primitives = TensorPrimitives(z)
            h, slope = row.value(primitives), row.slope(primitives)
            if number < len(self.structure.dropped) and self.structure.dropped[number]:
                keep = kept(
                    setting.dropout[number][None],
                    seed[None],
                    state.steps[None],
                    tf.constant(number),
                    *z.shape,
                )[..., 0]
                h, slope = h * keep, slope * keep
            seen.append(Seen(into, slope, normal))
        return z, h, slope, seen, tf.concat(moving, 0) if moving else state.moving

    def moving_range(self, number: int) -> tuple[int, int]:
        """Where a layer's moving statistics stand in theirs."""
        sizes = [
            2 * units * on for units, on in zip(self.structure.units[1:], self.layout.normalized, strict=True)
        ]
        return sum(sizes[:number]), sum(sizes[: number + 1])

    def outputs(self, state: State, x: Tensor) -> tuple[Tensor, Tensor]:
        """z and value of the output (rows, outputs) as in inference."""
        h = z = x
        for number, (place, row) in enumerate(zip(self.layout.places, self.rows, strict=True)):
            z = (
                self.product.forward(h, self._kernel(state.weights, number))
                + state.weights[slice(*place.bias)]
            )
            if self.layout.normalized[number]:
                scale, shift = state.weights[slice(*place.scale)], state.weights[slice(*place.shift)]
                before = tf.reshape(state.moving[slice(*self.moving_range(number))], (2, -1))
                z = normalized_at_rest(z, scale, shift, before, True)
            h = row.value(TensorPrimitives(z))
        return z, h

    def scores(
        self, z: Tensor, value: Tensor, slope: Tensor, target: Tensor, counted: Tensor, real: Any
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Sums over the counted rows of loss and right answers, and the loss's slope by z (rows, outputs).

        target (rows,), counted (rows, 1).
        """
        if self.structure.several:
            classes = tf.constant([self.structure.units[-1]])
            many, by_many, answered = crossentropy(z[..., None], classes, target[:, None])
            one, by_z, right = many[:, 0], by_many[..., 0], answered[:, 0]
        else:
            number = target[:, None]
            primitives = TensorPrimitives(z)
            one = self.loss.value(primitives, value, slope, number)[:, 0]
            by_z = self.loss.slope(primitives, value, slope, number)
            right = tf.equal(value[:, 0] > real.threshold, target > real.threshold)
        return (
            added(tf.where(counted[:, 0] > 0.0, one, 0.0)),
            tf.reduce_sum(tf.where(right, counted[:, 0], 0.0), 0),
            by_z * counted,
        )

    def gradient(self, state: State, by_z: Tensor, seen: list[Seen], counted: Tensor, size: Tensor) -> Tensor:
        """Of the loss by all parameters, (parameters,)."""
        parts: dict[int, Tensor] = {}
        dz = by_z
        for number in reversed(range(len(self.rows))):
            place, here = self.layout.places[number], seen[number]
            if self.layout.normalized[number]:
                scale = state.weights[slice(*place.scale)]
                dz, both = normalized_back(dz, here.normal, scale, True, counted, size)
                parts[place.scale[0]], parts[place.shift[0]] = both[0], both[1]
                bias = tf.zeros_like(dz[0])  # the shift takes its place
            else:
                bias = tf.reduce_sum(dz, 0)
            kernel = self.product.outer(here.into, dz)
            parts[place.kernel[0]] = tf.reshape(kernel, (-1,))
            parts[place.bias[0]] = bias
            if number:
                by_h = self.product.back(dz, self._kernel(state.weights, number))
                # The choice keeps LLVM from making one operation of this product and the sums over it, which
                # rounds once less than the bucket's program does.
                dz = tf.where(counted > 0.0, by_h * seen[number - 1].slope, 0.0)
        return tf.concat([parts[start] for start in sorted(parts)], 0)

    def penalty(self, weights: Tensor, real: Any, layers: Iterable[int]) -> Tensor:
        """The regularization penalty, added up in that order of all layers; biases are free."""
        cost = tf.constant(0.0)
        if self.structure.penalized:
            for number in layers:
                w = self._kernel(weights, number)
                cost = cost + tf.reduce_sum(real.l1 * tf.abs(w) + real.l2 * w * w)
        return cost

    def step(self, state: State, setting: Setting, table: Tensor, size: Tensor) -> State:
        """One optimizer step on a batch: table (batch, inputs + 1), of which the first `size` () count."""
        structure = self.structure
        real: Any = Rows(REAL_ROWS, setting.real)
        inputs = structure.units[0]
        points = tf.cast(size, tf.float32)
        counted = tf.cast(tf.range(structure.batch)[:, None] < size, tf.float32)
        target = table[:, inputs]
        z, value, slope, seen, moving = self.forward(state, table[:, :inputs], counted, points, setting)
        loss, right, by_z = self.scores(z, value, slope, target, counted, real)
        g = self.gradient(state, by_z / points, seen, counted, points)
        rule = (FullRule if structure.extras else Rule)(self, setting, state.steps)
        new, first, second = rule.moved(state.weights, state.first, state.second, g)
        # Added up in the order of the bucket's backward pass, and below in that of its penalty.
        penalty = self.penalty(state.weights, real, reversed(range(len(self.rows))))
        finite = tf.math.is_finite(new)
        going = tf.math.is_finite(loss)
        taken = going & finite
        moved = going & tf.reduce_all(finite)
        sums = state.sums + tf.stack([loss + penalty * points, right, penalty * points, points])
        return State(
            tf.where(taken, new, state.weights),
            tf.where(taken, first, state.first) if structure.first else state.first,
            tf.where(taken, second, state.second) if structure.second else state.second,
            tf.where(moved, moving, state.moving),
            tf.where(moved, state.steps + 1, state.steps),
            state.epochs,
            tf.where(moved, sums, state.sums),
            ~moved,
        )

    def test(self, state: State, setting: Setting) -> Tensor:
        """Sums over the test points of loss and right answers, (2,)."""
        whole: Any = Rows(WHOLE_ROWS, setting.whole)
        real: Any = Rows(REAL_ROWS, setting.real)
        inputs = self.structure.units[0]

        def chunk(start: Tensor, sums: Tensor) -> tuple[Tensor, Tensor]:
            table = tf.slice(setting.test, [start, 0], [CHUNK, inputs + 1])
            counted = tf.cast(start + tf.range(CHUNK)[:, None] < whole.test, tf.float32)
            z, value = self.outputs(state, table[:, :inputs])
            loss, right, _ = self.scores(z, value, tf.zeros_like(value), table[:, inputs], counted, real)
            return start + CHUNK, sums + tf.stack([loss, right])

        _, sums = tf.while_loop(lambda start, _: start < whole.test, chunk, (tf.constant(0), tf.zeros((2,))))
        return sums

    def advance(
        self, state: State, setting: Setting, feed: Tensor, sizes: Tensor, budget: Tensor, to_end: Tensor
    ) -> tuple[State, Tensor, Tensor]:
        """A tick: up to `budget` optimizer steps, and no more than `ROUNDS` ends of epochs.

        feed: (steps, batch, inputs + 1) float32, the points of the next batches; sizes: (steps,) int32, how
        many of them count. to_end: steps left in the epoch under way.

        Returns the state, rows for `Lane.end_epoch` (ROUNDS, len(COLUMNS)), with epoch 0 where none ended,
        and the steps made.
        """
        whole: Any = Rows(WHOLE_ROWS, setting.whole)
        real: Any = Rows(REAL_ROWS, setting.real)
        an_epoch = -(-whole.train // tf.maximum(whole.batch, 1))

        def round_(number: Tensor, done: Tensor, left: Tensor, rows: Tensor, *parts: Tensor) -> Any:
            goal = done + tf.minimum(left, budget - done)

            def one(done: Tensor, *parts: Tensor) -> tuple[Tensor, ...]:
                state = State(*parts)
                table = tf.gather(feed, done)
                state = self.step(state, setting, table, tf.gather(sizes, done))
                return (done + tf.where(state.diverged, 0, 1), *state)

            start = done
            done, *after = tf.while_loop(
                lambda done, *parts: (done < goal) & ~State(*parts).diverged, one, (done, *parts)
            )
            state = State(*after)
            left = left - (done - start)
            ended = tf.equal(left, 0)
            tested = tf.cond(ended, lambda: self.test(state, setting), lambda: tf.zeros((2,)))
            penalty = self.penalty(state.weights, real, range(len(self.rows)))
            epoch = state.epochs + 1
            row = tf.stack(
                [
                    tf.where(ended, tf.cast(epoch, tf.float32), 0.0),
                    *(state.sums[k] / state.sums[3] for k in range(3)),
                    *tf.unstack(tested),
                    penalty,
                ]
            )
            state = state._replace(
                epochs=tf.where(ended, epoch, state.epochs),
                sums=tf.where(ended, tf.zeros((4,)), state.sums),
            )
            left = tf.where(ended, an_epoch, left)
            return (number + 1, done, left, put(rows, number, row), *state)

        def more(number: Tensor, done: Tensor, left: Tensor, rows: Tensor, *parts: Tensor) -> Tensor:
            return (number < ROUNDS) & (done < budget) & ~State(*parts).diverged

        rows = tf.zeros((ROUNDS, len(COLUMNS)))
        _, done, _, rows, *parts = tf.while_loop(
            more, round_, (tf.constant(0), tf.constant(0), to_end, rows, *state)
        )
        return State(*parts), rows, done


class Rule(Update):
    """The plain update of one network's vector, of which the optimizer's unused parts are left out."""

    def __init__(self, solo: Solo, setting: Setting, steps: Tensor) -> None:
        super().__init__(setting, steps, 0, 0)
        self.structure = solo.structure
        self.is_kernel = tf.constant(solo.layout.is_kernel)

    def moved(self, w: Tensor, first: Tensor, second: Tensor, g: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c, structure = self.c, self.structure
        if structure.penalized:
            g = self.penalized(g, w)
        m = c.m_keep * first + c.m_gain * g if structure.first else first
        v = c.v_keep * second + c.v_gain * g * g if structure.second else second
        sought = c.from_m * m + c.from_g * g if structure.first else c.from_g * g
        # Where a bucket's program divides by 1, this one does too: otherwise LLVM makes one operation of the
        # product and the difference, which rounds once less.
        ones = tf.where(c.adaptive > 0.0, c.adaptive, 1.0)
        divisor = tf.sqrt(v + c.eps_in) + c.eps_out if structure.second else ones
        return w - c.decay * w - self.rate * sought / divisor, m, v


class FullRule(FullUpdate):
    """All optimizers and schedules."""

    def __init__(self, solo: Solo, setting: Setting, steps: Tensor) -> None:
        super().__init__(setting, steps, 0, 0)
        self.structure = solo.structure
        self.is_kernel = tf.constant(solo.layout.is_kernel)

    def clipped(self, g: Tensor) -> Tensor:
        return g

    def constrained(self, w: Tensor) -> Tensor:
        return w

    def moved(self, w: Tensor, first: Tensor, second: Tensor, g: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        m = first if self.structure.first else tf.zeros_like(w)
        v = second if self.structure.second else tf.zeros_like(w)
        return super().moved(w, m, v, g)


def signature(structure: Structure) -> list[Any]:
    """The shapes of `Solo.advance`'s arguments."""
    layout = Layout(structure)
    inputs = structure.units[0]
    moving = sum(
        2 * units * on for units, on in zip(structure.units[1:-1], structure.normalized, strict=True)
    )
    return [
        State(
            tf.TensorSpec((layout.size,), tf.float32),
            tf.TensorSpec((layout.size * structure.first,), tf.float32),
            tf.TensorSpec((layout.size * structure.second,), tf.float32),
            tf.TensorSpec((moving,), tf.float32),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((4,), tf.float32),
            tf.TensorSpec((), tf.bool),
        ),
        Setting(
            tf.TensorSpec((POINTS, inputs + 1), tf.float32),
            tf.TensorSpec((len(WHOLE_ROWS),), tf.int32),
            tf.TensorSpec((len(REAL_ROWS),), tf.float32),
            tf.TensorSpec((len(structure.dropped),), tf.float32),
        ),
        tf.TensorSpec((structure.steps, structure.batch, inputs + 1), tf.float32),
        tf.TensorSpec((structure.steps,), tf.int32),
        tf.TensorSpec((), tf.int32),
        tf.TensorSpec((), tf.int32),
    ]


def compiled(structure: Structure) -> Any:
    """`Solo.advance` of a structure, traced for its shapes; XLA compiles it at its first call."""
    return tf.function(
        Solo(structure).advance,
        jit_compile=True,
        autograph=False,
        input_signature=signature(structure),
    )
