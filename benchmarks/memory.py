"""Memory of a server's processes, read from /proc."""

from dataclasses import dataclass

from benchmarks.processor_time import PROC, hosts_of

MEGABYTE = 1024.0  # kB
WARM_MINUTES = 10.0  # in which memory may grow: pages, programs and buffers are used for the first time
FLAT_SHARE, FLAT_MEGABYTES = 0.05, 20.0  # by how much the rest may grow


@dataclass(frozen=True)
class Memory:
    """Megabytes that the processes alone occupy, all hosts together."""

    web: float
    host: float


def memory(server: int) -> Memory:
    """Of the server with this process id, and of its hosts; OSError where there is no /proc."""
    return Memory(_own(server), sum(map(_own, hosts_of(server))))


def _own(pid: int) -> float:
    """What would be free if the process ended: its private pages, those swapped out included."""
    text = (PROC / str(pid) / "smaps_rollup").read_text()
    names = ("Private_Clean:", "Private_Dirty:", "Swap:")
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(names)) / MEGABYTE


def growth(minutes: list[float], megabytes: list[float], warm: float = WARM_MINUTES) -> float | None:
    """Megabytes by which the mean of the last third of what follows `warm` exceeds that of the first third.

    None if too little follows to tell.
    """
    late = [value for at, value in zip(minutes, megabytes, strict=True) if at >= warm]
    third = len(late) // 3
    if third < 2:
        return None
    return sum(late[-third:]) / third - sum(late[:third]) / third


def is_flat(minutes: list[float], megabytes: list[float], warm: float = WARM_MINUTES) -> bool | None:
    """Whether memory did not grow after `warm`; None if there is too little to tell."""
    grown = growth(minutes, megabytes, warm)
    if grown is None:
        return None
    return grown <= max(FLAT_MEGABYTES, FLAT_SHARE * max(megabytes))
