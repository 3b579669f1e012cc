"""The callback for notebooks: what it sends of every kind of model; a server that is wrong, slow or gone."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from app import live_message
from app.live_message import Message
from models.neural_playground_live import Live, LiveError, keras, reading_of, row_of
from tests.support.server import free_port

SIDE = 10
X = np.array([[-2, -1], [0, 3], [2, 1], [1, 0], [-1, 2], [2, -1]], np.float32)


class Fake:
    """A server that keeps what it is sent; `answer` gives the status of each message."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answer: Callable[[], int] = lambda: 204
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = fake.answer()
                if status == 204:
                    before = [one.about for one in fake.messages if one.about]
                    fake.messages.append(live_message.read(body, before[-1] if before else None))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def rows(self) -> list[float]:
        return [row[0] for message in self.messages for row in message.blocks.get("history", ())]


@pytest.fixture
def fake() -> Iterator[Fake]:
    running = Fake()
    yield running
    running.end()


def live(fake: Fake, **options: Any) -> Live:
    return Live(fake.url, "ab-cd", side=SIDE, **options)


def model_of(*layers: Any, loss: Any = "mse", name: str = "mine") -> Any:
    model = keras.Sequential([keras.Input((2,)), *layers], name=name)
    model.compile("sgd", loss)
    return model


def dense(units: int, activation: str = "linear", scale: float = 1.0) -> Any:
    initializer = keras.initializers.RandomNormal(stddev=scale, seed=1)
    return keras.layers.Dense(units, activation, kernel_initializer=initializer)


def cells(window: Any) -> Any:
    (left, right), (bottom, top) = window
    part = [(i + 0.5) / SIDE for i in range(SIDE)]
    return np.array(
        [[left + (right - left) * u, top - (top - bottom) * v] for v in part for u in part], np.float32
    )


WINDOW = ((-3.0, 3.0), (-2.0, 4.0))


def fitted(fake: Fake, model: Any, y: Any, epochs: int = 2, **options: Any) -> Any:
    """The model after that many epochs; the fake has what was sent."""
    model.fit(X, y, epochs=epochs, verbose=0, callbacks=[live(fake, data=(X, y), window=WINDOW, **options)])
    return model


def as_it_is(raw: Any) -> Any:
    return raw


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def clipped(raw: Any) -> Any:
    return np.clip(raw, -1, 1)


LOGITS: Any = keras.losses.BinaryCrossentropy(from_logits=True)


@pytest.mark.parametrize(
    ("activation", "loss", "labels", "shown", "expected"),
    [
        ("sigmoid", "binary_crossentropy", (0, 1), "sigmoid", as_it_is),
        ("linear", LOGITS, (0, 1), "sigmoid", sigmoid),
        ("tanh", "mse", (-1, 1), "tanh", as_it_is),
        ("linear", "hinge", (0, 1), "tanh", clipped),
    ],
)
def test_one_output_tells_two_classes_apart(
    fake: Fake,
    activation: str,
    loss: Any,
    labels: tuple[int, int],
    shown: str,
    expected: Callable[[Any], Any],
) -> None:
    y = np.array([labels[i] for i in (0, 1, 1, 0, 0, 1)], np.float32)
    model = fitted(fake, model_of(dense(1, activation), loss=loss), y)
    first, last = fake.messages[0], fake.messages[-1]
    assert first.about
    assert (first.about.problem, first.about.classes, first.about.activation) == ("classification", 2, shown)
    assert first.blocks["points"][:, 2].tolist() == [-1, 1, 1, -1, -1, 1]
    ((low, high),) = last.blocks["ranges"]
    assert (low, high) == ((-1, 1) if shown == "tanh" else (0, 1))
    found = low + last.blocks["boundary"] / 254 * (high - low)
    raw = model.predict(cells(WINDOW), verbose=0).reshape(SIDE, SIDE)
    np.testing.assert_allclose(found, expected(raw), atol=(high - low) / 254)


@pytest.mark.parametrize("logits", [False, True])
@pytest.mark.parametrize("classes", [2, 3, 8])
def test_several_outputs_are_classes(fake: Fake, classes: int, logits: bool) -> None:
    y = np.array([0, 1, 1, 0, 1, classes - 1])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
    model = fitted(fake, model_of(dense(classes, "linear" if logits else "softmax"), loss=loss), y)
    raw = model.predict(cells(WINDOW), verbose=0).astype(float)
    if logits:
        raw = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    blocks = fake.messages[-1].blocks
    if classes == 2:
        np.testing.assert_allclose(blocks["boundary"].ravel() / 254, raw[:, 1], atol=1 / 254)
        return
    assert fake.messages[0].blocks["points"][:, 2].tolist() == y.tolist()
    each = blocks["neurons"].reshape(classes, -1).T / 254
    np.testing.assert_allclose(each, raw, atol=1 / 254)
    np.testing.assert_array_equal(blocks["boundary"].ravel() >> 5, raw.argmax(axis=1))
    np.testing.assert_allclose((blocks["boundary"].ravel() & 31) / 31, raw.max(axis=1), atol=0.5 / 31 + 1e-6)


def test_a_number_is_shown_in_units_of_the_target(fake: Fake) -> None:
    y = np.array([100, 130, 90, 170, 110, 60], np.float32)
    model = fitted(fake, model_of(dense(1)), y, axes=("length", "width"))
    about, blocks = fake.messages[0].about, fake.messages[-1].blocks
    assert about
    assert (about.problem, [axis.name for axis in about.axes]) == ("regression", ["length", "width"])
    assert (about.target.mean, about.target.scale) == pytest.approx((y.mean(), y.std()))
    ((low, high),) = blocks["ranges"]
    found = about.target.mean + about.target.scale * (low + blocks["boundary"] / 254 * (high - low))
    raw = model.predict(cells(WINDOW), verbose=0).reshape(SIDE, SIDE)
    reach = float(about.target.scale * high)
    expected = np.clip(raw, about.target.mean - reach, about.target.mean + reach)
    np.testing.assert_allclose(found, expected, atol=reach / 127)
    points = fake.messages[0].blocks["points"]
    np.testing.assert_allclose(points[:, 0], X[:, 0] * 2, rtol=1e-6)  # -3 to 3 becomes -6 to 6
    np.testing.assert_allclose(points[:, 1], (X[:, 1] - 1) * 2, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(about.target.mean + about.target.scale * points[:, 2], y, rtol=1e-5)


def test_numbers_that_overflow_are_said_and_not_sent(fake: Fake) -> None:
    fitted(fake, model_of(dense(1, scale=2e38)), np.array([0, 1, 2, 3, 4, 5], np.float32), epochs=3)
    assert fake.messages[-1].state == "diverged"
    assert fake.rows == [1, 2, 3]


class OfMyOwn(keras.Model):
    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self.inside = keras.layers.Dense(4, "gelu")
        self.last = keras.layers.Dense(1, "sigmoid")

    def call(self, inputs: Any) -> Any:
        return self.last(self.inside(inputs) ** 2)


def test_a_class_of_ones_own_and_a_second_fit(fake: Fake) -> None:
    model = OfMyOwn()
    model.compile("adam", "binary_crossentropy")
    y = np.array([0, 1, 1, 0, 0, 1], np.float32)
    callback = live(fake, data=(X, y), test=(X[:2], y[:2]))
    for _ in range(2):
        model.fit(X, y, epochs=3, batch_size=2, verbose=0, callbacks=[callback])
    begun = [message for message in fake.messages if message.about]
    assert len(begun) == 2
    about = begun[0].about
    assert about
    assert [layer.kind for layer in about.layers] == ["Dense", "Dense"]
    assert (about.train, about.test, about.parameters, about.epochs) == (6, 2, 17, 3)
    assert fake.rows == [1, 2, 3, 1, 2, 3]
    assert (fake.messages[-1].state, fake.messages[-1].step) == ("finished", 9)


# What cannot be shown.


def three_inputs() -> Any:
    model = keras.Sequential([keras.Input((3,)), dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("model", "x", "said"),
    [
        (three_inputs, np.zeros((4, 3), np.float32), "expected two input columns"),
        (lambda: model_of(dense(9)), X[:4], "9 outputs; expected 1 to 8"),
    ],
    ids=["three inputs", "nine outputs"],
)
def test_a_model_that_cannot_be_shown_is_refused(
    fake: Fake, model: Callable[[], Any], x: Any, said: str
) -> None:
    made = model()
    with pytest.raises(LiveError, match=said):
        made.fit(x, np.zeros((4, made.output_shape[1])), verbose=0, callbacks=[live(fake)])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"data": (np.zeros((4, 3)), np.zeros(4))}, r"\(4, 3\) and \(4,\); expected"),
        ({"data": (np.full((4, 2), np.nan), np.zeros(4))}, "not finite"),
        ({"frames_per_second": 5}, "at most 4"),
    ],
)
def test_data_that_cannot_be_shown_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(LiveError, match=said):
        Live("http://127.0.0.1:1", "ab-cd", **options)


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "nonsense"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(LiveError, match="expected"):
        model_of(dense(1)).fit(X, X[:, 0], verbose=0, callbacks=[Live(address, "ab-cd")])


def test_rows() -> None:
    row = row_of(3, {"loss": 0.5, "binary_accuracy": 0.75, "val_binary_accuracy": 0.25, "val_loss": np.inf})
    np.testing.assert_array_equal(row, np.array([3, 0.5, 0.75, np.nan, np.nan, 0.25, np.nan], np.float32))


def test_reading_without_labels() -> None:
    assert reading_of(np.zeros((4, 1), np.float32), None, "binary_crossentropy").classes == 2
    assert reading_of(np.zeros((4, 1), np.float32), None, "mse").classes == 0


# A server that is wrong, slow or gone.


def train(callback: Live, *others: Any, epochs: int = 6) -> int:
    """How many epochs were trained, all of them if nothing stops it."""
    model = model_of(dense(1))
    callbacks = [callback, *others]
    return len(model.fit(X, X[:, 0], epochs=epochs, verbose=0, callbacks=callbacks).history["loss"])


@pytest.mark.parametrize("status", [403, 404, 422])
def test_a_refusal_stops_it_before_it_begins(fake: Fake, status: int) -> None:
    fake.answer = lambda: status
    with pytest.raises(LiveError, match=str(status)):
        train(live(fake))


def test_a_server_that_was_never_there_is_told_once() -> None:
    with pytest.warns(UserWarning, match="training goes on") as told:
        assert train(Live(f"http://127.0.0.1:{free_port()}", "ab-cd")) == 6
    assert len(told) == 1


class After(keras.callbacks.Callback):
    """Does something after the third epoch."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self.act = act

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            self.act()


def test_a_server_that_goes_away_does_not_stop_it() -> None:
    fake = Fake()
    with pytest.warns(UserWarning, match="training goes on"):
        assert train(live(fake), After(fake.end)) == 6
    assert fake.messages[0].state == "learning"


def test_a_server_that_forgets_the_page_is_told_and_does_not_stop_it(fake: Fake) -> None:
    def forget() -> None:
        fake.answer = lambda: 404

    with pytest.warns(UserWarning, match="no longer follows"):
        assert train(live(fake), After(forget)) == 6


def test_a_server_that_hangs_does_not_hold_it_up(fake: Fake) -> None:
    stuck, trained = threading.Event(), threading.Event()

    def hang() -> int:
        if len(fake.messages) > 0:
            stuck.set()
            trained.wait(60)  # answers only once the training is over, long after its last word
        return 204

    fake.answer = hang
    release = keras.callbacks.LambdaCallback(on_train_end=lambda logs: trained.set())
    # Keras calls callbacks in turn: the release comes before the callback's own end.
    model = model_of(dense(1))
    model.fit(X, X[:, 0], epochs=6, verbose=0, callbacks=[release, live(fake)])
    assert fake.messages[-1].state == "finished"
    assert fake.rows == [1, 2, 3, 4, 5, 6]


def test_what_was_too_fast_comes_later_with_every_row(fake: Fake) -> None:
    answers = iter([204, 429, 503])
    fake.answer = lambda: next(answers, 204)
    with pytest.warns(UserWarning, match="answers 429"):
        assert train(live(fake)) == 6
    assert fake.rows == [1, 2, 3, 4, 5, 6]
