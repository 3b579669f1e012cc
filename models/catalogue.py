"""The registries: one row each for everything a learner can choose.

Menus, URL, protocol, command line, docs and tests read these rows; nothing repeats them. Importing this
module does not import TensorFlow: what a row computes, it computes with the primitives that it is handed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

Problem = Literal["classification", "regression"]

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


@dataclass(frozen=True)
class Row:
    """A choice: its name in JSON, URL and command line, its label on the page, its formula."""

    name: str
    label: str
    formula: str = ""
    help: str = ""

    def public(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "formula": self.formula, "help": self.help}


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

AUTO = Row("auto", "Automatic", help="Sigmoid for classification, linear for regression.")
OUTPUT_ACTIVATION_NAMES = ("sigmoid", "tanh", "linear")


@dataclass(frozen=True)
class Loss(Row):
    """`value` and `slope` for output z, a = f(z), f'(z) and target t; the slope is by z.

    A loss with an `output` is defined for that output activation alone.
    """

    problems: tuple[Problem, ...] = ("classification", "regression")
    output: str | None = None
    value: Callable[[Primitives, Any, Any, Any], Any] = lambda p, a, da, t: a
    slope: Callable[[Primitives, Any, Any, Any], Any] = lambda p, a, da, t: da

    def public(self) -> dict[str, Any]:
        return {**super().public(), "problems": list(self.problems), "output": self.output}


LOSSES: tuple[Loss, ...] = (
    Loss(
        "binary_crossentropy",
        "Binary cross-entropy",
        "-t ln(o) - (1 - t) ln(1 - o)",
        help="For yes-or-no questions; the output is a probability.",
        problems=("classification",),
        output="sigmoid",
        # From the logit, as Keras does when the output is a sigmoid: stable for any z.
        value=lambda p, a, da, t: p.softplus - p.z * t,
        slope=lambda p, a, da, t: a - t,
    ),
    Loss(
        "mean_squared_error",
        "Mean squared error",
        "(o - t)²",
        help="For numbers; large errors count most.",
        value=lambda p, a, da, t: (a - t) * (a - t),
        slope=lambda p, a, da, t: 2.0 * (a - t) * da,
    ),
    Loss(
        "half_squared_error",
        "Half squared error",
        "½ (o - t)²",
        help="Half the squared error, the loss of the TensorFlow Playground.",
        value=lambda p, a, da, t: 0.5 * (a - t) * (a - t),
        slope=lambda p, a, da, t: (a - t) * da,
    ),
)


@dataclass(frozen=True)
class Coefficients:
    """One update rule covers all optimizers; they differ in these numbers.

        m <- m_keep m + m_gain g
        v <- v_keep v + v_gain g²
        w <- (1 - decay) w - rate c (from_m m + from_g g) / d

    with d = sqrt(v + eps_in) + eps_out if `adaptive`, else 1, and Adam's bias correction
    c = sqrt(1 - v_keep^t) / (1 - m_keep^t) if `corrected`, else 1. `v` starts at `v_start`, m at 0.
    """

    rate: float
    m_keep: float = 0.0
    m_gain: float = 0.0
    v_keep: float = 0.0
    v_gain: float = 0.0
    from_m: float = 0.0
    from_g: float = 0.0
    eps_in: float = 0.0
    eps_out: float = 0.0
    decay: float = 0.0
    adaptive: float = 0.0
    corrected: float = 0.0
    v_start: float = 0.0


@dataclass(frozen=True)
class Optimizer(Row):
    """`coefficients(learning_rate)` for lanes; `keras`: the class in `keras.optimizers` and its arguments."""

    coefficients: Callable[[float], Coefficients] = lambda r: Coefficients(rate=r, from_g=1.0)
    keras: tuple[str, Mapping[str, Any]] = ("SGD", {})


MOMENTUM = 0.9
RHO = 0.9
BETA_1, BETA_2 = 0.9, 0.999
EPSILON = 1e-7
WEIGHT_DECAY = 0.004


def _adam(rate: float, decay: float = 0.0) -> Coefficients:
    return Coefficients(
        rate=rate,
        m_keep=BETA_1,
        m_gain=1.0 - BETA_1,
        v_keep=BETA_2,
        v_gain=1.0 - BETA_2,
        from_m=1.0,
        eps_out=EPSILON,
        decay=rate * decay,
        adaptive=1.0,
        corrected=1.0,
    )


# The numbers are the defaults of keras.optimizers; the tests hold each row against its Keras class.
OPTIMIZERS: tuple[Optimizer, ...] = (
    Optimizer("sgd", "SGD", "w ← w - η g", help="Plain gradient descent, one batch at a time."),
    Optimizer(
        "momentum",
        "SGD with momentum",
        "v ← 0.9 v - η g;  w ← w + v",
        help="Keeps rolling in the direction of earlier steps.",
        coefficients=lambda r: Coefficients(rate=1.0, m_keep=MOMENTUM, m_gain=-r, from_m=-1.0),
        keras=("SGD", {"momentum": MOMENTUM}),
    ),
    Optimizer(
        "nesterov",
        "SGD with Nesterov momentum",
        "v ← 0.9 v - η g;  w ← w + 0.9 v - η g",
        help="Momentum that looks ahead.",
        coefficients=lambda r: Coefficients(rate=1.0, m_keep=MOMENTUM, m_gain=-r, from_m=-MOMENTUM, from_g=r),
        keras=("SGD", {"momentum": MOMENTUM, "nesterov": True}),
    ),
    Optimizer(
        "rmsprop",
        "RMSprop",
        "v ← 0.9 v + 0.1 g²;  w ← w - η g / √(v + ε)",
        help="Divides each step by the recent size of its gradient.",
        coefficients=lambda r: Coefficients(
            rate=r, v_keep=RHO, v_gain=1.0 - RHO, from_g=1.0, eps_in=EPSILON, adaptive=1.0
        ),
        keras=("RMSprop", {}),
    ),
    Optimizer(
        "adagrad",
        "Adagrad",
        "v ← v + g²;  w ← w - η g / √(v + ε)",
        help="Steps get smaller the more a weight has moved.",
        coefficients=lambda r: Coefficients(
            rate=r, v_keep=1.0, v_gain=1.0, from_g=1.0, eps_in=EPSILON, adaptive=1.0, v_start=0.1
        ),
        keras=("Adagrad", {}),
    ),
    Optimizer(
        "adam",
        "Adam",
        "w ← w - η m̂ / (√v̂ + ε)",
        help="Momentum and step sizes adapted to each weight; a good first choice.",
        coefficients=_adam,
        keras=("Adam", {}),
    ),
    Optimizer(
        "adamw",
        "AdamW",
        "w ← (1 - 0.004 η) w - η m̂ / (√v̂ + ε)",
        help="Adam with weight decay.",
        coefficients=lambda r: _adam(r, WEIGHT_DECAY),
        keras=("AdamW", {}),
    ),
)


@dataclass(frozen=True)
class Regularization(Row):
    """Penalty on the kernels of all layers: `l1` Σ|w| + `l2` Σw², times the rate."""

    l1: float = 0.0
    l2: float = 0.0


REGULARIZATIONS: tuple[Regularization, ...] = (
    Regularization("none", "None", help="The loss is the data's alone."),
    Regularization("l1", "L1", "rate · Σ|w|", help="Pulls unneeded weights to exactly zero.", l1=1.0),
    Regularization("l2", "L2", "rate · Σw²", help="Keeps all weights small.", l2=1.0),
)


@dataclass(frozen=True)
class Initializer(Row):
    """`keras` is the class in `keras.initializers` and its arguments, without the seed."""

    keras: tuple[str, Mapping[str, Any]] = ("Zeros", {})


INITIALIZERS: tuple[Initializer, ...] = (
    Initializer(
        "glorot_uniform", "Glorot uniform", "U(-r, r), r = √(6 / (in + out))", keras=("GlorotUniform", {})
    ),
    Initializer("glorot_normal", "Glorot normal", "N(0, 2 / (in + out))", keras=("GlorotNormal", {})),
    Initializer("he_uniform", "He uniform", "U(-r, r), r = √(6 / in)", keras=("HeUniform", {})),
    Initializer("he_normal", "He normal", "N(0, 2 / in)", keras=("HeNormal", {})),
    Initializer("lecun_normal", "LeCun normal", "N(0, 1 / in)", keras=("LecunNormal", {})),
    Initializer(
        "uniform", "Uniform ±0.5", "U(-0.5, 0.5)", keras=("RandomUniform", {"minval": -0.5, "maxval": 0.5})
    ),
    Initializer("zeros", "Zeros", "0", help="All neurons of a layer stay alike: they never learn to differ."),
)


@dataclass(frozen=True)
class Feature(Row):
    """An input made from the point (x1, x2); `value` works on arrays."""

    symbol: str = ""
    value: Callable[[Any, Any], Any] = lambda x1, x2: x1

    def public(self) -> dict[str, Any]:
        return {**super().public(), "symbol": self.symbol}


def _sine(x: Any) -> Any:
    import numpy as np

    return np.sin(x)


def _cosine(x: Any) -> Any:
    import numpy as np

    return np.cos(x)


FEATURES: tuple[Feature, ...] = (
    Feature("x1", "x1", "x₁", symbol="x₁", value=lambda x1, x2: x1),
    Feature("x2", "x2", "x₂", symbol="x₂", value=lambda x1, x2: x2),
    Feature("x1_squared", "x1 squared", "x₁²", symbol="x₁²", value=lambda x1, x2: x1 * x1),
    Feature("x2_squared", "x2 squared", "x₂²", symbol="x₂²", value=lambda x1, x2: x2 * x2),
    Feature("x1x2", "x1 times x2", "x₁ x₂", symbol="x₁x₂", value=lambda x1, x2: x1 * x2),
    Feature("sin_x1", "sine of x1", "sin(x₁)", symbol="sin x₁", value=lambda x1, x2: _sine(x1)),
    Feature("sin_x2", "sine of x2", "sin(x₂)", symbol="sin x₂", value=lambda x1, x2: _sine(x2)),
    Feature("cos_x1", "cos of x1", "cos(x₁)", symbol="cos x₁", value=lambda x1, x2: _cosine(x1)),
    Feature("cos_x2", "cos of x2", "cos(x₂)", symbol="cos x₂", value=lambda x1, x2: _cosine(x2)),
)


@dataclass(frozen=True)
class DataSet(Row):
    """A synthetic data set; its generator is in `models.datasets` under the same name."""

    problem: Problem = "classification"
    points: int = 500

    def public(self) -> dict[str, Any]:
        return {**super().public(), "problem": self.problem, "points": self.points}


DATA_SETS: tuple[DataSet, ...] = (
    DataSet("circle", "Circle", help="A disc inside a ring."),
    DataSet("xor", "Exclusive or", help="Four quarters; opposite quarters belong together."),
    DataSet("gauss", "Two Gaussians", help="Two clouds that one straight line separates."),
    DataSet("spiral", "Spiral", help="Two arms wound around each other: the hard one."),
    DataSet("plane", "Plane", "(x₁ + x₂) / 10", help="A tilted plane.", problem="regression", points=1200),
    DataSet(
        "multi_gauss", "Multi Gaussian", help="Six hills and valleys.", problem="regression", points=1200
    ),
)

PROBLEMS: tuple[Row, ...] = (Row("classification", "Classification"), Row("regression", "Regression"))


@dataclass(frozen=True)
class Speed(Row):
    """How fast a playing lane goes: so many steps or epochs a second, or as fast as possible."""

    steps: float = 0.0
    epochs: float = 0.0


SPEEDS: tuple[Speed, ...] = (
    Speed("slow", "1 batch/s", help="Slow motion: one optimizer step a second.", steps=1.0),
    Speed("batches", "10 batches/s", steps=10.0),
    Speed("epoch", "1 epoch/s", epochs=1.0),
    Speed("epochs", "10 epochs/s", epochs=10.0),
    Speed("fast", "30 epochs/s", epochs=30.0),
    Speed("faster", "100 epochs/s", epochs=100.0),
    Speed("full", "As fast as possible"),
)
DEFAULT_SPEED = "fast"

# Steps that the menus offer; any number within the limits is allowed.
LEARNING_RATES = (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
REGULARIZATION_RATES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


HIDDEN_LAYERS = (0, 8)
NEURONS = (1, 32)
NOISE = (0.0, 0.5)
TRAIN_SHARE = (0.1, 1.0)
BATCH_SIZE = (1, 512)
LEARNING_RATE = (0.00001, 10.0)
REGULARIZATION_RATE = (0.0, 10.0)
BIAS = (-10.0, 10.0)
WEIGHT = (-1000.0, 1000.0)  # what an edited weight or bias may be
STOP_EPOCHS = (1, 1_000_000)
STOP_LOSS = (0.0, 1000.0)
STOP_ACCURACY = (0.0, 1.0)
PATIENCE = (1, 100_000)
MIN_DELTA = 0.0001  # a test loss that is lower by less is no improvement
MAX_INPUTS = 8
MAX_POINTS = 5000
SEED = (0, 2**32 - 1)


def names(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """The names by which the rows are chosen."""
    return tuple(row.name for row in rows)


R = TypeVar("R", bound=Row)


def row(rows: tuple[R, ...], name: str) -> R:
    """The row of that name; KeyError if there is none."""
    for candidate in rows:
        if candidate.name == name:
            return candidate
    raise KeyError(name)


def index(rows: tuple[Row, ...], name: str) -> int:
    """The place of that row, the number by which programs select; KeyError if there is none."""
    return rows.index(row(rows, name))
