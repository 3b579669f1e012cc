"""The byte layout of docs/protocol.md."""

import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models import frame

SHAPES = arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6)
BLOCKS = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.one_of(arrays.arrays(np.float32, SHAPES), arrays.arrays(np.uint8, SHAPES)),
    max_size=4,
)
HEADERS = st.dictionaries(
    st.text(max_size=8).filter(lambda name: name != "blocks"),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**50), 2**50),
        st.text(),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    max_size=4,
)


@given(HEADERS, BLOCKS)
def test_what_goes_in_comes_out(header: dict[str, Any], blocks: dict[str, frame.Block]) -> None:
    data = frame.encode(header, blocks)
    back, arrays_ = frame.decode(data)
    assert {name: value for name, value in back.items() if name != "blocks"} == header
    assert list(arrays_) == list(blocks)
    for name, block in blocks.items():
        assert arrays_[name].dtype == block.dtype
        assert arrays_[name].shape == block.shape
        assert arrays_[name].tobytes() == block.tobytes()  # NaNs too


@given(HEADERS, BLOCKS)
def test_everything_is_aligned_and_described(header: dict[str, Any], blocks: dict[str, frame.Block]) -> None:
    """Read by hand, as a page does."""
    data = frame.encode(header, blocks)
    (length,) = struct.unpack("<I", data[:4])
    assert (4 + length) % 4 == len(data) % 4 == 0
    described = json.loads(data[4 : 4 + length].decode())["blocks"]
    place = 4 + length
    for (name, dtype, shape), block in zip(described, blocks.values(), strict=True):
        assert name in blocks
        assert shape == list(block.shape)
        raw = data[place : place + block.nbytes]
        assert raw == block.astype({"f4": "<f4", "u1": "u1"}[dtype]).tobytes()
        place += (block.nbytes + 3) // 4 * 4
    assert place == len(data)


@given(st.data())
def test_truncated_bytes_are_no_frame(data: st.DataObject) -> None:
    whole = frame.encode({"seq": 1}, {"a": np.arange(5, dtype=np.float32), "b": np.ones(8, np.uint8)})
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ValueError):  # noqa: PT011 - whichever part finds out
        frame.decode(whole[:cut])


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        header, _ = frame.decode(data)
    except ValueError:
        return
    assert "blocks" in header


def with_header(header: str) -> bytes:
    text = header.encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + bytes(64)


def test_a_header_of_no_blocks_will_do() -> None:
    assert frame.decode(with_header('{"blocks":[]}')) == ({"blocks": []}, {})


@pytest.mark.parametrize("cut", ["header", "padding"])
def test_a_header_must_be_whole_and_padded(cut: str) -> None:
    text = b'{"blocks":[]}  '
    length = len(text) + 1 if cut == "header" else len(text)
    with pytest.raises(ValueError, match="cut off or not padded"):
        frame.decode(struct.pack("<I", length) + text)


@pytest.mark.parametrize(
    "header",
    [
        *("[]", "1", "{}", '{"blocks":{}}', '{"blocks":"abc"}', '{"blocks":[1]}', '{"blocks":[["a","f4"]]}'),
        *('{"blocks":[["a","f8",[1]]]}', '{"blocks":[["a","f4",[-1]]]}', '{"blocks":[["a","f4",[1.0]]]}'),
        *('{"blocks":[["a","f4",[true]]]}', '{"blocks":[["a","f4","1"]]}', '{"blocks":[[1,"f4",[1]]]}'),
        # Products that overflow 64 bits, to 0 and to -1, which numpy takes for "all that there is".
        '{"blocks":[["a","u1",[4294967296,4294967296]]]}',
        '{"blocks":[["a","u1",[274177,67280421310721]]]}',
        *('{"blocks":[],"x":NaN}', "[" * 100_000),
    ],
)
def test_headers_that_will_not_do(header: str) -> None:
    with pytest.raises(ValueError, match="no frame"):
        frame.decode(with_header(header))


def test_nan_is_no_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        frame.encode({"loss": float("nan")}, {})
