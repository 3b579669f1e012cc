"""An experiment as a script."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from models import catalogue
from models.code.data import data_code
from models.code.forward import forward_code, weights_code
from models.code.layout import WIDTH, imports
from models.code.network import has_dropout, network_code
from models.code.training import batches_code, compile_code, fit_code
from models.code.weights import Layer
from models.experiment import Experiment
from models.seeds import Purpose, integer
from models.spelling import to_query

EPOCHS = 100
LONGEST_LINK = 300  # characters

PRINT = """\
for name, values in history.history.items():
    print(f"{name}: {values[-1]:.4f}")"""
ANSWERS = """\
answers = forward(x)
print(answers[:5])  # to the first five points"""


@dataclass(frozen=True)
class Section:
    """A piece of the code under a heading."""

    title: str
    code: str


def link(experiment: Experiment) -> str:
    """How the page spells the experiment, unless that is long."""
    query = to_query(experiment)
    return f"On the page: `#{query}`" if 0 < len(query) <= LONGEST_LINK else ""


def in_words(experiment: Experiment) -> str:
    """The experiment in one sentence of the catalogue's words."""
    data = experiment.data.row.label
    units = " - ".join(map(str, experiment.units))
    optimizer = catalogue.row(catalogue.OPTIMIZERS, experiment.training.optimizer).label
    loss = catalogue.row(catalogue.LOSSES, experiment.training.loss).label.lower()
    return (
        f"Data: {data}. A network of {units} units learns {experiment.problem} with {optimizer}, "
        f"learning rate {experiment.training.learning_rate:g}, {loss}."
    )


def constants(experiment: Experiment, epochs: int) -> str:
    """Assignments of what the code names."""
    lines = [f"EPOCHS = {epochs}", f"BATCH_SIZE = {experiment.training.batch_size}"]
    lines.append(f"SEED = {experiment.seed}  # of the first weights and the batches")
    if has_dropout(experiment):
        lines.append(f"MASK_SEED = {integer(experiment.seed, Purpose.DROPOUT)}  # of what dropout leaves out")
    return "\n".join(lines)


def sections(experiment: Experiment, style: str, epochs: int = EPOCHS) -> list[Section]:
    """Everything but the imports, for a style that trains: settings, data, network, training."""
    return [
        Section("Settings", constants(experiment, epochs)),
        Section("Data", data_code(experiment)),
        Section("Network", network_code(experiment, style)),
        Section("Optimizer and loss", compile_code(experiment)),
        Section("Training", f"{batches_code(experiment)}\n\n\n{fit_code(experiment)}"),
    ]


def keras_code(
    experiment: Experiment, style: str, layers: Sequence[Layer] | None = None, epochs: int = EPOCHS
) -> str:
    """The experiment as a script in a style of the catalogue; TableError if its table is gone.

    layers: the weights for a style that does not train (`weights.layers_of`); without them ValueError.
    """
    if catalogue.row(catalogue.CODE_STYLES, style).trains:
        made = sections(experiment, style, epochs)
        made[2] = Section(made[2].title, f"{made[2].code}\nmodel.summary()")
        made.append(Section("Result", PRINT))
    elif layers is None:
        raise ValueError(f"weights: {style} computes with weights; expected those that the network has")
    else:
        made = [
            Section("Data", data_code(experiment)),
            Section("Weights", weights_code(layers)),
            Section("Network", f"{forward_code(experiment, layers)}\n\n\n{ANSWERS}"),
        ]
    code = "\n\n".join(f"# --- {section.title}\n\n{section.code}" for section in made)
    about = textwrap.fill(in_words(experiment), WIDTH - 10)
    if opening := link(experiment):
        about += f"\n\n{opening}\n"
    return f'"""{about}"""\n\n{imports(code)}\n\n{code}\n'
