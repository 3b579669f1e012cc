"""What a learner changes while a network trains: a seeded walk through experiments."""

import random
from collections.abc import Callable
from typing import Any

from models import catalogue
from models.experiment import Experiment

Tree = dict[str, Any]


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


def _data(tree: Tree, dice: random.Random) -> bool:
    sets = [row.name for row in catalogue.DATA_SETS if row.problem == "classification"]
    tree["data"] |= {"name": dice.choice(sets), "noise": dice.choice((0.0, 0.1, 0.25))}
    return True


CHANGES: dict[str, Callable[[Tree, random.Random], bool]] = {
    "neurons": _neurons,
    "layers": _layers,
    "activation": _activation,
    "optimizer": _optimizer,
    "data": _data,
}


def changed(experiment: Experiment, dice: random.Random) -> tuple[str, Experiment]:
    """A change of a random kind, and the experiment after it, which differs."""
    while True:
        kind = dice.choice(list(CHANGES))
        tree = experiment.model_dump(mode="json")
        if CHANGES[kind](tree, dice) and (after := Experiment.model_validate(tree)) != experiment:
            return kind, after
