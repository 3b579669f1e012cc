"""Notebooks that are made of experiments run by themselves, and end with the page's numbers.

One kernel, started by nbclient in an empty folder, runs the cells of all notebooks, one notebook after the
other, with all names forgotten between them: TensorFlow is imported once. A finder in front of all others
keeps the kernel from importing anything of this project, and what the cells themselves import is refused
unless it is what the notebook says that it needs.
"""

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from itertools import product, starmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nbclient import NotebookClient

from models import catalogue, reference
from models.code import notebook, weights
from models.experiment import Experiment
from models.history import COLUMNS
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

# Every task once, and what needs code of its own.
RUN = (
    *("default", "two softmax", "tanh, half squared", "hinge", "several classes", "plane, all to train"),
    *("curve, absolute error", "curve, huber", "real", "real, a number", "own", "drawn", "all the rest"),
)
nbformat: Any = importlib.import_module("nbformat")  # its types are not complete

TRAINING = [row.name for row in catalogue.CODE_STYLES if row.trains]
NEEDED = {"tensorflow", "keras", "numpy", "matplotlib"}
ALONE = f"""
import builtins
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("app", "models", "tests", "benchmarks", "scripts"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
for name in ("app", "models", "tests"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        print(name, "is not here")

def careful(whole, known):
    def needed(name, globals=None, locals=None, fromlist=(), level=0):
        is_cell = globals is not None and globals.get("__name__") == "__main__"
        if is_cell and name.partition(".")[0] not in known:
            raise ModuleNotFoundError(f"a cell imports {{name}}")
        return whole(name, globals, locals, fromlist, level)

    return needed

builtins.__import__ = careful(builtins.__import__, {NEEDED!r} | sys.stdlib_module_names)
try:
    import nbformat
except ModuleNotFoundError as error:
    print(error)
"""
FORGET = (
    "%reset -f\nimport matplotlib.pyplot, keras\nmatplotlib.pyplot.close('all'); keras.utils.clear_session()"
)
FIGURE = re.compile(r"^(\w+) +(-?[\d.]+|nan) *(-?[\d.]+|nan)?$", re.MULTILINE)


@pytest.fixture(autouse=True, scope="module")
def _own_table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with own_table(tmp_path_factory.mktemp("tables")):
        yield


def made(case: str, style: str) -> str:
    """The notebook of a case."""
    last = {**history_of_lane(case)[-1], "epoch": EPOCHS}
    row = [last.get(name) for name in COLUMNS]
    return notebook.notebook(experiment(case), style, epochs=EPOCHS, row=row)


def cells_of(text: str) -> list[Any]:
    read: Any = nbformat.reads(text, 4)
    nbformat.validate(read)
    return list(read.cells)


def printed(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def figures(cell: Any) -> dict[str, tuple[float, float]]:
    """What a cell prints: by name the number here and that of the page."""
    return {name: (float(here), float(page or "nan")) for name, here, page in FIGURE.findall(printed(cell))}


def run_in_a_kernel(notebooks: list[str], folder: Path) -> list[list[Any]]:
    """The cells of each notebook, with what they gave."""
    parts = [cells_of(text) for text in notebooks]
    together: Any = nbformat.v4.new_notebook()
    together.cells = [nbformat.v4.new_code_cell(ALONE)]
    for number, part in enumerate(parts):
        for cell in part:
            cell.id = f"{number}-{cell.id}"
        together.cells += [*part, nbformat.v4.new_code_cell(FORGET)]
    NotebookClient(
        together, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    assert printed(together.cells[0]).splitlines() == [
        *(f"{name} is not here" for name in ("app", "models", "tests")),
        "a cell imports nbformat",
    ]
    return parts


def test_every_notebook_runs_and_ends_with_the_lanes_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    going_on, expected = trained_already()
    cases = dict(styles_in_turn(RUN, TRAINING))
    assert {(task_of(case), style) for case, style in cases.items()} == set(product(TASKS, TRAINING))
    ran = run_in_a_kernel([*starmap(made, cases.items()), going_on], tmp_path)
    for case, cells in zip(RUN, ran, strict=False):
        shown = figures(cells[-1])
        assert {"loss"} <= set(shown) <= set(reference.NAMES), case
        assert ("val_loss" in shown) == (experiment(case).data.train_share < 1), case
        for name, (here, page) in shown.items():
            assert page == pytest.approx(history_of_lane(case)[-1][name], abs=1e-5)
            assert here == pytest.approx(page, abs=1e-3), (case, name)
        pictures = [
            output
            for cell in cells
            if cell.cell_type == "code"
            for output in cell.outputs
            if "image/png" in output.get("data", {})
        ]
        assert len(pictures) == 3, case
    (weights_cell,) = [cell for cell in ran[-1] if cell.cell_type == "code" and "set_weights" in cell.source]
    for name, (here, page) in figures(weights_cell).items():
        assert here == pytest.approx(page, abs=1e-4)
        assert page == pytest.approx(expected[0][f"val_{name}"], abs=1e-5)
    shown = figures(ran[-1][-1])
    for name in reference.NAMES:
        assert shown[name][0] == pytest.approx(expected[1][name], abs=1e-3)


def trained_already() -> tuple[str, list[dict[str, float]]]:
    """A notebook that goes on with trained weights; what Keras says when that begins, and when it is over.

    With plain SGD nothing is lost with the optimizer's state, so it is as if it had trained on.
    """
    one: Experiment = make(points=40, hidden="3", seed=2)
    rows: list[dict[str, float]] = []
    model = reference.train(one, EPOCHS, rows.append)
    layers = weights.layers_of(one, flat([np.asarray(array) for array in model.get_weights()]).tolist())
    row = [rows[-1].get(name) for name in COLUMNS]
    text = notebook.notebook(one, epochs=EPOCHS, row=row, layers=layers)
    after: list[dict[str, float]] = []
    reference.train(one, EPOCHS + notebook.MORE, after.append)
    return text, [rows[-1], after[-1]]


@pytest.mark.parametrize("style", TRAINING)
def test_nothing_is_imported_that_is_not_said_to_be_needed(style: str) -> None:
    for case in CASES:
        cells = cells_of(notebook.notebook(experiment(case), style, epochs=EPOCHS))
        said = {name for name in re.findall(r"`(\w+)`", cells[0].source) if name in NEEDED}
        assert said | {"keras"} == NEEDED
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        imported = {
            name
            for node in ast.walk(ast.parse(code))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or "."]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        packages = {name.partition(".")[0] for name in imported}
        assert packages - sys.stdlib_module_names <= NEEDED, (case, packages)
        assert "numpy" in packages


def test_what_the_page_has_no_figure_for_is_left_out() -> None:
    row = [3.0, 0.5, None, 0.0, float("nan"), None, None]
    last = cells_of(notebook.notebook(make(), epochs=3, row=row))[-1]
    assert 'page = {"loss": 0.5}  # after epoch 3' in last.source
    assert "page" not in cells_of(notebook.notebook(make()))[-1].source


def test_it_says_what_it_is() -> None:
    text = cells_of(notebook.notebook(make(data="spiral", hidden="5", optimizer="adam")))[0].source
    assert "2 - 5 - 1" in text
    assert "Adam" in text
    assert "`#data=spiral&hidden=5&optimizer=adam`" in text
