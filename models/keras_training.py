"""What a Keras model says of its training, in the words of an experiment: penalties, loss, optimizer."""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from models import catalogue
from models.keras_layers import Block, snake

Json = Mapping[str, Any]

LOSSES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "sparse_categorical_crossentropy": "categorical_crossentropy",
    **{row.name: row.name for row in catalogue.LOSSES},
}


def network(blocks: list[Block]) -> dict[str, Any]:
    """The start of weights and biases, where all layers have the same."""
    found: dict[str, Any] = {}
    started = {_initializer(block.config.get("kernel_initializer")) for block in blocks}
    if len(started) == 1 and (name := started.pop()) is not None:
        found["initializer"] = name
    biases = {_constant(block.config.get("bias_initializer")) for block in blocks}
    if len(biases) == 1 and (bias := biases.pop()) is not None:
        found["bias"] = bias
    return found


def training(blocks: list[Block], compiled: Any, notes: list[str]) -> dict[str, Any]:
    """Members of `Training`, as far as they are known here; `notes` gets what is not."""
    found: dict[str, Any] = {
        "regularization": "none",
        "regularization_rate": 0.0,
        "max_norm": 0.0,
        **_penalty(blocks, notes),
    }
    if not isinstance(compiled, dict):
        return found
    given = cast(Json, compiled)
    if (loss := _loss(given)) is not None:
        found["loss"] = loss
    elif given.get("loss") is not None:
        notes.append("The file's loss is not known here; the usual one of the problem is used.")
    if (optimizer := _optimizer(given.get("optimizer"))) is not None:
        found |= optimizer
        found |= _rate(_config(given.get("optimizer")).get("learning_rate"), notes)
    elif given.get("optimizer") is not None:
        notes.append("The file's optimizer is not known here; the one in force goes on.")
    return found


def _penalty(blocks: list[Block], notes: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    penalties = {_l1_and_l2(block.config.get("kernel_regularizer")) for block in blocks}
    fitting = [
        (row.name, max(l1, l2))
        for l1, l2 in [penalty for penalty in penalties if penalty is not None]
        for row in catalogue.REGULARIZATIONS
        if (bool(row.l1), bool(row.l2)) == (l1 > 0, l2 > 0) and (not (l1 and l2) or l1 == l2)
    ]
    if len(penalties) == 1 and fitting and fitting[0][1] <= catalogue.REGULARIZATION_RATE[1]:
        found["regularization"], found["regularization_rate"] = fitting[0]
    elif penalties:
        notes.append("The file's regularizers are not taken over: here all layers share one.")
    norms = {_max_norm(block.config.get("kernel_constraint")) for block in blocks}
    if len(norms) == 1 and (norm := norms.pop()) is not None and norm <= catalogue.MAX_NORM[1]:
        found["max_norm"] = norm
    else:
        notes.append("The file's constraints are not taken over: here all layers share one MaxNorm.")
    others = ("bias_regularizer", "activity_regularizer", "bias_constraint")
    if any(block.config.get(name) is not None for block in blocks for name in others):
        notes.append("Regularizers and constraints of biases and of activities are not taken over.")
    return found


def _config(value: Any) -> Json:
    match value:
        case {"config": dict()}:
            return cast(Json, value["config"])
        case _:
            return {}


def _class(value: Any) -> str:
    match value:
        case str(name) | {"class_name": str(name)}:
            return name
        case _:
            return ""


def _number(value: Any, limits: tuple[float, float]) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if limits[0] <= value <= limits[1] else None


def _initializer(value: Any) -> str | None:
    kind, config = _class(value), _config(value)
    for row in catalogue.INITIALIZERS:
        name, arguments = row.keras
        if kind in (name, snake(name)) and all(config.get(key) == arguments[key] for key in arguments):
            return row.name
    return None


def _constant(value: Any) -> float | None:
    kind = _class(value).lower()
    if kind in ("zeros", "ones", ""):
        return 1.0 if kind == "ones" else 0.0
    return _number(_config(value).get("value"), catalogue.BIAS) if kind == "constant" else None


def _l1_and_l2(value: Any) -> tuple[float, float] | None:
    if value is None:
        return 0.0, 0.0
    config = _config(value)
    most = (0.0, float("inf"))
    rates = [_number(config.get(name, 0.0), most) for name in ("l1", "l2")]
    if _class(value) not in ("L1", "L2", "L1L2") or rates[0] is None or rates[1] is None:
        return None
    return _rounded(rates[0]), _rounded(rates[1])


def _max_norm(value: Any) -> float | None:
    if value is None:
        return 0.0
    config = _config(value)
    if _class(value) != "MaxNorm" or config.get("axis", 0) not in (0, [0]):
        return None
    return _number(config.get("max_value"), (1e-6, float("inf")))


def _loss(compiled: Json) -> str | None:
    given = compiled.get("loss")
    name = LOSSES.get(_class(given)) or LOSSES.get(snake(_class(given)))
    if _class(given) == "function" and isinstance(cast(Json, given).get("config"), str):
        name = LOSSES.get(cast(Json, given)["config"])
    config = _config(given)
    if config.get("from_logits") or config.get("label_smoothing") or config.get("delta", 1.0) != 1.0:
        return None
    if name == "mean_squared_error" and compiled.get("loss_weights") in ([0.5], 0.5):
        return "half_squared_error"
    return name


def _optimizer(given: Any) -> dict[str, Any] | None:
    """Its name, its own numbers and its clipping; None if it is none of the catalogue's."""
    kind, config = _class(given), _config(given)
    momentum = config.get("momentum", 0.0)
    for row in catalogue.OPTIMIZERS:
        name, arguments = row.keras
        if kind not in (name, name.lower()) or any(config.get(k) != v for k, v in arguments.items()):
            continue
        if name == "SGD" and ("momentum" in row.settings) != bool(momentum):
            continue
        if name == "SGD" and bool(config.get("nesterov") and momentum) != bool(arguments):
            continue
        found: dict[str, Any] = {"optimizer": row.name, "clip_norm": 0.0}
        for setting in catalogue.OPTIMIZER_SETTINGS:
            if setting.name in row.settings:
                number = _number(config.get(setting.name), setting.limits)
                found[setting.name] = None if number == row.settings[setting.name] else number
        if (clip := _number(config.get("clipnorm"), catalogue.CLIP_NORM)) is not None:
            found["clip_norm"] = clip
        return found
    return None


def _rate(given: Any, notes: list[str]) -> dict[str, Any]:
    """The learning rate, or the schedule with its numbers."""
    found: dict[str, Any] = {"schedule": "constant"}
    kind, config = _class(given), _config(given)
    rate: Any = given
    if isinstance(given, dict):
        schedules = [row for row in catalogue.SCHEDULES if row.keras == kind != ""]
        staircase = bool(config.get("staircase"))
        schedules = [row for row in schedules if bool(row.arguments) == staircase] if schedules else []
        is_warm_up = kind == "PolynomialDecay"
        rate = config.get("end_learning_rate" if is_warm_up else "initial_learning_rate")
        plain = config.get("alpha", 0.0) == 0.0 and not config.get("warmup_steps")
        plain = plain and (not is_warm_up or config.get("initial_learning_rate") == 0.0)
        plain = plain and config.get("power", 1.0) == 1.0 and not config.get("cycle")
        steps = _number(config.get("decay_steps"), catalogue.DECAY_STEPS)
        if schedules and plain and steps is not None:
            found |= {"schedule": schedules[0].name, "decay_steps": int(steps)}
            if (decay := _number(config.get("decay_rate"), catalogue.DECAY_RATE)) is not None:
                found["decay_rate"] = decay
        else:
            notes.append("The file's learning rate schedule is not known here; the rate stays constant.")
    if (number := _number(rate, catalogue.LEARNING_RATE)) is not None:
        found["learning_rate"] = _rounded(number)
    else:
        notes.append("The file's learning rate is not possible here; the one in force goes on.")
    return found


def _rounded(number: float) -> float:
    """Keras keeps some numbers in float32: what was 0.03 comes as 0.029999999329447746."""
    return float(str(np.float32(number))) if number == np.float32(number) else number
