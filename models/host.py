"""The host process: owns TensorFlow and every lane of one machine, behind a pipe.

Importing this module does not import TensorFlow, so the web process may name `main` as what to spawn.
"""

import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


def set_up(options: Mapping[str, Any]) -> None:
    """Choose device, compile cache and priority; must come before TensorFlow is imported."""
    os.nice(int(options.get("nice", 0)))
    if options.get("device") == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if cache := options.get("cache_dir"):
        Path(cache).mkdir(parents=True, exist_ok=True)
        flags = os.environ.get("TF_XLA_FLAGS", "")
        os.environ["TF_XLA_FLAGS"] = f"{flags} --tf_xla_persistent_cache_directory={cache}".strip()


def main(connection: "Connection[Any, Any]", options: Mapping[str, Any]) -> None:
    """Run a host until the pipe ends.

    options: device (auto, cpu or gpu), cache_dir (of compiled programs, or None), max_lanes, nice,
    frames_per_second.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches both; the web process decides
    set_up(options)
    try:
        connection.send(
            ("status", {"state": "warming", "message": "loading TensorFlow", "progress": 0.0, "device": ""})
        )
        from models.loop import Loop  # imports TensorFlow

        Loop(connection, options).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the web process is gone
    # At once: a thread of TensorFlow that still reads a program would crash under an interpreter that ends.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
