"""A network's weights from what a page knows of them, and as code."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.experiment import Experiment
from models.packing import Arrays, shaped

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """Kernel (inputs, units), bias (units,); `normal`: scale, shift, mean and variance (4, units), if any."""

    kernel: Floats
    bias: Floats
    normal: Floats | None = None


def layers_of(
    experiment: Experiment, weights: Sequence[float] | Floats, normal: Sequence[float] | Floats = ()
) -> list[Layer]:
    """Every layer's arrays from flat numbers; ValueError with what was expected if there are others.

    weights: as in frames, kernel and bias of every layer. normal: of every hidden layer with batch
    normalization its scales, shifts, moving means and moving variances.
    """
    values = np.asarray(weights, np.float32)
    if not np.isfinite(values).all():
        raise ValueError("weights: some are not finite; expected numbers that float32 can hold")
    count = sum(
        (before + 1) * here for before, here in zip(experiment.units, experiment.units[1:], strict=False)
    )
    if len(values) != count:
        raise ValueError(
            f"weights: {len(values):,} numbers for a network of {count:,}; "
            "expected kernel and bias of every layer"
        )
    arrays: Arrays = shaped(values, experiment.units)
    numbers = np.asarray(normal, np.float32)
    sizes = [4 * layer.neurons if layer.batch_normalization else 0 for layer in experiment.network.hidden]
    if len(numbers) != sum(sizes) or not np.isfinite(numbers).all():
        raise ValueError(
            f"normalization: {len(numbers):,} numbers; expected {sum(sizes):,}: scales, shifts, moving means "
            "and moving variances of every layer with batch normalization"
        )
    parts = np.split(numbers, np.cumsum(sizes))
    return [
        Layer(kernel, bias, part.reshape(4, -1) if len(part) else None)
        for kernel, bias, part in zip(arrays[::2], arrays[1::2], parts, strict=True)
    ]


def in_keras_order(layers: Sequence[Layer]) -> Arrays:
    """The arrays in the order of Keras's `get_weights`."""
    arrays: Arrays = []
    for layer in layers:
        arrays += [layer.kernel, layer.bias] if layer.normal is None else [layer.kernel, *layer.normal]
    return arrays


def loading_code(layers: Sequence[Layer]) -> str:
    """Code that puts these weights into `model`."""
    lines = [
        "def decoded(text, *shape):",
        '    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)',
        "",
        "",
        "model.set_weights([",
    ]
    for array in in_keras_order(layers):
        text = base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()
        lines.append(f'    decoded("{text}", {", ".join(map(str, array.shape))}),')
    return "\n".join([*lines, "])"])
