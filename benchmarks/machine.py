"""What a measurement was taken on, in one line."""

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def description() -> str:
    """Processor, versions, date, and how busy the machine was when the measurement began."""
    return (
        f"{cores()} cores of {_processor()}, {platform.system()}, Python {platform.python_version()}, "
        f"TensorFlow {version('tensorflow')}, Keras {version('keras')}, {time.strftime('%Y-%m-%d')}; "
        f"load average before: {_load()}"
    )
