"""Any file that somebody opens is a run or refused by name, touches no other file, takes bounded memory."""

import io
import json
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models import imports, keras_file, weight_store
from models.archive import MOST_UNPACKED
from models.desk import Desk, Refused
from models.experiment import Experiment
from models.file_error import FileError
from models.lane import Lane
from models.saved_lane import SavedLane
from models.seating import Seating
from models.snapshot import measured, snapshot
from tests.models.broken_models import CONFIG, WEIGHTS, Members, packed, sound, with_member
from tests.models.crowd import Ready
from tests.models.experiments import json_of_experiments
from tests.models.training import make
from tests.support.damage import damaged
from tests.support.fuzz import fuzzed

WATCHED = ("open", "os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "subprocess.Popen", "exec")
_seen: list[tuple[str, Any]] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is not None and event in WATCHED:
        _seen.append((event, arguments))


@contextmanager
def touching_nothing() -> Generator[None]:
    """Nothing is opened, made, moved, started or executed meanwhile."""
    global _seen  # noqa: PLW0603 - a hook of the interpreter stays for good
    _seen = []
    try:
        yield
        assert _seen == []
    finally:
        _seen = None


@pytest.fixture(scope="module", autouse=True)
def _watching() -> None:
    imports.read(sound(), Experiment())  # what it imports is imported now
    imports.read(run(), Experiment())
    sys.addaudithook(_hook)


def loaded(raw: bytes) -> None:
    """Read as the server reads it, and taken up by a lane: refused, or a run that can be shown."""
    try:
        with touching_nothing():
            found = imports.read(raw, Experiment())
    except FileError as error:
        named(error)
        return
    desk = Desk(Seating(Ready()))
    lane = desk.open("mine", {}, None)
    experiment = found.experiment.model_dump(mode="json")
    try:
        load = {"type": "load", "experiment": experiment, "blob": found.blob, "weights": found.weights}
        desk.carry_out(lane, load)
    except Refused as refused:
        named(refused)
    snapshot(lane, 1, key=True, with_experiment=True)
    SavedLane.of(lane.blob())


def named(error: FileError | Refused) -> None:
    assert 0 < len(error.message) < 500
    assert 0 < len(error.expected) < 500


@cache
def run() -> bytes:
    """A run as it is saved here."""
    lane = Lane("a", make(hidden="3", batch_normalization="true", optimizer="adam"))
    lane.add_row(measured(lane))
    return keras_file.of_lane(SavedLane.of(lane.blob()))


@cache
def members(raw: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


FILES = st.deferred(lambda: st.sampled_from([sound(), run()]))
MEMBERS = FILES.map(members)
# Of the HDF5 file no byte is changed here: its library may end a process, so that is another test's.
TEXTS = (CONFIG, "metadata.json", keras_file.EXPERIMENT, keras_file.LANE)
WORDS = (
    "../../etc/passwd /etc/passwd C:\\windows\\x ..\\x a/../../b ./config.json config.json/ CONFIG.JSON x//y"
)
KNOWN = (CONFIG, WEIGHTS, keras_file.LANE, keras_file.EXPERIMENT, keras_file.TABLE)
NAMES = st.sampled_from([*WORDS.split(), *KNOWN, "config.json\0.txt", " ", "x" * 300, "\u202egpj"])
METHODS = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """A file whose members are damaged, renamed, exchanged or more than there should be."""
    found = dict(draw(MEMBERS))
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(found)))
        match draw(st.sampled_from(["damage", "rename", "drop", "add", "exchange"])):
            case "damage" if name in TEXTS:
                found[name] = draw(damaged(st.just(found[name])))
            case "rename":
                found[draw(NAMES)] = found.pop(name)
            case "drop" if len(found) > 1:
                del found[name]
            case "exchange":
                other = draw(st.sampled_from(sorted(found)))
                found[name], found[other] = found[other], found[name]
            case _:
                found[draw(NAMES)] = draw(st.binary(max_size=50) | st.sampled_from([sound(), run(), b"{}"]))
    return packed(found, draw(METHODS))


@st.composite
def ends(draw: st.DrawFn) -> bytes:
    """A file whose directory says something else than what is there: sizes, offsets, counts, flags."""
    raw = bytearray(draw(FILES))
    for _ in range(draw(st.integers(1, 3))):
        signature = draw(st.sampled_from([b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"]))
        places = [place for place in range(len(raw)) if raw.startswith(signature, place)]
        place = draw(st.sampled_from(places)) + draw(st.integers(4, 45))
        number = draw(st.sampled_from([0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, len(raw)]))
        raw[place : place + 4] = struct.pack("<I", number)
    return bytes(raw)


@fuzzed(100)
@example(b"PK")
@example(b"PK\x05\x06" + bytes(18))
@given(st.one_of(archives(), ends(), damaged(FILES), st.binary(max_size=60).map(lambda tail: b"PK" + tail)))
def test_any_archive_is_a_run_or_refused_by_name(raw: bytes) -> None:
    loaded(raw)


JSON = st.deferred(
    lambda: st.sampled_from(
        [
            members(run())[CONFIG],
            members(run())[keras_file.EXPERIMENT],
            json.dumps(
                make(data="iris", hidden="4", loss="categorical_crossentropy").model_dump(mode="json")
            ).encode(),
        ]
    )
)


@fuzzed(100)
@given(damaged(JSON, most=3) | json_of_experiments().map(lambda given: json.dumps(given).encode()))
def test_any_json_is_a_run_or_refused_by_name(raw: bytes) -> None:
    loaded(raw)


@fuzzed(100)
@given(damaged(st.deferred(lambda: st.just(members(run())[keras_file.LANE])), most=3))
def test_any_saved_lane_is_a_run_or_refused_by_name(blob: bytes) -> None:
    loaded(packed({**members(run()), keras_file.LANE: blob}, zipfile.ZIP_STORED))


@fuzzed(2)
@given(damaged(st.deferred(lambda: st.just(members(sound())[WEIGHTS]))))
def test_any_weights_are_numbers_or_refused_by_name(store: bytes) -> None:
    """By the process that reads them for the server: HDF5's library may end it."""
    with suppress(FileError):
        imports.read(with_member(WEIGHTS, store), Experiment(), weight_store.read_apart)


@fuzzed(6)
@given(
    st.sampled_from([CONFIG, WEIGHTS, keras_file.EXPERIMENT, keras_file.LANE, "more"]),
    st.sampled_from([1, 2, 3]),
    st.booleans(),
    METHODS.filter(lambda method: method != zipfile.ZIP_STORED),
)
def test_no_archive_takes_more_memory_than_it_may(name: str, times: int, lies: bool, method: int) -> None:
    """Zeros that pack to nothing, and a directory that may say that there are few of them."""
    size = times * (MOST_UNPACKED - 1000)
    raw = packed({**members(run()), name: bytes(size)}, method)
    if lies:
        raw = raw.replace(struct.pack("<I", size), struct.pack("<I", 2000))
    tracemalloc.start()
    try:
        loaded(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * MOST_UNPACKED, f"{peak:,} bytes"
