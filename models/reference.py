"""The plain Keras model of an experiment: the truth that lanes are tested against."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from models import catalogue
from models.backend import keras, tf
from models.datasets import Points, draw
from models.experiment import Experiment
from models.features import inputs
from models.packing import Arrays, normalized
from models.seeds import Purpose, batch_order, integer


@keras.saving.register_keras_serializable("neural_playground")
def sine(z: Any) -> Any:
    """The activation that Keras has no name for."""
    return keras.ops.sin(z)


def activation(name: str) -> Any:
    """What a Keras layer takes as its activation."""
    return sine if name == "sine" else name


def initializer(experiment: Experiment, layer: int) -> Any:
    """The Keras initializer of a layer's kernel, with the experiment's own seed for that layer."""
    return _initializer(experiment.network.initializer, experiment.seed, layer)


def _initializer(row: str, seed: int, layer: int) -> Any:
    name, arguments = catalogue.row(catalogue.INITIALIZERS, row).keras
    if name != "Zeros":
        arguments = {**arguments, "seed": integer(seed, Purpose.WEIGHTS, layer)}
    return getattr(keras.initializers, name)(**arguments)


@lru_cache(maxsize=1024)
def _kernel(row: str, seed: int, layer: int, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    # Keras takes more than a millisecond to draw one, and a class begins with the same ones.
    kernel = np.array(_initializer(row, seed, layer)(shape, "float32"))
    kernel.flags.writeable = False
    return kernel


def initial_weights(experiment: Experiment) -> Arrays:
    """Kernel (inputs, units) and bias (units,) of every layer, as Keras draws them.

    A layer with batch normalization has no bias in Keras, since its shift takes the bias's place; here the
    bias is 0.
    """
    weights: Arrays = []
    for layer, shape in enumerate(pairwise(experiment.units)):
        weights.append(_kernel(experiment.network.initializer, experiment.seed, layer, shape).copy())
        start = 0.0 if normalized(experiment, layer) else experiment.network.bias
        weights.append(np.full(shape[1], start, np.float32))
    return weights


def targets(experiment: Experiment, label: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What the output is compared with, (n,).

    The number of the class where there are several outputs, 0 and 1 for a sigmoid in classification, else the
    label itself.
    """
    if experiment.classes == 2 and experiment.output_activation in ("sigmoid", catalogue.SOFTMAX.name):
        return (label + 1.0) / 2.0
    return label


def threshold(experiment: Experiment) -> float:
    """Outputs above it count as the positive class."""
    return 0.5 if experiment.output_activation == "sigmoid" else 0.0


def data(experiment: Experiment, points: Points | None = None) -> tuple[Arrays, Arrays]:
    """Inputs (n, features) and targets (n, 1) of the training points, and of the test points.

    Of several outputs the targets are (n, classes), 1 for the right one, as Keras's categorical losses want.
    """
    points = points or draw(experiment.data)
    x = inputs(points.position, experiment.features)
    y = targets(experiment, points.label)[:, None]
    if experiment.units[-1] > 1:
        y = (y == np.arange(experiment.units[-1])).astype(np.float32)
    return [x[: points.train], y[: points.train]], [x[points.train :], y[points.train :]]


def accuracy(threshold: float) -> Any:
    """A Keras metric: the share of points on the right side of the threshold."""

    def right(y_true: Any, y_pred: Any) -> Any:
        same = tf.equal(y_pred > threshold, y_true > threshold)
        return tf.reduce_mean(tf.cast(same, tf.float32), -1)

    return keras.metrics.MeanMetricWrapper(right, name="accuracy")


def optimizer(experiment: Experiment) -> Any:
    """A new Keras optimizer with the experiment's learning rate, schedule, own numbers and clipping."""
    training = experiment.training
    name, arguments = catalogue.row(catalogue.OPTIMIZERS, training.optimizer).keras
    return getattr(keras.optimizers, name)(
        learning_rate=learning_rate(experiment),
        clipnorm=training.clip_norm or None,
        **training.settings,
        **arguments,
    )


def learning_rate(experiment: Experiment) -> Any:
    """The number, or the Keras schedule."""
    training = experiment.training
    row = catalogue.row(catalogue.SCHEDULES, training.schedule)
    rate, steps = training.learning_rate, training.decay_steps
    schedules = keras.optimizers.schedules
    match row.keras:
        case "ExponentialDecay":
            return schedules.ExponentialDecay(rate, steps, training.decay_rate, staircase=row.name == "step")
        case "CosineDecay":
            return schedules.CosineDecay(rate, steps)
        case "PolynomialDecay":
            return schedules.PolynomialDecay(0.0, steps, end_learning_rate=rate)
        case _:
            return rate


def _regularizer(experiment: Experiment) -> Any:
    row = catalogue.row(catalogue.REGULARIZATIONS, experiment.training.regularization)
    rate = experiment.training.regularization_rate
    if row.l1 and row.l2:
        return keras.regularizers.L1L2(row.l1 * rate, row.l2 * rate)
    if row.l1:
        return keras.regularizers.L1(row.l1 * rate)
    return keras.regularizers.L2(row.l2 * rate) if row.l2 else None


def _layers(experiment: Experiment) -> list[Any]:
    most = experiment.training.max_norm
    layers: list[Any] = []
    for number, (units, name) in enumerate(zip(experiment.units[1:], experiment.activations, strict=True)):
        hidden = experiment.network.hidden[number : number + 1]  # none for the output
        has_norm = normalized(experiment, number)
        layers.append(
            keras.layers.Dense(
                units,
                activation=None if has_norm else activation(name),
                use_bias=not has_norm,
                kernel_initializer=initializer(experiment, number),
                bias_initializer=keras.initializers.Constant(experiment.network.bias),
                kernel_regularizer=_regularizer(experiment),
                kernel_constraint=keras.constraints.MaxNorm(most) if most else None,
            )
        )
        if has_norm:
            layers += [keras.layers.BatchNormalization(), keras.layers.Activation(activation(name))]
        if hidden and hidden[0].dropout:
            seed = integer(experiment.seed, Purpose.DROPOUT, number)
            layers.append(keras.layers.Dropout(hidden[0].dropout, seed=seed))
    return layers


def build(experiment: Experiment) -> Any:
    """The experiment's `keras.Sequential`, compiled, with its first weights."""
    model = keras.Sequential([keras.Input((len(experiment.features),)), *_layers(experiment)])
    metrics: list[Any] = []
    if experiment.problem == "classification":
        several = experiment.units[-1] > 1
        metrics = [
            keras.metrics.CategoricalAccuracy(name="accuracy") if several else accuracy(threshold(experiment))
        ]
    compile_model(model, experiment, metrics)
    return model


def compile_model(model: Any, experiment: Experiment, metrics: list[Any]) -> None:
    """Compile with the experiment's loss and optimizer.

    Half the squared error is Keras's mean squared error with weight ½: a saved model needs nothing of ours.
    """
    half = experiment.training.loss == "half_squared_error"
    model.compile(
        optimizer=optimizer(experiment),
        loss="mean_squared_error" if half else experiment.training.loss,
        loss_weights=[0.5] if half else None,
        metrics=metrics,
        jit_compile=False,  # compiling costs seconds a model; the arithmetic is the same
    )


def batches(experiment: Experiment, epoch: int, points: int) -> Iterator[npt.NDArray[np.int32]]:
    """The point numbers of each batch of an epoch; the last one may be short."""
    order = batch_order(experiment.seed, epoch, points)
    size = experiment.training.batch_size
    for start in range(0, points, size):
        yield order[start : start + size]


Numbers = dict[str, float]
NAMES = ("loss", "accuracy", "val_loss", "val_accuracy")  # in the order in which they are reported


def train(experiment: Experiment, epochs: int, each: Callable[[Numbers], None]) -> Any:
    """Train the reference on the lanes' batches; `each` gets Keras's numbers after every epoch."""
    model = build(experiment)
    (x, y), (x_test, y_test) = data(experiment)
    for epoch in range(epochs):
        order = batch_order(experiment.seed, epoch, len(y))
        history = model.fit(
            x[order],
            y[order],
            batch_size=experiment.training.batch_size,
            validation_data=(x_test, y_test) if len(y_test) else None,
            shuffle=False,
            verbose=0,
        ).history
        each({"epoch": epoch + 1, **{name: float(history[name][0]) for name in NAMES if name in history}})
    return model
