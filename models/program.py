"""The compiled training program of a bucket.

Everything that differs between lanes is data. The lane axis is the last (fastest) one. Layers sit in a stack
of `LAYERS` padded places: lane l uses the first `depth[l]`, its output layer being the last of these, and the
loops over layers run as far as the deepest lane needs. A padded neuron has zero weights and its activation is
masked to zero, so all its gradients are zero and stay so.

A layer's place holds its kernel and, in one more row, its bias: `(width + 1, width, lanes)`.
"""

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from models import catalogue
from models.backend import Tensor, tf, xla_dynamic_update_slice
from models.bucket import CHUNK, INPUTS, LAYERS, OUTPUTS, POINTS, ROUNDS, Bucket
from models.history import COLUMNS
from models.primitives import TensorPrimitives


class State(NamedTuple):
    """What training changes."""

    weights: Tensor  # (LAYERS, width + 1, width, lanes) float32
    first: Tensor  # the optimizer's m, same shape
    second: Tensor  # the optimizer's v, same shape
    counters: Tensor  # (3, lanes) int32: steps, epochs, offset into the epoch's points
    sums: Tensor  # (4, lanes) float32 over the epoch so far: loss, right answers, penalty, points
    diverged: Tensor  # (lanes,) bool


class Setting(NamedTuple):
    """What a tick leaves as it is."""

    points: Tensor  # (lanes, POINTS, INPUTS + OUTPUTS) float32: inputs and target; training points first
    whole: Tensor  # (len(WHOLE_ROWS), lanes) int32
    real: Tensor  # (len(REAL_ROWS), lanes) float32
    units: Tensor  # (LAYERS, lanes) int32: neurons of each place
    activations: Tensor  # (LAYERS, lanes) int32: index into the catalogue


WHOLE_ROWS = ("depth", "train", "test", "batch", "loss")
REAL_ROWS = (
    "l1",
    "l2",
    "threshold",
    *(field.name for field in fields(catalogue.Coefficients) if field.name != "v_start"),
)


@dataclass(frozen=True)
class Rows:
    """Rows of a (rows, lanes) tensor by name."""

    names: tuple[str, ...]
    tensor: Tensor

    def __getattr__(self, name: str) -> Any:
        return self.tensor[self.names.index(name)]


def activate(index: Tensor, z: Tensor, costly: bool) -> tuple[Tensor, Tensor]:
    """Value and slope of each lane's own activation: index (lanes,), z (..., lanes)."""
    primitives = TensorPrimitives(z)
    value: Tensor = primitives.z
    slope: Tensor = primitives.one
    for number, row in enumerate(catalogue.ACTIVATIONS):
        if row.name != "linear" and (costly or not row.costly):
            chosen = tf.equal(index, number)
            value = tf.where(chosen, row.value(primitives), value)
            slope = tf.where(chosen, row.slope(primitives), slope)
    return value, slope


def loss_of(index: Tensor, z: Tensor, a: Tensor, slope: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Each lane's own loss a point and its slope by z: index (lanes,), others (rows, OUTPUTS, lanes)."""
    primitives = TensorPrimitives(z)
    value: Tensor = tf.zeros_like(z)
    by_z: Tensor = tf.zeros_like(z)
    for number, row in enumerate(catalogue.LOSSES):
        chosen = tf.equal(index, number)
        value = tf.where(chosen, row.value(primitives, a, slope, target), value)
        by_z = tf.where(chosen, row.slope(primitives, a, slope, target), by_z)
    return value, by_z


def put(stack: Tensor, place: Tensor, value: Tensor) -> Tensor:
    """The stack with `value` in that place, in the compiled program without a copy."""
    start = tf.concat([[place], tf.zeros((len(stack.shape) - 1,), tf.int32)], 0)
    return xla_dynamic_update_slice(stack, value[None], start)


def added(values: Tensor) -> Tensor:
    """The sum over the first axis, halves onto halves: XLA's own order depends on the number of lanes."""
    while (rows := values.shape[0]) > 1:
        values = tf.pad(values, [[0, rows % 2], *[[0, 0]] * (len(values.shape) - 1)])
        half = (rows + 1) // 2
        values = values[:half] + values[half:]
    return values[0]


class Outputs(NamedTuple):
    """The output layer of a forward pass, each (rows, OUTPUTS, lanes)."""

    z: Tensor
    value: Tensor
    slope: Tensor  # of its activation


class Seen(NamedTuple):
    """What the backward pass needs of the forward pass, each (LAYERS, rows, width, lanes)."""

    into: Tensor  # what goes into each place
    slopes: Tensor


SMALL = 8  # up to this width, sums of products are faster than XLA's matrix products, which transpose


class Products:
    """A layer's three products, of h (rows, in, lanes), k (in, out, lanes) and dz (rows, out, lanes).

    As sums of elementwise products they fuse and keep the lanes where they are: 3 times as fast at width 8
    and 64 lanes, 4 times slower at width 32.
    """

    def __init__(self, small: bool) -> None:
        self.small = small

    def forward(self, h: Tensor, k: Tensor) -> Tensor:
        """(rows, out, lanes)."""
        return tf.reduce_sum(h[:, :, None] * k[None], 1) if self.small else tf.einsum("bil,iol->bol", h, k)

    def back(self, dz: Tensor, k: Tensor) -> Tensor:
        """(rows, in, lanes)."""
        return tf.reduce_sum(dz[:, None] * k[None], 2) if self.small else tf.einsum("bol,iol->bil", dz, k)

    def outer(self, h: Tensor, dz: Tensor) -> Tensor:
        """(in, out, lanes)."""
        return (
            tf.reduce_sum(h[:, :, None] * dz[:, None], 0) if self.small else tf.einsum("bil,bol->iol", h, dz)
        )


class Training:
    """The program of a bucket and a number of lanes, as plain functions for tracing."""

    def __init__(self, bucket: Bucket, lanes: int) -> None:
        self.bucket = bucket
        self.lanes = lanes
        self.width = bucket.width
        self.product = Products(bucket.width <= SMALL)

    def layer(
        self, weights: Tensor, place: Tensor, h: Tensor, setting: Setting
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One place of all lanes on h (rows, width, lanes): z, activation and slope, of the same shape."""
        w = weights[place]
        z = self.product.forward(h, w[: self.width]) + w[self.width]
        a, slope = activate(setting.activations[place], z, self.bucket.costly)
        neuron = tf.range(self.width)[None, :, None]
        return z, tf.where(neuron < setting.units[place], a, 0.0), slope

    def forward(self, weights: Tensor, x: Tensor, setting: Setting, deepest: Tensor) -> tuple[Outputs, Seen]:
        """All lanes' networks on x (rows, width, lanes), keeping what the backward pass needs."""
        depth = setting.whole[WHOLE_ROWS.index("depth")]
        empty = tf.zeros((LAYERS, *x.shape))
        ends = tf.zeros((2, x.shape[0], OUTPUTS, self.lanes))  # z and slope of the output layer

        def layer(place: Tensor, h: Tensor, ends: Tensor, into: Tensor, slopes: Tensor) -> tuple[Tensor, ...]:
            into = put(into, place, h)
            z, a, slope = self.layer(weights, place, h, setting)
            end = tf.stack([z[:, :OUTPUTS], slope[:, :OUTPUTS]])
            ends = tf.where(tf.equal(place, depth - 1), end, ends)
            h = tf.where(place < depth, a, h)  # a lane that ended before passes its output on
            return place + 1, h, ends, into, put(slopes, place, slope)

        _, h, ends, into, slopes = tf.while_loop(
            lambda place, *_: place < deepest, layer, (tf.constant(0), x, ends, empty, empty)
        )
        return Outputs(ends[0], h[:, :OUTPUTS], ends[1]), Seen(into, slopes)

    def outputs(self, weights: Tensor, x: Tensor, setting: Setting, deepest: Tensor) -> Outputs:
        """All lanes' networks on x (rows, width, lanes), for looking only: without slopes."""
        depth = setting.whole[WHOLE_ROWS.index("depth")]
        end = tf.zeros((x.shape[0], OUTPUTS, self.lanes))

        def layer(place: Tensor, h: Tensor, end: Tensor) -> tuple[Tensor, ...]:
            z, a, _ = self.layer(weights, place, h, setting)
            end = tf.where(tf.equal(place, depth - 1), z[:, :OUTPUTS], end)
            return place + 1, tf.where(place < depth, a, h), end

        _, h, end = tf.while_loop(lambda place, *_: place < deepest, layer, (tf.constant(0), x, end))
        return Outputs(end, h[:, :OUTPUTS], tf.zeros_like(end))

    def learn(
        self, state: State, by_z: Tensor, seen: Seen, setting: Setting, going: Tensor, deepest: Tensor
    ) -> tuple[State, Tensor, Tensor]:
        """Backward pass and update, one layer after the other, of the lanes that are `going` (lanes,).

        by_z: the loss's slope by the outputs' z, (rows, OUTPUTS, lanes). Returns the state, the penalty of
        the weights before, (lanes,), and where all new numbers were finite, (lanes,); others were not taken.
        The update is that of `catalogue.Coefficients`.
        """
        width = self.width
        depth = setting.whole[WHOLE_ROWS.index("depth")]
        c = Rows(REAL_ROWS, setting.real)
        t = tf.cast(state.counters[0] + 1, tf.float32)
        correction = tf.where(c.corrected > 0.0, tf.sqrt(1.0 - c.v_keep**t) / (1.0 - c.m_keep**t), 1.0)
        rate = c.rate * correction
        is_kernel = tf.range(width + 1)[:, None, None] < width
        by_z = tf.pad(by_z, [[0, 0], [0, width - OUTPUTS], [0, 0]])

        def layer(
            place: Tensor,
            by_h: Tensor,
            weights: Tensor,
            firsts: Tensor,
            seconds: Tensor,
            cost: Tensor,
            fine: Tensor,
        ) -> tuple[Tensor, ...]:
            w, first, second = weights[place], firsts[place], seconds[place]
            hidden = tf.where(place < depth - 1, by_h * seen.slopes[place], 0.0)
            dz = tf.where(tf.equal(place, depth - 1), by_z, hidden)
            by_h = self.product.back(dz, w[:width])
            kernel = self.product.outer(seen.into[place], dz)
            g = tf.concat([kernel, tf.reduce_sum(dz, 0, keepdims=True)], 0)
            g += tf.where(is_kernel, c.l1 * tf.sign(w) + 2.0 * c.l2 * w, 0.0)
            m = c.m_keep * first + c.m_gain * g
            v = c.v_keep * second + c.v_gain * g * g
            divisor = tf.where(c.adaptive > 0.0, tf.sqrt(v + c.eps_in) + c.eps_out, 1.0)
            new = w - c.decay * w - rate * (c.from_m * m + c.from_g * g) / divisor
            # A lane whose numbers overflow keeps its last finite weights.
            finite = tf.math.is_finite(new)
            taken = going & finite
            cost += tf.reduce_sum(tf.where(is_kernel, c.l1 * tf.abs(w) + c.l2 * w * w, 0.0), (0, 1))
            return (
                place - 1,
                by_h,
                put(weights, place, tf.where(taken, new, w)),
                put(firsts, place, tf.where(taken, m, first)),
                put(seconds, place, tf.where(taken, v, second)),
                cost,
                fine & tf.reduce_all(finite, (0, 1)),
            )

        _, _, weights, first, second, cost, fine = tf.while_loop(
            lambda place, *_: place >= 0,
            layer,
            (
                deepest - 1,
                tf.zeros_like(by_z),
                state.weights,
                state.first,
                state.second,
                tf.zeros((self.lanes,)),
                tf.ones((self.lanes,), tf.bool),
            ),
        )
        return state._replace(weights=weights, first=first, second=second), cost, fine

    def batch(self, setting: Setting, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Points by number: rows (lanes, n) -> inputs (n, width, lanes), targets (n, OUTPUTS, lanes)."""
        points = tf.gather(setting.points, rows, batch_dims=1)  # (lanes, n, INPUTS + OUTPUTS)
        points = tf.transpose(points, (1, 2, 0))
        x = tf.pad(points[:, :INPUTS], [[0, 0], [0, self.width - INPUTS], [0, 0]])
        return x, points[:, INPUTS:]

    def penalty(self, weights: Tensor, setting: Setting, deepest: Tensor) -> Tensor:
        """Each lane's regularization penalty, (lanes,); biases are free."""
        real = Rows(REAL_ROWS, setting.real)

        # Layer by layer: XLA adds the whole stack up in an order that depends on the number of lanes.
        def layer(place: Tensor, cost: Tensor) -> tuple[Tensor, Tensor]:
            w = weights[place, : self.width]
            return place + 1, cost + tf.reduce_sum(real.l1 * tf.abs(w) + real.l2 * w * w, (0, 1))

        _, cost = tf.while_loop(
            lambda place, _: place < deepest, layer, (tf.constant(0), tf.zeros((self.lanes,)))
        )
        return cost

    def scores(
        self, out: Outputs, target: Tensor, counted: Tensor, setting: Setting
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Sums over the counted rows of loss and right answers, (lanes,), and the loss's slope by z.

        counted: (rows, OUTPUTS, lanes), 1 for a point and 0 for padding.
        """
        whole, real = Rows(WHOLE_ROWS, setting.whole), Rows(REAL_ROWS, setting.real)
        value, by_z = loss_of(whole.loss, out.z, out.value, out.slope, target)
        right = tf.equal(out.value > real.threshold, target > real.threshold)
        total = tf.reduce_sum(added(tf.where(counted > 0.0, value, 0.0)), 0)
        return total, tf.reduce_sum(tf.where(right, counted, 0.0), (0, 1)), by_z * counted

    def step(self, state: State, setting: Setting, rows: Tensor, wanted: Tensor, deepest: Tensor) -> State:
        """One optimizer step of the lanes that are `wanted` (lanes,), on points rows (lanes, batch)."""
        whole = Rows(WHOLE_ROWS, setting.whole)
        steps, epochs, offset = tf.unstack(state.counters)
        size = tf.minimum(whole.batch, whole.train - offset)
        points = tf.cast(size, tf.float32)
        x, target = self.batch(setting, rows)
        counted = tf.cast(tf.range(self.bucket.batch)[:, None, None] < size, tf.float32)
        out, seen = self.forward(state.weights, x, setting, deepest)
        loss, right, by_z = self.scores(out, target, counted, setting)
        by_z /= tf.maximum(points, 1.0)
        going = wanted & tf.math.is_finite(loss)
        state, penalty, fine = self.learn(state, by_z, seen, setting, going, deepest)
        moved = going & fine
        counters = tf.stack([steps + 1, epochs, offset + size])
        sums = state.sums + tf.stack([loss + penalty * points, right, penalty * points, points])
        return state._replace(
            counters=tf.where(moved, counters, state.counters),
            sums=tf.where(moved, sums, state.sums),
            diverged=state.diverged | (wanted & ~moved),
        )

    def test(self, weights: Tensor, setting: Setting, ended: Tensor, deepest: Tensor) -> Tensor:
        """Loss and accuracy on the test points of the lanes that `ended` an epoch: (2, lanes)."""
        whole = Rows(WHOLE_ROWS, setting.whole)
        most = tf.reduce_max(tf.where(ended, whole.test, 0))

        def chunk(start: Tensor, sums: Tensor) -> tuple[Tensor, Tensor]:
            number = start + tf.range(CHUNK)[:, None]  # (CHUNK, lanes)
            x, target = self.batch(setting, tf.minimum(tf.transpose(whole.train + number), POINTS - 1))
            counted = tf.cast(number < whole.test, tf.float32)[:, None]
            out = self.outputs(weights, x, setting, deepest)
            loss, right, _ = self.scores(out, target, counted, setting)
            return start + CHUNK, sums + tf.stack([loss, right])

        _, sums = tf.while_loop(
            lambda start, _: start < most, chunk, (tf.constant(0), tf.zeros((2, self.lanes)))
        )
        return sums / tf.cast(whole.test, tf.float32)

    def advance(
        self, state: State, setting: Setting, feed: Tensor, budget: Tensor, stride: Tensor
    ) -> tuple[State, Tensor, Tensor]:
        """A tick: up to `budget` (lanes,) optimizer steps of each lane.

        feed: (lanes, steps, batch) int32, the points of each lane's next batches. stride: the most steps
        between two looks at whether an epoch ended; one whose epoch ends waits for the others until then.

        Returns the state, the history rows (ROUNDS, len(COLUMNS), lanes), with epoch 0 where none
        ended, and the steps made (lanes,).
        """
        whole = Rows(WHOLE_ROWS, setting.whole)
        deepest = tf.reduce_max(whole.depth)
        rows = tf.zeros((ROUNDS, len(COLUMNS), self.lanes))
        nothing = tf.zeros((self.lanes,), tf.int32)

        def steps_left(state: State, done: Tensor) -> Tensor:
            return tf.where(state.diverged, 0, budget - done)

        def round_(number: Tensor, done: Tensor, rows: Tensor, *parts: Tensor) -> tuple[Tensor, ...]:
            state = State(*parts)
            ahead = whole.train - state.counters[2]
            to_end = -(-ahead // tf.maximum(whole.batch, 1))
            go = tf.minimum(tf.minimum(steps_left(state, done), to_end), stride)

            def one(i: Tensor, done: Tensor, *parts: Tensor) -> tuple[Tensor, ...]:
                state = State(*parts)
                going = (i < go) & ~state.diverged
                batch = tf.gather(feed, tf.minimum(done, feed.shape[1] - 1)[:, None], batch_dims=1)[:, 0]
                state = self.step(state, setting, batch, going, deepest)
                return (i + 1, done + tf.cast(going, tf.int32), *state)

            most = tf.reduce_max(go)
            _, done, *parts_ = tf.while_loop(lambda i, *_: i < most, one, (tf.constant(0), done, *state))
            state = State(*parts_)
            ended = (go > 0) & (state.counters[2] >= whole.train) & ~state.diverged
            tested = self.test(state.weights, setting, ended, deepest)
            penalty = self.penalty(state.weights, setting, deepest)
            epoch = tf.where(ended, state.counters[1] + 1, 0)
            points = state.sums[3]
            row = tf.stack(
                [
                    tf.cast(epoch, tf.float32),
                    *(state.sums[k] / points for k in range(3)),
                    tested[0] + penalty,
                    tested[1],
                    penalty,
                ]
            )
            state = state._replace(
                counters=tf.where(
                    ended,
                    tf.stack([state.counters[0], state.counters[1] + 1, tf.zeros_like(epoch)]),
                    state.counters,
                ),
                sums=tf.where(ended, 0.0, state.sums),
            )
            return (number + 1, done, put(rows, number, row), *state)

        def more(number: Tensor, done: Tensor, rows: Tensor, *parts: Tensor) -> Tensor:
            return (number < ROUNDS) & tf.reduce_any(steps_left(State(*parts), done) > 0)

        _, done, rows, *parts = tf.while_loop(more, round_, (tf.constant(0), nothing, rows, *state))
        return State(*parts), rows, done


def signature(bucket: Bucket, lanes: int) -> list[Any]:
    """The shapes of `Training.advance`'s arguments."""
    shape = (LAYERS, bucket.width + 1, bucket.width, lanes)
    weights = tf.TensorSpec(shape, tf.float32)
    state = State(
        weights,
        weights,
        weights,
        tf.TensorSpec((3, lanes), tf.int32),
        tf.TensorSpec((4, lanes), tf.float32),
        tf.TensorSpec((lanes,), tf.bool),
    )
    setting = Setting(
        tf.TensorSpec((lanes, POINTS, INPUTS + OUTPUTS), tf.float32),
        tf.TensorSpec((len(WHOLE_ROWS), lanes), tf.int32),
        tf.TensorSpec((len(REAL_ROWS), lanes), tf.float32),
        tf.TensorSpec((LAYERS, lanes), tf.int32),
        tf.TensorSpec((LAYERS, lanes), tf.int32),
    )
    feed = tf.TensorSpec((lanes, bucket.steps, bucket.batch), tf.int32)
    return [state, setting, feed, tf.TensorSpec((lanes,), tf.int32), tf.TensorSpec((), tf.int32)]


def compiled(bucket: Bucket, lanes: int) -> Any:
    """`Training.advance` of a bucket, traced for its shapes; XLA compiles it at its first call."""
    return tf.function(
        Training(bucket, lanes).advance,
        jit_compile=True,
        autograph=False,
        input_signature=signature(bucket, lanes),
    )
