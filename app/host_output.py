"""What the training process writes by itself, as log lines: TensorFlow's native code knows no other way."""

import json
import logging
import os
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

logger = logging.getLogger(__name__)


def write_to(pipe: "Connection[Any, Any]") -> None:
    """In the process that writes: from now on all of its output goes through the pipe."""
    for descriptor in (1, 2):
        os.dup2(pipe.fileno(), descriptor)
    pipe.close()


def log_from(pipe: "Connection[Any, Any]") -> threading.Thread:
    """In the other process: logs every line, in a thread of its own, until nobody is left who writes."""
    thread = threading.Thread(target=_log, args=(pipe,), name="host-output", daemon=True)
    thread.start()
    return thread


def _log(pipe: "Connection[Any, Any]") -> None:
    with pipe, open(pipe.fileno(), encoding="utf-8", errors="replace", closefd=False) as lines:
        for line in lines:
            if _is_logged(line):
                print(line, end="", file=sys.stderr, flush=True)
            elif text := line.strip():
                logger.warning("%s", text)


def _is_logged(line: str) -> bool:
    """Whether it has the form that lines of our own have."""
    try:
        return line.startswith('{"time"') and isinstance(json.loads(line), dict)
    except ValueError:
        return False
