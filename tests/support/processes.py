"""Which processes a process has started, and whether one still runs."""

import subprocess
from pathlib import Path


def children(pid: int) -> dict[int, str]:
    """The processes that this one started itself: process id -> command line."""
    if Path("/proc/self/task").is_dir():
        found: dict[int, str] = {}
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                line = Path(f"/proc/{child}/cmdline").read_bytes()
                found[int(child)] = line.replace(b"\0", b" ").decode()
        return found
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return {int(row[0]): row[2] for row in rows if int(row[1]) == pid}


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended; one that nobody has asked for its end has."""
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(state := listed.stdout.strip()) and not state.startswith("Z")
