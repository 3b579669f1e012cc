"""Write docs/experiments.md from the registries: `python -m scripts.experiments_doc`."""

from collections.abc import Sequence
from pathlib import Path

from models import catalogue, spelling
from models.catalogue import Row
from models.experiment import Experiment

PAGE = Path(__file__).parents[1] / "docs" / "experiments.md"

OPENING = """\
<!-- Generated from models/catalogue/ by `python -m scripts.experiments_doc`. -->

# Experiments

An experiment is everything that determines a run. It has two spellings: JSON, as in the protocol and in the
files of `train --save` and `train --experiment`; and flat names, as in the page's address (behind the `#`),
in the query of `/api/experiment` and as options of `neural-playground train` (`learning_rate` is
`--learning-rate`). What is left out has its default; the page's address holds only what differs from it.
Without a loss, a regression has mean squared error; without a data seed, `train` takes its `--seed` for both.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *[[_cell(cell) for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _fields() -> str:
    defaults = spelling.flat(Experiment())
    rows = [
        [f"`{field.name}`", f"`{field.path}`", f"`{defaults[field.name]}`", field.help]
        for field in spelling.FIELDS
    ]
    return _table(["name", "in JSON", "default", "what it is"], rows)


def _choices(rows: Sequence[Row]) -> str:
    """Name, label, formula and, unless no row has one, help."""
    helped = any(row.help for row in rows)
    return _table(
        ["name", "on the page", "formula", *(["what it is"] if helped else [])],
        [[f"`{row.name}`", row.label, row.formula, *([row.help] if helped else [])] for row in rows],
    )


def _data_sets() -> str:
    rows = [
        [
            f"`{row.name}`",
            row.label,
            row.problem,
            str(row.points),
            " ".join(filter(None, [row.formula, row.help, row.source and f"Source: {row.source}"])),
        ]
        for row in catalogue.DATA_SETS
    ]
    return _table(["name", "on the page", "problem", "points", "what it is", "formula"], rows)


def _losses() -> str:
    rows = [
        [f"`{row.name}`", row.label, row.formula, ", ".join(row.problems), ", ".join(row.outputs)]
        for row in catalogue.LOSSES
    ]
    return _table(["name", "on the page", "formula", "for", "output activation"], rows)


def page() -> str:
    """The whole page."""
    low, high = catalogue.HIDDEN_LAYERS
    fewest, most = catalogue.NEURONS
    outputs = ", ".join(f"`{name}`" for name in catalogue.OUTPUT_ACTIVATION_NAMES)
    default = Experiment().model_dump_json(indent=2)
    sections = [
        OPENING,
        _fields(),
        f"\n{low} to {high} hidden layers of {fewest} to {most} neurons. The default experiment in JSON:\n",
        f"```json\n{default}\n```",
        "\n## Data sets\n\nNoise and training share keep the same sample; another data seed draws another.\n",
        _data_sets(),
        "\n## Features\n",
        _choices(catalogue.FEATURES),
        "\n## Activations\n",
        _choices(catalogue.ACTIVATIONS),
        f"\nAs `output_activation`: {outputs}, or `{catalogue.AUTO.name}`. {catalogue.AUTO.help}\n",
        "## Losses\n\no is the output, t the target.\n",
        _losses(),
        "\n## Optimizers\n\nη is the learning rate, g the gradient; all else has Keras's defaults.\n",
        _choices(catalogue.OPTIMIZERS),
        "\n## Regularization\n\nOn the kernels of all layers; biases are free.\n",
        _choices(catalogue.REGULARIZATIONS),
        "\n## Initializers\n\nOf the kernels; in and out are a layer's inputs and units.\n",
        _choices(catalogue.INITIALIZERS),
    ]
    return "\n".join(sections) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
