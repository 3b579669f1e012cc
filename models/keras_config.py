"""The Keras model of an experiment as Keras's own JSON describes it, without Keras.

`models.reference` builds the same model of Keras's objects; the tests hold one against the other.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from models import catalogue
from models.experiment import Experiment
from models.packing import normalized
from models.seeds import Purpose, integer

Json = dict[str, Any]


@dataclass
class Part:
    """A layer: its Keras class and where that is, its config, its units, how many variables it has."""

    kind: str  # snake case: the layer's name, and its place in the file of weights
    class_name: str
    config: Json
    units: int
    variables: int = 0
    module: str = "keras.layers"
    name: str = ""

    def described(self) -> Json:
        """As `keras.saving.serialize_keras_object` has it."""
        own = self.class_name if self.module.startswith("keras.src.") else None
        return {
            "module": self.module,
            "class_name": self.class_name,
            "config": {"name": self.name, **self.config},
            "registered_name": own,
        }


@dataclass
class Chain:
    """All layers of a model, named as Keras names them: dense, dense_1, ..."""

    parts: list[Part] = field(default_factory=list[Part])

    def add(self, part: Part) -> None:
        before = sum(other.kind == part.kind for other in self.parts)
        part.name = f"{part.kind}_{before}" if before else part.kind
        self.parts.append(part)


def keras_object(module: str, class_name: str, **config: Any) -> Json:
    """An object of Keras's own classes, with the arguments that are not their defaults."""
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def _initializer(experiment: Experiment, layer: int) -> Json:
    name, arguments = catalogue.row(catalogue.INITIALIZERS, experiment.network.initializer).keras
    seed = {} if name == "Zeros" else {"seed": integer(experiment.seed, Purpose.WEIGHTS, layer)}
    return keras_object("keras.initializers", name, **arguments, **seed)


def _regularizer(experiment: Experiment) -> Json | None:
    row = catalogue.row(catalogue.REGULARIZATIONS, experiment.training.regularization)
    rate = experiment.training.regularization_rate
    if row.l1 and row.l2:
        return keras_object("keras.regularizers", "L1L2", l1=row.l1 * rate, l2=row.l2 * rate)
    if row.l1:
        return keras_object("keras.regularizers", "L1", l1=row.l1 * rate)
    return keras_object("keras.regularizers", "L2", l2=row.l2 * rate) if row.l2 else None


def layers(experiment: Experiment) -> list[Part]:
    """The layers after the input. A sine, which no layer has as an activation, is an operation of its own."""
    most = experiment.training.max_norm
    chain = Chain()
    for number, (units, name) in enumerate(zip(experiment.units[1:], experiment.activations, strict=True)):
        has_sine, is_normalized = name == "sine", normalized(experiment, number)
        config: Json = {
            "units": units,
            "activation": "linear" if has_sine or is_normalized else name,
            "use_bias": not is_normalized,
            "kernel_initializer": _initializer(experiment, number),
            "bias_initializer": keras_object("keras.initializers", "Constant", value=experiment.network.bias),
            "kernel_regularizer": _regularizer(experiment),
            "kernel_constraint": keras_object("keras.constraints", "MaxNorm", max_value=most, axis=0)
            if most
            else None,
        }
        chain.add(Part("dense", "Dense", config, units, 1 if is_normalized else 2))
        if is_normalized:
            chain.add(Part("batch_normalization", "BatchNormalization", {}, units, 4))
            activation = {"activation": "linear" if has_sine else name}
            chain.add(Part("activation", "Activation", activation, units))
        if has_sine:
            chain.add(Part("sin", "Sin", {}, units, module="keras.src.ops.numpy"))
        for hidden in experiment.network.hidden[number : number + 1]:
            if hidden.dropout:
                seed = integer(experiment.seed, Purpose.DROPOUT, number)
                chain.add(Part("dropout", "Dropout", {"rate": hidden.dropout, "seed": seed}, units))
    return chain.parts


def _learning_rate(experiment: Experiment) -> Any:
    training = experiment.training
    row = catalogue.row(catalogue.SCHEDULES, training.schedule)
    rate, steps = training.learning_rate, training.decay_steps
    module = "keras.optimizers.schedules"
    match row.keras:
        case "ExponentialDecay":
            return keras_object(
                module,
                row.keras,
                initial_learning_rate=rate,
                decay_steps=steps,
                decay_rate=training.decay_rate,
                staircase=row.name == "step",
            )
        case "CosineDecay":
            return keras_object(module, row.keras, initial_learning_rate=rate, decay_steps=steps)
        case "PolynomialDecay":
            return keras_object(
                module, row.keras, initial_learning_rate=0.0, decay_steps=steps, end_learning_rate=rate
            )
        case _:
            return rate


def _metrics(experiment: Experiment) -> list[Json]:
    """The accuracy, where Keras has the like: its own compares with labels of 0 and 1."""
    if experiment.problem != "classification":
        return []
    if experiment.units[-1] > 1:
        return [keras_object("keras.metrics", "CategoricalAccuracy", name="accuracy")]
    if experiment.output_activation == "sigmoid":
        return [keras_object("keras.metrics", "BinaryAccuracy", name="accuracy", threshold=0.5)]
    return []


def compiling(experiment: Experiment) -> Json:
    """What `compile` is called with."""
    training = experiment.training
    name, arguments = catalogue.row(catalogue.OPTIMIZERS, training.optimizer).keras
    half = training.loss == "half_squared_error"
    return {
        "optimizer": keras_object(
            "keras.optimizers",
            name,
            learning_rate=_learning_rate(experiment),
            clipnorm=training.clip_norm or None,
            **training.settings,
            **arguments,
        ),
        "loss": "mean_squared_error" if half else training.loss,
        "loss_weights": [0.5] if half else None,
        "metrics": _metrics(experiment),
        "jit_compile": False,  # as the reference: it costs seconds a model
    }


def _input(units: int) -> Part:
    config = {"batch_shape": [None, units], "dtype": "float32"}
    return Part("input_layer", "InputLayer", config, units, name="input_layer")


def _linked(parts: list[Part]) -> list[Json]:
    """A functional model's layers: each takes what the one before gives."""
    described: list[Json] = [{**parts[0].described(), "name": parts[0].name, "inbound_nodes": []}]
    for before, part in pairwise(parts):
        tensor = {"shape": [None, before.units], "dtype": "float32", "keras_history": [before.name, 0, 0]}
        node: Json = {"args": [{"class_name": "__keras_tensor__", "config": tensor}], "kwargs": {}}
        described.append({**part.described(), "name": part.name, "inbound_nodes": [node]})
    return described


def config(experiment: Experiment) -> Json:
    """The whole of a `.keras` file's `config.json`: a Sequential model; a functional one if it has a sine."""
    inputs = experiment.units[0]
    parts = [_input(inputs), *layers(experiment)]
    if "sine" in experiment.activations:
        model: Json = {
            "module": "keras.src.models.functional",
            "class_name": "Functional",
            "config": {
                "name": "functional",
                "trainable": True,
                "layers": _linked(parts),
                "input_layers": [parts[0].name, 0, 0],
                "output_layers": [parts[-1].name, 0, 0],
            },
            "registered_name": "Functional",
            "build_config": {"input_shape": [None, inputs]},
        }
    else:
        model = {
            "module": "keras",
            "class_name": "Sequential",
            "config": {
                "name": "sequential",
                "trainable": True,
                "layers": [part.described() for part in parts],
                "build_input_shape": [None, inputs],
            },
            "registered_name": None,
            "build_config": {"input_shape": [None, inputs]},
        }
    return {**model, "compile_config": compiling(experiment)}
