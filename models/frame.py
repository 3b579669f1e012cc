"""Snapshot -> bytes and back: the only home of the byte layout, which docs/protocol.md describes."""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.float32] | npt.NDArray[np.uint8]

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
    """Header (with `blocks`) and arrays; ValueError if the bytes are no frame."""
    try:
        (length,) = struct.unpack_from("<I", data)
        header: dict[str, Any] = json.loads(data[4 : 4 + length])
        start = 4 + length
        blocks: dict[str, Block] = {}
        for name, dtype, shape in header["blocks"]:
            if min(shape, default=0) < 0:
                raise ValueError(f"no frame: the shape {shape} of {name} is negative")
            count = int(np.prod(shape, dtype=np.int64))
            values: Any = np.frombuffer(data, _DTYPES[dtype], count, start)
            block: Block = values.reshape(shape)
            blocks[name] = block
            start += block.nbytes + _padding(block.nbytes)
    except (struct.error, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"no frame: {error}") from error
    return header, blocks
