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
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from pydantic import TypeAdapter

from models.bucket import Bucket
from models.end_with_parent import end_with_parent
from models.structure import Structure

Key = tuple[Bucket, int] | Structure  # what a program is made for: a cohort's size, or one network alone

LOWEST = 19  # niceness
IDLE_SECONDS = 20.0
MOST_BYTES = 1 << 30  # of compiled programs on disk


def written(key: Key) -> str:
    """A key as a line of JSON."""
    if isinstance(key, Structure):
        return json.dumps(asdict(key)) + "\n"
    bucket, lanes = key
    return json.dumps([bucket.width, bucket.batch, bucket.extras, lanes]) + "\n"


def read(line: str) -> Key:
    """The inverse of `written`."""
    match json.loads(line):
        case [width, batch, extras, lanes]:
            return Bucket(width, batch, extras), lanes
        case members:
            return TypeAdapter(Structure).validate_python(members)


def main(orders: TextIO, answers: TextIO, device_wanted: str) -> None:
    """Compile the programs that are ordered, a line each, and answer each line when it is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()  # if the host is killed, the next one needs the processors
    os.nice(max(0, LOWEST - os.nice(0)))
    from models import device  # imports TensorFlow
    from models.programs import make_program

    device.choose(device_wanted)
    while select.select([orders], [], [], IDLE_SECONDS)[0] and (line := orders.readline()):
        make_program(read(line))
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

    def __contains__(self, key: Key) -> bool:
        self._read()
        return repr(key) in self._names

    def add(self, key: Key) -> None:
        self._read()
        self._names.add(repr(key))
        self._write()

    def trim(self, most: int = MOST_BYTES) -> None:
        """Let the oldest programs of a cache of more bytes go, until three quarters of these are left."""
        if self._path is None:
            return
        files: list[tuple[float, int, Path]] = []
        for path in self._path.parent.glob("xla_compile_cache*"):
            try:
                told = path.stat()
            except OSError:
                continue  # another server's host was quicker
            files.append((told.st_mtime, told.st_size, path))
        total = sum(size for _, size, _ in files)
        if total <= most:
            return
        for _, size, path in sorted(files):
            if total <= 0.75 * most:
                break
            path.unlink(missing_ok=True)
            total -= size
        self._names.clear()
        self._write()

    def _read(self) -> None:
        """Other hosts write the list, too."""
        if self._path is not None:
            with suppress(OSError, ValueError):
                self._names = set(json.loads(self._path.read_text(encoding="utf-8")))

    def _write(self) -> None:
        if self._path is not None:
            beside = self._path.with_suffix(f".{os.getpid()}")
            try:
                beside.write_text(json.dumps(sorted(self._names)), encoding="utf-8")
                beside.replace(self._path)
            except OSError:
                self._path = None  # a full or read-only disk: the list lives as long as the process


class Maker:
    """The host's end of the process, which is started when there is something to compile."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._device = str(options.get("device", "auto"))
        # Without a folder for it, nothing that another process compiles would come here.
        self._stopped = not options.get("cache_dir")
        self._process: subprocess.Popen[str] | None = None

    def make(self, key: Key) -> bool:
        """Have a program compiled and wait for it; false if the process could not do it."""
        line = written(key)
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
