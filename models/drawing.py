"""Points that somebody drew on the plane, as a short text.

Four bytes a point, most significant first, in URL-safe base64 without padding: 4 bits its class, 14 bits each
x1 and x2, 0 to 16383 for -6 to 6.
"""

import base64
import binascii
import math
import struct
from collections.abc import Sequence
from functools import lru_cache

LEAST, MOST = 2, 2000  # points
CLASSES = 8
LONGEST = -(-MOST * 16 // 3)  # characters
REACH = 6.0
_STEPS = 16383

Drawn = tuple[int, float, float]  # class, x1, x2


@lru_cache(maxsize=64)
def decode(text: str) -> tuple[Drawn, ...]:
    """The points of a text, in the order in which they were drawn; ValueError if it holds none."""
    expected = f"expected {LEAST} to {MOST} points of 4 bytes each, in URL-safe base64"
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"drawn: the text is no base64; {expected}") from None
    if len(raw) % 4 or not LEAST <= len(raw) // 4 <= MOST:
        raise ValueError(f"drawn: the text has {len(raw)} bytes; {expected}")
    points: list[Drawn] = []
    for (word,) in struct.iter_unpack(">I", raw):
        kind = word >> 28
        if kind >= CLASSES:
            raise ValueError(f"drawn: there is a class {kind}; expected classes from 0 to {CLASSES - 1}")
        places = ((word >> 14) & _STEPS, word & _STEPS)
        x1, x2 = (2.0 * REACH * place / _STEPS - REACH for place in places)
        points.append((kind, x1, x2))
    return tuple(points)


def encode(points: Sequence[Drawn]) -> str:
    """The text of points, rounded to what it can hold."""

    def place(x: float) -> int:
        return min(_STEPS, max(0, round((x + REACH) * _STEPS / (2.0 * REACH))))

    raw = b"".join(struct.pack(">I", kind << 28 | place(x1) << 14 | place(x2)) for kind, x1, x2 in points)
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def class_count(text: str) -> int:
    """How many classes there are, at least two."""
    return max(2, *(kind + 1 for kind, _, _ in decode(text)))


def is_training(kinds: Sequence[int], share: float) -> list[bool]:
    """Which points are for training: of each class every so many, so that a new point moves no other."""
    seen: dict[int, int] = {}
    chosen: list[bool] = []
    for kind in kinds:
        before = seen.get(kind, 0)
        seen[kind] = before + 1
        # Of the first n of a class, ceil(n share) are for training.
        chosen.append(math.ceil((before + 1) * share) > math.ceil(before * share))
    return chosen
