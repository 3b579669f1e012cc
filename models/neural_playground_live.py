"""Shows a Keras model of your own while it learns, on a page of a Neural Playground server.

    from neural_playground_live import Live

    model.fit(x, y, validation_data=(x_test, y_test), epochs=100,
              callbacks=[Live("http://127.0.0.1:8000", token="...", data=(x, y), test=(x_test, y_test))])

Any Keras model of two input columns will do, with layers of your own, too. This file needs keras and numpy
and nothing else: put it beside your notebook. A server that is slow or gone does not disturb the training.
"""

import http.client
import importlib
import json
import struct
import threading
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

keras: Any = importlib.import_module("keras")  # has no type stubs

Floats = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]

VERSION = 1
PLANE = 6.0  # pictures and points are sent stretched to [-PLANE, PLANE]²
LEVELS = 254.0  # value = low + byte / LEVELS * (high - low)
MOST_OUTPUTS = 8
MOST_POINTS = (1000, 1000)  # of data and of test that are shown
MOST_LAYERS = 100  # that are listed
MOST_ROWS = 1000  # of the history in one message
TIMEOUT = 5.0  # seconds
RETRY = 0.5  # seconds between attempts
LAST_WORD = 3.0  # seconds that the end of the training waits for its last message
SHARE = 0.1  # of the time that pictures may take from training
UNTOLD = np.float32(np.nan)


class LiveError(ValueError):
    """What stops a training before it begins: a wrong token, or a model or data that cannot be shown."""


class _NotNow(OSError):
    """The server is there, but will not take this now."""


@dataclass(frozen=True)
class Picture:
    """Outputs as bytes: `boundary` (side, side); of more than two classes each in `outputs`, too."""

    boundary: Bytes
    ranges: Floats  # (pictures, 2): low and high, the boundary's last
    outputs: Bytes | None
    finite: bool


@dataclass(frozen=True)
class Reading:
    """How a model's outputs are read. `classes`: 0 for a number to predict, else 2 to 8."""

    classes: int
    activation: str  # whose range the outputs have: sigmoid, tanh, softmax or linear
    squash: Callable[[Floats], Floats]  # raw outputs (n, outputs) to shown ones
    mean: float = 0.0  # of a number to predict
    scale: float = 1.0
    reach: float = 1.0  # furthest value that is told apart, in scales from the mean

    def picture(self, raw: Floats, side: int) -> Picture:
        """Of the raw outputs (side², outputs) at the cells of the plane, row by row from the top."""
        finite = bool(np.isfinite(raw).all())
        shown = self.squash(np.nan_to_num(raw.astype(np.float64), nan=0.0, posinf=1e30, neginf=-1e30))
        square = (side, side)
        if self.classes > 2:
            likeliest, sureness = shown.argmax(axis=1), shown.max(axis=1)
            regions = (32 * likeliest + np.rint(31 * sureness)).astype(np.uint8).reshape(square)
            each = _quantised(shown.T, 0.0, 1.0).reshape(self.classes, *square)
            return Picture(
                regions, np.tile(np.array([0, 1], np.float32), (self.classes + 1, 1)), each, finite
            )
        if self.classes == 0:
            values, low, high = (shown[:, 0] - self.mean) / self.scale, -self.reach, self.reach
        else:
            values, low, high = shown[:, -1], -1.0 if self.activation == "tanh" else 0.0, 1.0
        bytes_ = _quantised(values, low, high).reshape(square)
        return Picture(bytes_, np.array([[low, high]], np.float32), None, finite)


def _quantised(values: Floats, low: float, high: float) -> Bytes:
    return np.rint(LEVELS * np.clip((values - low) / (high - low), 0.0, 1.0)).astype(np.uint8)


def _sigmoid(z: Floats) -> Floats:
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def _softmax(z: Floats) -> Floats:
    grown = np.exp(np.clip(z - z.max(axis=1, keepdims=True), -700.0, 0.0))
    return grown / grown.sum(axis=1, keepdims=True)


def _as_it_is(values: Floats) -> Floats:
    return values


def reading_of(raw: Floats, labels: npt.NDArray[Any] | None, loss: object) -> Reading:
    """How to read outputs like `raw` (n, outputs) of a model with that loss.

    Several outputs are classes: probabilities, or logits, which a softmax makes probabilities. One output
    tells two classes apart if the loss is a cross-entropy or a hinge, or if there are just two different
    labels; else it predicts a number.

    Raises:
        LiveError: there are too many outputs.
    """
    outputs = raw.shape[1]
    if outputs > MOST_OUTPUTS:
        raise LiveError(f"the model has {outputs} outputs; expected 1 to {MOST_OUTPUTS}")
    name = _name_of(loss)
    logits = bool(getattr(loss, "from_logits", False))
    if outputs > 1:
        sums = raw.sum(axis=1)
        shares = not logits and bool((raw >= -1e-3).all() and (np.abs(sums - 1) < 1e-2).all())
        return Reading(outputs, "softmax" if outputs > 2 else "sigmoid", _as_it_is if shares else _softmax)
    known = np.unique(labels) if labels is not None and labels.size else np.array([])
    if "crossentropy" in name or "hinge" in name or len(known) in (1, 2):
        if "hinge" in name or (len(known) and known[0] < 0):
            return Reading(2, "tanh", _as_it_is)
        return Reading(2, "sigmoid", _sigmoid if logits else _as_it_is)
    values = np.asarray(labels if len(known) else raw, np.float64)
    mean, scale = float(values.mean()), float(values.std()) or 1.0
    reach = 1.2 * max(1.0, float(np.abs(values - mean).max()) / scale)
    return Reading(0, "linear", _as_it_is, mean, scale, reach)


def _name_of(loss: object) -> str:
    """Of a loss as `compile` takes it, in small letters without underscores."""
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    return str(name).lower().replace("_", "")


def frame(header: Mapping[str, Any], blocks: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """A message: the length of the header, the header as JSON, and arrays, each at a multiple of 4 bytes."""
    kinds = {"float32": "f4", "uint8": "u1"}
    listed = [[name, kinds[str(block.dtype)], list(block.shape)] for name, block in blocks.items()]
    text = json.dumps({**header, "blocks": listed}, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    parts = [struct.pack("<I", len(text)), text]
    for block in blocks.values():
        raw = block.astype(block.dtype.newbyteorder("<")).tobytes()
        parts += [raw, b"\0" * (-len(raw) % 4)]
    return b"".join(parts)


@dataclass(frozen=True)
class Points:
    """Inputs (n, 2) and labels (n,): numbers, or the numbers of classes."""

    inputs: Floats
    labels: npt.NDArray[np.float64]

    @classmethod
    def of(cls, data: tuple[Any, Any], most: int) -> "Points":
        """Of (x, y), at most so many. LiveError if they are not two columns and a label each."""
        x, y = (np.asarray(keras.ops.convert_to_numpy(part), np.float64) for part in data)
        if x.ndim != 2 or x.shape[1] != 2 or len(x) != len(y) or len(x) == 0:
            raise LiveError(f"the data have the shapes {x.shape} and {y.shape}; expected (n, 2) and (n,)")
        labels = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y), -1)[:, 0]
        if not (np.isfinite(x).all() and np.isfinite(labels).all()):
            raise LiveError("the data have numbers that are not finite; expected finite ones")
        chosen = np.linspace(0, len(x) - 1, min(most, len(x))).astype(int)
        return cls(x[chosen].astype(np.float32), labels[chosen].astype(np.float64))


class Live(keras.callbacks.Callback):
    """Shows the model that `fit` trains on the page that belongs to the token.

    address: of the server, as in the browser, up to the port (or the path of a proxy).
    data, test: (x, y) to show as points; x has two columns. Labels: numbers, of classes 0, 1, ... or one-hot.
    window: what of the plane is shown, ((low, high), (low, high)); else as far as the points go.
    names: of the classes. axes: of the two columns. side: cells of the picture a side, 10 to 100.
    frames_per_second: most pictures; fewer where they would take more than a tenth of the time.
    """

    model: Any  # Keras sets these two
    params: Any

    def __init__(
        self,
        address: str,
        token: str,
        *,
        data: tuple[Any, Any] | None = None,
        test: tuple[Any, Any] | None = None,
        window: tuple[tuple[float, float], tuple[float, float]] | None = None,
        names: Sequence[str] = (),
        axes: tuple[str, str] = ("x1", "x2"),
        side: int = 50,
        frames_per_second: float = 4.0,
    ) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        if not address.startswith(("http://", "https://")):
            raise LiveError(f"{address} is no address; expected one such as http://127.0.0.1:8000")
        if not 10 <= side <= 100:
            raise LiveError(f"side is {side}; expected 10 to 100")
        if not 0 < frames_per_second <= 4:
            raise LiveError(f"frames_per_second is {frames_per_second}; expected more than 0, at most 4")
        self._address = f"{address.rstrip('/')}/api/live/{token.partition('-')[0]}/frames"
        self._token = token
        self._train = Points.of(data, MOST_POINTS[0]) if data is not None else None
        self._test = Points.of(test, MOST_POINTS[1]) if test is not None else None
        self._window = window if window is not None else self._reach()
        self._names, self._axes, self._side = list(names), axes, side
        self._pause = 1.0 / frames_per_second
        self._sender: _Sender | None = None
        self._reading: Reading | None = None
        self._epoch = self._step = 0
        self._next = 0.0
        self._warned = False

    def _reach(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """As far as the points go, and a little more."""
        known = [points.inputs for points in (self._train, self._test) if points is not None]
        if not known:
            return (-PLANE, PLANE), (-PLANE, PLANE)
        x = np.concatenate(known).astype(np.float64)
        low, high = x.min(axis=0), x.max(axis=0)
        margin = np.where(high > low, 0.08 * (high - low), 1.0)
        (a, b), (c, d) = np.stack([low - margin, high + margin], axis=1).tolist()
        return (a, b), (c, d)

    # What Keras calls.

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Tells the page what is trained. LiveError if the server refuses it, or if it cannot be shown."""
        self._close()
        self._epoch = self._step = 0
        self._warned = False
        raw = self._outputs(check=True)
        labels = self._train.labels if self._train is not None else None
        self._reading = reading_of(raw, labels, getattr(self.model, "loss", None))
        about, points = self._about(self._reading)
        self._sender = _Sender(self._address, self._token, about, points)
        self._sender.first(*self._sent("learning", raw))
        self._next = time.monotonic() + self._pause
        self._tell()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Sends a picture if one is due."""
        self._step += 1
        self._show_if_due()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes the epoch's figures; they go with the next picture."""
        self._epoch = epoch + 1
        if self._sender is not None:
            self._sender.note(row_of(self._epoch, logs or {}))
        self._show_if_due()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Sends the last picture."""
        self._show("finished")
        self._close()
        self._tell()

    def _show_if_due(self) -> None:
        if time.monotonic() >= self._next:
            self._show("learning")
            self._tell()

    def _show(self, state: str) -> None:
        if self._sender is None or self._sender.refused:
            return
        begun = time.monotonic()
        self._sender.put(*self._sent(state, self._outputs()))
        now = time.monotonic()
        self._next = now + max(self._pause, (now - begun) / SHARE)

    def _close(self) -> None:
        if self._sender is not None:
            self._sender.close(LAST_WORD)

    def _tell(self) -> None:
        """Warns of trouble, once, from the thread that trains, so that a notebook shows it there."""
        trouble = self._sender.trouble if self._sender is not None else ""
        if trouble and not self._warned:
            self._warned = True
            warnings.warn(trouble, stacklevel=2)

    # What is sent.

    def _outputs(self, check: bool = False) -> Floats:
        """The model's outputs (side², outputs) at the centres of the cells, row by row from the top."""
        places = (np.arange(self._side) + 0.5) / self._side
        (left, right), (bottom, top) = self._window
        x1, x2 = np.meshgrid(left + (right - left) * places, top - (top - bottom) * places)
        cells = np.stack([x1.ravel(), x2.ravel()], axis=1).astype(np.float32)
        if check:
            self._check_inputs()
        try:
            raw = np.asarray(keras.ops.convert_to_numpy(self.model(cells, training=False)), np.float32)
        except Exception as error:
            if not check:
                raise
            raise LiveError(
                f"the model does not take two columns of numbers, (n, 2); expected one that does: {error}"
            ) from error
        if raw.ndim == 1:
            raw = raw[:, None]
        if raw.ndim != 2 or len(raw) != len(cells):
            raise LiveError(f"the model answers {raw.shape}; expected one row a point, (n, outputs)")
        return raw

    def _check_inputs(self) -> None:
        shape: Any = getattr(self.model, "input_shape", None)
        if shape is None:
            return  # a class of one's own need not say; it is tried
        if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] not in (2, None):  # pyright: ignore[reportUnknownArgumentType]
            raise LiveError(f"the model takes {shape}; expected two input columns, (None, 2)")

    def _sent(self, state: str, raw: Floats) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and blocks of a message, without the model and without rows of the history."""
        assert self._reading is not None
        picture = self._reading.picture(raw, self._side)
        blocks: dict[str, Any] = {"ranges": picture.ranges, "boundary": picture.boundary}
        if picture.outputs is not None:
            blocks["neurons"] = picture.outputs
        state = state if picture.finite else "diverged"
        return {"version": VERSION, "state": state, "epoch": self._epoch, "step": self._step}, blocks

    def _about(self, reading: Reading) -> tuple[dict[str, Any], Floats]:
        """The model and the points (n, 3), stretched to the plane; labels of two classes are -1 and 1."""
        known = [points for points in (self._train, self._test) if points is not None]
        inputs = np.concatenate([points.inputs for points in known]) if known else np.zeros((0, 2))
        labels = np.concatenate([points.labels for points in known]) if known else np.zeros(0)
        edges = np.array(self._window)
        placed = -PLANE + 2 * PLANE * (inputs - edges[:, 0]) / (edges[:, 1] - edges[:, 0])
        if reading.classes == 2 and len(labels):
            labels = np.where(labels > (labels.min() + labels.max()) / 2, 1.0, -1.0)
            if labels.min() == labels.max() and known[0].labels.max() > 0:
                labels = -labels
        elif reading.classes == 0:
            labels = (labels - reading.mean) / reading.scale
        elif len(labels) and not (np.isin(labels, np.arange(reading.classes)).all()):
            raise LiveError(f"the labels are no classes; expected whole numbers 0 to {reading.classes - 1}")
        if len(self._names) not in (0, reading.classes):
            raise LiveError(f"there are {len(self._names)} names; expected one a class, {reading.classes}")
        model = self.model
        given: dict[str, Any] = self.params or {}
        about = {
            "model": short(getattr(model, "name", "model")),
            "layers": layers_of(model),
            "parameters": int(model.count_params()),
            "epochs": int(given.get("epochs") or 0),
            "problem": "classification" if reading.classes else "regression",
            "classes": reading.classes,
            "names": [short(name) for name in self._names],
            "activation": reading.activation,
            "axes": [
                {"name": short(name), "low": float(low), "high": float(high)}
                for name, (low, high) in zip(self._axes, self._window, strict=True)
            ],
            "target": {"mean": reading.mean, "scale": reading.scale},
            "train": len(self._train.labels) if self._train is not None else 0,
            "test": len(self._test.labels) if self._test is not None else 0,
        }
        return about, np.column_stack([placed, labels]).astype(np.float32)


def short(text: object, most: int = 60) -> str:
    """A text as the page has room for."""
    found = str(text) or "?"
    return found if len(found) <= most else found[: most - 1] + "…"


def layers_of(model: Any) -> list[dict[str, Any]]:
    """Name, kind, output shape and number of parameters of every layer, the first hundred."""
    found: list[dict[str, Any]] = []
    for layer in list(getattr(model, "layers", ()))[:MOST_LAYERS]:
        try:
            shape = f"({', '.join(map(str, layer.output.shape))})"
        except Exception:  # a layer that was not called alone does not say
            shape = ""
        parameters = int(layer.count_params()) if layer.built else 0
        name, kind = short(layer.name), short(type(layer).__name__)
        found.append({"name": name, "kind": kind, "shape": short(shape), "parameters": parameters})
    return found


def row_of(epoch: int, logs: Mapping[str, Any]) -> Floats:
    """Epoch, loss, accuracy, penalty, and the three of the validation data; NaN where there is none."""
    accuracy = next((name for name in logs if "acc" in name and not name.startswith("val_")), "accuracy")
    names = ("loss", accuracy, "", "val_loss", f"val_{accuracy}", "")
    row = np.array([epoch, *(float(logs.get(name, UNTOLD)) for name in names)], np.float32)
    return np.where(np.isfinite(row), row, UNTOLD)


class _Sender:
    """Sends the latest picture and all rows from a thread of its own; what is overtaken is not sent."""

    def __init__(self, address: str, token: str, about: dict[str, Any], points: Floats) -> None:
        self.trouble = ""  # to be told, in plain words
        self.refused = False  # for good
        self._address, self._token = address, token
        self._about: dict[str, Any] | None = about  # until the server has it
        self._points = points
        self._rows: list[Floats] = []
        self._latest: tuple[dict[str, Any], dict[str, Any]] | None = None
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="neural-playground-live", daemon=True)

    def first(self, header: dict[str, Any], blocks: dict[str, Any]) -> None:
        """Sends what the page begins with, and waits for the answer. LiveError if the server refuses it."""
        self._latest = (header, blocks)
        try:
            self._send()
        except LiveError:
            self.refused = True
            raise
        except OSError as error:
            self.trouble = unreached(self._address, error)
        self._thread.start()

    def note(self, row: Floats) -> None:
        """A row of the history, to go with the next picture."""
        with self._changed:
            self._rows.append(row)
            if len(self._rows) > 4 * MOST_ROWS:  # the server is away for long
                self._rows = self._rows[::2]

    def put(self, header: dict[str, Any], blocks: dict[str, Any]) -> None:
        """The picture to send next, in place of one that still waits."""
        with self._changed:
            self._latest = (header, blocks)
            self._changed.notify()

    def close(self, within: float) -> None:
        """Sends what waits, for so many seconds at most."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(within)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._latest is not None or self._closing)
                if self._latest is None:
                    return
            try:
                self._send()
            except LiveError as error:
                self.trouble = f"The page no longer follows this training: {error}."
                self.refused = True
                return
            except OSError as error:
                self.trouble = self.trouble or unreached(self._address, error)
                if self._closing and not isinstance(error, _NotNow):
                    return
                time.sleep(RETRY)

    def _send(self) -> None:
        """Sends the latest; if that fails it waits again, unless a newer one does."""
        with self._changed:
            assert self._latest is not None
            (header, blocks), self._latest = self._latest, None
            rows, self._rows = self._rows[:MOST_ROWS], self._rows[MOST_ROWS:]
            about = self._about
        sent = dict(blocks)
        if rows:
            sent["history"] = np.stack(rows)
        if about is not None:
            header, sent["points"] = {**header, "about": about}, self._points
        try:
            post(self._address, self._token, frame(header, sent))
        except OSError:
            with self._changed:
                self._rows = rows + self._rows
                self._latest = self._latest or (header, blocks)
            raise
        with self._changed:
            self._about = None
            if self._rows and self._latest is None:
                self._latest = (header, blocks)  # more rows than one message holds


def unreached(address: str, error: OSError) -> str:
    """The warning for a server that does not answer."""
    reason = getattr(error, "reason", error)
    return f"The training goes on, but its page does not follow it ({address}: {reason})."


def post(address: str, token: str, body: bytes) -> None:
    """Sends a message. LiveError if the server refuses it for good, OSError if it may take it later."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    try:
        request = urllib.request.Request(address, body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            return
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 429 or error.code >= 500:
                raise _NotNow(f"the server answers {error.code}") from error
            raise LiveError(refusal(error.code, error.read(10_000))) from error
    except http.client.HTTPException as error:
        raise OSError("it breaks off") from error


def refusal(status: int, body: bytes) -> str:
    """What the server says in the form of its errors, else just the status."""
    try:
        error: dict[str, str] = json.loads(body)["error"]
        return f"{error['message'].rstrip('.')}; expected {error['expected']}"
    except (ValueError, KeyError, TypeError):
        return f"the server answers {status}; expected a Neural Playground server at this address"
