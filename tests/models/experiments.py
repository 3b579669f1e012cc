"""Any valid experiment, for hypothesis."""

from typing import Any

from hypothesis import strategies as st

from models import catalogue
from models.experiment import Experiment, fitting_losses


def _number(limits: tuple[float, float]) -> st.SearchStrategy[float]:
    return st.floats(*limits, allow_nan=False)


def _name(rows: tuple[catalogue.Row, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(catalogue.names(rows))


SEEDS = st.integers(*catalogue.SEED)


@st.composite
def json_of_experiments(draw: st.DrawFn) -> dict[str, Any]:
    """The JSON of an experiment in which every member is drawn."""
    data = draw(st.sampled_from(catalogue.DATA_SETS))
    fitting = fitting_losses(data.problem, 3 if data.several else 2)
    loss = catalogue.row(catalogue.LOSSES, draw(st.sampled_from(fitting)))
    layer = st.fixed_dictionaries(
        {
            "neurons": st.integers(*catalogue.NEURONS),
            "activation": _name(catalogue.ACTIVATIONS),
            "dropout": _number(catalogue.DROPOUT),
            "batch_normalization": st.booleans(),
        }
    )
    return {
        "data": {
            "name": data.name,
            "points": draw(st.none() | st.integers(*catalogue.POINTS)),
            "classes": draw(st.integers(*catalogue.CLASSES)),
            "noise": draw(_number(catalogue.NOISE)),
            "train_share": draw(_number(catalogue.TRAIN_SHARE)),
            "seed": draw(SEEDS),
        },
        "features": draw(
            st.lists(_name(catalogue.FEATURES), min_size=1, max_size=catalogue.MAX_INPUTS, unique=True)
        ),
        "network": {
            "hidden": draw(st.lists(layer, max_size=catalogue.HIDDEN_LAYERS[1])),
            "output_activation": draw(st.sampled_from(["auto", *loss.outputs])),
            "initializer": draw(_name(catalogue.INITIALIZERS)),
            "bias": draw(_number(catalogue.BIAS)),
        },
        "training": {
            "loss": loss.name,
            "optimizer": draw(_name(catalogue.OPTIMIZERS)),
            "learning_rate": draw(_number(catalogue.LEARNING_RATE)),
            "regularization": draw(_name(catalogue.REGULARIZATIONS)),
            "regularization_rate": draw(_number(catalogue.REGULARIZATION_RATE)),
            "batch_size": draw(st.integers(*catalogue.BATCH_SIZE)),
            **{row.name: draw(st.none() | _number(row.limits)) for row in catalogue.OPTIMIZER_SETTINGS},
            "schedule": draw(_name(catalogue.SCHEDULES)),
            "decay_steps": draw(st.integers(*catalogue.DECAY_STEPS)),
            "decay_rate": draw(_number(catalogue.DECAY_RATE)),
            "clip_norm": draw(_number(catalogue.CLIP_NORM)),
            "max_norm": draw(_number(catalogue.MAX_NORM)),
        },
        "seed": draw(SEEDS),
    }


EXPERIMENTS = json_of_experiments().map(Experiment.model_validate)
