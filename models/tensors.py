"""What a training program works on: its tensors, and small helpers to handle them.

Everything that differs between lanes is data. The lane axis is the last (fastest) one. Layers sit in a
stack of `LAYERS` padded places: lane l uses the first `depth[l]`, its output layer being the last of these.
A padded neuron has zero weights and its activation is masked to zero, so all its gradients are zero and stay
so.

A layer's place holds its kernel and, in one more row, its bias: `(width + 1, width, lanes)`. Programs with
`extras` have two more rows, for the scale and the shift (Keras's gamma and beta) of batch normalization.
"""

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from models import catalogue
from models.backend import Tensor, tf, xla_dynamic_update_slice
from models.bucket import INPUTS, LAYERS, POINTS, Bucket


class State(NamedTuple):
    """What training changes."""

    weights: Tensor  # (LAYERS, rows, width, lanes) float32, `rows` being `rows_of(bucket)`
    first: Tensor  # the optimizer's m, same shape
    second: Tensor  # the optimizer's v, same shape
    moving: Tensor  # (LAYERS, 2, width, lanes): moving mean and variance; without extras (LAYERS, 0, ...)
    counters: Tensor  # (3, lanes) int32: steps, epochs, offset into the epoch's points
    sums: Tensor  # (4, lanes) float32 over the epoch so far: loss, right answers, penalty, points
    diverged: Tensor  # (lanes,) bool


class Setting(NamedTuple):
    """What a tick leaves as it is."""

    points: Tensor  # (lanes, POINTS, INPUTS + 1) float32: inputs and target; training points first
    whole: Tensor  # (len(WHOLE_ROWS), lanes) int32
    real: Tensor  # (len(REAL_ROWS), lanes) float32
    units: Tensor  # (LAYERS, lanes) int32: neurons of each place
    activations: Tensor  # (LAYERS, lanes) int32: index into the catalogue
    dropout: Tensor  # (LAYERS, lanes) float32: rate at each place
    normalized: Tensor  # (LAYERS, lanes) bool: whether the place has batch normalization


WHOLE_ROWS = ("depth", "train", "test", "batch", "loss", "mask_seed", "schedule", "decay_steps")
REAL_ROWS = (
    "l1",
    "l2",
    "threshold",
    "clip_norm",
    "max_norm",
    "decay_rate",
    *(field.name for field in fields(catalogue.Coefficients) if field.name != "v_start"),
)


@dataclass(frozen=True)
class Rows:
    """Rows of a (rows, lanes) tensor by name."""

    names: tuple[str, ...]
    tensor: Tensor

    def __getattr__(self, name: str) -> Any:
        return self.tensor[self.names.index(name)]


def rows_of(bucket: Bucket) -> int:
    """Rows of a layer's place in the stack of weights."""
    return bucket.width + (3 if bucket.extras else 1)


def state_signature(bucket: Bucket, lanes: int) -> State:
    """Shapes and types of a state."""
    weights = tf.TensorSpec((LAYERS, rows_of(bucket), bucket.width, lanes), tf.float32)
    return State(
        weights,
        weights,
        weights,
        tf.TensorSpec((LAYERS, 2 if bucket.extras else 0, bucket.width, lanes), tf.float32),
        tf.TensorSpec((3, lanes), tf.int32),
        tf.TensorSpec((4, lanes), tf.float32),
        tf.TensorSpec((lanes,), tf.bool),
    )


def setting_signature(lanes: int) -> Setting:
    """Shapes and types of a setting."""
    return Setting(
        tf.TensorSpec((lanes, POINTS, INPUTS + 1), tf.float32),
        tf.TensorSpec((len(WHOLE_ROWS), lanes), tf.int32),
        tf.TensorSpec((len(REAL_ROWS), lanes), tf.float32),
        tf.TensorSpec((LAYERS, lanes), tf.int32),
        tf.TensorSpec((LAYERS, lanes), tf.int32),
        tf.TensorSpec((LAYERS, lanes), tf.float32),
        tf.TensorSpec((LAYERS, lanes), tf.bool),
    )


def put(stack: Tensor, place: Tensor, value: Tensor) -> Tensor:
    """The stack with `value` in that place, in the compiled program without a copy."""
    start = tf.concat([[place], tf.zeros((len(stack.shape) - 1,), tf.int32)], 0)
    return xla_dynamic_update_slice(stack, value[None], start)


def added(values: Tensor) -> Tensor:
    """The sum over the first axis, halves onto halves: XLA's own order depends on the number of lanes."""
    while (rows := values.shape[0]) > 1:
        values = tf.pad(values, [[0, rows % 2], *[[0, 0]] * (len(values.shape) - 1)])
        half = (rows + 1) // 2
        values = values[:half] + values[half:]
    return values[0]
