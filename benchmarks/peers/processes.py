"""Peers' processes: asked by lines of JSON; their memory and what their children do, read from /proc."""

import json
import os
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PROC = Path("/proc")
ROOT = Path(__file__).parents[2]


class Peer:
    """A process that answers as `benchmarks.peers.serve` does."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._pid = process.pid

    def ask(self, what: str, *arguments: Any) -> Any:
        """Wait for the answer; RuntimeError if the process ended, which then has said why."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            print(json.dumps([what, *arguments]), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        answer = json.loads(line)
        self._pid = answer["pid"]
        return answer["value"]

    def memory(self) -> float:
        """The most memory that the process that trains has had, in MiB; NaN where there is no /proc."""
        return peak_memory(self._pid)


@contextmanager
def running(command: Sequence[str | Path], environment: Mapping[str, str]) -> Generator[Peer]:
    """A peer that ends when it is not needed any more."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Peer(process)
        process.communicate(timeout=30)  # closes its questions, at which it ends
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def peak_memory(pid: int) -> float:
    """The most memory that a process has had, in MiB; NaN where there is no /proc."""
    with suppress(OSError):
        for line in (PROC / str(pid) / "status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "VmHWM":
                return int(value.split()[0]) / 1024
    return float("nan")


def children_seconds(pid: int) -> float:
    """The processor time that a process's children have had; 0 where there is no /proc."""
    seconds = 0.0
    for path in (PROC / str(pid) / "task").glob("*/children"):
        with suppress(OSError):
            for child in path.read_text().split():
                # The second field is the name, in parentheses, and may hold anything.
                fields = (PROC / child / "stat").read_text().rpartition(")")[2].split()
                seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds
