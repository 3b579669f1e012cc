"""frame.js reads what models/frame.py wrote, byte for byte."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Error, Page

from models import frame

DECODE = """async ({ bytes, names }) => {
  const { decode } = await import("/static/frame.js");
  const buffer = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)).buffer;
  const { header, floats, bytes: small } = decode(buffer);
  const blocks = {};
  for (const [name, dtype] of names) {
    const block = dtype === "f4" ? floats(name) : small(name);
    const { data } = block;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const raw = btoa(String.fromCharCode(...bytes));
    blocks[name] = { kind: data.constructor.name, shape: block.shape, raw };
  }
  return { header, blocks, absent: [floats("no such block"), small("no such block")] };
}"""

MERGE = """async (frames) => {
  const { decode, merge } = await import("/static/frame.js");
  let snapshot = null;
  for (const bytes of frames) {
    snapshot = merge(snapshot, decode(Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)).buffer));
  }
  const { boundary, neurons, inputs, points, weights } = snapshot;
  const plain = ({ side, count, data, ranges }) => ({ side, count, data: [...data], ranges: [...ranges] });
  return {
    epoch: snapshot.epoch,
    experiment: snapshot.experiment,
    weights: [...weights],
    boundary: plain(boundary),
    neurons: { ...plain(neurons), absent: [...(neurons.absent ?? [])] },
    inputs: plain(inputs),
    points: { values: [...points.values], counts: points.counts },
    axes: snapshot.axes,
    target: snapshot.target,
  };
}"""

Blocks = Mapping[str, frame.Block]


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decoded(modules: Page, data: bytes, blocks: Blocks) -> dict[str, Any]:
    kinds = {np.dtype(np.float32): "f4", np.dtype(np.uint8): "u1"}
    names = [[name, kinds[block.dtype]] for name, block in blocks.items()]
    return modules.evaluate(DECODE, {"bytes": text(data), "names": names})


RANDOM = np.random.default_rng(3)
BLOCKS: dict[str, Blocks] = {
    "none": {},
    "empty": {"history": np.zeros((0, 7), np.float32), "neurons": np.zeros((0, 8, 8), np.uint8)},
    "odd sizes": {
        "bytes": np.arange(7, dtype=np.uint8),
        "floats": RANDOM.normal(size=(3, 5)).astype(np.float32),
        "more bytes": np.array([[1, 2], [3, 255]], np.uint8),
        "more floats": np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 3.4e38], np.float32),
    },
    "a whole picture": {"boundary": RANDOM.integers(0, 255, (100, 100)).astype(np.uint8)},
}


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("filling", range(4))
def test_reads_what_was_written(modules: Page, name: str, filling: int) -> None:
    # Headers of every length modulo 4, not all of it ASCII.
    header = {"seq": 7, "name": "x₁ − ü", "filling": "." * filling, "running": [0.1, None]}
    blocks = BLOCKS[name]
    found = decoded(modules, frame.encode(header, blocks), blocks)
    assert {member: found["header"][member] for member in header} == header
    assert found["absent"] == [None, None]
    for block_name, block in blocks.items():
        got = found["blocks"][block_name]
        assert got["kind"] == {"f": "Float32Array", "u": "Uint8Array"}[block.dtype.kind]
        assert got["shape"] == list(block.shape)
        assert base64.b64decode(got["raw"]) == block.tobytes()


def test_a_frame_that_is_cut_off_is_an_error(modules: Page) -> None:
    blocks = {"weights": np.arange(3, dtype=np.float32), "last": np.arange(4, dtype=np.uint8)}
    data = frame.encode({"seq": 1}, blocks)
    for length in range(len(data)):
        with pytest.raises(Error, match=r"no frame|JSON"):
            decoded(modules, data[:length], {})
    assert decoded(modules, data, {})["header"]["seq"] == 1


def header(**members: Any) -> dict[str, Any]:
    return {"seq": 1, "key": True, "applied": 1, "run": 1, "step": 0, "epoch": 0, **members}


WHOLE: Blocks = {
    "weights": np.array([0.5, -0.25, 1.0], np.float32),
    "ranges": np.array([[-1, 1], [-2, 2], [0, 1]], np.float32),
    "boundary": np.arange(4, dtype=np.uint8).reshape(2, 2),
    "neurons": np.arange(8, dtype=np.uint8).reshape(2, 2, 2),
    "inputs": np.arange(4, dtype=np.uint8).reshape(1, 2, 2) + 100,
    "input_ranges": np.array([[-6, 6]], np.float32),
    "points": np.array([[1, 2, 1], [3, 4, -1]], np.float32),
}


def test_what_a_frame_leaves_out_stays(modules: Page) -> None:
    axis = {"name": "x1", "low": -6, "high": 6, "mean": 0, "scale": 1}
    with_points = {"counts": {"train": 1, "test": 1}, "axes": [axis, axis], "target": axis}
    key = frame.encode(header(experiment={"seed": 5}, **with_points), WHOLE)
    update = frame.encode(
        header(key=False, seq=2, epoch=9), {"weights": np.array([9.0, 8.0, 7.0], np.float32)}
    )
    shown = modules.evaluate(MERGE, [text(key), text(update)])
    assert shown["epoch"] == 9
    assert shown["experiment"] == {"seed": 5}
    assert shown["weights"] == [9.0, 8.0, 7.0]
    assert (shown["axes"], shown["target"]) == ([axis, axis], axis)
    # The last range is the output's, the others are the hidden neurons'.
    assert shown["boundary"] == {"side": 2, "count": 1, "data": [0, 1, 2, 3], "ranges": [0, 1]}
    assert shown["neurons"]["ranges"] == [-1, 1, -2, 2]
    assert shown["neurons"]["count"] == 2
    assert shown["inputs"] == {"side": 2, "count": 1, "data": [100, 101, 102, 103], "ranges": [-6, 6]}
    assert shown["points"] == {"values": [1, 2, 1, 3, 4, -1], "counts": with_points["counts"]}


def test_pictures_that_nobody_saw_are_absent(modules: Page) -> None:
    axis = {"name": "x1", "low": -6, "high": 6, "mean": 0, "scale": 1}
    with_points = {"counts": {"train": 1, "test": 1}, "axes": [axis, axis], "target": axis}
    key = frame.encode(header(experiment={"seed": 5}, **with_points), WHOLE)
    blocks = {**{name: WHOLE[name] for name in ("ranges", "boundary")}, "neurons": WHOLE["neurons"][:1] + 50}
    some = frame.encode(header(key=False, pictured=[1]), blocks)
    none = frame.encode(header(key=False, pictured=[]), {**blocks, "neurons": WHOLE["neurons"][:0]})
    shown = modules.evaluate(MERGE, [text(key), text(some)])
    assert shown["neurons"]["data"] == [0, 0, 0, 0, 50, 51, 52, 53]
    assert shown["neurons"]["absent"] == [0]
    shown = modules.evaluate(MERGE, [text(key), text(some), text(none)])
    assert shown["neurons"]["absent"] == [0, 1]
    assert modules.evaluate(MERGE, [text(some), text(key)][1:])["neurons"]["absent"] == []


@pytest.mark.parametrize("missing", ["weights", "boundary", "neurons", "inputs", "points"])
def test_a_first_frame_must_be_whole(modules: Page, missing: str) -> None:
    blocks = {name: block for name, block in WHOLE.items() if name != missing}
    data = frame.encode(header(experiment={}, counts={"train": 1, "test": 1}), blocks)
    with pytest.raises(Error, match="no key frame"):
        modules.evaluate(MERGE, [text(data)])
