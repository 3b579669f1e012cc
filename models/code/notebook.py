"""An experiment as a Jupyter notebook (nbformat 4.5)."""

import json
import math
from collections.abc import Sequence
from typing import Any

from models.code.layout import imports
from models.code.plots import answers_code, curves_code, points_code
from models.code.script import EPOCHS, Section, in_words, link, sections
from models.code.training import batches_code, fit_code
from models.code.weights import Layer, loading_code
from models.experiment import Experiment
from models.history import COLUMNS

MORE = 20  # epochs for which a notebook goes on with trained weights
NAMES = ("loss", "accuracy", "val_loss", "val_accuracy")

ABOUT = """\
# {title}

{words}

This is what Neural Playground trains, in Keras: the same points, the same first weights, the same batches, so
that the numbers are those of the page, but for rounding. It needs `tensorflow`, `numpy` and `matplotlib`. On
Colab all are there; elsewhere `pip install tensorflow matplotlib` brings them."""
COMPARED = """\
page = {page}  # after epoch {epoch}
print(f"{{'':14}}{{'here':>10}}{{'page':>10}}")
for name, value in {here}:
    print(f"{{name:14}}{{value:10.5f}}{{page.get(name, np.nan):10.5f}}")"""
ALONE = """\
for name, value in {here}:
    print(f"{{name:14}}{{value:10.5f}}")"""
LAST = "((name, values[-1]) for name, values in history.history.items())"
MEASURED = "model.evaluate({points}, return_dict=True, verbose=0).items()"
TEXTS = {
    "Settings": "How long it trains, in batches of how many points.",
    "Data": "Training points come first. The split is the page's.",
    "Network": "The seeds of the initializers give the page's first weights.",
    "Optimizer and loss": "Only what differs from Keras's defaults is said.",
    "Training": "Every epoch visits the training points in an order of its own, drawn from seed and epoch.",
    "Curves": "The training figures are means over an epoch, in which the network changes; the test figures "
    "are measured at its end.",
    "What the network answers": "Over the plane of the first two columns, or over the only one.",
    "Numbers": "After the last epoch.",
}
CONTINUED = """\
The weights are those that the network had on the page after epoch {epoch}. **The optimizer begins anew**:
what it had gathered (velocities, mean gradients, steps made) is not among them, so that the next epochs
differ from the page's unless it is plain SGD at a constant rate. Test figures are the page's; the page's
training figures are means over its last epoch."""


def notebook(
    experiment: Experiment,
    style: str = "sequential",
    *,
    epochs: int = EPOCHS,
    row: Sequence[float | None] | None = None,
    layers: Sequence[Layer] | None = None,
) -> str:
    """The notebook's file. TableError if the experiment's table is gone.

    style: one of the catalogue's that train; epochs: those of the page, for which it trains; row: the page's
    last history row, None where it has no figure; layers: the page's weights (`weights.layers_of`), with
    which it goes on for MORE epochs instead of training from the first ones.
    """
    settings, data, network, loss, training = sections(experiment, style, epochs if layers is None else MORE)
    page = _figures(row)
    pieces = [settings, data, Section("The points", points_code(experiment))]
    pieces += [Section(network.title, f"{network.code}\nmodel.summary()"), loss]
    texts = dict(TEXTS)
    if layers is not None:
        texts["Trained weights"] = CONTINUED.format(epoch=epochs)
        pieces.append(Section("Trained weights", f"{loading_code(layers)}\n{_before(page, epochs)}"))
        code = f"{batches_code(experiment)}\n\n\n{fit_code(experiment, first=epochs)}"
        training = Section("Training", code)
    pieces += [
        training,
        Section("Curves", curves_code(experiment)),
        Section("What the network answers", answers_code(experiment)),
        Section("Numbers", _compared(page, LAST, epochs)),
    ]
    words = "\n\n".join(filter(None, [in_words(experiment), link(experiment)]))
    cells = [_text(ABOUT.format(title=experiment.data.row.label, words=words))]
    cells.append(_code(imports("\n".join(piece.code for piece in pieces))))
    for piece in pieces:
        about = texts.get(piece.title, "")
        cells += [_text(f"## {piece.title}" + (f"\n\n{about}" if about else "")), _code(piece.code)]
    return _file(cells)


def _figures(row: Sequence[float | None] | None) -> dict[str, float]:
    """The figures of a history row that there are, by Keras's names."""
    given = {} if row is None else dict(zip(COLUMNS, row, strict=True))
    return {name: value for name in NAMES if (value := given.get(name)) is not None and not math.isnan(value)}


def _compared(page: dict[str, float], here: str, epoch: int) -> str:
    if not page:
        return ALONE.format(here=here)
    figures = ", ".join(f'"{name}": {value}' for name, value in page.items())
    return COMPARED.format(page="{" + figures + "}", here=here, epoch=epoch)


def _before(page: dict[str, float], epoch: int) -> str:
    """Code that measures the network before it goes on."""
    tests = {name.removeprefix("val_"): value for name, value in page.items() if name.startswith("val_")}
    points = "x_test, y_test" if tests else "x_train, y_train"
    return "\n" + _compared(tests, MEASURED.format(points=points), epoch)


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}


def _file(cells: list[dict[str, Any]]) -> str:
    document = {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1) + "\n"
