"""Training with `keras.Model.fit`, as Keras compiles a model by default."""

from typing import Any

from benchmarks.peers.given import Given
from models.backend import keras


def network(given: Given) -> Any:
    """The `keras.Sequential` with the given weights."""
    layers: list[Any] = [keras.Input((given.x.shape[1],))]
    last = len(given.weights) // 2 - 1
    for layer, bias in enumerate(given.weights[1::2]):
        layers.append(keras.layers.Dense(len(bias), activation=None if layer == last else "tanh"))
    model = keras.Sequential(layers)
    model.set_weights(given.weights)
    return model


def prepare(given: Given) -> None:
    """`fit` lays out the batches itself."""


class Trainer:
    """A network that trains."""

    def __init__(self, given: Given, _: None) -> None:
        self._given = given
        self._epoch = 0
        self._model = network(given)
        self._model.compile(
            optimizer=keras.optimizers.SGD(given.learning_rate),
            loss="mean_squared_error",
            loss_weights=[0.5],
        )

    def train(self, steps: int) -> float:
        """The first step, or whole epochs; the mean loss of the last.

        One epoch goes in the given order. Several, of which only the time matters, are one call of `fit`,
        which shuffles them itself.
        """
        given = self._given
        epochs = max(1, steps // given.epoch)
        rows = given.orders[self._epoch % len(given.orders)][: min(steps * given.batch, len(given.y))]
        history = self._model.fit(
            given.x[rows],
            given.y[rows],
            batch_size=given.batch,
            epochs=epochs,
            shuffle=epochs > 1,
            verbose=0,
        ).history
        self._epoch += epochs
        return float(history["loss"][-1])
