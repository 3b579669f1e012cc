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

PROBE_BYTES = 16 * 2**20  # room for some programs


def can_write(folder: Path) -> bool:
    """Whether the folder is there or can be made, and takes so much; says so if not."""
    probe = folder / f"probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            probe.write_bytes(bytes(PROBE_BYTES))
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        print(f"Compiled programs are not kept: {error}.", file=sys.stderr, flush=True)
        return False
    return True


def set_up(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Choose device, compile cache and priority; must come before numpy and TensorFlow are imported.

    Returns the options as they are in force. A program that cannot be kept would count as one that cannot be
    compiled; so where there is no room, `cache_dir` becomes None, and what is there already is only read.
    """
    # The products of pictures are small, and threads of BLAS would wait for each other: 10 times as long
    # where cores are shared.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.nice(int(options.get("nice", 0)))
    if options.get("device") == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if cache := options.get("cache_dir"):
        flags = f"{os.environ.get('TF_XLA_FLAGS', '')} --tf_xla_persistent_cache_directory={cache}"
        if not can_write(Path(cache)):
            flags += " --tf_xla_persistent_cache_read_only=true"
            options = {**options, "cache_dir": None}
        os.environ["TF_XLA_FLAGS"] = flags.strip()
    return options


def main(connection: "Connection[Any, Any]", options: Mapping[str, Any]) -> None:
    """Run a host until the pipe ends.

    options: device (auto, cpu or gpu), cache_dir (of compiled programs, or None), max_lanes, nice,
    frames_per_second.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches both; the web process decides
    options = set_up(options)
    try:
        status = {"state": "warming", "message": "loading TensorFlow", "progress": 0.0, "device": ""}
        connection.send([("status", status)])
        from models.loop import Loop  # imports TensorFlow

        Loop(connection, options).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the web process is gone
    # At once: a thread of TensorFlow that still reads a program would crash under an interpreter that ends.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
