"""The registries: one row each for everything a learner can choose.

Menus, URL, protocol, command line, docs and tests read these rows; nothing repeats them. Importing this
package does not import TensorFlow: what a row computes, it computes with the primitives that it is handed.
"""

from models.catalogue.activations import ACTIVATIONS, AUTO, OUTPUT_ACTIVATION_NAMES, Activation, Primitives
from models.catalogue.data import DATA_SETS, FEATURES, PROBLEMS, DataSet, Feature, Problem
from models.catalogue.limits import (
    BATCH_SIZE,
    BIAS,
    HIDDEN_LAYERS,
    LEARNING_RATE,
    LEARNING_RATES,
    MAX_INPUTS,
    MAX_POINTS,
    MIN_DELTA,
    NEURONS,
    NOISE,
    PATIENCE,
    REGULARIZATION_RATE,
    REGULARIZATION_RATES,
    SEED,
    STOP_ACCURACY,
    STOP_EPOCHS,
    STOP_LOSS,
    TRAIN_SHARE,
    WEIGHT,
)
from models.catalogue.losses import LOSSES, Loss
from models.catalogue.optimizers import OPTIMIZERS, Coefficients, Optimizer
from models.catalogue.row import Row, index, names, row
from models.catalogue.speeds import DEFAULT_SPEED, SPEEDS, Speed
from models.catalogue.weights import INITIALIZERS, REGULARIZATIONS, Initializer, Regularization

__all__ = [
    "ACTIVATIONS",
    "AUTO",
    "BATCH_SIZE",
    "BIAS",
    "DATA_SETS",
    "DEFAULT_SPEED",
    "FEATURES",
    "HIDDEN_LAYERS",
    "INITIALIZERS",
    "LEARNING_RATE",
    "LEARNING_RATES",
    "LOSSES",
    "MAX_INPUTS",
    "MAX_POINTS",
    "MIN_DELTA",
    "NEURONS",
    "NOISE",
    "OPTIMIZERS",
    "OUTPUT_ACTIVATION_NAMES",
    "PATIENCE",
    "PROBLEMS",
    "REGULARIZATIONS",
    "REGULARIZATION_RATE",
    "REGULARIZATION_RATES",
    "SEED",
    "SPEEDS",
    "STOP_ACCURACY",
    "STOP_EPOCHS",
    "STOP_LOSS",
    "TRAIN_SHARE",
    "WEIGHT",
    "Activation",
    "Coefficients",
    "DataSet",
    "Feature",
    "Initializer",
    "Loss",
    "Optimizer",
    "Primitives",
    "Problem",
    "Regularization",
    "Row",
    "Speed",
    "index",
    "names",
    "row",
]
