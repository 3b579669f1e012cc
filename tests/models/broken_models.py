"""Files that are no run, broken on purpose, and what is said of each."""

import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from models import keras_file
from models.packing import Arrays
from tests.models.training import make

Members = dict[str, bytes]
CONFIG, WEIGHTS = "config.json", "model.weights.h5"


@cache
def _sound() -> Members:
    """A file of two inputs, a layer of three with batch normalization, dropout, and an output."""
    experiment = make(hidden="3", batch_normalization="true", dropout="0.2", optimizer="adam")
    shapes = [(2, 3), (3,), (3,), (3,), (3,), (3, 1), (1,)]
    weights: Arrays = [np.full(shape, 0.5, np.float32) for shape in shapes]
    with zipfile.ZipFile(io.BytesIO(keras_file.write(experiment, weights))) as archive:
        names = (CONFIG, "metadata.json", WEIGHTS)
        return {name: archive.read(name) for name in names}


def packed(members: Members, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def sound() -> bytes:
    """It can be read."""
    return packed(_sound())


def with_member(name: str, content: bytes) -> bytes:
    return packed({**_sound(), name: content})


def without(name: str) -> bytes:
    return packed({member: content for member, content in _sound().items() if member != name})


def configured(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """With another config."""
    config = json.loads(_sound()[CONFIG])
    change(config)
    return with_member(CONFIG, json.dumps(config).encode())


def with_layer(place: int, class_name: str, **config: Any) -> bytes:
    """With another layer there, the input being layer 0."""
    layer = {"module": "keras.layers", "class_name": class_name, "config": config}
    return configured(lambda model: model["config"]["layers"].insert(place, layer))


def changed(place: int, **config: Any) -> bytes:
    """With other members of a layer's config."""
    return configured(lambda model: model["config"]["layers"][place]["config"].update(config))


def stored(change: Callable[[Any], Any]) -> bytes:
    """With other weights."""
    file = io.BytesIO(_sound()[WEIGHTS])
    with h5py.File(file, "r+") as store:
        change(store)
    return with_member(WEIGHTS, file.getvalue())


def _bared(model: dict[str, Any]) -> None:
    del model["config"]["layers"][1:]


def _replaced(path: str, value: Any, **options: Any) -> bytes:
    def change(store: Any) -> None:
        del store[path]
        store.create_dataset(path, data=value, **options)

    return stored(change)


@cache
def _folder() -> tuple[TemporaryDirectory[str], Path]:
    """A folder that goes with the process, and a file there whose weights would do."""
    folder = TemporaryDirectory()
    path = Path(folder.name) / "other.h5"
    path.write_bytes(_sound()[WEIGHTS])
    return folder, path


def _elsewhere(store: Any) -> None:
    del store["layers/dense"]
    store["layers/dense"] = h5py.ExternalLink(str(_folder()[1]), "/layers/dense")


def _outside(store: Any) -> None:
    del store["layers/dense/vars/0"]
    group = store["layers/dense/vars"]
    numbers = _folder()[1].with_name("numbers")
    numbers.write_bytes(bytes(24))
    group.create_dataset("0", (2, 3), "<f4", external=[(str(numbers), 0, 24)])


def _virtual(store: Any) -> None:
    del store["layers/dense/vars/0"]
    layout = h5py.VirtualLayout((2, 3), "<f4")
    layout[:] = h5py.VirtualSource(str(_folder()[1]), KERNEL, (2, 3))
    store["layers/dense/vars"].create_virtual_dataset("0", layout)


def _encrypted() -> bytes:
    raw = bytearray(sound())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = raw.find(signature)
        while start >= 0:
            raw[start + offset] |= 1
            start = raw.find(signature, start + 4)
    return bytes(raw)


def _flipped() -> bytes:
    """A bit of a member's data is another."""
    raw = bytearray(packed(_sound(), zipfile.ZIP_STORED))
    raw[raw.find(b"Sequential")] ^= 1
    return bytes(raw)


def _twice() -> bytes:
    raw = packed({**_sound(), "config.jsoN": b"{}"})
    return raw.replace(b"config.jsoN", b"config.json")


def _understated() -> bytes:
    """A member that is longer than the directory says."""
    raw = packed({**_sound(), CONFIG: b" " * 20_000_000})
    return raw.replace((20_000_000).to_bytes(4, "little"), (2000).to_bytes(4, "little"))


KERNEL = "layers/dense/vars/0"
LANE, EXPERIMENT = keras_file.LANE, keras_file.EXPERIMENT
NAN = np.array([[np.nan, 1, 1], [1, 1, 1]], np.float32)
DEEP = b'{"class_name": ' * 100_000

# By a name: how it is made, and what the message or the expectation says.
BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "spaces": (lambda: b" \n ", "empty"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "neither a .keras file nor JSON"),
    "ten megabytes of zeros": (lambda: bytes(10_000_000), "not JSON"),
    "an old HDF5 file": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(100), "old format"),
    "a truncated zip": (lambda: sound()[:-200], "no .keras file"),
    "half a zip": (lambda: sound()[: len(sound()) // 2], "no .keras file"),
    "the beginning of a zip": (lambda: b"PK\x03\x04", "no .keras file"),
    "a zip of nothing": (lambda: packed({}), "no config.json"),
    "a flipped bit": (_flipped, "cannot be unpacked"),
    "encrypted": (_encrypted, "cannot be unpacked"),
    "no config": (lambda: without(CONFIG), "no config.json"),
    "no weights": (lambda: without(WEIGHTS), "no model.weights.h5"),
    "a member twice": (_twice, "twice"),
    "many members": (lambda: packed({f"{n}": b"" for n in range(65)}), "65 members"),
    "a bomb": (lambda: with_member("more", bytes(20_000_000)), "too large"),
    "a bomb that says it is none": (_understated, "cannot be unpacked"),
    "a path upwards": (lambda: packed({f"../{n}": c for n, c in _sound().items()}), "no config.json"),
    "a path from the root": (lambda: packed({f"/{n}": c for n, c in _sound().items()}), "no config.json"),
    "config is no JSON": (lambda: with_member(CONFIG, b"{"), "config.json is not JSON"),
    "config is no UTF-8": (lambda: with_member(CONFIG, b"\xff\xfe{}"), "config.json is not JSON"),
    "config is a list": (lambda: with_member(CONFIG, b"[]"), "config.json is no object"),
    "config is deep": (lambda: with_member(CONFIG, DEEP), "too deeply"),
    "JSON that is deep": (lambda: DEEP, "too deeply"),
    "JSON of NaN": (lambda: b'{"seed": NaN}', "NaN"),
    "JSON of a huge number": (lambda: b'{"seed": 1e999}', "out of range"),
    "JSON of a list": (lambda: b"[1]", "no object"),
    "an experiment of another kind": (lambda: b'{"network": 5}', "experiment will not do"),
    "an experiment with too many neurons": (
        lambda: b'{"network": {"hidden": [{"neurons": 1000}]}}',
        "less than or equal to 64",
    ),
    "an experiment with a table that is not here": (
        lambda: json.dumps(
            {"data": {"name": "own", "table": "0" * 32, "inputs": ["a", "b"], "target": "c"}}
        ).encode(),
        "table that is not here",
    ),
    "no class": (lambda: configured(lambda model: model.pop("class_name")), "the model is"),
    "a class of one's own": (lambda: configured(lambda m: m.update(class_name="Mine")), "a Mine"),
    "no layers": (lambda: configured(lambda model: model["config"].pop("layers")), "no layers"),
    "layers of another kind": (lambda: configured(lambda m: m["config"].update(layers=[1])), "layer 1 is 1"),
    "only an input": (lambda: configured(_bared), "no Dense"),
    "a convolution": (lambda: with_layer(3, "Conv2D"), "layer 3 is a Conv2D"),
    "an LSTM": (lambda: with_layer(1, "LSTM"), "layer 1 is an LSTM"),
    "code": (lambda: with_layer(3, "Lambda", function="import os"), "layer 3 is a Lambda"),
    "a long name": (lambda: with_layer(3, "X" * 10_000), "layer 3 is an XXX"),
    "a model in the model": (lambda: with_layer(1, "Sequential", layers=[]), "layer 1 is a Sequential"),
    "two inputs": (lambda: with_layer(2, "InputLayer", batch_shape=[None, 2]), "another input"),
    "dropout of the inputs": (lambda: with_layer(1, "Dropout", rate=0.1), "of the inputs"),
    "dropout before an activation": (lambda: with_layer(3, "Dropout", rate=0.1), "activation"),
    "two dropouts": (lambda: with_layer(4, "Dropout", rate=0.1), "Dropout in a row"),
    "two activations": (lambda: with_layer(4, "Activation", activation="relu"), "follows another one"),
    "another slope": (lambda: with_layer(3, "LeakyReLU", negative_slope=0.3), "negative_slope 0.3"),
    "a capped ReLU": (lambda: with_layer(3, "ReLU", max_value=6.0), "max_value 6"),
    "an activation of one's own": (lambda: changed(3, activation="mish"), "activation 'mish'"),
    "an activation of code": (
        lambda: changed(3, activation={"class_name": "function", "config": "evil"}),
        "activation 'evil'",
    ),
    "too many units": (lambda: changed(1, units=1000), "1000 units"),
    "no units": (lambda: changed(1, units=0), "0 units"),
    "units that are a text": (lambda: changed(1, units="3"), "'3' units"),
    "units without end": (lambda: changed(1, units=10**19), "units"),
    "too many inputs": (lambda: changed(0, batch_shape=[None, 9]), "9 inputs"),
    "a picture as the input": (lambda: changed(0, batch_shape=[None, 28, 28]), "how many inputs"),
    "three inputs": (lambda: changed(0, batch_shape=[None, 3]), "3 inputs, and the data in force have 2"),
    "more dropout than there is": (lambda: changed(4, rate=1.0), "drops a share of 1.0"),
    "an output of ReLU": (lambda: changed(5, activation="relu"), "output layer has the activation relu"),
    "many outputs": (lambda: changed(5, units=2), "2 units with sigmoid"),
    "more classes than the data": (
        lambda: changed(5, units=7, activation="softmax"),
        "7 outputs, and the data in force have 2 classes",
    ),
    "hidden softmax": (lambda: changed(3, activation="softmax"), "hidden and has softmax"),
    "weights are no HDF5": (lambda: with_member(WEIGHTS, b"no"), "no HDF5"),
    "half the weights": (lambda: with_member(WEIGHTS, _sound()[WEIGHTS][:3000]), "weights"),
    "no weights of a layer": (lambda: stored(lambda s: s.__delitem__("layers/dense")), "no weights of dense"),
    "no bias": (lambda: stored(lambda s: s.__delitem__("layers/dense_1/vars/1")), "1 arrays"),
    "a group for a kernel": (
        lambda: stored(lambda s: (s.__delitem__(KERNEL), s.create_group(KERNEL))),
        "no numbers",
    ),
    "texts for a kernel": (lambda: _replaced(KERNEL, b"abc"), "no numbers"),
    "another shape": (lambda: _replaced(KERNEL, np.ones((3, 2), np.float32)), "3 x 2 weights"),
    "a kernel turned to one row": (lambda: _replaced(KERNEL, np.ones(6, np.float32)), "6 weights"),
    "NaN": (lambda: _replaced(KERNEL, NAN), "not all numbers"),
    "infinity": (lambda: _replaced(KERNEL, NAN * np.inf), "not all numbers"),
    "numbers beyond float32": (lambda: _replaced(KERNEL, np.full((2, 3), 1e300)), "not all numbers"),
    "a variance below zero": (
        lambda: _replaced("layers/batch_normalization/vars/3", np.full(3, -1, np.float32)),
        "variance below 0",
    ),
    "huge chunks": (
        lambda: _replaced(
            KERNEL,
            np.ones((2, 3), np.float32),
            chunks=(4000, 4000),
            maxshape=(None, None),
            compression="gzip",
        ),
        "not in the file",
    ),
    "a link to another file": (lambda: stored(_elsewhere), "no weights of dense"),
    "numbers of another file": (lambda: stored(_outside), "not in the file"),
    "numbers of another file by a view": (lambda: stored(_virtual), "not in the file"),
    "a lane that is none": (lambda: with_member(LANE, b"no lane"), "cannot be read"),
    "a lane of zeros": (lambda: with_member(LANE, bytes(1000)), "cannot be read"),
    "an experiment beside another model": (
        lambda: with_member(EXPERIMENT, make(hidden="5").model_dump_json().encode()),
        "another network",
    ),
}
