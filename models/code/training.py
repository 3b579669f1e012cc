"""How an experiment's network is trained, as code."""

import math

from models import catalogue
from models.code.data import has_test
from models.code.layout import Call, Value, call, listed, written
from models.datasets import draw
from models.experiment import Experiment
from models.seeds import Purpose

ACCURACY = '''\
def accuracy(y_true, y_pred):
    """1 for points on the right side of 0. Keras's own accuracy wants classes 0 and 1."""
    return keras.ops.cast(keras.ops.equal(y_true > 0.0, y_pred > 0.0), "float32")


'''


def compile_code(experiment: Experiment) -> str:
    """Code that gives `model` its optimizer, loss and metrics."""
    loss = experiment.training.loss
    half = loss == "half_squared_error"
    of_sides = experiment.problem == "classification" and experiment.output_activation in ("tanh", "linear")
    metrics: Value | None = None
    if experiment.problem == "classification":
        metrics = listed(["accuracy" if of_sides else '"accuracy"'])
    compiled = call(
        "model.compile",
        optimizer=_optimizer(experiment),
        loss='"mean_squared_error"' if half else f'"{loss}"',
        loss_weights=listed(["0.5"]) if half else None,
        metrics=metrics,
        jit_compile="False",
    )
    lines = [f"    {key}{written(value, 4, len(key) + 1)}," for key, value in compiled.items]
    lines[-1] += "  # to compile so small a network takes longer than it saves"
    return (ACCURACY if of_sides else "") + "\n".join(["model.compile(", *lines, ")"])


def _optimizer(experiment: Experiment) -> Call:
    """The optimizer with its learning rate, and what differs from Keras's defaults."""
    training = experiment.training
    row = catalogue.row(catalogue.OPTIMIZERS, training.optimizer)
    name, arguments = row.keras
    # Keras's SGD has no momentum unless it is told; all else in a row's settings is Keras's own.
    own = {
        key: value for key, value in training.settings.items() if value != row.settings[key] or name == "SGD"
    }
    return call(
        f"keras.optimizers.{name}",
        learning_rate=_learning_rate(experiment),
        **own,
        **{key: repr(value) for key, value in arguments.items()},
        clipnorm=training.clip_norm or None,
    )


def _learning_rate(experiment: Experiment) -> Value | float:
    training = experiment.training
    row = catalogue.row(catalogue.SCHEDULES, training.schedule)
    rate, steps = training.learning_rate, training.decay_steps
    name = f"keras.optimizers.schedules.{row.keras}"
    match row.keras:
        case "ExponentialDecay":
            staircase = "True" if row.name == "step" else None
            return call(name, rate, decay_steps=steps, decay_rate=training.decay_rate, staircase=staircase)
        case "CosineDecay":
            return call(name, rate, decay_steps=steps)
        case "PolynomialDecay":
            return call(name, 0.0, decay_steps=steps, end_learning_rate=rate)
        case _:
            return rate


def steps_an_epoch(experiment: Experiment) -> int:
    """Batches that it takes to visit every training point once."""
    return math.ceil(draw(experiment.data).train / experiment.training.batch_size)


def batches_code(experiment: Experiment) -> str:
    """Code for `batches`, which visits the training points in the lanes' order."""
    return f'''\
def batches(epoch=0):
    """Batch after batch, epoch after epoch, each in an order of its own: the page's."""
    while True:
        order = np.random.default_rng([SEED, {Purpose.BATCHES:d}, epoch]).permutation(len(x_train))
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            yield x_train[batch], y_train[batch]
        epoch += 1'''


def fit_code(experiment: Experiment, first: int = 0) -> str:
    """Code that trains `model` for EPOCHS epochs, with the batches from epoch `first` on."""
    fitted = call(
        "model.fit",
        f"batches({first or ''})",
        steps_per_epoch=steps_an_epoch(experiment),
        epochs="EPOCHS",
        validation_data="(x_test, y_test)" if has_test(experiment) else None,
        shuffle="False",
        verbose=0,
    )
    return f"history = {written(fitted)}"
