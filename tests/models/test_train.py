"""The command `neural-playground train`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from models import program, reference, spelling
from models.experiment import Experiment
from models.features import inputs
from models.plane import grid
from models.train import in_a_lane
from tests.models.training import advance, make

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "compiled", advance)


def train(*arguments: str) -> int:
    """The exit code, wherever it comes from."""
    try:
        return main(["train", *arguments])
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else 1


def lines(capsys: Capture) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def saved(folder: Path, *arguments: str) -> Experiment:
    """The experiment that these options mean."""
    assert train(*arguments, "--epochs", "1", "--json", "--save", str(folder)) == 0
    return Experiment.model_validate_json((folder / "experiment.json").read_text(encoding="utf-8"))


def test_defaults_are_those_of_the_page(tmp_path: Path) -> None:
    assert saved(tmp_path) == Experiment()


def test_help_names_every_option_with_its_default(capsys: Capture) -> None:
    assert train("--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    for name, default in spelling.flat(Experiment()).items():
        option = text.index(f"--{name.replace('_', '-')} {name.upper()}")
        shown = "that of the seed" if name == "data_seed" else repr(default)
        assert text.index(f"(default {shown})", option) > option
    for option in ("--epochs", "--engine", "--json", "--save", "--experiment"):
        assert option in text


def test_every_option_reaches_the_experiment(tmp_path: Path) -> None:
    wanted = {
        "data": "multi_gauss",
        "points": "300",
        "classes": "5",
        "noise": "0.15",
        "train_share": "0.25",
        "data_seed": "4",
        "features": "x1,sin_x2",
        "hidden": "5,3",
        "activation": "relu,silu",
        "output_activation": "tanh",
        "initializer": "he_normal",
        "bias": "0.5",
        "loss": "half_squared_error",
        "optimizer": "adam",
        "learning_rate": "0.001",
        "regularization": "l2",
        "regularization_rate": "0.002",
        "batch_size": "7",
        "momentum": "0.8",
        "beta_1": "0.85",
        "beta_2": "0.99",
        "rho": "0.7",
        "epsilon": "0.001",
        "weight_decay": "0.02",
        "schedule": "cosine",
        "decay_steps": "50",
        "decay_rate": "0.25",
        "clip_norm": "1.5",
        "max_norm": "2",
        "dropout": "0.1,0",
        "batch_normalization": "false,true",
        "seed": "12",
    }
    assert set(wanted) | {*spelling.WHICH, "standardize"} == {field.name for field in spelling.FIELDS}
    options = [text for name, value in wanted.items() for text in (f"--{name.replace('_', '-')}", value)]
    assert saved(tmp_path, *options) == Experiment.model_validate(
        {
            "data": {
                "name": "multi_gauss",
                "points": 300,
                "classes": 5,
                "noise": 0.15,
                "train_share": 0.25,
                "seed": 4,
            },
            "features": ["x1", "sin_x2"],
            "network": {
                "hidden": [
                    {"neurons": 5, "activation": "relu", "dropout": 0.1},
                    {"neurons": 3, "activation": "silu", "batch_normalization": True},
                ],
                "output_activation": "tanh",
                "initializer": "he_normal",
                "bias": 0.5,
            },
            "training": {
                "loss": "half_squared_error",
                "optimizer": "adam",
                "learning_rate": 0.001,
                "regularization": "l2",
                "regularization_rate": 0.002,
                "batch_size": 7,
                "momentum": 0.8,
                "beta_1": 0.85,
                "beta_2": 0.99,
                "rho": 0.7,
                "epsilon": 0.001,
                "weight_decay": 0.02,
                "schedule": "cosine",
                "decay_steps": 50,
                "decay_rate": 0.25,
                "clip_norm": 1.5,
                "max_norm": 2.0,
            },
            "seed": 12,
        }
    )


def test_one_seed_draws_data_and_weights(tmp_path: Path) -> None:
    experiment = saved(tmp_path, "--seed", "9")
    assert (experiment.seed, experiment.data.seed) == (9, 9)


def test_no_hidden_layers(tmp_path: Path) -> None:
    assert saved(tmp_path, "--hidden", "").units == (2, 1)


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ((), ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]),
        (("--data", "plane"), ["epoch", "loss", "val_loss"]),
        (("--train-share", "1"), ["epoch", "loss", "accuracy"]),
    ],
)
def test_json_lines(options: tuple[str, ...], keys: list[str], capsys: Capture) -> None:
    printed: dict[str, list[dict[str, Any]]] = {}
    for engine in ("lanes", "keras"):
        assert train(*options, "--epochs", "3", "--json", "--engine", engine) == 0
        printed[engine] = lines(capsys)
        assert [list(line) for line in printed[engine]] == [keys] * 3
        assert [line["epoch"] for line in printed[engine]] == [1, 2, 3]
    for ours, theirs in zip(printed["lanes"], printed["keras"], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-3)


def test_a_progress_bar_without_json(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert train("--epochs", "2") == 0
    text = capsys.readouterr().out
    assert "2/2" in text
    assert "val_loss" in text


def test_an_experiment_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(make(data="xor", hidden="3").model_dump_json(), encoding="utf-8")
    assert saved(tmp_path / "out", "--experiment", str(path)) == make(data="xor", hidden="3")


# Runs where `models` and `app` cannot be imported, installed or not.
LOADS = """
import json, sys
sys.modules["models"] = sys.modules["app"] = None
import keras, numpy
model = keras.saving.load_model(sys.argv[1])
x = numpy.array(json.loads(sys.argv[2]), "float32")
losses = model.evaluate(x, numpy.zeros((len(x), 1), "float32"), verbose=0, return_dict=True)
json.dump({"predicted": model.predict(x, verbose=0)[:, 0].tolist(), "losses": losses,
           "optimizer": type(model.optimizer).__name__}, sys.stdout)
"""


@pytest.mark.parametrize(
    "options",
    [
        {"regularization": "l2", "regularization_rate": "0.001"},
        {
            "activation": "sine,relu",
            "loss": "half_squared_error",
            "output_activation": "tanh",
            "optimizer": "adamw",
            "features": "x1,x1x2,sin_x2",
        },
    ],
    ids=["default", "sine and half squared error"],
)
def test_the_saved_model_needs_nothing_of_ours(options: dict[str, str], tmp_path: Path) -> None:
    flags = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", value)]
    assert train(*flags, "--epochs", "4", "--json", "--save", str(tmp_path)) == 0
    experiment = make(**options)
    x = inputs(grid(5, 6.0), experiment.features)
    done = subprocess.run(
        [sys.executable, "-c", LOADS, str(tmp_path / "model.keras"), json.dumps(x.tolist())],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = json.loads(done.stdout)
    model = reference.build(experiment)
    model.set_weights(in_a_lane(experiment, 4, lambda numbers: None))
    assert loaded["predicted"] == pytest.approx(model.predict(x, verbose=0)[:, 0], abs=1e-6)
    losses = model.evaluate(x, np.zeros((len(x), 1), np.float32), verbose=0, return_dict=True)
    if experiment.output_activation == "tanh":
        del losses["accuracy"]  # for labels of -1 and 1 Keras has none
    assert loaded["losses"] == pytest.approx(losses, rel=1e-5)
    assert loaded["optimizer"] == type(model.optimizer).__name__


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--data", "moon"), "circle, xor, gauss"),
        (("--optimizer", "speed"), "sgd, momentum"),
        (("--noise", "0.9"), "0.5"),
        (("--noise", "much"), "0 to 0.5"),
        (("--batch-size", "1.5"), "whole number"),
        (("--hidden", "4,x"), "whole number"),
        (("--hidden", "4,65"), "less than or equal to 64"),
        (("--hidden", "1,1,1,1,1,1,1,1,1"), "at most 8"),
        (("--activation", "tanh,relu,tanh"), "one for all or one each"),
        (("--features", "x1,x3"), "x1_squared"),
        (("--features", "x1,x1"), "at most once"),
        (("--loss", "binary_crossentropy", "--data", "plane"), "mean_squared_error"),
        (("--output-activation", "tanh"), "sigmoid or auto"),
        (("--epochs", "0"), "whole number from 1 on"),
        (("--engine", "torch"), "lanes"),
        (("--seed", "-1"), "greater than or equal to 0"),
        (("--learning-rate", "nan"), "finite"),
        (("--experiment", "no-such-file.json"), "no-such-file.json"),
        (("--hidden-layers", "2"), "--hidden-layers"),
    ],
)
def test_options_that_will_not_do(arguments: tuple[str, ...], expected: str, capsys: Capture) -> None:
    assert train(*arguments) == 2
    captured = capsys.readouterr()
    assert expected in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "JSON"),
        ('{"seed": "7"}', "seed"),
        ('{"sead": 7}', "sead"),
        ("[]", "object"),
    ],
)
def test_files_that_will_not_do(text: str, expected: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    assert train("--experiment", str(path)) == 2
    assert expected in capsys.readouterr().err


def test_a_file_stands_alone(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "mine.json"
    path.write_text("{}", encoding="utf-8")
    assert train("--experiment", str(path), "--seed", "3") == 2
    assert "--seed" in capsys.readouterr().err


def test_overflow_is_said(capsys: Capture) -> None:
    options = ("--data", "plane", "--hidden", "", "--features", "x1_squared,x2_squared")
    assert train(*options, "--learning-rate", "10", "--json") == 1
    assert "learning rate" in capsys.readouterr().err


CSV = "width;height;kind\n" + "".join(
    f"{1 + i % 7},5;{(i * 5) % 11};{'b' if i % 7 + (i * 5) % 11 > 7 else 'a'}\n" for i in range(60)
)


def test_a_file_of_ones_own_in_a_lane_and_in_keras(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Columns, target and task are chosen, or suggested; both engines learn the same of it."""
    path = tmp_path / "own.csv"
    path.write_text(CSV, encoding="utf-8")
    options = ["--data", str(path), "--inputs", "height,width", "--target", "kind", "--standardize", "false"]
    more = ["--train-share", "1", "--hidden", "3", "--epochs", "5", "--json"]
    last: list[dict[str, float]] = []
    for engine in ("lanes", "keras"):
        assert main(["train", *options, *more, "--engine", engine]) == 0
        last.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert last[0] == pytest.approx(last[1], rel=1e-4)
    experiment = saved(tmp_path / "all", "--data", str(path))
    assert experiment.data.inputs == ("width", "height")
    assert (experiment.data.target, experiment.data.labels) == ("kind", ("a", "b"))
    number = saved(tmp_path / "one", "--data", str(path), "--inputs", "width", "--target", "height")
    assert (number.problem, number.data.labels) == ("regression", ())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--data", "nothing.csv"], "cannot read nothing.csv"),
        (["--data", "nothing"], "a .csv file"),
        (["--data", "OWN", "--inputs", "depth"], 'no column "depth"'),
        (["--data", "OWN", "--target", "depth"], 'no column "depth"'),
        (["--data", "OWN", "--inputs", "kind", "--target", "width"], 'Line 2, column "kind"'),
        (["--data", "circle", "--task", "regression"], "--task is for a CSV file"),
    ],
)
def test_a_file_that_will_not_do_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], expected: str
) -> None:
    path = tmp_path / "own.csv"
    path.write_text(CSV, encoding="utf-8")
    assert main(["train", *(str(path) if text == "OWN" else text for text in options)]) == 2
    assert expected in capsys.readouterr().err
