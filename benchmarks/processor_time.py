"""Processor time and memory of a server's processes, read from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Used:
    """Seconds of processor time since the processes began, or MiB of memory; of all hosts together."""

    web: float
    host: float

    def __sub__(self, before: "Used") -> "Used":
        return Used(self.web - before.web, self.host - before.host)


def _fields(pid: int) -> list[str]:
    # The second field is the name, in parentheses, and may hold anything.
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _seconds(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def hosts_of(server: int) -> list[int]:
    """The processes that train for this server; RuntimeError if there is none."""
    found: list[int] = []
    for path in PROC.iterdir():
        if not path.name.isdigit():
            continue
        try:
            spawned = b"spawn_main" in (path / "cmdline").read_bytes()
            if spawned and int(_fields(int(path.name))[1]) == server:
                found.append(int(path.name))
        except OSError:
            continue  # it has ended
    if not found:
        raise RuntimeError(f"server {server} has no host process")
    return found


def used(server: int) -> Used | None:
    """Of the server with this process id, and of its hosts; None where there is no /proc."""
    if not PROC.exists():
        return None
    return Used(_seconds(server), sum(map(_seconds, hosts_of(server))))


def _resident(pid: int) -> float:
    pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def memory(server: int) -> Used | None:
    """MiB that the server and its hosts hold; None where there is no /proc."""
    if not PROC.exists():
        return None
    return Used(_resident(server), sum(map(_resident, hosts_of(server))))
