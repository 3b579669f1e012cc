"""A process that compiles programs ahead of the host, into XLA's cache on disk.

XLA compiles on the threads that also run programs, so a compilation in the host stops every lane for seconds.
What is compiled here, the host only loads. This process has the lowest priority and ends when it is idle.
"""

import hashlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from models.bucket import Bucket

Key = tuple[Bucket, int]

LOWEST = 19  # niceness
IDLE_SECONDS = 20.0


def main(orders: TextIO, answers: TextIO, device_wanted: str) -> None:
    """Compile the programs that are ordered, a line each, and answer each line when it is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(max(0, LOWEST - os.nice(0)))
    from models import device  # imports TensorFlow
    from models.programs import make_advance

    device.choose(device_wanted)
    while select.select([orders], [], [], IDLE_SECONDS)[0] and (line := orders.readline()):
        width, batch, extras, lanes = json.loads(line)
        make_advance(Bucket(width, batch, extras), lanes)
        print(line, end="", file=answers, flush=True)


def fingerprint(device_name: str) -> str:
    """What the compiled programs depend on: our sources, TensorFlow's version and the device."""
    from models.backend import tf

    digest = hashlib.sha256(f"{tf.__version__} {device_name}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Made:
    """Which programs the cache on disk holds; only a list of names, so a wrong one costs time and no more."""

    def __init__(self, cache_dir: str | None, mark: str) -> None:
        self._path = Path(cache_dir) / f"made-{mark}.json" if cache_dir else None
        self._names: set[str] = set()
        if self._path is not None and self._path.exists():
            try:
                self._names = set(json.loads(self._path.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                self._names = set()

    def __contains__(self, key: Key) -> bool:
        return repr(key) in self._names

    def add(self, key: Key) -> None:
        self._names.add(repr(key))
        if self._path is not None:
            try:
                self._path.write_text(json.dumps(sorted(self._names)), encoding="utf-8")
            except OSError:
                self._path = None  # a full or read-only disk: the list lives as long as the process


class Maker:
    """The host's end of the process, which is started when there is something to compile."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._device = str(options.get("device", "auto"))
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def make(self, key: Key) -> bool:
        """Have a program compiled and wait for it; false if the process could not do it."""
        bucket, lanes = key
        line = json.dumps([bucket.width, bucket.batch, bucket.extras, lanes]) + "\n"
        for _ in range(2):  # it may have ended, being idle, just when it was asked
            process = self._running()
            if process is None or process.stdin is None or process.stdout is None:
                return False
            try:
                process.stdin.write(line)
                process.stdin.flush()
                if process.stdout.readline() == line:
                    return True
            except OSError:
                pass
            self._end()
        return False

    def _running(self) -> subprocess.Popen[str] | None:
        if self._stopped:
            return None
        if self._process is None or self._process.poll() is not None:
            # Not multiprocessing: the host is a daemon there, and those have no children. At the end of the
            # host the pipe ends and with it this process.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "models.maker", self._device],
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def stop(self) -> None:
        """End the process, if there is one; another thread may be waiting for it."""
        self._stopped = True
        self._end()


if __name__ == "__main__":
    main(sys.stdin, sys.stdout, sys.argv[1])
