"""The compiled training program of a bucket: forward, backward, update, counters, an epoch's figures.

The loops over layers run as far as the deepest lane needs. See `models.tensors` for what stands where.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from models.backend import Tensor, tf
from models.bucket import CHUNK, INPUTS, LAYERS, OUTPUTS, POINTS, ROUNDS, SMALL, Bucket
from models.extras import Normal, kept, normalized, normalized_at_rest, normalized_back
from models.history import COLUMNS
from models.scores import activate, crossentropy, is_several, loss_of
from models.tensors import (
    REAL_ROWS,
    WHOLE_ROWS,
    Rows,
    Setting,
    State,
    added,
    put,
    rows_of,
    setting_signature,
    state_signature,
)
from models.update import FullUpdate, Update


class Outputs(NamedTuple):
    """The output layer of a forward pass."""

    z: Tensor  # (rows, OUTPUTS, lanes)
    value: Tensor  # of the first output, (rows, 1, lanes)
    slope: Tensor  # of its activation

    @classmethod
    def of(cls, ends: Tensor) -> "Outputs":
        """From these three side by side, (rows, OUTPUTS + 2, lanes)."""
        return cls(ends[:, :OUTPUTS], ends[:, OUTPUTS : OUTPUTS + 1], ends[:, OUTPUTS + 1 :])


class Seen(NamedTuple):
    """What the backward pass needs of the forward pass, each (LAYERS, rows, width, lanes)."""

    into: Tensor  # what goes into each place; with a row of ones for the bias, width + 1, if `Training.ones`
    slopes: Tensor  # of what comes out, by what goes into the activation
    hats: Tensor  # values normalized over the batch; (LAYERS, 0, width, lanes) without extras
    inverses: Tensor  # (LAYERS, width, lanes): 1 / their standard deviations


class Batch(NamedTuple):
    """The points of one step."""

    x: Tensor  # (rows, width, lanes)
    target: Tensor  # (rows, lanes): a number, or the class's number
    counted: Tensor  # (rows, 1, lanes): 1 for a point and 0 for padding
    size: Tensor  # (lanes,) float32: points


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
        # With a row of ones the kernel's gradient has the bias's as its last row. Put together, XLA would not
        # compute them in vectors; matrix products of one row more are slower.
        self.ones = bucket.width <= SMALL and not bucket.extras

    def unseen(self) -> Seen:
        """Room for what is seen: made once a tick, since to clear it takes as long as some layers."""
        shape = (self.bucket.batch, self.width, self.lanes)
        rows, width, lanes = shape
        return Seen(
            tf.ones((LAYERS, rows, width + self.ones, lanes)),
            tf.zeros((LAYERS, *shape)),
            tf.zeros((LAYERS, *shape) if self.bucket.extras else (LAYERS, 0, *shape[1:])),
            tf.zeros((LAYERS, *shape[1:])),
        )

    def forward(
        self, state: State, batch: Batch, setting: Setting, deepest: Tensor, seen: Seen
    ) -> tuple[Outputs, Seen, Tensor]:
        """All lanes' networks on a batch, what the backward pass needs (written into `seen`), and the new
        moving statistics."""
        width, extras = self.width, self.bucket.extras
        x = batch.x
        depth = setting.whole[WHOLE_ROWS.index("depth")]
        seed = setting.whole[WHOLE_ROWS.index("mask_seed")]
        # Of the output layer z, and value and slope of its first output.
        ends = tf.zeros((x.shape[0], OUTPUTS + 2, self.lanes))
        neuron = tf.range(width)[None, :, None]

        def layer(
            place: Tensor, h: Tensor, ends: Tensor, moving: Tensor, *kept_: Tensor
        ) -> tuple[Tensor, ...]:
            into, slopes, hats, inverses = kept_
            w = state.weights[place]
            into = put(into, place, h)
            z = self.product.forward(h, w[:width]) + w[width]
            if extras:
                on = setting.normalized[place]
                z, normal, now = normalized(
                    z, w[width + 1], w[width + 2], moving[place], on, batch.counted, batch.size
                )
                moving = put(moving, place, now)
                hats, inverses = put(hats, place, normal.hat), put(inverses, place, normal.inverse)
            a, slope = activate(setting.activations[place], z, extras)
            a = tf.where(neuron < setting.units[place], a, 0.0)
            end = tf.concat([z[:, :OUTPUTS], a[:, :1], slope[:, :1]], 1)
            ends = tf.where(tf.equal(place, depth - 1), end, ends)
            if extras:
                keep = kept(setting.dropout[place], seed, state.counters[0], place, x.shape[0], width)
                a, slope = a * keep, slope * keep
            return place + 1, a, ends, moving, into, put(slopes, place, slope), hats, inverses

        _, _, ends, moving, *parts = tf.while_loop(
            lambda place, *_: place < deepest, layer, (tf.constant(0), x, ends, state.moving, *seen)
        )
        return Outputs.of(ends), Seen(*parts), moving

    def outputs(self, state: State, x: Tensor, setting: Setting, deepest: Tensor) -> Outputs:
        """All lanes' networks on x (rows, width, lanes), as in inference: without dropout and slopes."""
        width = self.width
        depth = setting.whole[WHOLE_ROWS.index("depth")]
        ends = tf.zeros((x.shape[0], OUTPUTS + 2, self.lanes))
        neuron = tf.range(width)[None, :, None]

        def layer(place: Tensor, h: Tensor, ends: Tensor) -> tuple[Tensor, ...]:
            w = state.weights[place]
            z = self.product.forward(h, w[:width]) + w[width]
            if self.bucket.extras:
                on = setting.normalized[place]
                z = normalized_at_rest(z, w[width + 1], w[width + 2], state.moving[place], on)
            a, _ = activate(setting.activations[place], z, self.bucket.extras)
            a = tf.where(neuron < setting.units[place], a, 0.0)
            end = tf.concat([z[:, :OUTPUTS], a[:, :1], tf.zeros_like(a[:, :1])], 1)
            return place + 1, a, tf.where(tf.equal(place, depth - 1), end, ends)

        _, _, ends = tf.while_loop(lambda place, *_: place < deepest, layer, (tf.constant(0), x, ends))
        return Outputs.of(ends)

    def learn(
        self,
        state: State,
        by_z: Tensor,
        seen: Seen,
        batch: Batch,
        setting: Setting,
        going: Tensor,
        deepest: Tensor,
    ) -> tuple[State, Tensor, Tensor]:
        """Backward pass and update, one layer after the other, of the lanes that are `going` (lanes,).

        by_z: the loss's slope by the outputs' z, (rows, OUTPUTS, lanes). Returns the state, the penalty of
        the weights before, (lanes,), and where all new numbers were finite, (lanes,); others were not taken.
        """
        width = self.width
        depth = setting.whole[WHOLE_ROWS.index("depth")]
        rule = FullUpdate if self.bucket.extras else Update
        update = rule(setting, state.counters[0], width, rows_of(self.bucket))
        by_z = tf.pad(by_z, [[0, 0], [0, width - OUTPUTS], [0, 0]])

        def slope_by_z(place: Tensor, by_h: Tensor) -> Tensor:
            """Of the loss by a place's z, from that by what comes out: (rows, width, lanes)."""
            hidden = tf.where(place < depth - 1, by_h * seen.slopes[place], 0.0)
            return tf.where(tf.equal(place, depth - 1), by_z, hidden)

        # Each turn ends with the slope by the z before, so that it is computed once for all that needs it.
        def layer(
            place: Tensor,
            dz: Tensor,
            weights: Tensor,
            firsts: Tensor,
            seconds: Tensor,
            cost: Tensor,
            fine: Tensor,
        ) -> tuple[Tensor, ...]:
            # From the stack as it was: of the one that is written XLA would make a copy for every layer.
            w, first, second = state.weights[place], firsts[place], seconds[place]
            own: list[Tensor] = []
            if self.bucket.extras:
                normal = Normal(seen.hats[place], seen.inverses[place])
                on = setting.normalized[place]
                dz, by_scales = normalized_back(dz, normal, w[width + 1], on, batch.counted, batch.size)
                own = [by_scales]
            g = self.product.outer(seen.into[place], dz)
            if not self.ones:
                bias = tf.reduce_sum(dz, 0, keepdims=True)
                if self.bucket.extras:
                    bias = tf.where(setting.normalized[place], 0.0, bias)  # the shift takes its place
                g = tf.concat([g, bias, *own], 0)
            new, m, v = update.moved(w, first, second, g)
            # A lane whose numbers overflow keeps its last finite weights.
            finite = tf.math.is_finite(new)
            taken = going & finite
            return (
                place - 1,
                slope_by_z(place - 1, self.product.back(dz, w[:width])),
                put(weights, place, tf.where(taken, new, w)),
                put(firsts, place, tf.where(taken, m, first)),
                put(seconds, place, tf.where(taken, v, second)),
                cost + update.penalty(w),
                fine & tf.reduce_all(finite, (0, 1)),
            )

        _, _, weights, first, second, cost, fine = tf.while_loop(
            lambda place, *_: place >= 0,
            layer,
            (
                deepest - 1,
                # Of the deepest place. To look up its slopes here would make `deepest` a constant to XLA, and
                # every change of a value another program.
                tf.where(tf.equal(deepest - 1, depth - 1), by_z, 0.0),
                state.weights,
                state.first,
                state.second,
                tf.zeros((self.lanes,)),
                tf.ones((self.lanes,), tf.bool),
            ),
        )
        return state._replace(weights=weights, first=first, second=second), cost, fine

    def points(self, setting: Setting, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Points by number: rows (lanes, n) -> inputs (n, width, lanes), targets (n, lanes)."""
        points = tf.gather(setting.points, rows, batch_dims=1)  # (lanes, n, INPUTS + 1)
        points = tf.transpose(points, (1, 2, 0))
        x = tf.pad(points[:, :INPUTS], [[0, 0], [0, self.width - INPUTS], [0, 0]])
        return x, points[:, INPUTS]

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

        target: (rows, lanes); counted: (rows, 1, lanes), 1 for a point and 0 for padding.
        """
        whole, real = Rows(WHOLE_ROWS, setting.whole), Rows(REAL_ROWS, setting.real)
        number = target[:, None]
        one, by_one = loss_of(whole.loss, out.z[:, :1], out.value, out.slope, number)
        sided = tf.equal(out.value[:, 0] > real.threshold, target > real.threshold)
        several = is_several(whole.loss)
        by_one = tf.pad(by_one, [[0, 0], [0, OUTPUTS - 1], [0, 0]])

        def with_classes() -> tuple[Tensor, Tensor, Tensor]:
            last = tf.equal(tf.range(LAYERS)[:, None], whole.depth - 1)
            classes = tf.reduce_max(tf.where(last, setting.units, 0), 0)
            many, by_many, answered = crossentropy(out.z, classes, target)
            return (
                tf.where(several, many, one[:, 0]),
                tf.where(several, by_many, by_one),
                tf.where(several, answered, sided),
            )

        value, by_z, right = tf.cond(tf.reduce_any(several), with_classes, lambda: (one[:, 0], by_one, sided))
        total = added(tf.where(counted[:, 0] > 0.0, value, 0.0))
        return total, tf.reduce_sum(tf.where(right, counted[:, 0], 0.0), 0), by_z * counted

    def step(
        self, state: State, setting: Setting, rows: Tensor, wanted: Tensor, deepest: Tensor, seen: Seen
    ) -> tuple[State, Seen]:
        """One optimizer step of the lanes that are `wanted` (lanes,), on points rows (lanes, batch)."""
        whole = Rows(WHOLE_ROWS, setting.whole)
        steps, epochs, offset = tf.unstack(state.counters)
        size = tf.minimum(whole.batch, whole.train - offset)
        points = tf.cast(size, tf.float32)
        x, target = self.points(setting, rows)
        counted = tf.cast(tf.range(self.bucket.batch)[:, None, None] < size, tf.float32)
        batch = Batch(x, target, counted, tf.maximum(points, 1.0))
        out, seen, moving = self.forward(state, batch, setting, deepest, seen)
        loss, right, by_z = self.scores(out, target, counted, setting)
        by_z /= batch.size
        going = wanted & tf.math.is_finite(loss)
        state, penalty, fine = self.learn(state, by_z, seen, batch, setting, going, deepest)
        moved = going & fine
        counters = tf.stack([steps + 1, epochs, offset + size])
        sums = state.sums + tf.stack([loss + penalty * points, right, penalty * points, points])
        state = state._replace(
            moving=tf.where(moved, moving, state.moving),
            counters=tf.where(moved, counters, state.counters),
            sums=tf.where(moved, sums, state.sums),
            diverged=state.diverged | (wanted & ~moved),
        )
        return state, seen

    def test(self, state: State, setting: Setting, ended: Tensor, deepest: Tensor) -> Tensor:
        """Sums over the test points of loss and right answers of the lanes that `ended` an epoch, (2, lanes).

        What they are divided by is left to numpy: XLA may divide by multiplying, which rounds otherwise.
        """
        whole = Rows(WHOLE_ROWS, setting.whole)
        most = tf.reduce_max(tf.where(ended, whole.test, 0))

        def chunk(start: Tensor, sums: Tensor) -> tuple[Tensor, Tensor]:
            number = start + tf.range(CHUNK)[:, None]  # (CHUNK, lanes)
            x, target = self.points(setting, tf.minimum(tf.transpose(whole.train + number), POINTS - 1))
            counted = tf.cast(number < whole.test, tf.float32)[:, None]
            out = self.outputs(state, x, setting, deepest)
            loss, right, _ = self.scores(out, target, counted, setting)
            return start + CHUNK, sums + tf.stack([loss, right])

        _, sums = tf.while_loop(
            lambda start, _: start < most, chunk, (tf.constant(0), tf.zeros((2, self.lanes)))
        )
        return sums

    def advance(
        self, state: State, setting: Setting, feed: Tensor, budget: Tensor, stride: Tensor
    ) -> tuple[State, Tensor, Tensor]:
        """A tick: up to `budget` (lanes,) optimizer steps of each lane.

        feed: (lanes, steps, batch) int32, the points of each lane's next batches. stride: the most steps
        between two looks at whether an epoch ended; one whose epoch ends waits for the others until then.

        Returns the state, rows for `Lane.end_epoch` (ROUNDS, len(COLUMNS), lanes), with epoch 0 where none
        ended, and the steps made (lanes,).
        """
        whole = Rows(WHOLE_ROWS, setting.whole)
        deepest = tf.reduce_max(whole.depth)
        rows = tf.zeros((ROUNDS, len(COLUMNS), self.lanes))
        nothing = tf.zeros((self.lanes,), tf.int32)

        def steps_left(state: State, done: Tensor) -> Tensor:
            return tf.where(state.diverged, 0, budget - done)

        def split(parts: Sequence[Tensor]) -> tuple[State, Seen]:
            many = len(State._fields)
            return State(*parts[:many]), Seen(*parts[many:])

        def round_(number: Tensor, done: Tensor, rows: Tensor, *parts: Tensor) -> tuple[Tensor, ...]:
            state, seen = split(parts)
            ahead = whole.train - state.counters[2]
            to_end = -(-ahead // tf.maximum(whole.batch, 1))
            go = tf.minimum(tf.minimum(steps_left(state, done), to_end), stride)

            def one(i: Tensor, done: Tensor, *parts: Tensor) -> tuple[Tensor, ...]:
                state, seen = split(parts)
                going = (i < go) & ~state.diverged
                batch = tf.gather(feed, tf.minimum(done, feed.shape[1] - 1)[:, None], batch_dims=1)[:, 0]
                state, seen = self.step(state, setting, batch, going, deepest, seen)
                return (i + 1, done + tf.cast(going, tf.int32), *state, *seen)

            most = tf.reduce_max(go)
            start = (tf.constant(0), done, *state, *seen)
            _, done, *after = tf.while_loop(lambda i, *_: i < most, one, start)
            state, seen = split(after)
            ended = (go > 0) & (state.counters[2] >= whole.train) & ~state.diverged
            tested = self.test(state, setting, ended, deepest)
            penalty = self.penalty(state.weights, setting, deepest)
            epoch = tf.where(ended, state.counters[1] + 1, 0)
            points = state.sums[3]
            row = tf.stack(
                [
                    tf.cast(epoch, tf.float32),
                    *(state.sums[k] / points for k in range(3)),
                    *tf.unstack(tested),
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
            return (number + 1, done, put(rows, number, row), *state, *seen)

        def more(number: Tensor, done: Tensor, rows: Tensor, *parts: Tensor) -> Tensor:
            return (number < ROUNDS) & tf.reduce_any(steps_left(split(parts)[0], done) > 0)

        start = (tf.constant(0), nothing, rows, *state, *self.unseen())
        _, done, rows, *parts = tf.while_loop(more, round_, start)
        return split(parts)[0], rows, done


def signature(bucket: Bucket, lanes: int) -> list[Any]:
    """The shapes of `Training.advance`'s arguments."""
    feed = tf.TensorSpec((lanes, bucket.steps, bucket.batch), tf.int32)
    return [
        state_signature(bucket, lanes),
        setting_signature(lanes),
        feed,
        tf.TensorSpec((lanes,), tf.int32),
        tf.TensorSpec((), tf.int32),
    ]


def compiled(bucket: Bucket, lanes: int) -> Any:
    """`Training.advance` of a bucket, traced for its shapes; XLA compiles it at its first call."""
    return tf.function(
        Training(bucket, lanes).advance,
        jit_compile=True,
        autograph=False,
        input_signature=signature(bucket, lanes),
    )
