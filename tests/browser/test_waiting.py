"""A page without a place: it says which it has in the queue, and comes in by itself."""

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Page, expect
from websockets.sync.client import connect

from app.engine import KEY_FRAME, LaneId
from app.main import create_app
from app.serve import server_config
from app.settings import Settings
from models import frame
from tests.app.fake_engine import FakeEngine
from tests.browser.conftest import DESKTOP, Visit
from tests.browser.test_accessible import AXE, violations
from tests.support.server import STOP_WITHIN, Server

PHONE = {"width": 360, "height": 740}


class StillEngine(FakeEngine):
    """Shows every page the same one frame, and no other."""

    def __init__(self, shown: bytes) -> None:
        super().__init__()
        self.shown = shown

    async def frames(self, after: Mapping[LaneId, int], max_wait: float) -> dict[LaneId, tuple[int, bytes]]:
        ((lane_id, seq),) = after.items()
        if seq != KEY_FRAME:
            await asyncio.sleep(max_wait)
            return {}
        return {lane_id: (frame.decode(self.shown)[0]["seq"], self.shown)}


@contextmanager
def serving(shown: bytes, **settings: Any) -> Generator[tuple[str, StillEngine]]:
    """The address of a server beside the test, and its engine."""
    engine = StillEngine(shown)
    chosen = Settings(shutdown_grace=1, **settings)
    server = uvicorn.Server(server_config(create_app(chosen, engine), chosen))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = threading.Thread(target=server.run, args=([listener],))
        running.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", engine
        finally:
            server.should_exit = True
            running.join(STOP_WITHIN)
            assert not running.is_alive()


@pytest.fixture(scope="module")
def first_frame(server: Server) -> bytes:
    """What a real server shows of the default network."""
    with connect(server.url.replace("http", "ws") + "/ws") as page:
        page.send('{"type": "open", "id": 1}')
        while isinstance(message := page.recv(60), str):
            pass
        return message


def test_newcomers_wait_for_their_place_and_are_let_in(
    visit: Visit, open_page: Callable[..., Page], tolerate: Callable[[str], None], first_frame: bytes
) -> None:
    with serving(first_frame, max_lanes=1, max_waiting=2, session_grace=0.2) as (origin, engine):
        inside = visit(origin=origin)

        def newcomer(**options: Any) -> Page:
            page = open_page(origin, **{"viewport": DESKTOP, "reduced_motion": "reduce", **options})
            page.route("**/vendor/plotly.min.js", lambda route: route.fulfill(body=""))
            page.goto("/")
            return page

        first = newcomer(locale="de", viewport=PHONE, color_scheme="dark")
        told = first.get_by_role("status").filter(has_text="Warteschlange")
        expect(told).to_contain_text("Server sind belegt. Platz 1 in der Warteschlange")
        expect(first.get_by_test_id("status")).to_have_text("Wartet")
        assert first.evaluate("document.documentElement.scrollWidth <= innerWidth")
        second = newcomer()
        told = second.get_by_role("status").filter(has_text="queue")
        expect(told).to_contain_text("You are number 2 in the queue")
        first.evaluate(AXE)
        assert violations(first) == []
        third = newcomer()
        expect(third.locator("#banner-text")).to_contain_text("and so is the queue for them")
        expect(third.get_by_test_id("status")).to_have_text("Server full")

        first.close()  # its place is the next one's
        expect(told).to_contain_text("You are number 1 in the queue")
        second.get_by_role("combobox", name="Learning rate", exact=True).select_option("0.1")
        inside.page.close()
        expect(second.locator("#banner")).to_be_hidden()
        expect(second.get_by_test_id("status")).to_have_text("Paused")
        # What was set up while it waited is there.
        expect(second).to_have_url(re.compile("learning_rate=0.1"))
        (command,) = [command for _, _, command in engine.asked("command") if command["type"] == "set"]
        assert command["experiment"]["training"]["learning_rate"] == 0.1
        assert len(engine.lanes) == 1
        for page in (second, third):
            page.close()
