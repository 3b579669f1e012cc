"""What is no run is refused with a clear message."""

import copy
import json
import sys
from contextlib import suppress
from functools import cache
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import frame, imports, weight_store
from models.desk import Desk, Refused
from models.experiment import Experiment
from models.file_error import FileError
from models.keras_file import LANE
from models.lane import Lane
from models.seating import Seating
from models.snapshot import measured, snapshot
from tests.models.broken_models import BROKEN, CONFIG, WEIGHTS, configured, sound, with_member
from tests.models.crowd import Ready
from tests.models.training import make


def test_the_sound_file_can_be_read() -> None:
    imported = imports.read(sound(), Experiment())
    assert imported.kind == "network"
    assert imported.experiment.units == (2, 3, 1)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named(name: str) -> None:
    file, said = BROKEN[name]
    with pytest.raises(FileError) as caught:
        imports.read(file(), Experiment())
    assert said in str(caught.value)
    assert len(str(caught.value)) < 500
    assert caught.value.message
    assert caught.value.expected


def read_or_refused(raw: bytes) -> None:
    """By a FileError, never by another exception."""
    with suppress(FileError):
        experiment = imports.read(raw, Experiment()).experiment
        assert Experiment.model_validate(experiment.model_dump()) == experiment


def test_another_process_reads_the_same_and_may_end(monkeypatch: pytest.MonkeyPatch) -> None:
    here = imports.read(sound(), Experiment())
    apart = imports.read(sound(), Experiment(), weight_store.read_apart)
    assert here.weights is not None
    assert apart.weights is not None
    for part in here.weights:
        for one, other in zip(here.weights[part], apart.weights[part], strict=True):
            np.testing.assert_array_equal(one, other)
    with pytest.raises(FileError, match="no HDF5 file"):
        imports.read(with_member(WEIGHTS, b"no"), Experiment(), weight_store.read_apart)
    monkeypatch.setattr(sys, "executable", "/bin/false")  # as if it had crashed
    with pytest.raises(FileError, match="weights cannot be read"):
        imports.read(sound(), Experiment(), weight_store.read_apart)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 70)
    | st.floats()
    | st.sampled_from(["Dense", "relu", "sigmoid", "L2", "config", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["class_name", "config", "name", "units", "layers"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all that is in there."""
    parts: Any = ()
    if isinstance(value, dict):
        parts = cast(dict[str, Any], value).items()
    elif isinstance(value, list):
        parts = enumerate(cast(list[Any], value))
    return [path, *(place for key, part in parts for place in places(part, (*path, key)))]


def config() -> Any:
    found: dict[str, Any] = {}
    configured(found.update)
    return found


ALL = places(config())[1:]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ALL), VALUES)
def test_any_change_of_a_config_is_read_or_refused(path: tuple[Any, ...], value: Any) -> None:
    def change(model: Any) -> None:
        for key in path[:-1]:
            model = model[key]
        model[path[-1]] = value

    read_or_refused(configured(change))


@settings(max_examples=100, deadline=None)
@given(VALUES | st.dictionaries(st.text(max_size=8), VALUES))
def test_any_json_is_read_or_refused(value: Any) -> None:
    text = json.dumps(value)
    for raw in (text.encode(), with_member(CONFIG, text.encode())):
        read_or_refused(raw)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(sound()) - 1), st.integers(0, 255), st.booleans())
def test_any_byte_may_be_another(place: int, byte: int, cut: bool) -> None:
    raw = bytearray(sound())
    raw[place] = byte
    read_or_refused(bytes(raw[:place] if cut else raw))


@cache
def lane_parts() -> tuple[dict[str, Any], dict[str, frame.Block]]:
    lane = Lane("a", make(hidden="3", batch_normalization="true"))
    lane.add_row(measured(lane))
    return frame.decode(lane.blob())


def carried_out(blob: bytes) -> None:
    """The host refuses it or goes on with it; nothing else may happen there."""
    with suppress(FileError, Refused):
        imported = imports.read(with_member(LANE, blob), Experiment())
        desk = Desk(Seating(Ready()))
        lane = desk.open("mine", {}, None)
        command = {"experiment": imported.experiment.model_dump(mode="json"), "blob": imported.blob}
        desk.carry_out(lane, {"type": "load", **command, "weights": None})
        snapshot(lane, 1, key=True, with_experiment=True)
        lane.blob()


@settings(max_examples=200, deadline=None)
@example(("panels",), 5)
@example(("stops",), "no")
@example(("goal",), [1])
@example(("speed",), {})
@given(st.sampled_from(places(lane_parts()[0])[1:]), VALUES.map(lambda v: json.loads(json.dumps(v))))
def test_any_change_of_a_saved_lane_harms_no_host(path: tuple[Any, ...], value: Any) -> None:
    header = copy.deepcopy(lane_parts()[0])
    inner: Any = header
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with suppress(ValueError):  # NaN, which no header holds
        carried_out(frame.encode({n: v for n, v in header.items() if n != "blocks"}, lane_parts()[1]))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(lane_parts()[1])), st.integers(0, 60), st.floats(width=32), st.booleans())
def test_any_numbers_of_a_saved_lane_harm_no_host(name: str, count: int, value: float, short: bool) -> None:
    blocks = dict(lane_parts()[1])
    size = count if short else blocks[name].size
    blocks[name] = np.full(size, value, np.float32)
    carried_out(frame.encode(lane_parts()[0], blocks))
