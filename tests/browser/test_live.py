"""A notebook's own model, with a layer that nobody here knows, on a page of the running server."""

import re
import runpy
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocket, expect

from models import frame
from models.neural_playground_live import Live, LiveError, keras
from tests.browser.conftest import Visit
from tests.browser.test_accessible import AXE, VIOLATIONS
from tests.support.server import ROOT, Server

EPOCHS = 30
SIDE = 20
PHONE = {"width": 390, "height": 844}
WINDOW = ((-4.0, 4.0), (-4.0, 4.0))


class Radial(keras.layers.Layer):
    """exp(-|x - c|² s): a layer that the playground does not have."""

    add_weight: Any

    def build(self, input_shape: Any) -> None:
        self.centres = self.add_weight(shape=(2, 8), initializer=keras.initializers.RandomNormal(seed=1))
        self.sharpness = self.add_weight(shape=(8,), initializer="ones")

    def call(self, inputs: Any) -> Any:
        distance = keras.ops.sum((inputs[..., None] - self.centres) ** 2, axis=1)
        return keras.ops.exp(-distance * self.sharpness)


def a_model() -> Any:
    last = keras.layers.Dense(1, "sigmoid", kernel_initializer=keras.initializers.GlorotUniform(seed=1))
    model = keras.Sequential([keras.Input((2,)), Radial(name="bells"), last], name="radial")
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
    return model


def a_disc() -> tuple[Any, Any]:
    x = np.random.default_rng(0).uniform(-3, 3, (64, 2)).astype(np.float32)
    return x, (np.hypot(x[:, 0], x[:, 1]) < 2).astype(np.float32)


class Gate(keras.callbacks.Callback):
    """Stops the training at the ends of its epochs, so that the page can be looked at in between."""

    def __init__(self, *epochs: int) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType]
        self.epochs = epochs
        self.goes_on = threading.Semaphore(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch + 1 in self.epochs:
            self.goes_on.acquire(timeout=60)


class Notebook:
    """`fit` in a thread, as in a notebook beside the page."""

    def __init__(self, model: Any, callbacks: list[Any]) -> None:
        self.history: Any = None
        x, y = a_disc()

        def fit() -> None:
            options: dict[str, Any] = {"epochs": EPOCHS, "batch_size": 16, "verbose": 0, "shuffle": False}
            self.history = model.fit(
                x[:48], y[:48], validation_data=(x[48:], y[48:]), callbacks=callbacks, **options
            ).history

        self.thread = threading.Thread(target=fit, daemon=True)
        self.thread.start()

    def end(self) -> None:
        self.thread.join(60)
        assert not self.thread.is_alive()


class Shown:
    """What the page was sent: its latest picture, and its rows."""

    def __init__(self, page: Page) -> None:
        self.picture: Any = None
        self.header: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.rows: dict[int, list[float]] = {}
        page.on("websocket", self._follow)

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)

    def _take(self, payload: str | bytes) -> None:
        if isinstance(payload, str):
            return
        self.header, blocks = frame.decode(payload)
        self.about = self.header.get("about", self.about)
        ((low, high),) = blocks["ranges"]
        self.picture = low + blocks["boundary"].astype(float) / 254 * (high - low)
        self.rows |= {int(row[0]): row.tolist() for row in blocks.get("history", ())}


def on_the_grid(model: Any) -> Any:
    """By hand: the model at the centres of the cells, the top row first."""
    places = [-4 + 8 * (i + 0.5) / SIDE for i in range(SIDE)]
    cells = np.array([[x1, x2] for x2 in reversed(places) for x1 in places], np.float32)
    return model.predict(cells, verbose=0).reshape(SIDE, SIDE)


def connected(visit: Visit) -> tuple[str, str, str]:
    """A page made by the button in Code and files: its link, its token, and the lines for the notebook."""
    page = visit().page
    page.get_by_role("button", name="Code and files").click()
    page.get_by_role("button", name="Connect your own notebook").click()
    lines = page.get_by_role("region", name="Lines for your notebook").inner_text()
    token = re.search(r'token="([\da-f]+-[\da-f]+)"', lines)
    assert token
    return str(page.locator("#take-live-link").get_attribute("href")), token[1], lines


def test_the_lines_for_a_notebook_are_copied(visit: Visit) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"]).page
    page.get_by_role("button", name="Code and files").click()
    page.get_by_role("button", name="Connect your own notebook").click()
    lines = page.get_by_role("region", name="Lines for your notebook")
    expect(lines).to_contain_text("callbacks=[live]")
    page.locator("#take-live-copy").click()
    expect(page.locator("#take-live-said")).to_have_text("The code is copied.")
    assert page.evaluate("navigator.clipboard.readText()").strip() == (lines.text_content() or "").strip()


def test_a_model_with_a_layer_of_its_own_learns_on_the_page(
    visit: Visit, open_page: Callable[..., Page], server: Server
) -> None:
    link, token, _ = connected(visit)
    assert link == f"{server.url}/live/{token.partition('-')[0]}"
    page = open_page(server.url, viewport={"width": 1366, "height": 900})
    shown = Shown(page)
    page.goto(link)
    status, boundary = page.get_by_test_id("status"), page.get_by_role("img", name="Decision boundary")
    expect(status).to_have_text("Waiting for the notebook")
    expect(boundary).to_be_hidden()

    x, y = a_disc()
    model, gate = a_model(), Gate(1, 2)
    shows: dict[str, Any] = {"data": (x[:48], y[:48]), "test": (x[48:], y[48:])}
    live = Live(server.url, token, **shows, window=WINDOW, side=SIDE, frames_per_second=4)
    notebook = Notebook(model, [live, gate])
    expect(status).to_have_text("Learning")
    expect(boundary).to_be_visible()
    first = on_the_canvas(boundary)
    # Another visitor, who has a phone, speaks German, and likes it dark.
    phone = open_page(
        server.url, viewport=PHONE, is_mobile=True, has_touch=True, locale="de", color_scheme="dark"
    )
    phone.goto(link)
    expect(phone.locator("html")).to_have_attribute("lang", "de")
    expect(phone.get_by_test_id("status")).to_have_text("Lernt")
    for _ in gate.epochs:
        gate.goes_on.release()
    notebook.end()
    expect(status).to_have_text("Finished")
    expect(page.get_by_test_id("epoch")).to_have_text(str(EPOCHS))
    expect(page.locator("#chart .js-line")).to_have_count(2)
    assert on_the_canvas(boundary) != first

    # What the page got is the model, to within a byte, and what Keras says of its epochs.
    assert (shown.header["state"], shown.header["step"]) == ("finished", 3 * EPOCHS)
    np.testing.assert_allclose(shown.picture, on_the_grid(model), atol=1 / 254)
    assert sorted(shown.rows) == list(range(1, EPOCHS + 1))
    for place, name in ((1, "loss"), (2, "accuracy"), (4, "val_loss"), (5, "val_accuracy")):
        found = [shown.rows[epoch][place] for epoch in range(1, EPOCHS + 1)]
        np.testing.assert_allclose(found, notebook.history[name], rtol=1e-5)
    expect(page.get_by_test_id("train-loss")).to_have_text(f"{notebook.history['loss'][-1]:.4f}")
    row = page.get_by_role("row").filter(has_text="bells")
    assert row.get_by_role("cell").all_inner_texts() == ["Radial", "(n, 8)", "24"]
    expect(page.locator("#boundary-text")).to_contain_text("After 30 epochs")
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS) == []
    expect(phone.get_by_test_id("status")).to_have_text("Fertig")
    expect(phone.get_by_role("columnheader", name="Schicht", exact=True)).to_be_visible()
    expect(phone.locator("#chart .js-line")).to_have_count(2)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    ground = phone.locator("#output").evaluate("(panel) => getComputedStyle(panel).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground)[:3])) < 80, "it is dark"
    phone.evaluate(AXE)
    assert phone.evaluate(VIOLATIONS) == []


def on_the_canvas(boundary: Any) -> str:
    return boundary.evaluate("canvas => canvas.toDataURL()")


def with_another_end(token: str) -> str:
    return token[:-1] + ("0" if token[-1] != "0" else "1")


def of_another_page(token: str) -> str:
    return "0" * 16 + token[16:]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_another_end, "The token is not the one of this page"),
        (of_another_page, "This page is not on the server"),
    ],
)
def test_a_wrong_token_is_refused_before_anything_is_trained(
    visit: Visit, server: Server, change: Callable[[str], str], said: str
) -> None:
    _, token, _ = connected(visit)
    x, y = a_disc()
    model = a_model()
    before = model.get_weights()
    with pytest.raises(LiveError, match=said):
        model.fit(x, y, verbose=0, callbacks=[Live(server.url, change(token), side=SIDE)])
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_lines_of_the_page_and_of_the_documentation_are_all_it_takes(
    visit: Visit,
    open_page: Callable[..., Page],
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link, token, lines = connected(visit)
    documented = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "live.md").read_text("utf-8"), re.DOTALL)
    assert documented
    expected = documented[1].replace("http://127.0.0.1:8000", server.url).replace("…", token)
    assert lines.split() == expected.split()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])  # as a notebook finds what is beside it
    cell = tmp_path / "cell.py"
    cell.write_text(lines, "utf-8")
    x, y = a_disc()
    runpy.run_path(str(cell), {"x": x, "y": y, "model": a_model()})
    monkeypatch.delitem(sys.modules, "neural_playground_live")
    page = open_page(server.url)
    page.goto(link)
    expect(page.get_by_test_id("status")).to_have_text("Finished")
    expect(page.get_by_test_id("epoch")).to_have_text("100")
