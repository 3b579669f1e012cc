"""What the page tells the server of what can be seen of it, and what it then gets."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocket

from tests.browser.playground import LEARNING, Playground
from tests.support.server import Server

VISIBLE = """(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
ON_THE_WAY = 4  # frames that may still come: two that were sent, and two that are being made
A_WHILE = 600  # milliseconds, in which a page that is seen gets some twenty frames
DRAWN = """() => [...document.querySelectorAll(".neuron canvas")].every((canvas) => {
  const { width, height } = canvas;
  return canvas.getContext("2d").getImageData(0, 0, width, height).data.some((byte) => byte > 0);
})"""
Open = Callable[..., "Told"]


class Told(Playground):
    """A page, and the `view` commands that it sends."""

    def __init__(self, page: Page) -> None:
        self.views: list[dict[str, Any]] = []
        self.frames = 0
        super().__init__(page)

    def view(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Waits for a command of which this holds; the latest may do."""
        assert self.socket is not None
        if not self.views or not holds(self.views[-1]):
            self.socket.wait_for_event(
                "framesent", lambda _: bool(self.views) and holds(self.views[-1]), timeout=LEARNING
            )
        return self.views[-1]

    def _connected(self, socket: WebSocket) -> None:
        super()._connected(socket)
        socket.on("framesent", self._sent)

    def _sent(self, payload: str | bytes) -> None:
        message = json.loads(payload)
        if message["type"] == "view":
            self.views.append(message)

    def _take(self, payload: str | bytes) -> None:
        super()._take(payload)
        self.frames += isinstance(payload, bytes)


@pytest.fixture
def told(open_page: Callable[..., Page], server: Server) -> Open:
    def opened(path: str = "/", **options: Any) -> Told:
        page = open_page(server.url, **options)

        def none(route: Route) -> None:
            route.fulfill(content_type="text/javascript", body="")

        page.route("**/vendor/plotly.min.js", none)
        playground = Told(page)
        playground.open(path)
        return playground

    return opened


def test_a_hidden_page_gets_no_frames_and_all_history_when_it_is_back(told: Open) -> None:
    playground = told(viewport={"width": 1366, "height": 900})
    playground.play()
    playground.until_epoch(3)
    playground.page.evaluate(VISIBLE, "hidden")
    playground.view(lambda view: not view["visible"])
    before = playground.frames
    playground.page.wait_for_timeout(A_WHILE)  # nothing is to come, so that there is nothing to wait for
    assert playground.frames <= before + ON_THE_WAY
    seen = playground.until(lambda _: True)
    playground.page.evaluate(VISIBLE, "visible")
    back = playground.view(lambda view: view["visible"])
    after = playground.until(lambda later: later.header["applied"] >= back["id"])
    assert after.epoch > seen.epoch
    assert sorted(playground.history) == list(range(after.epoch + 1))


def test_neurons_have_pictures_where_they_are_seen(told: Open) -> None:
    playground = told("/#hidden=8,8,8,8,8,8,8,8", viewport={"width": 390, "height": 500})
    playground.play()
    some = playground.view(lambda view: view["pictures"] is not None and len(view["pictures"]) < 64)
    seen = playground.until(lambda seen: seen.header.get("pictured") == sorted(some["pictures"]))
    assert len(seen.blocks["neurons"]) == len(some["pictures"])
    playground.neurons(8).last.scroll_into_view_if_needed()
    here = playground.view(lambda view: view["pictures"] is None or 63 in view["pictures"])
    playground.until(lambda seen: seen.header["applied"] >= here["id"])
    # Whoever takes figures away takes the whole network.
    playground.button("Code and files").click()
    playground.view(lambda view: view["pictures"] is None)
    seen = playground.until(lambda seen: "pictured" not in seen.header)
    assert len(seen.blocks["neurons"]) == 64
    playground.page.wait_for_function(DRAWN)


def test_what_is_pointed_at_is_seen(told: Open) -> None:
    """Its picture is shown as large as the output's, wherever the page is scrolled to."""
    playground = told("/#hidden=8,8,8,8,8,8,8,8", viewport={"width": 390, "height": 500})
    playground.view(lambda view: view["pictures"] is not None)
    last = playground.neurons(8).last
    last.scroll_into_view_if_needed()
    last.focus()
    playground.view(lambda view: view["pictures"] is None or 63 in view["pictures"])
    playground.boundary.scroll_into_view_if_needed()
    at_output = playground.view(
        lambda view: view["pictures"] is not None and 62 not in view["pictures"] and view["boundary"] > 50
    )
    assert 63 in at_output["pictures"]
    assert at_output["neurons"] == 24
