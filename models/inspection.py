"""The compiled programs that look at one lane's network: its pictures, and its loss on its points.

Here the activation of a layer is one number, so only that one is computed.
"""

from typing import Any, NamedTuple

from models import catalogue
from models.backend import Tensor, tf
from models.bucket import CHUNK, INPUTS, LAYERS, OUTPUTS, POINTS
from models.primitives import TensorPrimitives
from models.program import loss_of, put

BOUNDARY = 100  # cells a side of the output's picture
NEURON = 24  # cells a side of a neuron's picture
CELLS = BOUNDARY * BOUNDARY + NEURON * NEURON  # rows of the grid: the output's cells, then the neurons'
LEVELS = 254.0  # a byte of 127 is the middle of a range


class Network(NamedTuple):
    """One lane's network."""

    weights: Tensor  # (LAYERS, width + 1, width) float32
    units: Tensor  # (LAYERS,) int32
    activations: Tensor  # (LAYERS,) int32
    depth: Tensor  # () int32


class Pictures(NamedTuple):
    """Quantised outputs: `value = low + byte / LEVELS * (high - low)`."""

    boundary: Tensor  # (BOUNDARY², OUTPUTS) uint8
    neurons: Tensor  # (LAYERS, NEURON², width) uint8
    ranges: Tensor  # (LAYERS, 2, width) float32, low and high; the output layer's at its place


def _activate(index: Tensor, z: Tensor) -> Tensor:
    def branch(row: catalogue.Activation) -> Any:
        return lambda: row.value(TensorPrimitives(z))

    return tf.switch_case(index, [branch(row) for row in catalogue.ACTIVATIONS])


def _layer(network: Network, place: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """z and activation of one layer; h (rows, width)."""
    width = h.shape[1]
    w = network.weights[place]
    z = tf.matmul(h, w[:width]) + w[width]
    a = _activate(network.activations[place], z)
    return z, tf.where(tf.range(width) < network.units[place], a, 0.0)


def _quantised(values: Tensor, low: Tensor, high: Tensor) -> Tensor:
    scaled = tf.round((values - low) / (high - low) * LEVELS)
    return tf.cast(
        tf.clip_by_value(tf.where(tf.math.is_finite(scaled), scaled, LEVELS / 2), 0.0, LEVELS), tf.uint8
    )


_BOUNDS = [row.bounds or (0.0, 0.0) for row in catalogue.ACTIVATIONS]


def pictures(network: Network, inputs: Tensor) -> Pictures:
    """Every neuron's and the output's picture.

    inputs: (CELLS, width), the features of the boundary's cells and then of the neurons' cells.
    An unbounded activation's picture has its own symmetric range; an unbounded output's is [-1, 1].
    """
    width = inputs.shape[1]
    cells = BOUNDARY * BOUNDARY
    bounds = tf.constant(_BOUNDS)
    neurons = tf.zeros((LAYERS, NEURON * NEURON, width), tf.uint8)
    ranges = tf.zeros((LAYERS, 2, width))

    def layer(place: Tensor, h: Tensor, neurons: Tensor, ranges: Tensor, _: Tensor) -> tuple[Tensor, ...]:
        _, h = _layer(network, place, h)
        low, high = tf.unstack(tf.gather(bounds, network.activations[place]))
        bounded = high > low
        own = tf.maximum(tf.reduce_max(tf.abs(h[cells:]), 0), 1e-6)  # (width,)
        own = tf.where(tf.math.is_finite(own), own, 1.0)
        own = tf.where(tf.equal(place, network.depth - 1), 1.0, own)
        low, high = tf.where(bounded, low, -own), tf.where(bounded, high, own)
        neurons = put(neurons, place, _quantised(h[cells:], low, high))
        span = tf.stack([low, high])
        return place + 1, h, neurons, put(ranges, place, span), span

    # The last span is carried, and the bounds are gathered: XLA takes the start of a slice that comes from an
    # argument for a constant, and would compile a program for each of its values.
    _, h, neurons, ranges, span = tf.while_loop(
        lambda place, *_: place < network.depth,
        layer,
        (tf.constant(0), inputs, neurons, ranges, tf.zeros((2, width))),
    )
    low, high = tf.unstack(span[:, :OUTPUTS])
    return Pictures(_quantised(h[:cells, :OUTPUTS], low, high), neurons, ranges)


def measure(network: Network, points: Tensor, counts: Tensor, loss: Tensor, threshold: Tensor) -> Tensor:
    """Mean loss (without penalty) and accuracy on the training and on the test points: (2, 2), NaN for none.

    points: (POINTS, INPUTS + OUTPUTS), training points first; counts: (2,) int32.
    """
    width = network.weights.shape[2]

    def chunk(start: Tensor, sums: Tensor) -> tuple[Tensor, Tensor]:
        part = tf.slice(points, [start, 0], [CHUNK, INPUTS + OUTPUTS])
        h = tf.pad(part[:, :INPUTS], [[0, 0], [0, width - INPUTS]])
        target = part[:, INPUTS:, None]  # (CHUNK, OUTPUTS, 1): one lane

        def layer(place: Tensor, h: Tensor, z: Tensor) -> tuple[Tensor, ...]:
            z, h = _layer(network, place, h)
            return place + 1, h, z

        _, h, z = tf.while_loop(
            lambda place, *_: place < network.depth, layer, (tf.constant(0), h, tf.zeros_like(h))
        )
        output = h[:, :OUTPUTS, None]
        value, _ = loss_of(loss, z[:, :OUTPUTS, None], output, tf.zeros_like(output), target)
        right = tf.cast(tf.equal(output > threshold, target > threshold), tf.float32)
        number = start + tf.range(CHUNK)
        train = number < counts[0]
        test = ~train & (number < counts[0] + counts[1])
        scores = tf.stack([value[:, 0, 0], right[:, 0, 0]])  # (2, CHUNK)
        kinds = tf.stack([train, test])[:, None]  # (2, 1, CHUNK)
        return start + CHUNK, sums + tf.reduce_sum(tf.where(kinds, scores, 0.0), 2)

    _, sums = tf.while_loop(
        lambda start, _: start < tf.reduce_sum(counts), chunk, (tf.constant(0), tf.zeros((2, 2)))
    )
    return sums / tf.cast(counts, tf.float32)[:, None]


def _network_spec(width: int) -> Network:
    return Network(
        tf.TensorSpec((LAYERS, width + 1, width), tf.float32),
        tf.TensorSpec((LAYERS,), tf.int32),
        tf.TensorSpec((LAYERS,), tf.int32),
        tf.TensorSpec((), tf.int32),
    )


def compiled_pictures(width: int) -> Any:
    """`pictures` for networks padded to a width."""
    return tf.function(
        pictures,
        jit_compile=True,
        autograph=False,
        input_signature=[_network_spec(width), tf.TensorSpec((CELLS, width), tf.float32)],
    )


def compiled_measure(width: int) -> Any:
    """`measure` for networks padded to a width."""
    return tf.function(
        measure,
        jit_compile=True,
        autograph=False,
        input_signature=[
            _network_spec(width),
            tf.TensorSpec((POINTS, INPUTS + OUTPUTS), tf.float32),
            tf.TensorSpec((2,), tf.int32),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((), tf.float32),
        ],
    )
