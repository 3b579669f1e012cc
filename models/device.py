"""The device that trains."""

import os
from typing import Any

from models.backend import tf


def choose(wanted: str) -> str:
    """Set TensorFlow up for a device (auto, cpu or gpu) and say in words which it is.

    Raises RuntimeError if a GPU is wanted and there is none.
    """
    gpus: list[Any] = [] if wanted == "cpu" else tf.config.list_physical_devices("GPU")
    if wanted == "gpu" and not gpus:
        raise RuntimeError("no GPU was found; expected one because the device is set to gpu")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # One core is left to the web process. On two cores that costs the largest cohort a fifth of its speed and
    # gives a single lane the same speed for half the processor time.
    tf.config.threading.set_intra_op_parallelism_threads(max(1, cores - 1))
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    return f"GPU ({len(gpus)})" if gpus else f"CPU, {cores} {'core' if cores == 1 else 'cores'}"
