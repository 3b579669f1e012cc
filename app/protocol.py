"""Commands up and events down. Pure: text in, models out, no socket inside.

Every command and every event is a frozen pydantic model; `docs/protocol.md` describes them in words.
"""

import json
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from models import catalogue, strict_json
from models.detail import FEWEST, STILL
from models.experiment import Experiment, explain
from models.table import NAME_LENGTH

MAX_SAFE_INTEGER = 2**53 - 1  # what JavaScript holds exactly
SHOWN_CHARACTERS = 60
MOST_PICTURES = catalogue.HIDDEN_LAYERS[1] * catalogue.NEURONS[1] + catalogue.MAX_CLASSES
MOST_AT_ONCE = 10_000  # epochs or batches that one command asks for

ErrorCode = Literal[
    "malformed", "unknown_command", "invalid", "illegal", "too_large", "too_fast", "busy", "internal"
]
Reason = Literal["lanes", "memory", "address"]  # why there is no lane for somebody


class ProtocolError(Exception):
    """A message that cannot be carried out; it becomes an `error` event. `id` is the command's."""

    def __init__(self, code: ErrorCode, message: str, expected: str, id: int | None = None) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
        self.expected = expected
        self.id = id

    def event(self) -> "ErrorEvent":
        return ErrorEvent(id=self.id, code=self.code, message=self.message, expected=self.expected)


def _experiment(value: Any) -> Experiment:
    if not isinstance(value, dict | Experiment):
        raise ProtocolError("invalid", f"experiment is {_shown(value)}", "experiment: an object")
    try:
        return Experiment.model_validate(value)
    except ValidationError as error:
        message, expected = explain(error)
        raise ProtocolError(
            "invalid", _shortened(f"experiment: {message}", 4), _shortened(expected, 8)
        ) from None


def _speed(name: str) -> str:
    if name not in catalogue.names(catalogue.SPEEDS):
        raise ValueError("no such speed")
    return name


def _panels(given: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    for name, asked in given.items():
        if name not in catalogue.names(catalogue.PANELS):
            raise ProtocolError(
                "invalid",
                f"open has {_shown(name)}",
                "open: panels of " + ", ".join(catalogue.names(catalogue.PANELS)),
            )
        try:
            catalogue.row(catalogue.PANELS, name).asked.model_validate(asked)
        except ValidationError as error:
            message, expected = explain(error)
            wrong = _shortened(f"open.{name}: {message}", 4)
            raise ProtocolError("invalid", wrong, _shortened(expected, 8)) from None
    return given


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


# The description of a member is what an error says was expected.
CommandId = Annotated[
    int, Field(ge=1, le=MAX_SAFE_INTEGER, description=f"an integer from 1 to {MAX_SAFE_INTEGER}")
]
WholeExperiment = Annotated[
    Experiment, BeforeValidator(_experiment), Field(description="an experiment, as an object")
]


class Open(_Message):
    """Opens a session, or takes up the one that the token names."""

    type: Literal["open"]
    id: CommandId
    experiment: WholeExperiment = Field(default_factory=Experiment)
    session: str | None = Field(
        default=None, max_length=64, description="the token of an earlier welcome, or null"
    )
    save: bool = Field(default=False, description="true or false")


class Set(_Message):
    """Replaces the experiment."""

    type: Literal["set"]
    id: CommandId
    experiment: WholeExperiment
    keep_weights: bool = Field(default=False, description="true or false")


class OneWeight(_Message):
    """Which weight or bias, and what it becomes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"layer": 1, "source": 0, "unit": 2, "value": 0.5}]}
    )

    layer: int = Field(ge=1, le=1 + catalogue.HIDDEN_LAYERS[1], description="the layer, from 1")
    source: int | None = Field(
        ge=0, le=MAX_SAFE_INTEGER, description="the neuron or input before it, from 0; null for the bias"
    )
    unit: int = Field(ge=0, le=MAX_SAFE_INTEGER, description="the neuron of the layer, from 0")
    value: float = Field(
        ge=catalogue.WEIGHT[0],
        le=catalogue.WEIGHT[1],
        description=f"a number from {catalogue.WEIGHT[0]:g} to {catalogue.WEIGHT[1]:g}",
    )


class Weight(OneWeight):
    """Changes one weight, or one bias, at once."""

    type: Literal["weight"]
    id: CommandId


class Collapse(_Message):
    """Replaces linear layers by the single one that computes the same."""

    type: Literal["collapse"]
    id: CommandId


def _condition(limits: tuple[float, float], kind: str) -> Any:
    return Field(
        default=None,
        ge=limits[0],
        le=limits[1],
        description=f"{kind} from {limits[0]:g} to {limits[1]:g}, or null",
    )


class Conditions(_Message):
    """When a playing lane pauses by itself; null: not for that reason."""

    epochs: int | None = _condition(catalogue.STOP_EPOCHS, "an integer")
    test_loss: float | None = _condition(catalogue.STOP_LOSS, "a number")
    test_accuracy: float | None = _condition(catalogue.STOP_ACCURACY, "a number")
    patience: int | None = _condition(catalogue.PATIENCE, "an integer")


class Stop(Conditions):
    """Replaces the conditions at which a playing lane pauses by itself."""

    type: Literal["stop"]
    id: CommandId


class Play(_Message):
    """Trains until `pause`."""

    type: Literal["play"]
    id: CommandId


class Pause(_Message):
    """Stops after the current step."""

    type: Literal["pause"]
    id: CommandId


class Amount(_Message):
    """How much to train; `epoch` goes to the end of the current epoch."""

    unit: Literal["epoch", "batch"] = Field(description='"epoch" or "batch"')
    count: int = Field(default=1, ge=1, le=MOST_AT_ONCE, description=f"an integer from 1 to {MOST_AT_ONCE}")


class Step(Amount):
    """Trains that much, then pauses."""

    type: Literal["step"]
    id: CommandId


class Rewind(_Message):
    """Back to the same first weights."""

    type: Literal["rewind"]
    id: CommandId


class Speed(_Message):
    """How fast `play` goes."""

    type: Literal["speed"]
    id: CommandId
    speed: Annotated[str, AfterValidator(_speed)] = Field(
        description="one of " + ", ".join(catalogue.names(catalogue.SPEEDS))
    )


class Hold(_Message):
    """Where pictures hold a column that they do not show."""

    type: Literal["hold"]
    id: CommandId
    column: str = Field(min_length=1, max_length=NAME_LENGTH, description="a column's name")
    value: float = Field(description="a number in the column's own units")


def _cells(most: int) -> Any:
    return Field(
        default=most, ge=FEWEST, le=most, description=f"an integer from {FEWEST} to {most}, cells a side"
    )


class Panels(_Message):
    """Which panels of the page are open; frames say what those show, and nothing for any other."""

    type: Literal["panels"]
    id: CommandId
    open: Annotated[dict[str, dict[str, Any]], AfterValidator(_panels)] = Field(
        description="an object of what is asked by the name of the panel, of "
        + ", ".join(catalogue.names(catalogue.PANELS))
    )


class View(_Message):
    """What the page can show: nothing while it is hidden, else so many cells of these pictures."""

    type: Literal["view"]
    id: CommandId
    visible: bool = Field(default=True, description="true or false")
    boundary: int = _cells(STILL.boundary)
    neurons: int = _cells(STILL.neurons)
    pictures: list[Annotated[int, Field(ge=0, lt=MOST_PICTURES)]] | None = Field(
        default=None,
        max_length=MOST_PICTURES,
        description=f"numbers from 0 to {MOST_PICTURES - 1} of neurons' pictures, or null for all",
    )


class Ack(_Message):
    """The frame `seq` was shown."""

    type: Literal["ack"]
    seq: int = Field(ge=0, le=MAX_SAFE_INTEGER, description=f"an integer from 0 to {MAX_SAFE_INTEGER}")


LaneCommand = Set | Weight | Collapse | Stop | Play | Pause | Step | Rewind | Speed | Hold | Panels | View
Command = Open | LaneCommand | Ack


def _by_type() -> dict[str, type[Command]]:
    models: tuple[type[Command], ...] = get_args(Command)
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in models}


COMMANDS: dict[str, type[Command]] = _by_type()


class Welcome(_Message):
    """The session is open."""

    type: Literal["welcome"] = "welcome"
    id: int
    session: str
    resumed: bool
    device: str
    version: str


class Waiting(_Message):
    """There is no lane yet; `place` is the one in the queue, from 1. The welcome comes by itself."""

    type: Literal["waiting"] = "waiting"
    id: int
    place: int
    reason: Reason
    message: str


class Refused(_Message):
    """There is no place, not even to wait; the connection is closed. `retry_after` is in seconds."""

    type: Literal["refused"] = "refused"
    reason: Literal["queue", "connections"]
    retry_after: int
    message: str


class StatusEvent(_Message):
    """What the engine is doing; `progress` is 0 to 1."""

    type: Literal["status"] = "status"
    state: Literal["warming", "ready", "restarting"]
    message: str
    progress: float
    device: str


class ErrorEvent(_Message):
    """Nothing was changed, and why."""

    type: Literal["error"] = "error"
    id: int | None
    code: ErrorCode
    message: str
    expected: str


class Notice(_Message):
    """Something that the learner should know."""

    type: Literal["notice"] = "notice"
    code: Literal["host_restarted", "run_lost", "taken_over", "server_stopping"]
    message: str


Event = Welcome | Waiting | Refused | StatusEvent | ErrorEvent | Notice


def encode(event: Event) -> str:
    """An event as JSON text, ASCII only, so that whatever a message quotes can be sent."""
    return json.dumps(event.model_dump(mode="python"), separators=(",", ":"), allow_nan=False)


def decode(message: str | bytes) -> Command:
    """The command that a WebSocket message holds; ProtocolError if it holds none."""
    if isinstance(message, bytes):
        raise ProtocolError("malformed", "the message is binary", "JSON text: an object with type and id")
    try:
        return _command(_object(message))
    except RecursionError:
        raise ProtocolError(
            "malformed", "the message is nested too deeply", "an object with type and id"
        ) from None


def _object(text: str) -> dict[str, Any]:
    """JSON as the standard has it: no NaN, no Infinity, no number beyond the range of a double."""
    try:
        value: object = strict_json.parse(text)
    except ValueError as error:
        raise ProtocolError(
            "malformed", f"the message is not JSON: {error}", "an object with type and id"
        ) from None
    if not isinstance(value, dict):
        raise ProtocolError("malformed", f"the message is {_shown(value)}", "an object with type and id")
    return cast(dict[str, Any], value)


def _command(given: dict[str, Any]) -> Command:
    name = given.get("type")
    model = COMMANDS.get(name) if isinstance(name, str) else None
    if model is None:
        known = "one of " + ", ".join(COMMANDS)
        wrong = f"type is {_shown(name)}" if "type" in given else "the member type is missing"
        raise ProtocolError("unknown_command", wrong, f"type: {known}", _id_of(given))
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _invalid(error, model, _id_of(given)) from None
    except ProtocolError as error:
        raise ProtocolError(error.code, error.message, error.expected, _id_of(given)) from None


def _id_of(given: dict[str, Any]) -> int | None:
    value = given.get("id")
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_SAFE_INTEGER:
        return value
    return None


def _invalid(error: ValidationError, model: type[Command], id: int | None) -> ProtocolError:
    first = error.errors(include_url=False, include_context=False)[0]
    member = _shortened(str(first["loc"][0]))
    field = model.model_fields.get(member)
    if first["type"] == "missing":
        message = f"the member {member} is missing"
    elif first["type"] == "extra_forbidden":
        message = f"there is no member {member}"
    else:
        message = f"{member} is {_shown(first['input'])}"
    if field is not None and field.description:
        expected = f"{member}: {field.description}"
    else:
        expected = "no members but " + ", ".join(model.model_fields)
    return ProtocolError("invalid", message, expected, id)


def _shown(value: object) -> str:
    if isinstance(value, str):
        return _shortened(json.dumps(value))
    if value is None or isinstance(value, bool | int | float):
        return _shortened(json.dumps(value))
    return "an array" if isinstance(value, list) else "an object"


def _shortened(text: str, times: int = 1) -> str:
    most = times * SHOWN_CHARACTERS
    return text if len(text) <= most else text[: most - 1] + "…"
