"""The reference, trained step by step with `train_on_batch`."""

from typing import Any

from models import catalogue, packing, reference
from models.backend import keras, tf
from models.experiment import Experiment
from models.lane import Lane
from models.packing import Arrays


class Oracle:
    """The reference's model, whose learning rate, penalty and batches may change while it trains.

    Keras bakes a penalty's rate into the traced step. Here the rates of Keras's own L1 and L2 are variables,
    so one trace serves every rate: `again` trains the same model afresh.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._built = experiment
        self.model: Any = reference.build(experiment)
        reference.compile_model(self.model, experiment, [])
        # Variables that are made inside the first step would make TensorFlow trace it twice.
        self.model.optimizer.build(self.model.trainable_variables)
        self._slots: list[Any] = [variable.numpy() for variable in self.model.optimizer.variables]
        self._l1, self._l2 = keras.regularizers.L1(), keras.regularizers.L2()
        self._l1.l1, self._l2.l2 = tf.Variable(0.0), tf.Variable(0.0)
        for layer in self.model.layers:
            if hasattr(layer, "kernel"):
                layer.kernel.regularizer = self._penalty
        self.again(experiment)

    def _penalty(self, kernel: Any) -> Any:
        return self._l1(kernel) + self._l2(kernel)

    def serves(self, experiment: Experiment) -> bool:
        """Whether `again` can take that experiment: the optimizer is traced, too."""
        made = ("optimizer", "schedule", "decay_steps", "decay_rate", "clip_norm", "max_norm")
        return all(getattr(experiment.training, name) == getattr(self._built.training, name) for name in made)

    def again(self, experiment: Experiment) -> None:
        """Back to the first weights and an unused optimizer; only what `change` takes may differ."""
        for variable, value in zip(self.model.optimizer.variables, self._slots, strict=True):
            variable.assign(value)
        lane = Lane("first", experiment)
        self.model.set_weights(packing.arranged(experiment, lane.weights, lane.scales, lane.moving))
        (self._x, self._y), _ = reference.data(experiment)
        self._epoch = self._offset = 0
        self.change(experiment)

    def change(self, experiment: Experiment) -> None:
        """Other learning rate, penalty or batch size from the next step on."""
        self._experiment = experiment
        training = experiment.training
        row = catalogue.row(catalogue.REGULARIZATIONS, training.regularization)
        self._l1.l1.assign(row.l1 * training.regularization_rate)
        self._l2.l2.assign(row.l2 * training.regularization_rate)
        if training.schedule == "constant":  # Keras has a schedule's rate in the traced step
            self.model.optimizer.learning_rate = training.learning_rate

    def train(self, steps: int) -> None:
        """So many calls of `train_on_batch`."""
        for _ in range(steps):
            order = reference.batch_order(self._experiment.seed, self._epoch, len(self._y))
            batch = order[self._offset : self._offset + self._experiment.training.batch_size]
            self.model.train_on_batch(self._x[batch], self._y[batch])
            self._offset += len(batch)
            if self._offset == len(order):
                self._epoch, self._offset = self._epoch + 1, 0

    @property
    def weights(self) -> Arrays:
        return self.model.get_weights()
