"""JSON as the standard has it, of texts that anybody may have sent."""

import json
import math
from typing import Any, NoReturn

SHOWN = 60  # characters of what is quoted


def parse(text: str | bytes) -> Any:
    """No NaN, no Infinity, no number beyond the range of a double; ValueError, also where it is too deep."""
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_integer)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        shown = digits if len(digits) <= SHOWN else digits[: SHOWN - 1] + "…"
        raise ValueError(f"{shown} is out of range")
    return value


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= 20 else _finite(digits)  # no member is so large, and int() is slow
