"""url.js and models/spelling.py write and read the same addresses."""

import json
import random
from typing import Any

import pytest
from playwright.sync_api import Page
from pydantic import ValidationError

from app.api import VIEW_NAMES
from models import catalogue, drawing, menu, spelling
from models.experiment import Data, Experiment, fitting_losses

CATALOGUE = json.dumps(menu.public())
TO_HASH = """async ({ catalogue, experiments }) => {
  const { toHash } = await import("/static/url.js");
  const rows = JSON.parse(catalogue);
  return experiments.map((experiment) => toHash(rows, experiment));
}"""
FROM_HASH = """async ({ catalogue, hashes }) => {
  const { fromHash } = await import("/static/url.js");
  const rows = JSON.parse(catalogue);
  return hashes.map((hash) => fromHash(rows, hash));
}"""
MANY = 400


def columns_of(row: catalogue.DataSet, draw: random.Random) -> dict[str, Any]:
    """Which columns of a table."""
    if row.kind == "drawn":
        points = [
            (draw.randrange(8), draw.uniform(-6, 6), draw.uniform(-6, 6)) for _ in range(draw.randint(2, 30))
        ]
        return {"drawn": drawing.encode(points)}
    if not row.is_table:
        return {}
    words = ["a", "b, c", "d\\e", "f\\,", "größe & <i>", "1", "x=y", "#%"]
    names = list(row.columns) if row.kind == "real" else words
    chosen = {
        "inputs": draw.sample(names, draw.randint(1, min(8, len(names)))),
        "standardize": draw.random() < 0.5,
    }
    if row.kind == "real":
        return draw.choice(({}, chosen))
    labels = draw.choice(([], draw.sample(words, draw.randint(2, 8))))
    return {
        **chosen,
        "table": f"{draw.getrandbits(128):032x}",
        "target": draw.choice(words),
        "labels": labels,
    }


def an_experiment(draw: random.Random) -> Experiment:
    """Any experiment; about half of its members are the default's."""

    def one(names: tuple[str, ...], usual: str) -> str:
        return draw.choice((usual, draw.choice(names)))

    def number(low: float, high: float, usual: float) -> float:
        return draw.choice((usual, low, high, draw.uniform(low, high), low + (high - low) * 1e-7))

    activations = catalogue.names(catalogue.ACTIVATIONS)
    common = draw.choice(activations)
    layers = [
        {
            "neurons": draw.randint(*catalogue.NEURONS),
            "activation": one(activations, common),
            "dropout": number(*catalogue.DROPOUT, 0.0),
            "batch_normalization": draw.random() < 0.2,
        }
        for _ in range(draw.randint(*catalogue.HIDDEN_LAYERS))
    ]
    data = one(catalogue.names(catalogue.DATA_SETS), "circle")
    row = catalogue.row(catalogue.DATA_SETS, data)
    columns = columns_of(row, draw)
    described = Data.model_validate({"name": data, **columns})
    losses = tuple(fitting_losses(described.problem, 3 if row.several else described.class_count))
    offered = [feature.name for feature in catalogue.FEATURES if feature.columns <= described.columns]
    features = draw.sample(offered, draw.randint(1, min(len(offered), catalogue.MAX_INPUTS)))
    usual = list(catalogue.names(catalogue.COLUMNS)[: described.columns])
    tree: dict[str, Any] = {
        "data": {
            "name": data,
            "points": draw.choice((None, draw.randint(*catalogue.POINTS))),
            "classes": draw.randint(*catalogue.CLASSES),
            "noise": number(*catalogue.NOISE, 0.0),
            "train_share": number(*catalogue.TRAIN_SHARE, 0.5),
            "seed": draw.choice((0, draw.getrandbits(32))),
            **columns,
        },
        "features": draw.choice((usual, features)),
        "network": {
            "output_activation": one(("auto", *catalogue.OUTPUT_ACTIVATION_NAMES), "auto"),
            "initializer": one(catalogue.names(catalogue.INITIALIZERS), "glorot_uniform"),
            "bias": number(*catalogue.BIAS, 0.0),
        },
        "training": {
            "loss": one(losses, losses[0]),
            "optimizer": one(catalogue.names(catalogue.OPTIMIZERS), "sgd"),
            "learning_rate": number(*catalogue.LEARNING_RATE, 0.03),
            "regularization": one(catalogue.names(catalogue.REGULARIZATIONS), "none"),
            "regularization_rate": number(*catalogue.REGULARIZATION_RATE, 0.0),
            "batch_size": draw.choice((10, draw.randint(*catalogue.BATCH_SIZE))),
            **{
                setting.name: draw.choice((None, draw.uniform(*setting.limits)))
                for setting in catalogue.OPTIMIZER_SETTINGS
            },
            "schedule": one(catalogue.names(catalogue.SCHEDULES), "constant"),
            "decay_steps": draw.choice((1000, draw.randint(*catalogue.DECAY_STEPS))),
            "decay_rate": number(*catalogue.DECAY_RATE, 0.5),
            "clip_norm": number(*catalogue.CLIP_NORM, 0.0),
            "max_norm": number(*catalogue.MAX_NORM, 0.0),
        },
        "seed": draw.choice((0, draw.getrandbits(32))),
    }
    if draw.random() < 0.7:
        tree["network"]["hidden"] = layers
    try:
        return Experiment.model_validate(tree)
    except ValidationError:  # an output activation that the loss does not allow
        tree["network"]["output_activation"] = "auto"
        return Experiment.model_validate(tree)


DRAW = random.Random(2)
EXPERIMENTS = [Experiment(), *(an_experiment(DRAW) for _ in range(MANY))]


def as_json(experiment: Experiment) -> dict[str, Any]:
    return experiment.model_dump(mode="json")


def to_hash(modules: Page, experiments: list[Experiment]) -> list[str]:
    trees = [as_json(experiment) for experiment in experiments]
    return modules.evaluate(TO_HASH, {"catalogue": CATALOGUE, "experiments": trees})


def from_hash(modules: Page, hashes: list[str]) -> list[dict[str, Any]]:
    return modules.evaluate(FROM_HASH, {"catalogue": CATALOGUE, "hashes": hashes})


def test_both_write_the_same(modules: Page) -> None:
    assert to_hash(modules, EXPERIMENTS) == [spelling.to_query(experiment) for experiment in EXPERIMENTS]


def test_the_page_reads_what_python_wrote_as_python_does(modules: Page) -> None:
    queries = [spelling.to_query(experiment) for experiment in EXPERIMENTS]
    read = from_hash(modules, queries)
    assert [found["problems"] for found in read] == [[]] * len(queries)
    assert [found["experiment"] for found in read] == [
        as_json(spelling.from_query(query)) for query in queries
    ]


def test_the_default_has_an_empty_address(modules: Page) -> None:
    assert to_hash(modules, [Experiment()]) == [""]
    assert from_hash(modules, ["", "#"])[1]["experiment"] == as_json(Experiment())


def test_numbers_are_written_as_python_writes_them(modules: Page) -> None:
    rates = [0.00001, 0.00005, 0.0001, 0.03, 1 / 3, 2.5, 1e-5 + 1e-16, 9.9999999999, 0.1 + 0.2]
    experiments = [Experiment.model_validate({"training": {"learning_rate": rate}}) for rate in rates]
    expected = ["" if rate == 0.03 else f"learning_rate={rate!r}" for rate in rates]
    assert to_hash(modules, experiments) == expected


def test_no_hidden_layer_names_no_activation(modules: Page) -> None:
    none = Experiment.model_validate({"network": {"hidden": []}})
    assert spelling.to_query(none) == "hidden="
    assert spelling.from_query("hidden=") == none
    assert to_hash(modules, [none]) == ["hidden="]


@pytest.mark.parametrize(
    "hash",
    [
        "hidden=4,0",
        "hidden=65",
        "dropout=0.1,0.2,0.3",
        "dropout=0.95",
        "batch_normalization=yes",
        "momentum=2",
        "hidden=1,1,1,1,1,1,1,1,1",
        "activation=tanh,relu,elu",
        "activation=none",
        "features=",
        "features=x1,x1",
        "features=x3",
        "learning_rate=fast",
        "learning_rate=",
        "learning_rate=11",
        "noise=0.6",
        "train_share=0",
        "batch_size=1.5",
        "seed=-1",
        "seed=4294967296",
        "loss=huber",
        "output_activation=tanh",
        "data=elsewhere",
        "colour=red",
    ],
)
def test_what_cannot_be_used_is_named_and_the_default_is_used(modules: Page, hash: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        spelling.from_query(hash)
    (found,) = from_hash(modules, [hash])
    (problem,) = found["problems"]
    assert hash.partition("=")[0] in problem or "hidden layers" in problem
    assert found["experiment"] == as_json(Experiment())


@pytest.mark.parametrize(
    ("hash", "name", "rest"),
    [
        ("data=plane&seed=4&loss=binary_crossentropy", "loss", "data=plane&seed=4"),
        ("loss=hinge&seed=4&output_activation=sigmoid", "output_activation", "loss=hinge&seed=4"),
    ],
)
def test_of_what_does_not_go_together_the_rest_is_used(
    modules: Page, hash: str, name: str, rest: str
) -> None:
    with pytest.raises(ValueError, match=name):
        spelling.from_query(hash)
    (found,) = from_hash(modules, [hash])
    (problem,) = found["problems"]
    assert name in problem
    assert found["experiment"] == as_json(spelling.from_query(rest))


def test_the_server_knows_what_a_link_says_of_the_page(modules: Page) -> None:
    named = modules.evaluate("async () => (await import('/static/view_link.js')).VIEW_NAMES")
    assert tuple(named) == VIEW_NAMES
