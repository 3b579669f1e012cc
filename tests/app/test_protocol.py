"""What goes up is a command or a clear error; what goes down is JSON."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.protocol import (
    COMMANDS,
    Ack,
    Command,
    ErrorCode,
    ErrorEvent,
    Event,
    Notice,
    Open,
    Play,
    ProtocolError,
    Set,
    StatusEvent,
    Step,
    Welcome,
    decode,
    encode,
)
from models import catalogue
from models.experiment import Experiment

WEIGHT = {"type": "weight", "id": 1, "layer": 1, "source": None, "unit": 0, "value": 0.5}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = st.sampled_from(["id", "experiment", "session", "unit", "count", "speed", "seq", "other"])
TYPES = st.sampled_from(sorted(COMMANDS)) | JSON


def _with_type(members: dict[str, Any], type: Any) -> dict[str, Any]:
    return {**members, "type": type}


NEARLY_COMMANDS = st.builds(_with_type, st.dictionaries(MEMBERS, JSON | st.integers(1, 9), max_size=4), TYPES)


def decoded(message: str | bytes) -> Command | None:
    """The command, or None after an error that says what was wrong and what was expected."""
    try:
        command = decode(message)
    except ProtocolError as error:
        text = encode(error.event())
    else:
        assert isinstance(command, get_args(Command))
        return command
    event = json.loads(text)
    assert event["code"] in get_args(ErrorCode)
    assert event["message"]
    assert event["expected"]
    assert len(text) < 8000
    return None


@given(st.text() | st.binary())
def test_any_message_is_a_command_or_an_error(message: str | bytes) -> None:
    decoded(message)


@given(JSON | NEARLY_COMMANDS)
def test_any_json_is_a_command_or_an_error(value: Any) -> None:
    decoded(json.dumps(value))


def refusal(message: str | bytes | dict[str, Any]) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        decode(json.dumps(message) if isinstance(message, dict) else message)
    return caught.value


@pytest.mark.parametrize(
    "message",
    [
        "",
        "play",
        "[]",
        '"play"',
        "null",
        b'{"type": "play", "id": 1}',
        '{"type": "ack", "seq": NaN}',
        '{"type": "weight", "id": 1, "layer": 1, "source": null, "unit": 0, "value": NaN}',
        '{"type": "stop", "id": 1, "test_loss": -Infinity}',
        '{"type": "ack", "seq": Infinity}',
        '{"type": "ack", "seq": 1e400}',
        '{"type": "ack", "seq": ' + "9" * 5000 + "}",
        "[" * 50_000,
        '{"type": "play", "id": ' + '{"a": ' * 20_000,
    ],
)
def test_what_is_no_json_object_is_malformed(message: str | bytes) -> None:
    error = refusal(message)
    assert error.code == "malformed"
    assert "object" in error.expected


@pytest.mark.parametrize("type", ["fly", 3, None, [], {}, "", "Play"])
def test_an_unknown_type_is_answered_with_the_known_ones(type: Any) -> None:
    error = refusal({"type": type, "id": 7})
    assert (error.code, error.id) == ("unknown_command", 7)
    for name in COMMANDS:
        assert name in error.expected


@pytest.mark.parametrize(
    ("message", "wrong", "expected"),
    [
        ({"type": "play"}, "id is missing", "integer"),
        ({"type": "play", "id": 0}, "id is 0", "from 1"),
        ({"type": "play", "id": True}, "id is true", "integer"),
        ({"type": "play", "id": 1.5}, "id is 1.5", "integer"),
        ({"type": "play", "id": "1"}, 'id is "1"', "integer"),
        ({"type": "play", "id": 2**60}, "id is", "9007199254740991"),
        ({"type": "play", "id": 1, "fast": True}, "fast", "type, id"),
        ({"type": "step", "id": 1, "unit": "day"}, '"day"', "epoch"),
        ({"type": "step", "id": 1, "unit": "epoch", "count": 0}, "count is 0", "1 to 10000"),
        ({"type": "step", "id": 1, "unit": "epoch", "count": 10_001}, "count", "1 to 10000"),
        ({"type": "speed", "id": 1, "speed": "warp"}, '"warp"', catalogue.DEFAULT_SPEED),
        ({"type": "set", "id": 1}, "experiment is missing", "object"),
        ({"type": "set", "id": 1, "experiment": []}, "experiment is an array", "object"),
        ({"type": "set", "id": 1, "experiment": {"data": {"name": "moon"}}}, "data.name", "circle"),
        ({"type": "set", "id": 1, "experiment": {"training": {"batch_size": 0}}}, "batch_size", "1"),
        ({"type": "set", "id": 1, "experiment": {}, "keep_weights": 1}, "keep_weights is 1", "true or false"),
        ({**WEIGHT, "layer": "1"}, 'layer is "1"', "from 1"),
        ({**WEIGHT, "layer": 0}, "layer is 0", "from 1"),
        ({**WEIGHT, "source": -1}, "source is -1", "null for the bias"),
        ({**WEIGHT, "unit": None}, "unit is null", "from 0"),
        ({**WEIGHT, "value": -1000.5}, "value is -1000.5", "from -1000 to 1000"),
        ({**WEIGHT, "value": "1"}, 'value is "1"', "a number"),
        ({**WEIGHT, "epoch": 1}, "no member epoch", "layer, source, unit, value"),
        ({"type": "collapse", "id": 1, "layer": 1}, "no member layer", "type, id"),
        ({"type": "weight", "id": 1, "layer": 1, "unit": 0, "value": 0}, "source is missing", "null for"),
        ({"type": "stop", "id": 1, "epochs": -5}, "epochs is -5", "an integer from 1"),
        ({"type": "stop", "id": 1, "epochs": 2.5}, "epochs is 2.5", "or null"),
        ({"type": "stop", "id": 1, "test_accuracy": 99}, "test_accuracy is 99", "from 0 to 1"),
        ({"type": "stop", "id": 1, "patience": True}, "patience is true", "an integer"),
        ({"type": "stop", "id": 1, "loss": 0.1}, "no member loss", "epochs, test_loss"),
        ({"type": "open", "id": 1, "session": 5}, "session is 5", "token"),
        ({"type": "open", "id": 1, "session": "x" * 65}, "session", "token"),
        ({"type": "ack", "seq": -1}, "seq is -1", "from 0"),
        ({"type": "ack", "seq": 1, "id": 1}, "id", "type, seq"),
    ],
)
def test_a_wrong_member_is_named_and_explained(message: dict[str, Any], wrong: str, expected: str) -> None:
    error = refusal(message)
    assert error.code == "invalid"
    assert wrong in error.message
    assert expected in error.expected


def test_an_error_carries_the_id_of_its_command() -> None:
    assert refusal({"type": "step", "id": 12, "unit": "day"}).id == 12
    assert refusal({"type": "set", "id": 13, "experiment": {"seed": -1}}).id == 13
    assert refusal({"type": "step", "id": -12, "unit": "day"}).id is None


def test_long_input_is_quoted_briefly() -> None:
    error = refusal({"type": "set", "id": 1, "experiment": {"x" * 50_000: 1}})
    assert len(error.message) < 500
    assert len(refusal({"type": "y" * 50_000}).message) < 500


def test_commands() -> None:
    assert decode('{"type": "play", "id": 3}') == Play(type="play", id=3)
    assert decode('{"type": "step", "id": 3, "unit": "batch"}') == Step(
        type="step", id=3, unit="batch", count=1
    )
    assert decode('{"type": "ack", "seq": 0}') == Ack(type="ack", seq=0)
    assert decode('{"type": "open", "id": 1}') == Open(type="open", id=1, experiment=Experiment())
    experiment = Experiment.model_validate({"seed": 5, "features": ["x1"]})
    text = json.dumps({"type": "set", "id": 2, "experiment": experiment.model_dump(mode="json")})
    assert decode(text) == Set(type="set", id=2, experiment=experiment)


def test_commands_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        decode('{"type": "play", "id": 3}').__setattr__("type", "pause")


@pytest.mark.parametrize(
    "event",
    [
        Welcome(id=1, session="token", resumed=False, device="CPU", version="1"),
        StatusEvent(state="warming", message="compiling", progress=0.5, device=""),
        ErrorEvent(id=None, code="malformed", message="\ud800 “quoted”", expected="…"),
        Notice(code="host_restarted", message="again"),
    ],
)
def test_events_are_ascii_json_and_come_back(event: Event) -> None:
    text = encode(event)
    assert text.isascii()
    assert json.loads(text) == event.model_dump()


def test_the_documentation_has_every_command_and_every_code() -> None:
    text = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
    for name in (*COMMANDS, *get_args(ErrorCode), *get_args(Notice.model_fields["code"].annotation)):
        assert re.search(f'[`"]{name}[`"]', text), name
