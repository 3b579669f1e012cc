"""The header of a frame alone, for those who need no array of it, nor numpy."""

import json
import struct
from typing import Any, NoReturn


def split(data: bytes) -> tuple[dict[str, Any], int]:
    """Header (with the list `blocks`) and where blocks begin; ValueError if the bytes are no frame."""
    try:
        (length,) = struct.unpack_from("<I", data)
        start = 4 + length
        if start > len(data) or start % 4:
            raise ValueError("its header is cut off or not padded")
        header: dict[str, Any] = json.loads(data[4:start].decode(), parse_constant=_no_constant)
        if not isinstance(header["blocks"], list):
            raise ValueError("its blocks are no list")
    except (struct.error, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"no frame: {error}") from error
    return header, start


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
