"""How long the server needs from `serve` to ready, with an empty cache of programs and with a warm one."""

import tempfile
import time
from pathlib import Path

from benchmarks.figure import Bar, Figure
from tests.support.server import running_server

POLL_SECONDS = 0.05


def _start(cache: Path) -> tuple[float, float]:
    """Seconds until the page is served, and until networks train."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with running_server(Path(folder) / "log", cache, ready=False) as server:
            serves = None
            while not server.answers("/readyz"):
                if server.process.poll() is not None:
                    raise RuntimeError(f"the server ended with {server.process.returncode}:\n{server.tail()}")
                if serves is None and server.answers("/healthz"):
                    serves = time.perf_counter() - began
                time.sleep(POLL_SECONDS)
            ready = time.perf_counter() - began
    return serves or ready, ready


def run(quick: bool) -> list[Figure]:
    """Measure one start with an empty cache, and the median of some with the cache that this one left."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        serves, empty = _start(cache)
        warm = sorted(_start(cache)[1] for _ in range(1 if quick else 3))
    return [
        Figure("the page is served after", serves, "s"),
        Figure("ready with an empty cache after", empty, "s", Bar(20)),
        Figure("ready with a warm cache after", warm[len(warm) // 2], "s", Bar(12)),
    ]
