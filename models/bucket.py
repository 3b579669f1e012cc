"""The static shape of a compiled program, and the fixed sizes that all of them share.

What a bucket does not have is as important: depth, number of points and the choices of the catalogue are
data, so programs are few and changing any of these compiles nothing.
"""

from dataclasses import dataclass

from models import catalogue
from models.experiment import Experiment

LAYERS = catalogue.HIDDEN_LAYERS[1] + 1  # hidden layers and the output
OUTPUTS = catalogue.MAX_CLASSES
INPUTS = catalogue.MAX_INPUTS
POINTS = 5120  # rows a lane's data has room for: catalogue.MAX_POINTS in whole chunks
CHUNK = 64  # rows that are evaluated at a time
ROUNDS = 64  # epochs that may end in one tick

WIDTHS = (8, 32, 64)
SMALL = 8  # up to this width, sums of products are faster than XLA's matrix products, which transpose
BATCHES = (10, 32, 128, 512)
LANES: tuple[int, ...] = (2, 16, 32)  # never one: XLA may compile a degenerate lane axis to other arithmetic


@dataclass(frozen=True)
class Bucket:
    """A function of the experiment alone: networks up to `width` neurons and inputs, batches up to `batch`
    points, with the extras of `needs_extras` or without."""

    width: int
    batch: int
    extras: bool = False

    @property
    def steps(self) -> int:
        """The most optimizer steps a lane can make in one tick."""
        return max(16, min(400, 8192 // self.batch))


def _fitting(sizes: tuple[int, ...], needed: int) -> int:
    return next(size for size in sizes if size >= needed)


def bucket_of(experiment: Experiment) -> Bucket:
    """Where an experiment trains. Never depends on load: the same bucket gives the same bits."""
    return Bucket(
        width=_fitting(WIDTHS, max(experiment.units)),
        batch=_fitting(BATCHES, experiment.training.batch_size),
        extras=needs_extras(experiment),
    )


def needs_extras(experiment: Experiment) -> bool:
    """Whether it uses something that all lanes of a program pay for."""
    training = experiment.training
    used = [name for name in experiment.activations if name != catalogue.SOFTMAX.name]
    return (
        any(catalogue.row(catalogue.ACTIVATIONS, name).costly for name in used)
        or any(layer.dropout or layer.batch_normalization for layer in experiment.network.hidden)
        or catalogue.row(catalogue.OPTIMIZERS, training.optimizer).costly
        or training.schedule != "constant"
        or bool(training.clip_norm or training.max_norm)
    )


# Holds every permitted network.
WHOLE = Bucket(WIDTHS[-1], BATCHES[-1], extras=True)
