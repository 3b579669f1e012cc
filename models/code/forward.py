"""A network's forward pass in numpy alone, as code."""

from collections.abc import Sequence

import numpy as np

from models.catalogue.activations import LEAKY_SLOPE, SELU_ALPHA, SELU_SCALE
from models.code.layout import WIDTH
from models.code.weights import Layer
from models.experiment import Experiment

# The body of each activation's function of z (n, units).
ACTIVATIONS = {
    "relu": "return np.maximum(0.0, z)",
    "leaky_relu": f"return np.where(z > 0.0, z, {LEAKY_SLOPE} * z)",
    "elu": "return np.where(z > 0.0, z, np.expm1(np.minimum(z, 0.0)))",
    "selu": f"""\
negative = {SELU_ALPHA} * np.expm1(np.minimum(z, 0.0))
    return {SELU_SCALE} * np.where(z > 0.0, z, negative)""",
    "gelu": "return 0.5 * z * (1.0 + np.vectorize(math.erf)(z / math.sqrt(2.0)))",
    "silu": "return z / (1.0 + np.exp(-z))",
    "softplus": "return np.logaddexp(0.0, z)",
    "softsign": "return z / (1.0 + np.abs(z))",
    "tanh": "return np.tanh(z)",
    "sigmoid": "return 0.5 * (1.0 + np.tanh(0.5 * z))  # 1 / (1 + exp(-z)), without overflow",
    "sine": "return np.sin(z)",
    "softmax": """\
e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)""",
}
OWN = {"tanh": "np.tanh", "sine": "np.sin"}  # those that numpy has
EPSILON = 0.001  # what Keras adds to the variance in BatchNormalization


def weights_code(layers: Sequence[Layer]) -> str:
    """Assignments of every layer's arrays: W1 (inputs, units), b1 (units,), and so on."""
    lines: list[str] = []
    for number, layer in enumerate(layers, 1):
        lines.append(_array(f"W{number}", layer.kernel))
        if layer.normal is None:
            lines.append(_array(f"b{number}", layer.bias))
        else:
            for name, row in zip(("scale", "shift", "mean", "variance"), layer.normal, strict=True):
                lines.append(_array(f"{name}{number}", row))
    return "\n".join(lines)


def _array(name: str, values: np.ndarray) -> str:
    def row(numbers: np.ndarray) -> str:
        return "[" + ", ".join(map(str, numbers)) + "]"

    rows = [row(numbers) for numbers in np.atleast_2d(values)]
    line = f"{name} = np.array({rows[0] if values.ndim == 1 else '[' + ', '.join(rows) + ']'}, np.float32)"
    if len(line) <= WIDTH or values.ndim == 1:
        return line
    return "\n".join([f"{name} = np.array([", *(f"    {text}," for text in rows), "], np.float32)"])


def forward_code(experiment: Experiment, layers: Sequence[Layer]) -> str:
    """The function `forward`, and those of the activations that it uses."""
    used = [name for name in ACTIVATIONS if name in experiment.activations and name not in OWN]
    functions = [f"def {name}(z):\n    {ACTIVATIONS[name]}" for name in used]
    lines = ["def forward(h):", '    """What the network answers to inputs (n, inputs): (n, outputs)."""']
    for number, (name, layer) in enumerate(zip(experiment.activations, layers, strict=True), 1):
        last = number == len(layers)
        if layer.normal is None:
            z = f"h @ W{number} + b{number}"
        else:
            lines.append(f"    z = (h @ W{number} - mean{number}) / np.sqrt(variance{number} + {EPSILON})")
            z = f"scale{number} * z + shift{number}"
        value = z if name == "linear" else f"{OWN.get(name, name)}({z})"
        lines.append(f"    {'return' if last else 'h ='} {value}")
    return "\n\n\n".join([*functions, "\n".join(lines)])
