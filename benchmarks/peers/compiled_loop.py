"""A Keras model in a loop compiled for this one network: how fast TensorFlow can be here."""

from typing import Any

from benchmarks.peers.given import Given
from benchmarks.peers.keras_fit import network
from models.backend import tf

Batches = tuple[Any, Any]


def prepare(given: Given) -> Batches:
    """What all networks of the task share: (batches, batch, inputs) and (batches, batch, 1)."""
    x, y = given.batches()
    return tf.constant(x), tf.constant(y)


def compiled(model: Any, rate: float) -> Any:
    """The loop: (xs, ys, first batch, steps, weights) -> (sum of the losses, weights).

    Keras's optimizers keep their variables to themselves in TensorFlow, so the descent is written out.
    """

    def step(x: Any, y: Any, weights: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs, _ = model.stateless_call(weights, [], x, training=True)
            loss = 0.5 * tf.reduce_mean(tf.square(outputs - y))
        gradients = tape.gradient(loss, weights)
        return loss, [weight - rate * slope for weight, slope in zip(weights, gradients, strict=True)]

    @tf.function(jit_compile=True, autograph=False)
    def loop(xs: Any, ys: Any, first: Any, steps: Any, weights: Any) -> Any:
        def body(done: Any, total: Any, weights: Any) -> Any:
            place = (first + done) % xs.shape[0]
            # Not xs[place]: XLA would compile the loop anew for every first batch.
            loss, weights = step(tf.gather(xs, place), tf.gather(ys, place), weights)
            return done + 1, total + loss, weights

        start = (tf.constant(0), tf.constant(0.0), weights)
        return tf.while_loop(lambda done, *_: done < steps, body, start)[1:]

    return loop


class Trainer:
    """A network that trains."""

    def __init__(self, given: Given, batches: Batches) -> None:
        self._batches = batches
        self._next = 0
        self._weights: list[Any] = [tf.constant(array) for array in given.weights]
        self._loop = compiled(network(given), given.learning_rate)

    def train(self, steps: int) -> float:
        """So many steps more; the mean of their losses."""
        first, count = tf.constant(self._next), tf.constant(steps)
        total, self._weights = self._loop(*self._batches, first, count, self._weights)
        self._next = (self._next + steps) % self._batches[0].shape[0]
        return float(total) / steps
