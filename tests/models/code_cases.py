"""Experiments that together have everything that code is written for, small enough to train in a moment."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest

from models import drawing, tables
from models.bucket import LANES
from models.experiment import Experiment
from models.lane import Lane
from models.train import NAMES, Numbers
from tests.models.training import cohort_of, make, train_to

EPOCHS = 3
OWN = b"width,height,kind,weight\n" + b"".join(
    f"{i % 7},{(i * 5) % 11 + 0.1},{'abc'[i % 3]},{(i * i) % 13 + 0.25}\n".encode() for i in range(40)
)
DRAWN = drawing.encode([(i % 3, (i * 7) % 11 - 5.0, (i * 5) % 9 - 4.0) for i in range(30)])
OWN_TABLE = tables.digest_of(OWN)


@contextmanager
def own_table(folder: Path) -> Generator[None]:
    """The learner's own table is in that folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(tables.FOLDER, str(folder))
        tables.keep(OWN)
        yield


CASES: dict[str, dict[str, object]] = {
    "default": {"points": 60},
    "two softmax": {"data": "moons", "points": 40, "loss": "categorical_crossentropy", "optimizer": "adam"},
    "tanh, half squared": {
        "data": "gauss",
        "points": 50,
        "noise": 0.2,
        "loss": "half_squared_error",
        "output_activation": "tanh",
        "optimizer": "momentum",
        "momentum": 0.8,
    },
    "hinge": {
        "data": "xor",
        "points": 44,
        "noise": 0.1,
        "loss": "hinge",
        "optimizer": "nesterov",
        "features": "x1,x2,x1x2",
        "initializer": "he_normal",
    },
    "sigmoid, squared": {
        "data": "spiral",
        "points": 50,
        "loss": "mean_squared_error",
        "output_activation": "sigmoid",
        "optimizer": "rmsprop",
        "rho": 0.8,
        "learning_rate": 0.01,
        "features": "x2,sin_x1,cos_x2",
        "activation": "relu,sine",
        "initializer": "uniform",
    },
    "several classes": {
        "data": "blobs",
        "classes": 4,
        "points": 60,
        "noise": 0.2,
        "optimizer": "adamw",
        "weight_decay": 0.01,
        "activation": "gelu,softplus",
        "initializer": "lecun_normal",
    },
    "plane, all to train": {
        "data": "plane",
        "points": 40,
        "train_share": 1,
        "optimizer": "adagrad",
        "activation": "selu,softsign",
        "batch_size": 7,
    },
    "curve, absolute error": {
        "data": "sine",
        "points": 40,
        "noise": 0.1,
        "loss": "mean_absolute_error",
        "optimizer": "lion",
        "learning_rate": 0.003,
        "features": "x1,x1_squared",
        "activation": "silu,elu",
        "initializer": "glorot_normal",
        "bias": 0.1,
    },
    "curve, huber": {
        "data": "step",
        "points": 40,
        "loss": "huber",
        "optimizer": "adamax",
        "activation": "sigmoid,leaky_relu",
        "schedule": "warm_up",
        "decay_steps": 8,
    },
    "real": {"data": "iris", "points": 70, "optimizer": "nadam", "activation": "linear,tanh"},
    "real, two classes": {
        "data": "breast_cancer",
        "points": 60,
        "loss": "mean_squared_error",
        "output_activation": "tanh",
        "schedule": "exponential",
        "decay_steps": 5,
        "hidden": "3",
    },
    "real, a number": {
        "data": "diabetes",
        "inputs": "bmi,age,sex",
        "points": 60,
        "optimizer": "adadelta",
        "learning_rate": 1,
        "schedule": "cosine",
        "decay_steps": 20,
        "initializer": "he_uniform",
    },
    "own": {
        "data": "own",
        "table": OWN_TABLE,
        "inputs": "width,height",
        "target": "kind",
        "labels": "a,b,c",
        "regularization": "l1",
        "regularization_rate": 0.01,
    },
    "own, a number as it is": {
        "data": "own",
        "table": OWN_TABLE,
        "inputs": "width,height",
        "target": "weight",
        "standardize": "false",
        "hidden": "4",
        "regularization": "l2",
        "regularization_rate": 0.01,
        "learning_rate": 0.001,
    },
    "drawn": {"data": "drawn", "drawn": DRAWN, "schedule": "step", "decay_steps": 4, "train_share": 0.7},
    "all the rest": {
        "data": "circle",
        "points": 64,
        "hidden": "6,5",
        "dropout": "0.3,0",
        "batch_normalization": "true,false",
        "optimizer": "adam",
        "beta_1": 0.8,
        "clip_norm": 0.1,
        "max_norm": 1.5,
        "regularization": "l1_l2",
        "regularization_rate": 0.002,
        "batch_size": 8,
        "seed": 3,
        "data_seed": 5,
    },
    "no hidden layer": {"data": "gauss", "points": 40, "hidden": "", "initializer": "zeros"},
    "dropout alone": {"data": "rings", "points": 60, "hidden": "8", "dropout": "0.5", "batch_size": 10},
}


def experiment(case: str) -> Experiment:
    return make(**CASES[case])


TASKS = ("two classes", "several classes", "regression")


def task_of(case: str) -> str:
    classes = experiment(case).classes
    return TASKS[2] if classes == 0 else TASKS[1] if classes > 2 else TASKS[0]


def styles_in_turn(cases: Iterable[str], styles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each case with a style of code: within a task the styles take turns."""
    turns = {task: cycle(styles) for task in TASKS}
    for case in cases:
        yield case, next(turns[task_of(case)])


@cache
def history_of_lane(case: str, epochs: int = EPOCHS) -> tuple[Numbers, ...]:
    """What `models.train.in_a_lane` reports after each epoch, in programs that all tests share."""
    lane = Lane("lane", experiment(case))
    cohort = cohort_of(lane.bucket, LANES[0])
    cohort.seat(lane)
    train_to(cohort, {lane.name: epochs * lane.steps_an_epoch})
    rows = [row for row in lane.history.all() if row[0]]
    return tuple({name: float(row[column]) for name, column in NAMES.items()} for row in rows)
