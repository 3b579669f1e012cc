"""tfp.js reads links of the TensorFlow Playground, with that playground's names, defaults and choices."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from models import menu
from models.experiment import Experiment

# As text: a tree of arguments is taken apart for the browser member by member, which takes longer.
CATALOGUE = json.dumps(menu.public())
READ = """async ({ catalogue, hash }) => {
  const { fromHash, toHash } = await import("/static/url.js");
  const rows = JSON.parse(catalogue);
  const read = fromHash(rows, hash);
  const ours = toHash(rows, read.experiment, read.view);
  return { ...read, again: fromHash(rows, ours) };
}"""
HASHED = """async (texts) => {
  const { hashed } = await import("/static/tfp.js");
  return texts.map(hashed);
}"""


def read(modules: Page, hash: str) -> dict[str, Any]:
    """What the link opens; the server must take it, and our spelling of it must say the same."""
    found = modules.evaluate(READ, {"catalogue": CATALOGUE, "hash": hash})
    Experiment.model_validate(found["experiment"])
    assert found["again"] == {
        "experiment": found["experiment"],
        "view": found["view"],
        "problems": [],
    }
    return found


def layers(*neurons: int, activation: str = "tanh") -> list[dict[str, Any]]:
    plain = {"dropout": 0, "batch_normalization": False}
    return [{"neurons": n, "activation": activation, **plain} for n in neurons]


def member(tree: Any, path: str) -> Any:
    for part in path.split("."):
        tree = tree[part]
    return tree


def test_its_seeds_are_hashed_by_fnv_1a(modules: Page) -> None:
    # Published test vectors of Fowler, Noll and Vo.
    vectors = {"": 0x811C9DC5, "a": 0xE40C292C, "b": 0xE70C2DE5, "foobar": 0xBF9CF968}
    assert modules.evaluate(HASHED, list(vectors)) == list(vectors.values())


def test_its_defaults_and_choices(modules: Page) -> None:
    found = read(modules, "#tutorial=none&seed=0.16563")
    seed = found["experiment"]["seed"]
    assert found["problems"] == []
    assert found["experiment"] == {
        "data": {
            **Experiment().data.model_dump(mode="json"),
            "name": "circle",
            "noise": 0,
            "train_share": 0.5,
            "seed": seed,
        },
        "features": ["x1", "x2"],
        "network": {
            "hidden": layers(4, 2),
            "output_activation": "tanh",
            "initializer": "uniform",
            "bias": 0.1,
        },
        "training": {
            **Experiment().training.model_dump(mode="json"),
            "loss": "half_squared_error",
            "optimizer": "sgd",
            "learning_rate": 0.03,
            "regularization": "none",
            "regularization_rate": 0,
            "batch_size": 10,
        },
        "seed": seed,
    }
    assert read(modules, "#tutorial=none&seed=0.16563")["experiment"] == found["experiment"]
    assert read(modules, "#tutorial=none&seed=0.16564")["experiment"]["seed"] != seed


def test_without_a_seed_each_visit_has_its_own(modules: Page) -> None:
    seeds = {read(modules, "#dataset=xor")["experiment"]["seed"] for _ in range(3)}
    assert len(seeds) == 3


@pytest.mark.parametrize(
    ("hash", "path", "value"),
    [
        *[(f"dataset={name}", "data.name", name) for name in ("circle", "xor", "gauss", "spiral")],
        ("problem=regression", "data.name", "plane"),
        ("problem=regression", "network.output_activation", "linear"),
        ("problem=regression&dataset=xor&regDataset=reg-gauss", "data.name", "multi_gauss"),
        ("problem=classification&dataset=xor&regDataset=reg-gauss", "data.name", "xor"),
        *[
            (f"x=true&activation={name}", "network.hidden", layers(4, 2, activation=name))
            for name in ("relu", "tanh", "sigmoid", "linear")
        ],
        ("regularization=L1", "training.regularization", "l1"),
        ("regularization=L2", "training.regularization", "l2"),
        ("regularization=none&x=true", "training.regularization", "none"),
        ("regularization=L2&regularizationRate=0.003", "training.regularization_rate", 0.003),
        ("learningRate=0.3", "training.learning_rate", 0.3),
        ("batchSize=30", "training.batch_size", 30),
        ("noise=35", "data.noise", 0.35),
        ("noise=1&x=true", "data.noise", 0.01),
        ("percTrainData=90", "data.train_share", 0.9),
        ("networkShape=", "network.hidden", []),
        ("networkShape=8,1,3", "network.hidden", layers(8, 1, 3)),
        ("x=false&sinX=true&cosY=true", "features", ["x2", "sin_x1", "cos_x2"]),
        (
            "xTimesY=true&xSquared=true&ySquared=true",
            "features",
            ["x1", "x2", "x1_squared", "x2_squared", "x1x2"],
        ),
        ("cosX=true&sinY=true", "features", ["x1", "x2", "sin_x2", "cos_x1"]),
        ("initZero=true", "network.initializer", "zeros"),
        ("initZero=true", "network.bias", 0),
        ("collectStats=false&tutorial=dp&hideText=true", "data.name", "circle"),
    ],
)
def test_each_parameter(modules: Page, hash: str, path: str, value: object) -> None:
    found = read(modules, hash)
    assert found["problems"] == []
    assert member(found["experiment"], path) == value


FEATURES = {
    "x": "x1",
    "y": "x2",
    "xSquared": "x1_squared",
    "ySquared": "x2_squared",
    "xTimesY": "x1x2",
    "sinX": "sin_x1",
    "sinY": "sin_x2",
    "cosX": "cos_x1",
    "cosY": "cos_x2",
}
HIDES = {
    "showTestData": "show_test",
    "discretize": "discretize",
    "playButton": "play",
    "stepButton": "step",
    "resetButton": "rewind",
    "learningRate": "learning_rate",
    "activation": "activation",
    "regularization": "regularization",
    "regularizationRate": "regularization_rate",
    "problem": "problem",
    "dataset": "data",
    "percTrainData": "train_share",
    "noise": "noise",
    "batchSize": "batch_size",
    "numHiddenLayers": "hidden",
    "regDataset": "data",
    "networkShape": "hidden",
    **FEATURES,
}


def test_what_it_hides_and_shows(modules: Page) -> None:
    for theirs, ours in HIDES.items():
        found = read(modules, f"{theirs}_hide=true")
        assert (found["view"]["hidden"], found["problems"]) == ([ours], [])
        assert read(modules, f"{theirs}_hide=false")["view"]["hidden"] == []
    shown = read(modules, "showTestData=true&discretize=true")["view"]
    assert (shown["showTest"], shown["discretize"], shown["hidden"]) == (True, True, [])


@pytest.mark.parametrize(
    ("hash", "path", "value", "said"),
    [
        ("dataset=moons", "data.name", "circle", "circle"),
        ("problem=regression&regDataset=moons", "data.name", "plane", "reg-plane"),
        ("noise=80", "data.noise", 0.5, "50"),
        ("x=true&noise=-5", "data.noise", 0, "0"),
        ("percTrainData=5", "data.train_share", 0.1, "10"),
        ("percTrainData=100", "data.train_share", 0.9, "90"),
        ("batchSize=0", "training.batch_size", 1, "1"),
        ("batchSize=2.6", "training.batch_size", 3, "3"),
        ("batchSize=500", "training.batch_size", 30, "30"),
        ("learningRate=fast", "training.learning_rate", 0.03, "0.03"),
        ("learningRate=11", "training.learning_rate", 10, "10"),
        ("regularizationRate=11", "training.regularization_rate", 10, "10"),
        ("x=true&activation=elu", "network.hidden", layers(4, 2), "tanh"),
        ("x=true&regularization=L3", "training.regularization", "none", "none"),
        ("networkShape=80,2", "network.hidden", layers(64, 2), "64,2"),
        ("networkShape=1,1,1,1,1,1,1,1,1", "network.hidden", layers(*[1] * 8), "1,1,1"),
        ("x=false&y=false", "features", ["x1", "x2"], "no feature"),
        ("x=true&colour=red", "data.name", "circle", "colour"),
        ("x=true&colour_hide=true", "data.name", "circle", "colour_hide"),
        (
            "xTimesY=true&xSquared=true&ySquared=true&cosX=true&sinX=true&cosY=true&sinY=true",
            "features",
            ["x1", "x2", "x1_squared", "x2_squared", "x1x2", "sin_x1", "sin_x2", "cos_x1"],
            "cos x₂",
        ),
    ],
)
def test_what_cannot_be_used_is_named_with_what_is_used(
    modules: Page, hash: str, path: str, value: object, said: str
) -> None:
    found = read(modules, hash)
    (problem,) = found["problems"]
    assert said in problem
    assert member(found["experiment"], path) == value


@pytest.mark.parametrize(
    "hash",
    [
        "noise=0.3",
        "noise=1",
        "seed=3",
        "discretize=true",
        "activation=relu",
        "regularization=l1",
        "hide=play",
    ],
)
def test_our_own_links_are_not_taken_for_one(modules: Page, hash: str) -> None:
    found = modules.evaluate(READ, {"catalogue": CATALOGUE, "hash": hash})
    assert found["experiment"]["training"]["loss"] == "binary_crossentropy"
