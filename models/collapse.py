"""Linear layers after one another are one: (x W₁ + b₁) W₂ + b₂ = x (W₁ W₂) + (b₁ W₂ + b₂)."""

import numpy as np

from models.experiment import Experiment
from models.inside import Floats, product
from models.lane import Lane, Look
from models.packing import Arrays


def obstacle(experiment: Experiment) -> str | None:
    """Why its layers are not one, or None if they are.

    Dropout is for training only; what the output's activation does comes after the sum.
    """
    if not experiment.network.hidden:
        return "there is no hidden layer"
    for number, layer in enumerate(experiment.network.hidden, 1):
        if layer.activation != "linear":
            return f"hidden layer {number} is not linear but {layer.activation}"
        if layer.batch_normalization:
            return f"hidden layer {number} has batch normalization"
    return None


def one_layer(weights: Arrays) -> Arrays:
    """Kernel (inputs, outputs) and bias (outputs,) of the layer that linear layers are."""
    kernel: Floats = weights[0].astype(np.float64)
    bias: Floats = weights[1].astype(np.float64)[None]
    for next_kernel, next_bias in zip(weights[2::2], weights[3::2], strict=True):
        following: Floats = next_kernel.astype(np.float64)
        kernel, bias = product(kernel, following), product(bias, following) + next_bias
    with np.errstate(over="ignore"):  # of 1000 times 1000, layer by layer, there is no float32
        return [kernel.astype(np.float32), bias[0].astype(np.float32)]


def collapsed(experiment: Experiment, weights: Arrays) -> tuple[Experiment, Arrays]:
    """The experiment without its hidden layers, which must be linear, and the weights that compute the same.

    ValueError if they are not linear, or if the weights are beyond what float32 holds.
    """
    if (wrong := obstacle(experiment)) is not None:
        raise ValueError(wrong)
    arrays = one_layer(weights)
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("the weights of the one layer would be too large")
    network = experiment.network.model_copy(update={"hidden": ()})
    return experiment.model_copy(update={"network": network}), arrays


def linear(lane: Lane) -> Look:
    """The one layer that linear layers are; None if they are not all linear, or none is hidden."""
    if obstacle(lane.experiment) is not None:
        return None
    kernel, bias = one_layer(lane.weights)
    return {}, {"kernel": kernel, "bias": bias}
