"""An experiment's Keras network as code, in each style."""

from collections.abc import Callable
from dataclasses import dataclass

from models import catalogue
from models.code.layout import Call, call, listed, written
from models.experiment import Experiment
from models.seeds import Purpose, integer

# Dropout with the lanes' masks (`models.extras.kept`), so that the code has the page's history.
DROPOUT = '''\
def mixed(x):
    """A hash of unsigned 32-bit numbers: the last steps of MurmurHash3."""
    x = (x ^ (x // 2**16)) * 0x85EBCA6B
    x = (x ^ (x // 2**13)) * 0xC2B2AE35
    return x ^ (x // 2**16)


# Keras's own Dropout would leave out other neurons than the page does. Here a hash of seed, step, layer, row
# and neuron decides, as there; with layers.Dropout the network learns just as well, but other numbers.
class Dropout(layers.Layer):
    def __init__(self, rate, place):
        super().__init__()
        self.rate, self.place = rate, place

    def call(self, inputs, training=False):
        if not training:
            return inputs
        rows = tf.range(tf.shape(inputs)[0])[:, None]
        number = (self.place * 512 + rows) * 64 + tf.range(inputs.shape[1])
        steps = tf.cast(model.optimizer.iterations, tf.uint32)  # made so far
        key = mixed(mixed(steps) ^ MASK_SEED)
        bits = mixed(tf.cast(number, tf.uint32) * 0x9E3779B9 + key)
        share = tf.cast(bits // 2**8, tf.float32) / 2**24  # from 0 to 1
        return tf.where(share >= self.rate, inputs / (1.0 - self.rate), 0.0)'''


@dataclass(frozen=True)
class Part:
    """A layer: the attribute that a class holds it in, and what makes it."""

    name: str
    layer: Call
    trains_otherwise: bool = False  # whether it needs to know that it is training


def parts(experiment: Experiment) -> list[Part]:
    """The layers of the network, in their order."""
    found: list[Part] = []
    output = len(experiment.activations) - 1
    for number, (units, name) in enumerate(zip(experiment.units[1:], experiment.activations, strict=True)):
        hidden = None if number == output else experiment.network.hidden[number]
        normalized = hidden is not None and hidden.batch_normalization
        activation = None if name == "linear" else _activation(name)
        dense = call(
            "layers.Dense",
            units,
            activation=None if normalized else activation,
            use_bias="False" if normalized else None,
            **_weights(experiment, number, normalized),
        )
        found.append(Part("answer" if hidden is None else f"hidden{number + 1}", dense))
        if normalized:
            found.append(Part(f"normalization{number + 1}", call("layers.BatchNormalization"), True))
            if activation:
                found.append(Part(f"activation{number + 1}", call("layers.Activation", activation)))
        if hidden is not None and hidden.dropout:
            found.append(Part(f"dropout{number + 1}", call("Dropout", hidden.dropout, number), True))
    return found


def _activation(name: str) -> str:
    return "keras.ops.sin" if name == "sine" else f'"{name}"'


def _weights(experiment: Experiment, number: int, normalized: bool) -> dict[str, Call | None]:
    """Where a layer's weights start and what holds them, as far as that is not what Keras does anyway."""
    name, arguments = catalogue.row(catalogue.INITIALIZERS, experiment.network.initializer).keras
    seed = None if name == "Zeros" else integer(experiment.seed, Purpose.WEIGHTS, number)
    bias, most = experiment.network.bias, experiment.training.max_norm
    return {
        "kernel_initializer": call(f"initializers.{name}", **arguments, seed=seed),
        "bias_initializer": call("initializers.Constant", bias) if bias and not normalized else None,
        "kernel_regularizer": _regularizer(experiment),
        "kernel_constraint": call("keras.constraints.MaxNorm", most) if most else None,
    }


def _regularizer(experiment: Experiment) -> Call | None:
    row = catalogue.row(catalogue.REGULARIZATIONS, experiment.training.regularization)
    rate = experiment.training.regularization_rate
    if not rate or not (row.l1 or row.l2):
        return None
    if row.l1 and row.l2:
        return call("keras.regularizers.L1L2", l1=row.l1 * rate, l2=row.l2 * rate)
    return call("keras.regularizers.L1" if row.l1 else "keras.regularizers.L2", (row.l1 or row.l2) * rate)


def network_code(experiment: Experiment, style: str) -> str:
    """Code that makes `model`, with its first weights."""
    own = f"{DROPOUT}\n\n\n" if has_dropout(experiment) else ""
    return own + WRITERS[style](len(experiment.features), parts(experiment))


def has_dropout(experiment: Experiment) -> bool:
    """Whether some neurons are left out now and then."""
    return any(layer.dropout for layer in experiment.network.hidden)


def _sequential(inputs: int, layers: list[Part]) -> str:
    made = listed([call("keras.Input", f"({inputs},)"), *(part.layer for part in layers)])
    # Always a layer a line: that is how a stack is read.
    lines = [f"    {written(value, 4, 1)}," for _, value in made.items]
    return "\n".join(["model = keras.Sequential([", *lines, "])"])


def _functional(inputs: int, layers: list[Part]) -> str:
    lines = [f"inputs = keras.Input(({inputs},))"]
    before = "inputs"
    for number, part in enumerate(layers):
        after = "outputs" if number == len(layers) - 1 else "h"
        lines.append(f"{after} = {written(part.layer)}({before})")
        before = after
    return "\n".join([*lines, "model = keras.Model(inputs, outputs)"])


def _subclassing(inputs: int, layers: list[Part]) -> str:
    lines = ["class Network(keras.Model):", "    def __init__(self):", "        super().__init__()"]
    lines += [f"        self.{part.name} = {written(part.layer, 8, len(part.name) + 8)}" for part in layers]
    lines += ["", "    def call(self, h, training=False):"]
    for part in layers[:-1]:
        training = ", training=training" if part.trains_otherwise else ""
        lines.append(f"        h = self.{part.name}(h{training})")
    lines.append(f"        return self.{layers[-1].name}(h)")
    return "\n".join([*lines, "", "", "model = Network()", "model(x_train[:1])  # makes the weights"])


WRITERS: dict[str, Callable[[int, list[Part]], str]] = {
    "sequential": _sequential,
    "functional": _functional,
    "subclassing": _subclassing,
}
