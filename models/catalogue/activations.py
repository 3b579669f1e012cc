"""Activations, and the primitives that they and the losses are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from models.catalogue.row import Row

SELU_ALPHA = 1.6732632423543772  # Klambauer et al. 2017, "Self-Normalizing Neural Networks"
SELU_SCALE = 1.0507009873554805
LEAKY_SLOPE = 0.2  # Keras's default for the activation "leaky_relu"


class Primitives(Protocol):
    """What activations are made of, for pre-activations `z` of any shape.

    Exponentials are shared between the activations, because a lane's activation is data: every program
    computes all of them and selects.
    """

    @property
    def z(self) -> Any: ...
    @property
    def one(self) -> Any: ...
    @property
    def positive(self) -> Any: ...  # z > 0, boolean
    @property
    def magnitude(self) -> Any: ...  # |z|
    @property
    def decay(self) -> Any: ...  # exp(-|z|)
    @property
    def decay_minus_one(self) -> Any: ...  # expm1(-|z|)
    @property
    def sigmoid(self) -> Any: ...
    @property
    def tanh(self) -> Any: ...
    @property
    def softplus(self) -> Any: ...
    @property
    def normal_cdf(self) -> Any: ...
    @property
    def normal_pdf(self) -> Any: ...
    @property
    def sine(self) -> Any: ...
    @property
    def cosine(self) -> Any: ...

    def where(self, condition: Any, then: Any, otherwise: Any) -> Any: ...
    def absolute(self, x: Any) -> Any: ...
    def sign(self, x: Any) -> Any: ...


@dataclass(frozen=True)
class Activation(Row):
    """`value` and `slope` (the derivative by z) from primitives; `bounds` if the value has any.

    A `costly` one needs primitives of its own; only networks that use one pay for them.
    """

    value: Callable[[Primitives], Any] = lambda p: p.z
    slope: Callable[[Primitives], Any] = lambda p: p.one
    bounds: tuple[float, float] | None = None
    costly: bool = False


def _by_sign(
    positive: Callable[[Primitives], Any], negative: Callable[[Primitives], Any]
) -> Callable[[Primitives], Any]:
    return lambda p: p.where(p.positive, positive(p), negative(p))


ACTIVATIONS: tuple[Activation, ...] = (
    Activation("linear", "Linear", "f(z) = z"),
    Activation(
        "relu",
        "ReLU",
        "f(z) = max(0, z)",
        value=_by_sign(lambda p: p.z, lambda p: 0.0 * p.one),
        slope=_by_sign(lambda p: p.one, lambda p: 0.0 * p.one),
    ),
    Activation(
        "leaky_relu",
        "Leaky ReLU",
        "f(z) = z for z > 0, 0.2 z otherwise",
        value=_by_sign(lambda p: p.z, lambda p: LEAKY_SLOPE * p.z),
        slope=_by_sign(lambda p: p.one, lambda p: LEAKY_SLOPE * p.one),
    ),
    Activation(
        "elu",
        "ELU",
        "f(z) = z for z > 0, exp(z) - 1 otherwise",
        value=_by_sign(lambda p: p.z, lambda p: p.decay_minus_one),
        slope=_by_sign(lambda p: p.one, lambda p: p.decay),
    ),
    Activation(
        "selu",
        "SELU",
        "f(z) = 1.0507 z for z > 0, 1.7581 (exp(z) - 1) otherwise",
        value=_by_sign(lambda p: SELU_SCALE * p.z, lambda p: SELU_SCALE * SELU_ALPHA * p.decay_minus_one),
        # TensorFlow counts 0, where the slope jumps, to the positive side.
        slope=lambda p: p.where(p.z >= 0.0, SELU_SCALE * p.one, SELU_SCALE * SELU_ALPHA * p.decay),
    ),
    Activation(
        "gelu",
        "GELU",
        "f(z) = z Φ(z), Φ the normal distribution function",
        value=lambda p: p.z * p.normal_cdf,
        slope=lambda p: p.normal_cdf + p.z * p.normal_pdf,
        costly=True,
    ),
    Activation(
        "silu",
        "SiLU (Swish)",
        "f(z) = z · sigmoid(z)",
        value=lambda p: p.z * p.sigmoid,
        slope=lambda p: p.sigmoid * (1.0 + p.z * (1.0 - p.sigmoid)),
    ),
    Activation(
        "softplus",
        "Softplus",
        "f(z) = ln(1 + exp(z))",
        value=lambda p: p.softplus,
        slope=lambda p: p.sigmoid,
        costly=True,
    ),
    Activation(
        "softsign",
        "Softsign",
        "f(z) = z / (1 + |z|)",
        value=lambda p: p.z / (1.0 + p.magnitude),
        slope=lambda p: 1.0 / ((1.0 + p.magnitude) * (1.0 + p.magnitude)),
        bounds=(-1.0, 1.0),
    ),
    Activation(
        "tanh",
        "Tanh",
        "f(z) = tanh(z)",
        value=lambda p: p.tanh,
        slope=lambda p: 1.0 - p.tanh * p.tanh,
        bounds=(-1.0, 1.0),
    ),
    Activation(
        "sigmoid",
        "Sigmoid",
        "f(z) = 1 / (1 + exp(-z))",
        value=lambda p: p.sigmoid,
        slope=lambda p: p.sigmoid * (1.0 - p.sigmoid),
        bounds=(0.0, 1.0),
    ),
    Activation(
        "sine",
        "Sine",
        "f(z) = sin(z)",
        value=lambda p: p.sine,
        slope=lambda p: p.cosine,
        bounds=(-1.0, 1.0),
        costly=True,
    ),
)


AUTO = Row(
    "auto",
    "Automatic",
    help="Sigmoid for two classes, softmax for more, linear for numbers.",
)
SOFTMAX = Row(
    "softmax",
    "Softmax",
    "f(z) = exp(z) / Σ exp(z) over all outputs",
    help="One output for each class; together they are 1.",
)
OUTPUT_ACTIVATION_NAMES = ("sigmoid", "softmax", "tanh", "linear")
