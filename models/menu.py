"""What the page needs to know of the registries, ready for JSON."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from models import catalogue
from models.catalogue import Row
from models.experiment import Data, Experiment
from models.spelling import FIELDS

SAMPLE = {"classification": 130, "regression": 330}  # points
SAMPLE_SEED = 7


def _listed(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [row.public() for row in rows]


@cache
def sample(name: str) -> list[list[float]]:
    """Some points of a data set, [x1, x2, label] each, for its picture in the menu."""
    from models.datasets import draw  # with numpy, which the server need not wait for when it starts
    from models.plane import on_the_plane

    row = catalogue.row(catalogue.DATA_SETS, name)
    if row.kind in ("own", "drawn"):
        return []
    points = draw(Data(name=name, points=SAMPLE[row.problem], seed=SAMPLE_SEED))
    return [[round(float(value), 2) for value in point] for point in on_the_plane(points)]


def public() -> dict[str, Any]:
    """All that the page needs to know of the registries, ready for JSON."""
    return {
        "problems": _listed(catalogue.PROBLEMS),
        "data_sets": [{**row.public(), "sample": sample(row.name)} for row in catalogue.DATA_SETS],
        "downloads": _listed(catalogue.DOWNLOADS),
        "exports": _listed(catalogue.EXPORTS),
        "features": _listed(catalogue.FEATURES),
        "activations": _listed(catalogue.ACTIVATIONS),
        "output_activations": _listed(
            [
                catalogue.AUTO,
                *(
                    catalogue.row((*catalogue.ACTIVATIONS, catalogue.SOFTMAX), name)
                    for name in catalogue.OUTPUT_ACTIVATION_NAMES
                ),
            ]
        ),
        "losses": _listed(catalogue.LOSSES),
        "optimizers": _listed(catalogue.OPTIMIZERS),
        "optimizer_settings": _listed(catalogue.OPTIMIZER_SETTINGS),
        "schedules": _listed(catalogue.SCHEDULES),
        "regularizations": _listed(catalogue.REGULARIZATIONS),
        "initializers": _listed(catalogue.INITIALIZERS),
        "speeds": _listed(catalogue.SPEEDS),
        "code_styles": _listed(catalogue.CODE_STYLES),
        "default_speed": catalogue.DEFAULT_SPEED,
        "learning_rates": list(catalogue.LEARNING_RATES),
        "regularization_rates": list(catalogue.REGULARIZATION_RATES),
        "limits": {
            "hidden_layers": catalogue.HIDDEN_LAYERS,
            "neurons": catalogue.NEURONS,
            "points": catalogue.POINTS,
            "classes": catalogue.CLASSES,
            "noise": catalogue.NOISE,
            "train_share": catalogue.TRAIN_SHARE,
            "batch_size": catalogue.BATCH_SIZE,
            "learning_rate": catalogue.LEARNING_RATE,
            "regularization_rate": catalogue.REGULARIZATION_RATE,
            "clip_norm": catalogue.CLIP_NORM,
            "max_norm": catalogue.MAX_NORM,
            "decay_steps": catalogue.DECAY_STEPS,
            "decay_rate": catalogue.DECAY_RATE,
            "dropout": catalogue.DROPOUT,
            "bias": catalogue.BIAS,
            "weight": catalogue.WEIGHT,
            "stop_epochs": catalogue.STOP_EPOCHS,
            "stop_loss": catalogue.STOP_LOSS,
            "stop_accuracy": catalogue.STOP_ACCURACY,
            "patience": catalogue.PATIENCE,
            "features": (1, catalogue.MAX_INPUTS),
            "seed": catalogue.SEED,
        },
        "defaults": Experiment().model_dump(mode="json"),
        "fields": [field.public() for field in FIELDS],
    }
