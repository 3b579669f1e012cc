"""Keras's description of a chain of layers, read as JSON alone, in the words of an experiment."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from models import catalogue
from models.file_error import FileError

Json = Mapping[str, Any]

SUPPORTED = "Dense, Dropout, BatchNormalization or Activation"
MOST_LAYERS = 64
EPSILON, MOMENTUM = 1e-3, 0.99  # of batch normalization, Keras's defaults, which lanes have

# What Keras calls an activation, beside its names here.
ALIASES = {
    "swish": "silu",
    "sin": "sine",
    "softmax": "softmax",
    **{row.name: row.name for row in catalogue.ACTIVATIONS},
}
# Layers that are nothing but an activation: its name, and the arguments with which it is that one.
ACTIVATION_LAYERS: dict[str, tuple[str, dict[str, float | None]]] = {
    "ReLU": ("relu", {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}),
    "LeakyReLU": ("leaky_relu", {"negative_slope": 0.2}),
    "ELU": ("elu", {"alpha": 1.0}),
    "Softmax": ("softmax", {"axis": -1}),
    "Sin": ("sine", {}),
}
DEFAULTS: dict[str, float | None] = {"negative_slope": 0.3, "alpha": 1.0, "axis": -1}  # Keras's, if not said
DEFAULTS_OF_RELU: dict[str, float | None] = {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}


@dataclass
class Normalization:
    """A BatchNormalization layer: where its weights are, and which of them it has."""

    name: str
    place: str
    center: bool
    scale: bool
    epsilon: float


@dataclass
class Block:
    """A Dense layer with what belongs to it: its activation, batch normalization and dropout."""

    name: str
    place: str
    number: int  # of the layer, from 1, as messages count
    units: int
    config: Json
    use_bias: bool
    activation: str = "linear"
    normalization: Normalization | None = None
    dropout: float = 0.0
    ended: bool = False  # nothing but the next Dense layer may follow


@dataclass
class Layers:
    """The network of a Keras model; `notes` say what of it is not taken over."""

    inputs: int
    blocks: list[Block] = field(default_factory=list[Block])
    notes: list[str] = field(default_factory=list[str])


def read(model: Json) -> Layers:
    """The layers of a Sequential model, or a functional one that is a chain; FileError, naming the layer."""
    kind, config = model.get("class_name"), _object(model.get("config"), "the model's config")
    if kind not in ("Sequential", "Functional", "Model"):
        raise FileError(f"the model is {_a(kind)}", "a Sequential model, or a Functional one that is a chain")
    layers = config.get("layers")
    if not isinstance(layers, list) or not layers:
        raise FileError("the model has no layers", f"layers of {SUPPORTED}")
    given = [_object(layer, f"layer {number}") for number, layer in enumerate(cast(list[Any], layers), 1)]
    if len(given) > MOST_LAYERS:
        raise FileError(f"the model has {len(given)} layers", f"at most {MOST_LAYERS}")
    if kind != "Sequential":
        _require_chain(config, given)
    return _Reader().read(config, given)


class _Reader:
    """Takes one layer after the other."""

    def __init__(self) -> None:
        self._result = Layers(0)
        self._places: dict[str, int] = {}

    def read(self, model: Json, layers: list[Json]) -> Layers:
        shape: Any = model.get("build_input_shape", model.get("batch_input_shape"))
        number = 0
        for layer in layers:
            kind, config = layer.get("class_name"), _object(layer.get("config"), f"layer {number + 1}")
            place = self._place(str(kind)) if isinstance(kind, str) else ""
            shape = config.get("batch_shape", config.get("batch_input_shape", shape))
            if kind == "InputLayer":
                if number:
                    raise FileError(f"layer {number + 1} is another input", "one input, first")
                continue
            number += 1
            if not isinstance(kind, str):
                raise FileError(f"layer {number} has no class", SUPPORTED)
            self._take(number, kind, str(config.get("name", place)), place, config)
        if not self._result.blocks:
            raise FileError("the model has no Dense layer", "one Dense layer at least")
        hidden = len(self._result.blocks) - 1
        if hidden > catalogue.HIDDEN_LAYERS[1]:
            raise FileError(
                f"the model has {hidden} hidden layers", f"at most {catalogue.HIDDEN_LAYERS[1]} hidden layers"
            )
        self._result.inputs = _inputs(shape)
        return self._result

    def _place(self, kind: str) -> str:
        """Where Keras keeps the weights of a layer of this class: dense, dense_1, ..."""
        name = snake(kind)
        count = self._places.get(name, 0)
        self._places[name] = count + 1
        return f"{name}_{count}" if count else name

    def _take(self, number: int, kind: str, name: str, place: str, config: Json) -> None:
        if kind == "Dense":
            self._dense(number, name, place, config)
        elif kind == "BatchNormalization":
            self._normalize(number, name, place, config)
        elif kind == "Dropout":
            self._drop(number, config)
        elif kind == "Activation":
            self._activate(number, activation(config.get("activation"), number))
        elif kind in ACTIVATION_LAYERS:
            self._activate(number, _activation_layer(number, kind, config))
        else:
            raise FileError(f"layer {number} is {_a(kind)}", SUPPORTED)

    def _dense(self, number: int, name: str, place: str, config: Json) -> None:
        low, high = catalogue.NEURONS
        units = config.get("units")
        if not isinstance(units, int) or isinstance(units, bool) or not low <= units <= high:
            raise FileError(f"layer {number} has {_shown(units)} units", f"{low} to {high}")
        name_of = activation(config.get("activation", "linear"), number)
        use_bias = config.get("use_bias", True) is not False
        self._result.blocks.append(Block(name, place, number, units, config, use_bias, name_of))

    def _block(self, number: int, what: str) -> Block:
        if not self._result.blocks:
            raise FileError(f"layer {number} is {what} of the inputs", "a Dense layer first")
        return self._result.blocks[-1]

    def _normalize(self, number: int, name: str, place: str, config: Json) -> None:
        block = self._block(number, "a BatchNormalization")
        if block.normalization or block.ended or block.activation != "linear":
            raise FileError(
                f"layer {number} is a BatchNormalization that follows an activation or dropout",
                "batch normalization between a Dense layer and its activation",
            )
        epsilon, momentum = config.get("epsilon", EPSILON), config.get("momentum", MOMENTUM)
        if not isinstance(epsilon, int | float) or not 0 <= epsilon <= 1:
            raise FileError(f"layer {number} has an epsilon of {_shown(epsilon)}", "0 to 1")
        if config.get("axis", -1) not in (-1, 1, [1], [-1]):
            raise FileError(f"layer {number} does not normalize its units", "axis -1")
        if momentum != MOMENTUM:
            self._result.notes.append(
                f"Layer {number}: batch normalization goes on with momentum {MOMENTUM:g}."
            )
        has = [config.get(part, True) is not False for part in ("center", "scale")]
        block.normalization = Normalization(name, place, has[0], has[1], float(epsilon))

    def _drop(self, number: int, config: Json) -> None:
        block = self._block(number, "a Dropout")
        low, high = catalogue.DROPOUT
        rate = config.get("rate")
        if not isinstance(rate, int | float) or isinstance(rate, bool) or not low <= rate <= high:
            raise FileError(f"layer {number} drops a share of {_shown(rate)}", f"{low:g} to {high:g}")
        if block.dropout:
            raise FileError(f"layer {number} is a second Dropout in a row", "one Dropout after a layer")
        block.dropout, block.ended = float(rate), True

    def _activate(self, number: int, name: str) -> None:
        block = self._block(number, "an activation")
        if name == "linear":
            return
        if block.activation != "linear" or block.ended:
            raise FileError(
                f"layer {number} is an activation that follows another one, or dropout",
                "one activation of every Dense layer, before its dropout",
            )
        block.activation = name


def activation(given: Any, number: int) -> str:
    """An activation by its name here. Of code that was saved along only the name is looked at."""
    match given:
        case None:
            return "linear"
        case str():
            name: Any = given
        case {"registered_name": str(registered)} if registered.endswith(">sine"):
            name = "sine"
        case {"class_name": "function", "config": str(function)}:
            name = function
        case {"class_name": str(kind)}:
            return _activation_layer(number, kind, _object(given.get("config"), f"layer {number}"))
        case _:
            name = given
    if not isinstance(name, str) or name not in ALIASES:
        known = ", ".join([*catalogue.names(catalogue.ACTIVATIONS), "softmax"])
        raise FileError(f"layer {number} has the activation {_shown(name)}", f"one of {known}")
    return ALIASES[name]


def _activation_layer(number: int, kind: str, config: Json) -> str:
    if kind not in ACTIVATION_LAYERS:
        raise FileError(f"layer {number} has {_a(kind)} as its activation", SUPPORTED)
    name, wanted = ACTIVATION_LAYERS[kind]
    defaults = DEFAULTS_OF_RELU if kind == "ReLU" else DEFAULTS
    for argument, value in wanted.items():
        given = config.get(argument, config.get("alpha", defaults.get(argument)))
        if kind == "ReLU" and value == 0.0 and given is None:
            continue
        if not _same(given, value):
            raise FileError(
                f"layer {number} is {_a(kind)} with {argument} {_shown(given)}", f"{argument} {_shown(value)}"
            )
    return name


def snake(name: str) -> str:
    """BatchNormalization as batch_normalization."""
    return "".join(f"_{c.lower()}" if c.isupper() and place else c.lower() for place, c in enumerate(name))


def _same(given: Any, value: float | None) -> bool:
    if given is None or value is None or not isinstance(given, int | float):
        return given is value
    return math.isclose(given, value, rel_tol=1e-6)


def _inputs(shape: Any) -> int:
    sizes: list[Any] = cast(list[Any], shape) if isinstance(shape, list) else []
    if len(sizes) != 2 or not isinstance(sizes[1], int) or isinstance(sizes[1], bool):
        raise FileError("the model does not say how many inputs it has", "an input of shape (n,)")
    if not 1 <= sizes[1] <= catalogue.MAX_INPUTS:
        raise FileError(f"the model has {sizes[1]} inputs", f"1 to {catalogue.MAX_INPUTS}")
    return sizes[1]


def _require_chain(model: Json, layers: list[Json]) -> None:
    """Every layer takes what the one before gives, once."""
    before: str | None = None
    for number, layer in enumerate(layers):
        config = _object(layer.get("config"), f"layer {number}")
        sources = list(_sources(layer.get("inbound_nodes"), 0))
        if sources != ([] if before is None else [before]):
            raise FileError(
                f"layer {number} is not fed by the layer before it alone",
                "a chain: every layer takes what the one before gives",
            )
        name = layer.get("name", config.get("name"))
        before = name if isinstance(name, str) else ""
    for end, layer in (("input_layers", layers[0]), ("output_layers", layers[-1])):
        named = list(_sources_of_ends(model.get(end)))
        if named != [layer.get("name", _object(layer.get("config"), end).get("name"))]:
            raise FileError(f"the model's {end} are not the ends of its chain", "one input and one output")


def _sources(nodes: Any, depth: int) -> Any:
    """The names of the layers whose outputs these nodes take, of Keras 3 or of Keras 2."""
    if depth > 12:
        return
    match nodes:
        case {"keras_history": [str(name), *_]}:
            yield name
        case [str(name), int(), int(), *_] if depth:  # of Keras 2
            yield name
        case dict():
            for part in cast(Json, nodes).values():
                yield from _sources(part, depth + 1)
        case list():
            for part in cast(list[Any], nodes):
                yield from _sources(part, depth + 1)
        case _:
            pass


def _sources_of_ends(ends: Any) -> Any:
    match ends:
        case [str(name), int(), int()]:
            yield name
        case list():
            for end in cast(list[Any], ends):
                if isinstance(end, list):
                    yield from _sources_of_ends(cast(list[Any], end))
        case _:
            pass


def _object(value: Any, what: str) -> Json:
    if not isinstance(value, dict):
        raise FileError(f"{what} is {_shown(value)}", "an object, as Keras writes it")
    return cast(Json, value)


def _a(kind: Any) -> str:
    """With its article: a Conv2D, an LSTM."""
    name = _shown(kind).strip("'")
    spoken = name[:1] in "FHLMNRSX" if name[:2].isupper() else name[:1] in "AEIOU"
    return f"{'an' if spoken else 'a'} {name}"


def _shown(value: Any) -> str:
    """What was given, short enough for a message."""
    text = "nothing" if value is None else "an object" if isinstance(value, dict | list) else repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
