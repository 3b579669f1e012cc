"""Loaded by Python itself where its folder is in PYTHONPATH: a wall clock that jumps by hours, and back."""

import time

JUMPS = (0.0, 7200.0, -7200.0, 90000.0)  # seconds that it is wrong by, in turn
EVERY = 0.7  # seconds

_right = time.time


def _jumping() -> float:
    return _right() + JUMPS[int(time.monotonic() / EVERY) % len(JUMPS)]


time.time = _jumping
