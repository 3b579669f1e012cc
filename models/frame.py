"""Snapshot -> bytes and back: the only home of the byte layout, which docs/protocol.md describes."""

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from models import frame_header

Block = npt.NDArray[np.float32] | npt.NDArray[np.uint8]

MOST = 2**53  # JavaScript knows no larger integer
_DTYPES = {"f4": np.dtype("<f4"), "u1": np.dtype("u1")}


def _padding(length: int) -> int:
    return -length % 4


def encode(header: Mapping[str, Any], blocks: Mapping[str, Block]) -> bytes:
    """A frame of a header (ready for JSON, without `blocks`) and arrays of float32 or uint8."""
    names = {np.dtype(np.float32): "f4", np.dtype(np.uint8): "u1"}
    described = [[name, names[block.dtype], list(block.shape)] for name, block in blocks.items()]
    text = json.dumps({**header, "blocks": described}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * _padding(4 + len(text))
    parts = [struct.pack("<I", len(text)), text]
    for block in blocks.values():
        raw = block.astype(block.dtype.newbyteorder("<"), copy=False).tobytes()
        parts += [raw, b"\0" * _padding(len(raw))]
    return b"".join(parts)


def decode(data: bytes) -> tuple[dict[str, Any], dict[str, Block]]:
    """Header (with `blocks`) and arrays, views of the bytes; ValueError if the bytes are no frame."""
    header, start = frame_header.split(data)
    blocks: dict[str, Block] = {}
    try:
        for name, dtype, shape in header["blocks"]:
            values: Any = np.frombuffer(data, _DTYPES[dtype], _items(name, shape), start)
            block: Block = values.reshape(shape)
            blocks[name] = block
            start += block.nbytes + _padding(block.nbytes)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"no frame: {error}") from error
    return header, blocks


def _items(name: Any, shape: Any) -> int:
    """How many numbers a block of that shape has. Of Python's integers: numpy's would overflow."""
    sizes: list[Any] = cast(list[Any], shape) if isinstance(shape, list) else [None]
    if not isinstance(name, str) or not all(type(n) is int and 0 <= n < MOST for n in sizes):
        raise ValueError("a block is not described by name, type and shape")
    return math.prod(sizes)
