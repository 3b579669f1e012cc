"""Arrays of an HDF5 file from anywhere: no other file is touched, and no more is unpacked than was asked for.

HDF5 is a format of many forms, and its library has ended processes over broken files. So the server has a
process of its own read what a learner brings.
"""

import importlib
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from models import catalogue
from models.archive import KERAS_FILE
from models.file_error import FileError
from models.packing import Floats

MOST_NUMBERS = catalogue.NEURONS[1] ** 2  # of an array: a kernel between the widest layers
MOST_CHUNK = 1_000_000  # numbers that are unpacked at once
SECONDS = 30.0  # that the process may take
FAILED = 3  # its exit code if the file will not do


@dataclass(frozen=True)
class Wanted:
    """A layer's variables: its name, its place among Keras's names, their shapes."""

    layer: str
    place: str
    shapes: Sequence[Sequence[int]]


def read(content: bytes, wanted: Sequence[Wanted]) -> list[list[Floats]]:
    """The arrays of every layer, finite and of the wanted shapes; FileError."""
    with WeightStore(content) as store:
        return [store.arrays(one.layer, one.place, [tuple(shape) for shape in one.shapes]) for one in wanted]


def read_apart(content: bytes, wanted: Sequence[Wanted]) -> list[list[Floats]]:
    """The same by another process, whose end is only this file's fault; takes about a second."""
    asked = json.dumps([asdict(one) for one in wanted]).encode()
    root = str(Path(__file__).parents[1])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "models.weight_store"],
            input=asked + b"\n" + content,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            env={**os.environ, "PYTHONPATH": root},
        )
    except subprocess.TimeoutExpired as error:
        raise FileError("the file's weights take too long to be read", KERAS_FILE) from error
    if done.returncode == FAILED:
        raise FileError(*json.loads(done.stdout))
    if done.returncode:
        raise FileError("the file's weights cannot be read", KERAS_FILE)
    numbers = np.frombuffer(done.stdout, np.float32)
    sizes = [math.prod(shape) for one in wanted for shape in one.shapes]
    parts = iter(np.split(numbers, np.cumsum(sizes)[:-1]))
    return [[next(parts).reshape(tuple(shape)).copy() for shape in one.shapes] for one in wanted]


def main() -> int:
    """A line of JSON, what is wanted, and the file come in; the numbers, or what is wrong, go out."""
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        found = read(sys.stdin.buffer.read(), [Wanted(**one) for one in asked])
    except FileError as error:
        sys.stdout.write(json.dumps([error.message, error.expected]))
        return FAILED
    for array in (array for arrays in found for array in arrays):
        sys.stdout.buffer.write(array.astype(np.float32).tobytes())
    return 0


class WeightStore:
    """Arrays of an HDF5 file, found by the layers' names."""

    def __init__(self, content: bytes) -> None:
        self._h5py: Any = importlib.import_module("h5py")  # which has no types
        try:
            self._file: Any = self._h5py.File(io.BytesIO(content), "r")
        except (OSError, ValueError, RuntimeError) as error:
            raise FileError("the file's weights are no HDF5 file", KERAS_FILE) from error
        # Keras 3, and Keras 2.13 and later.
        self._layers = self._child(self._file, "layers") or self._child(
            self._file, "_layer_checkpoint_dependencies"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def arrays(self, layer: str, place: str, shapes: list[tuple[int, ...]]) -> list[Floats]:
        """The variables of a layer: by the name that its group has noted, else by its place (dense_1)."""
        group = self._noted(layer) or self._child(self._layers, place) or self._child(self._layers, layer)
        variables = self._child(group, "vars")
        if variables is None:
            raise FileError(f"there are no weights of {layer}", "weights of every layer")
        if len(variables) != len(shapes):
            raise FileError(f"{layer} has {len(variables)} arrays of weights", f"{len(shapes)}")
        return [self._array(variables, str(number), shape, layer) for number, shape in enumerate(shapes)]

    def _noted(self, layer: str) -> Any:
        """The group whose variables say that they are this layer's."""
        for name in [] if self._layers is None else list(self._layers)[: 4 * catalogue.HIDDEN_LAYERS[1] + 8]:
            group = self._child(self._layers, name)
            variables = self._child(group, "vars")
            if variables is not None and _noted_name(variables) == layer:
                return group
        return None

    def _child(self, group: Any, name: str) -> Any:
        """What a group holds under that name, never what lies in another file; None if there is none."""
        if not isinstance(group, self._h5py.Group):
            return None
        try:
            if not isinstance(group.get(name, getlink=True), self._h5py.HardLink):
                return None
            return group[name]
        except (KeyError, OSError, RuntimeError, ValueError):
            return None

    def _array(self, group: Any, name: str, shape: tuple[int, ...], layer: str) -> Floats:
        found = self._child(group, name)
        whole = " x ".join(map(str, shape))
        if not isinstance(found, self._h5py.Dataset) or found.dtype.kind != "f":
            raise FileError(f"the weights of {layer} are no numbers", f"{whole} numbers of float32")
        if found.shape != shape or math.prod(shape) > MOST_NUMBERS:
            given = " x ".join(map(str, found.shape or ())) or "one"
            raise FileError(f"{layer} has {given} weights", whole)
        if found.is_virtual or found.external or math.prod(found.chunks or ()) > MOST_CHUNK:
            raise FileError(f"the weights of {layer} are not in the file", "numbers that are stored in it")
        try:
            with np.errstate(over="ignore"):
                values = np.asarray(found[...]).astype(np.float32)
        except (OSError, ValueError, RuntimeError, MemoryError) as error:
            raise FileError(f"the weights of {layer} cannot be read", KERAS_FILE) from error
        if not np.isfinite(values).all():
            raise FileError(f"the weights of {layer} are not all numbers", "finite numbers of float32")
        return values


def _noted_name(variables: Any) -> str | None:
    try:
        name = variables.attrs.get("name")
    except (OSError, KeyError, TypeError, ValueError, RuntimeError):
        return None
    return name if isinstance(name, str) else None


if __name__ == "__main__":
    sys.exit(main())
