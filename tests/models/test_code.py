"""Scripts that are made of experiments: they run, and do in Keras what the reference and the lanes do."""

import ast
import contextlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from inspect import signature
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import catalogue, reference, tables
from models.backend import keras
from models.code import forward, script, weights
from models.code.data import FEATURES, data_code
from models.code.layout import WIDTH, call, imports, listed, quoted, written
from models.experiment import Experiment
from models.packing import flat
from tests.models.code_cases import (
    CASES,
    EPOCHS,
    TASKS,
    experiment,
    history_of_lane,
    own_table,
    styles_in_turn,
    task_of,
)
from tests.models.training import make

PARAMETERS = re.compile(r"(W|b|scale|shift|mean|variance)\d+")  # as the numpy style names them
TRAINING = [row.name for row in catalogue.CODE_STYLES if row.trains]
TRAINED = dict(styles_in_turn(CASES, TRAINING))  # which style each case is trained in
ALLOWED = {"base64", "itertools", "math", "numpy", "keras", "tensorflow", "matplotlib"}


@pytest.fixture(autouse=True, scope="module")
def _own_table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with own_table(tmp_path_factory.mktemp("tables")):
        yield


def run(code: str, namespace: dict[str, Any] | None = None) -> dict[str, Any]:
    """The names that the code leaves; what it prints is not shown."""
    names: dict[str, Any] = {"__name__": "script"} if namespace is None else namespace
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or ""
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {name.partition(".")[0] for name in imported} <= ALLOWED
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "script", "exec"), names)
    return names


def test_the_cases_have_everything() -> None:
    made = [experiment(case) for case in CASES]
    training = [one.training for one in made]
    assert {one.optimizer for one in training} == set(catalogue.names(catalogue.OPTIMIZERS))
    assert {one.loss for one in training} == set(catalogue.names(catalogue.LOSSES))
    assert {one.schedule for one in training} == set(catalogue.names(catalogue.SCHEDULES))
    assert {one.regularization for one in training} == set(catalogue.names(catalogue.REGULARIZATIONS))
    assert {one.network.initializer for one in made} == set(catalogue.names(catalogue.INITIALIZERS))
    hidden = {layer.activation for one in made for layer in one.network.hidden}
    assert hidden == set(catalogue.names(catalogue.ACTIVATIONS))
    assert {one.data.row.kind for one in made} == {row.kind for row in catalogue.DATA_SETS}
    assert {one.output_activation for one in made} == set(catalogue.OUTPUT_ACTIVATION_NAMES)
    assert {(task_of(case), style) for case, style in TRAINED.items()} == set(product(TASKS, TRAINING))


@pytest.mark.parametrize("case", CASES)
def test_it_is_the_reference_and_trains_as_a_lane_does(case: str) -> None:
    model = reference.build(experiment(case))
    (x, _), _ = reference.data(experiment(case))
    expected = model(x)
    for style in TRAINING:
        parts = script.sections(experiment(case), style, EPOCHS)
        code = "\n\n".join(part.code for part in parts[:-1])
        names = run(f"{imports(code + parts[-1].code)}\n\n{code}")
        made = names["model"]
        assert made.count_params() == model.count_params()
        for one, other in zip(made.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_allclose(made(names["x_train"]), expected, atol=1e-6)
        unnamed = {"name": ""}
        assert made.optimizer.get_config() | unnamed == model.optimizer.get_config() | unnamed
        if style == TRAINED[case]:
            run(parts[-1].code, names)
            compare(names["history"].history, history_of_lane(case))


def compare(history: dict[str, list[float]], rows: tuple[dict[str, float], ...]) -> None:
    assert len(rows) == EPOCHS
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        lane = [row[name] for row in rows]
        if name in history:
            np.testing.assert_allclose(history[name], lane, atol=1e-3, err_msg=name)
        else:
            assert np.isnan(lane).all(), name
    assert history["loss"][0] != history["loss"][-1]


@pytest.mark.parametrize(
    "row", [row for row in catalogue.DATA_SETS if row.kind not in ("own", "drawn")], ids=lambda row: row.name
)
def test_every_data_set_has_the_same_points(row: catalogue.DataSet) -> None:
    few: dict[str, Any] = {"name": row.name, "points": 60, "train_share": 0.3, "classes": 5}
    same_points({"name": row.name, "seed": 4})
    same_points(few if row.is_table else {**few, "noise": 0.3})
    if row.is_table:
        columns = list(row.columns[:8])  # of the digits, some are the same in every row
        same_points({"name": row.name, "inputs": columns, "standardize": False})
        same_points({"name": row.name, "inputs": columns})


@pytest.mark.parametrize(
    "case", [case for case in CASES if experiment(case).data.row.kind in ("own", "drawn")]
)
def test_what_is_brought_or_drawn_has_the_same_points(case: str) -> None:
    same_points(experiment(case).data.model_dump())


def test_a_long_table_is_written_shortly() -> None:
    rows = "".join(f"{i / 7:.5f},{(i * 37) % 101 / 3:.6f},{'ab'[i % 2]}\n" for i in range(900))
    digest, _ = tables.keep(f"x,y,kind\n{rows}".encode())
    data = {"name": "own", "table": digest, "inputs": ["x", "y"], "target": "kind", "labels": ["a", "b"]}
    same_points(data)
    same_points({**data, "target": "y", "inputs": ["x"], "labels": []})
    assert "decoded(" in data_code(Experiment.model_validate({"data": data}))


def same_points(data: dict[str, Any], **members: Any) -> None:
    """The code's points are the experiment's to the last bit."""
    one = Experiment.model_validate({"data": data, **members})
    code = data_code(one)
    names = run(f"{imports(code)}\n\n{code}")
    for part, (x, y) in zip(("train", "test"), reference.data(one), strict=True):
        np.testing.assert_array_equal(names[f"x_{part}"], x)
        np.testing.assert_array_equal(names[f"y_{part}"], y)
        assert names[f"x_{part}"].dtype == names[f"y_{part}"].dtype == np.float32


def test_features_are_the_catalogues() -> None:
    made = [row for row in catalogue.FEATURES if row.column is None]
    assert set(FEATURES) == {row.name for row in made}
    same_points({"name": "xor"}, features=["x2", *FEATURES])


@pytest.mark.parametrize("case", CASES)
def test_numpy_answers_what_keras_does(case: str) -> None:
    one = experiment(case)
    model = reference.build(one)
    draw = np.random.default_rng(1)
    model.set_weights([draw.uniform(0.1, 1.0, array.shape) for array in model.get_weights()])
    arrays = iter(model.get_weights())
    plain: list[Any] = []
    normal: list[Any] = []
    for number, units in enumerate(one.units[1:]):
        plain.append(next(arrays))
        normalized = [layer.batch_normalization for layer in one.network.hidden[number : number + 1]] == [
            True
        ]
        plain.append(np.zeros(units, np.float32) if normalized else next(arrays))
        normal += [next(arrays) for _ in range(4 * normalized)]
    layers = weights.layers_of(one, flat(plain), flat(normal) if normal else ())
    code = script.keras_code(one, "numpy", layers)
    names = run(code)
    assert "keras" not in code
    parameters = [value for name, value in names.items() if PARAMETERS.fullmatch(name)]
    assert sum(array.size for array in parameters) == model.count_params()
    (x, _), _ = reference.data(one)
    np.testing.assert_allclose(names["forward"](x), model(x), rtol=1e-4, atol=1e-5)


def test_numpy_has_every_activation() -> None:
    known = {row.name for row in (*catalogue.ACTIVATIONS, catalogue.SOFTMAX)}
    assert set(forward.ACTIVATIONS) | {"linear"} == known
    z = np.linspace(-30.0, 30.0, 122, dtype=np.float32).reshape(-1, 2)
    for name in forward.ACTIVATIONS:
        names = run(f"import math\nimport numpy as np\ndef f(z):\n    {forward.ACTIVATIONS[name]}")
        np.testing.assert_allclose(
            names["f"](z),
            keras.activations.get(reference.activation(name))(z),
            rtol=1e-5,
            atol=1e-6,
            err_msg=name,
        )


# Runs the scripts named on the command line, one after the other: TensorFlow is imported once.
RUNNER = """
import runpy, sys
for path in sys.argv[1:]:
    print(path)
    runpy.run_path(path, run_name="__main__")
"""


def test_whole_scripts_run_where_nothing_of_this_project_is(tmp_path: Path) -> None:
    one = make(points=40)
    paths = [tmp_path / f"{style}.py" for style in TRAINING]
    for path in paths:
        path.write_text(script.keras_code(one, path.stem, epochs=1), encoding="utf-8")
    command = [sys.executable, "-I", "-c", RUNNER, *map(str, paths)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    expected: list[dict[str, float]] = []
    reference.train(one, 1, expected.append)
    lines = [line.split(": ") for line in ran.stdout.splitlines() if line.startswith(reference.NAMES)]
    assert len(lines) == len(TRAINING) * len(reference.NAMES)
    for name, value in lines:
        assert float(value) == pytest.approx(expected[0][name], abs=1e-3)


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_said_that_is_keras_default_anyway(case: str) -> None:
    for style in TRAINING:
        tree = ast.parse(script.keras_code(experiment(case), style))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            made: Any = getattr(
                keras.layers if ast.unparse(node.func.value) == "layers" else keras.optimizers,
                node.func.attr,
                None,
            )
            if not isinstance(made, type):
                continue
            defaults = {name: value.default for name, value in signature(made).parameters.items()}
            for keyword in node.keywords:
                if isinstance(keyword.value, ast.Constant) and keyword.arg != "learning_rate":
                    assert keyword.value.value != defaults[str(keyword.arg)], ast.unparse(node)


def test_short_experiments_have_short_code() -> None:
    network = script.sections(make(hidden="3"), "sequential")[2].code
    assert len(network.splitlines()) <= 6
    for word in ("dropout", "Dropout", "Normalization", "bias", "regularizer", "constraint"):
        assert word not in network


def test_what_a_table_calls_its_columns_is_only_a_text() -> None:
    wild = ['"', "'", "\"'\\", "\n__import__('os')\n", '"""', "{x}", "\ud800", "$"]
    for text in wild:
        assert ast.literal_eval(quoted(text)) == text
        assert "\n" not in quoted(text)


def test_long_calls_break_their_lines() -> None:
    short = call("f", 1, a="x")
    assert written(short) == "f(1, a=x)"
    long = call("f", *["argument"] * 9, last=listed(["x" * 50, "y" * 50]))
    assert written(long).splitlines()[0] == "f("
    assert ast.dump(ast.parse(written(long))) == ast.dump(ast.parse(written(long, -1000)))
    assert max(map(len, written(long).splitlines())) <= WIDTH


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ValueError, match=r"weights: 3 numbers for a network of 25; expected"):
        weights.layers_of(make(), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="not finite"):
        weights.layers_of(make(), [float("inf")] * 25)
    with pytest.raises(ValueError, match=r"normalization: 0 numbers; expected 24"):
        weights.layers_of(make(batch_normalization="true"), [0.0] * 25)
    with pytest.raises(ValueError, match="expected those that the network has"):
        script.keras_code(make(), "numpy")
