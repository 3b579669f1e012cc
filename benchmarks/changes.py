"""What a learner changes while a network trains: a seeded walk through experiments."""

import random
from collections.abc import Callable
from typing import Any

from models import catalogue
from models.experiment import Experiment, fitting_losses

Tree = dict[str, Any]
SETS = [row for row in catalogue.DATA_SETS if row.kind not in ("own", "drawn")]


def _hidden(tree: Tree) -> list[Tree]:
    return tree["network"]["hidden"]


def _neurons(tree: Tree, dice: random.Random) -> bool:
    layers = _hidden(tree)
    if not layers:
        return False
    layer = dice.choice(layers)
    layer["neurons"] = max(1, min(8, layer["neurons"] + dice.choice((-1, 1))))
    return True


def _layers(tree: Tree, dice: random.Random) -> bool:
    layers = _hidden(tree)
    if layers and (len(layers) >= 6 or dice.random() < 0.5):
        layers.pop()
    else:
        layers.append({"neurons": dice.randint(2, 6), "activation": "tanh"})
    return True


def _activation(tree: Tree, dice: random.Random) -> bool:
    name = dice.choice(catalogue.names(catalogue.ACTIVATIONS))
    for layer in _hidden(tree):
        layer["activation"] = name
    return bool(_hidden(tree))


def _optimizer(tree: Tree, dice: random.Random) -> bool:
    tree["training"]["optimizer"] = dice.choice(catalogue.names(catalogue.OPTIMIZERS))
    return True


def _loss(tree: Tree, dice: random.Random) -> bool:
    now = Experiment.model_validate(tree)
    tree["training"]["loss"] = dice.choice(fitting_losses(now.problem, now.classes))
    return True


def _penalty(tree: Tree, dice: random.Random) -> bool:
    name = dice.choice(catalogue.names(catalogue.REGULARIZATIONS))
    tree["training"] |= {"regularization": name, "regularization_rate": dice.choice((0.001, 0.01))}
    return True


def _rule(tree: Tree, dice: random.Random) -> bool:
    """A schedule, a limit, dropout or batch normalization."""
    layers = _hidden(tree)
    kind = dice.choice(("schedule", "clip_norm", "max_norm", "dropout", "batch_normalization"))
    match kind:
        case "schedule":
            tree["training"][kind] = dice.choice(catalogue.names(catalogue.SCHEDULES))
        case "clip_norm" | "max_norm":
            tree["training"][kind] = dice.choice((0.0, 1.0, 2.0))
        case _ if not layers:
            return False
        case "dropout":
            dice.choice(layers)[kind] = dice.choice((0.0, 0.1, 0.3))
        case _:
            layer = dice.choice(layers)
            layer[kind] = not layer.get(kind, False)
    return True


def _data(tree: Tree, dice: random.Random) -> bool:
    """Other data for the same kind of problem."""
    problem = Experiment.model_validate(tree).problem
    _take(tree, dice, [row for row in SETS if row.problem == problem])
    return True


def _task(tree: Tree, dice: random.Random) -> bool:
    """Regression in place of classification, or the other way about."""
    problem = Experiment.model_validate(tree).problem
    _take(tree, dice, [row for row in SETS if row.problem != problem])
    return True


def _take(tree: Tree, dice: random.Random, rows: list[catalogue.DataSet]) -> None:
    """One of these sets, with its usual loss, and every column as a feature, as the page does it."""
    row = dice.choice(rows)
    noise = 0.0 if row.is_table else dice.choice((0.0, 0.1, 0.25))
    tree["data"] = {"name": row.name, "noise": noise, "classes": dice.choice((3, 5, 8))}
    tree["network"]["output_activation"] = catalogue.AUTO.name
    del tree["features"], tree["training"]["loss"]


CHANGES: dict[str, Callable[[Tree, random.Random], bool]] = {
    "neurons": _neurons,
    "layers": _layers,
    "activation": _activation,
    "optimizer": _optimizer,
    "loss": _loss,
    "regularization": _penalty,
    "further rules": _rule,
    "data": _data,
    "task": _task,
}


def changed(experiment: Experiment, dice: random.Random) -> tuple[str, Experiment]:
    """A change of a random kind, and the experiment after it, which differs."""
    while True:
        kind = dice.choice(list(CHANGES))
        tree = experiment.model_dump(mode="json")
        if CHANGES[kind](tree, dice) and (after := Experiment.model_validate(tree)) != experiment:
            return kind, after
