"""Where weights start, and what is added to the loss for their size."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.catalogue.row import Row


@dataclass(frozen=True)
class Regularization(Row):
    """Penalty on the kernels of all layers: `l1` Σ|w| + `l2` Σw², times the rate."""

    l1: float = 0.0
    l2: float = 0.0


REGULARIZATIONS: tuple[Regularization, ...] = (
    Regularization("none", "None", help="The loss is the data's alone."),
    Regularization("l1", "L1", "rate · Σ|w|", help="Pulls unneeded weights to exactly zero.", l1=1.0),
    Regularization("l2", "L2", "rate · Σw²", help="Keeps all weights small.", l2=1.0),
    Regularization(
        "l1_l2", "L1 and L2", "rate · (Σ|w| + Σw²)", help="Both, at the same rate.", l1=1.0, l2=1.0
    ),
)


@dataclass(frozen=True)
class Initializer(Row):
    """`keras` is the class in `keras.initializers` and its arguments, without the seed."""

    keras: tuple[str, Mapping[str, Any]] = ("Zeros", {})


INITIALIZERS: tuple[Initializer, ...] = (
    Initializer(
        "glorot_uniform", "Glorot uniform", "U(-r, r), r = √(6 / (in + out))", keras=("GlorotUniform", {})
    ),
    Initializer("glorot_normal", "Glorot normal", "N(0, 2 / (in + out))", keras=("GlorotNormal", {})),
    Initializer("he_uniform", "He uniform", "U(-r, r), r = √(6 / in)", keras=("HeUniform", {})),
    Initializer("he_normal", "He normal", "N(0, 2 / in)", keras=("HeNormal", {})),
    Initializer("lecun_normal", "LeCun normal", "N(0, 1 / in)", keras=("LecunNormal", {})),
    Initializer(
        "uniform", "Uniform ±0.5", "U(-0.5, 0.5)", keras=("RandomUniform", {"minval": -0.5, "maxval": 0.5})
    ),
    Initializer("zeros", "Zeros", "0", help="All neurons of a layer stay alike: they never learn to differ."),
)
