"""The experiment's other spelling: flat names and short texts, as in the URL and the command line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, urlencode

from models import catalogue
from models.experiment import Experiment

Kind = Literal[
    "number",
    "integer",
    "optional",
    "optional_integer",
    "switch",
    "text",
    "texts",
    "name",
    "names",
    "neurons",
    "activations",
    "layers",
]


@dataclass(frozen=True)
class Field:
    """One member of an experiment: its flat name, its path in the JSON, how its text is read, its help."""

    name: str
    path: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()

    def public(self) -> dict[str, Any]:
        return {"name": self.name, "path": self.path, "kind": self.kind, "choices": list(self.choices)}


# What says which data they are, beside their name.
WHICH = ("inputs", "table", "target", "labels", "drawn")
SWITCH = ("true", "false")


def _range(limits: tuple[float, float]) -> str:
    return f"{limits[0]:g} to {limits[1]:g}"


FIELDS: tuple[Field, ...] = (
    Field("data", "data.name", "name", "data set", catalogue.names(catalogue.DATA_SETS)),
    Field(
        "points",
        "data.points",
        "optional_integer",
        f"how many points, {_range(catalogue.POINTS)}; empty: the set's own number",
    ),
    Field(
        "classes",
        "data.classes",
        "integer",
        f"how many classes, where the set has a choice, {_range(catalogue.CLASSES)}",
    ),
    Field("noise", "data.noise", "number", f"noise as a fraction, {_range(catalogue.NOISE)}"),
    Field(
        "train_share",
        "data.train_share",
        "number",
        f"share of the points to train on, {_range(catalogue.TRAIN_SHARE)}; at 1 there is no test set",
    ),
    Field("data_seed", "data.seed", "integer", "seed of the data"),
    Field("inputs", "data.inputs", "texts", "columns of a table to use, with commas; empty: the usual ones"),
    Field(
        "standardize",
        "data.standardize",
        "switch",
        "whether a table's columns get mean 0 and deviation 1: true or false",
        SWITCH,
    ),
    Field("target", "data.target", "text", "column of your own table to predict"),
    Field(
        "labels",
        "data.labels",
        "texts",
        "classes of the target in their order, with commas; empty: a number is predicted",
    ),
    Field("drawn", "data.drawn", "text", "points drawn by hand, as the page writes them"),
    Field("table", "data.table", "text", "the digest by which the server knows your own table"),
    Field("features", "features", "names", "inputs, with commas", catalogue.names(catalogue.FEATURES)),
    Field("hidden", "network.hidden", "neurons", "neurons of each hidden layer, with commas; empty for none"),
    Field(
        "activation",
        "network.hidden",
        "activations",
        "activation of the hidden layers: one for all, or one each with commas",
        catalogue.names(catalogue.ACTIVATIONS),
    ),
    Field(
        "output_activation",
        "network.output_activation",
        "name",
        "activation of the output",
        (catalogue.AUTO.name, *catalogue.OUTPUT_ACTIVATION_NAMES),
    ),
    Field(
        "initializer",
        "network.initializer",
        "name",
        "where the weights start",
        catalogue.names(catalogue.INITIALIZERS),
    ),
    Field("bias", "network.bias", "number", "where the biases start"),
    Field("loss", "training.loss", "name", "loss", catalogue.names(catalogue.LOSSES)),
    Field("optimizer", "training.optimizer", "name", "optimizer", catalogue.names(catalogue.OPTIMIZERS)),
    Field(
        "learning_rate",
        "training.learning_rate",
        "number",
        f"learning rate, {_range(catalogue.LEARNING_RATE)}",
    ),
    Field(
        "regularization",
        "training.regularization",
        "name",
        "penalty on the kernels",
        catalogue.names(catalogue.REGULARIZATIONS),
    ),
    Field(
        "regularization_rate",
        "training.regularization_rate",
        "number",
        f"how much the penalty counts, {_range(catalogue.REGULARIZATION_RATE)}",
    ),
    Field("batch_size", "training.batch_size", "integer", f"points a step, {_range(catalogue.BATCH_SIZE)}"),
    *(
        Field(
            setting.name,
            f"training.{setting.name}",
            "optional",
            f"{setting.label} of the optimizers that have it, {_range(setting.limits)}; empty: Keras's",
        )
        for setting in catalogue.OPTIMIZER_SETTINGS
    ),
    Field(
        "schedule",
        "training.schedule",
        "name",
        "how the learning rate changes",
        catalogue.names(catalogue.SCHEDULES),
    ),
    Field(
        "decay_steps",
        "training.decay_steps",
        "integer",
        f"optimizer steps of the schedule, {_range(catalogue.DECAY_STEPS)}",
    ),
    Field(
        "decay_rate",
        "training.decay_rate",
        "number",
        f"what is left of the learning rate after so many steps, {_range(catalogue.DECAY_RATE)}",
    ),
    Field(
        "clip_norm",
        "training.clip_norm",
        "number",
        f"longest gradient of a kernel or bias, {_range(catalogue.CLIP_NORM)}; 0 for any",
    ),
    Field(
        "max_norm",
        "training.max_norm",
        "number",
        f"longest kernel of a neuron, {_range(catalogue.MAX_NORM)}; 0 for any",
    ),
    Field(
        "dropout", "network.hidden", "layers", "dropout rate of the hidden layers: one for all, or one each"
    ),
    Field(
        "batch_normalization",
        "network.hidden",
        "layers",
        "true or false for the hidden layers: one for all, or one each",
        SWITCH,
    ),
    Field("seed", "seed", "integer", "seed of first weights and batches"),
)


def _get(tree: Mapping[str, Any], path: str) -> Any:
    value: Any = tree
    for part in path.split("."):
        value = value[part]
    return value


def _put(tree: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        tree = tree.setdefault(part, {})
    tree[last] = value


def text_of(field: Field, tree: Mapping[str, Any]) -> str:
    """The field's text, from an experiment's JSON."""
    value = _get(tree, field.path)
    match field.kind:
        case "names":
            return ",".join(value)
        case "texts":
            return text_of_texts(value)
        case "neurons":
            return ",".join(str(layer["neurons"]) for layer in value)
        case "activations":
            return _shared([layer["activation"] for layer in value])
        case "layers":
            return _shared([_short(layer[field.name]) for layer in value])
        case _:
            return _short(value)


def text_of_texts(items: Iterable[str]) -> str:
    """One text of several, which `texts_of` reads back."""
    return ",".join(item.replace("\\", "\\\\").replace(",", "\\,") for item in items)


def _short(value: Any) -> str:
    """The shortest text that reads back the same; none for None."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _shared(texts: list[str]) -> str:
    """One text if the layers share it, else each layer's."""
    return texts[0] if len(set(texts)) == 1 else ",".join(texts)


def flat(experiment: Experiment) -> dict[str, str]:
    """Every field's text."""
    tree = experiment.model_dump(mode="json")
    return {field.name: text_of(field, tree) for field in FIELDS}


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def texts_of(text: str) -> list[str]:
    """Items with commas between; a backslash before a comma or a backslash makes it part of an item."""
    items, escaped = [""], False
    for character in text:
        if escaped or character not in "\\,":
            items[-1] += character
            escaped = False
        elif character == ",":
            items.append("")
        else:
            escaped = True
    return [item.strip() for item in items] if text else []


def _number(field: Field, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{field.name}: {text!r} is no number; expected {field.help}") from None


def _integer(field: Field, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{field.name}: {text!r} is no whole number; expected {field.help}") from None


def _each(field: Field, texts: Mapping[str, str], layers: int, default: str) -> list[str]:
    """The field's text of each hidden layer."""
    used = _items(texts.get(field.name, default)) or [default]
    if len(used) == 1:
        used *= layers
    if layers and len(used) != layers:
        raise ValueError(
            f"{field.name}: {len(used)} given for {layers} hidden layers; expected one for all or one each"
        )
    return used[:layers]


def _switch(field: Field, text: str) -> bool:
    if text not in field.choices:
        raise ValueError(f"{field.name}: {text!r} will not do; expected {' or '.join(field.choices)}")
    return text == "true"


def _hidden(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    fields = {field.name: field for field in FIELDS}
    hidden, drop, normal = (fields[name] for name in ("hidden", "dropout", "batch_normalization"))
    neurons = [_integer(hidden, item) for item in _items(texts.get("hidden", flat(Experiment())["hidden"]))]
    layers = len(neurons)
    used = _each(fields["activation"], texts, layers, "tanh")
    dropout = [_number(drop, text) for text in _each(drop, texts, layers, "0")]
    switches = [_switch(normal, text) for text in _each(normal, texts, layers, "false")]
    return [
        {"neurons": n, "activation": a, "dropout": d, "batch_normalization": b}
        for n, a, d, b in zip(neurons, used, dropout, switches, strict=True)
    ]


def parse(texts: Mapping[str, str]) -> Experiment:
    """The experiment of these texts; what is missing has its default.

    Raises ValueError (pydantic's ValidationError is one) for unknown names and values that will not do.
    """
    known = {field.name: field for field in FIELDS}
    tree: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in known:
            raise ValueError(f"{name}: no such setting; expected one of {', '.join(known)}")
        field = known[name]
        match field.kind:
            case "number":
                _put(tree, field.path, _number(field, text))
            case "integer":
                _put(tree, field.path, _integer(field, text))
            case "name" | "text":
                _put(tree, field.path, text)
            case "texts":
                _put(tree, field.path, texts_of(text))
            case "switch":
                _put(tree, field.path, _switch(field, text))
            case "names":
                _put(tree, field.path, _items(text))
            case "optional_integer":
                _put(tree, field.path, _integer(field, text) if text else None)
            case "optional":
                _put(tree, field.path, _number(field, text) if text else None)
            case "neurons" | "activations" | "layers":
                _put(tree, field.path, _hidden(texts))
    tree.setdefault("data", {}).setdefault("name", Experiment().data.name)
    return Experiment.model_validate(tree)


def to_query(experiment: Experiment) -> str:
    """The URL spelling: what differs from the default, in the order of `FIELDS`."""
    usual = Experiment()
    data = experiment.data
    same_columns = {member: getattr(data, member) for member in WHICH}
    same_data = Experiment.model_validate({"data": {"name": data.name, **same_columns}})
    plain = flat(usual)
    always = {name: plain[name] for name in ("data", *WHICH)}
    defaults = {**flat(same_data), **always}
    texts = {name: text for name, text in flat(experiment).items() if text != defaults[name]}
    if not experiment.network.hidden:
        for name in ("activation", "dropout", "batch_normalization"):
            texts.pop(name, None)  # there is none to name
    return urlencode(texts, safe=",!*'()", quote_via=quote)  # as encodeURIComponent does


def from_query(query: str) -> Experiment:
    """The experiment of a URL's query; ValueError as `parse`."""
    return parse(dict(parse_qsl(query, keep_blank_values=True)))
