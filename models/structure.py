"""What a program for one network alone depends on: everything that changes its code rather than its data.

Learning rate, penalty, the optimizer's own numbers, data and seeds are data to it, as they are to a bucket's.
"""

from dataclasses import dataclass

from models import catalogue
from models.bucket import SMALL, needs_extras
from models.experiment import Experiment


@dataclass(frozen=True)
class Structure:
    """A function of the experiment alone.

    units: inputs, hidden layers, output; activations: of every layer after the inputs, a softmax being linear
    since it is a part of its loss; batch: points of a batch; dropped and normalized: which hidden layers have
    dropout and batch normalization; first and second: whether the optimizer uses m and v; extras: whether the
    update's rule is the full one, as in the buckets with extras.
    """

    units: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    batch: int
    penalized: bool
    first: bool
    second: bool
    extras: bool
    dropped: tuple[bool, ...]
    normalized: tuple[bool, ...]

    @property
    def several(self) -> bool:
        """Whether its loss is over several classes."""
        return catalogue.row(catalogue.LOSSES, self.loss).several

    @property
    def same_bits(self) -> bool:
        """Whether its program gives the bucket's weights to the bit.

        Not where the bucket's program has extras or several outputs, or multiplies matrices of another size:
        there the two add up in another order, and agree as closely as each does with Keras.
        """
        return not self.extras and not self.several and max(self.units) <= SMALL

    @property
    def steps(self) -> int:
        """The most optimizer steps of one tick."""
        return max(16, min(2048, 32768 // self.batch))


def structure_of(experiment: Experiment) -> Structure | None:
    """Of an experiment; None where norms are limited, which goes by variables: it stays in its bucket."""
    training = experiment.training
    if training.clip_norm or training.max_norm:
        return None
    extras = needs_extras(experiment)
    optimizer = catalogue.row(catalogue.OPTIMIZERS, training.optimizer)
    numbers = optimizer.coefficients(1.0, training.settings)
    hidden = experiment.network.hidden
    return Structure(
        units=experiment.units,
        activations=tuple(
            "linear" if name == catalogue.SOFTMAX.name else name for name in experiment.activations
        ),
        loss=training.loss,
        batch=training.batch_size,
        penalized=catalogue.row(catalogue.REGULARIZATIONS, training.regularization).name != "none",
        first=bool(numbers.m_gain),
        second=bool(numbers.adaptive),
        extras=extras,
        dropped=tuple(bool(layer.dropout) for layer in hidden),
        normalized=tuple(layer.batch_normalization for layer in hidden),
    )
