"""Any valid experiment, for hypothesis."""

from typing import Any

from hypothesis import strategies as st

from models import catalogue, drawing
from models.experiment import Data, Experiment, fitting_losses


def _number(limits: tuple[float, float]) -> st.SearchStrategy[float]:
    return st.floats(*limits, allow_nan=False)


def _name(rows: tuple[catalogue.Row, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(catalogue.names(rows))


SEEDS = st.integers(*catalogue.SEED)


WITH_DATA = tuple(row for row in catalogue.DATA_SETS if row.kind not in ("own", "drawn"))
# What may stand in a column's name and in a class's.
WORDS = st.text(min_size=1, max_size=12).map(str.strip).filter(lambda text: text.isprintable() and text != "")


PLACES = st.floats(-drawing.REACH, drawing.REACH)
DRAWN_POINTS = st.lists(
    st.tuples(st.integers(0, drawing.CLASSES - 1), PLACES, PLACES), min_size=2, max_size=40
)


@st.composite
def _columns(draw: st.DrawFn, data: catalogue.DataSet) -> dict[str, Any]:
    """Which columns of a table."""
    none: dict[str, Any] = {
        "inputs": [],
        "standardize": True,
        "table": "",
        "target": "",
        "labels": [],
        "drawn": "",
    }
    if data.kind == "drawn":
        return {**none, "drawn": drawing.encode(draw(DRAWN_POINTS))}
    if not data.is_table:
        return none
    names = st.sampled_from(data.columns) if data.kind == "real" else WORDS
    least = 0 if data.kind == "real" else 1
    chosen = {
        **none,
        "inputs": draw(st.lists(names, min_size=least, max_size=catalogue.MAX_INPUTS, unique=True)),
        "standardize": draw(st.booleans()),
    }
    if data.kind == "real":
        return chosen
    labels = st.lists(WORDS, min_size=2, max_size=catalogue.MAX_CLASSES, unique=True)
    table = draw(st.text("0123456789abcdef", min_size=32, max_size=32))
    return {**chosen, "table": table, "target": draw(WORDS), "labels": draw(st.just([]) | labels)}


@st.composite
def json_of_experiments(draw: st.DrawFn, rows: tuple[catalogue.DataSet, ...] = WITH_DATA) -> dict[str, Any]:
    """The JSON of an experiment in which every member is drawn."""
    data = draw(st.sampled_from(rows))
    columns = draw(_columns(data))
    described = Data.model_validate({"name": data.name, **columns})
    fitting = fitting_losses(described.problem, 3 if data.several else described.class_count)
    offered = [row.name for row in catalogue.FEATURES if row.columns <= described.columns]
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
            **columns,
        },
        "features": draw(
            st.lists(st.sampled_from(offered), min_size=1, max_size=catalogue.MAX_INPUTS, unique=True)
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


OWN_EXPERIMENTS = json_of_experiments((catalogue.OWN, catalogue.DRAWN)).map(Experiment.model_validate)
EXPERIMENTS = json_of_experiments().map(Experiment.model_validate)
