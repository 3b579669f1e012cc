"""The playground as its visitor handles it, and what the server told the page, to the bit."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Response, WebSocket, expect

from models import frame
from tests.support.browser import PATIENCE

FULL_SPEED = "As fast as possible"
LEARNING = 4 * PATIENCE  # milliseconds: some hundred epochs at the default speed, on two busy cores


@dataclass(frozen=True)
class Seen:
    """What the lane shows by its latest frame: header, weights, the experiment in force, and the last of each
    block."""

    header: dict[str, Any]
    experiment: dict[str, Any]
    weights: bytes
    blocks: Mapping[str, frame.Block] = field(default_factory=dict[str, frame.Block], compare=False)

    @property
    def epoch(self) -> int:
        return self.header["epoch"]

    @property
    def layers(self) -> list[int]:
        return self.header["layers"]


class Playground:
    """A page, and the frames that it was sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seen: Seen | None = None
        self.key: Seen | None = None  # the latest that stood alone
        self.history: dict[int, bytes] = {}  # epoch -> its row, of the run that is shown
        self.socket: WebSocket | None = None
        self.connections = 0
        self.saved: list[dict[str, Any]] = []  # headers of the runs that the page was to keep
        page.on("websocket", self._connected)

    def open(self, path: str = "/") -> Response | None:
        """Goes there and waits until the network is shown."""
        response = self.page.goto(path)
        self.shown()
        return response

    def reload(self) -> Seen:
        """Loads the page again; what its new connection was shown first."""
        self.page.reload()
        self.shown()
        return self.key_frame(lambda _: True)

    def shown(self) -> None:
        """Waits until the page shows a network that can be played."""
        state = re.compile("paused|playing|diverged")  # in whatever language it is said
        expect(self.page.locator("#state")).to_have_attribute("data-state", state)

    # Controls, by the names that are the page's contract.

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def menu(self, name: str) -> Locator:
        return self.page.get_by_role("combobox", name=name, exact=True)

    def slider(self, name: str) -> Locator:
        return self.page.get_by_role("slider", name=name, exact=True)

    def checkbox(self, name: str) -> Locator:
        return self.page.get_by_role("checkbox", name=name, exact=True)

    def neurons(self, layer: int) -> Locator:
        return self.page.locator(f"[data-testid=neuron][data-layer='{layer}']")

    @property
    def status(self) -> Locator:
        return self.page.get_by_test_id("status")

    @property
    def epoch(self) -> Locator:
        return self.page.get_by_test_id("epoch")

    @property
    def boundary(self) -> Locator:
        return self.page.get_by_role("img", name="Decision boundary")

    def play(self, speed: str | None = None) -> None:
        if speed is not None:
            self.menu("Speed").select_option(speed)
        self.button("Play").click()

    def pause(self) -> Seen:
        """Pauses; what the lane shows when it has stopped."""
        self.button("Pause").click()
        return self.until(lambda seen: seen.header["state"] == "paused")

    def drag(self, name: str, value: int) -> None:
        """Sets a slider."""
        self.slider(name).fill(str(value))

    # What the server said.

    def until(self, holds: Callable[[Seen], bool]) -> Seen:
        """Waits for a frame after which this holds; the latest may do."""
        assert self.socket is not None, "the page has no connection yet"
        if self.seen is None or not holds(self.seen):
            self.socket.wait_for_event(
                "framereceived",
                lambda _: self.seen is not None and holds(self.seen),
                timeout=LEARNING,
            )
        assert self.seen is not None
        return self.seen

    def key_frame(self, holds: Callable[[Seen], bool]) -> Seen:
        """Waits for a frame that stands alone and for which this holds; the latest such may do."""
        self.until(lambda _: self.key is not None and holds(self.key))
        assert self.key is not None
        return self.key

    def until_epoch(self, epoch: int) -> Seen:
        return self.until(lambda seen: seen.epoch >= epoch)

    def set(self, path: str, value: object) -> Seen:
        """Waits until a member of the experiment in force, such as `training.loss`, has this value."""

        def holds(seen: Seen) -> bool:
            found: Any = seen.experiment
            for part in path.split("."):
                found = found[part]
            return found == value

        return self.until(holds)

    def _connected(self, socket: WebSocket) -> None:
        self.socket = socket
        self.seen = self.key = None
        self.connections += 1
        socket.on("framereceived", self._take)

    def _take(self, payload: str | bytes) -> None:
        if isinstance(payload, str):
            return
        header, blocks = frame.decode(payload)
        if "seq" not in header:
            self.saved.append(header)
            return
        if header["key"] or (self.seen is not None and header["run"] != self.seen.header["run"]):
            self.history = {}
        for row in blocks.get("history", ()):
            self.history[int(row[0])] = row.tobytes()
        before = self.seen
        self.seen = Seen(
            header,
            header.get("experiment") or (before.experiment if before else {}),
            blocks["weights"].tobytes() if "weights" in blocks else before.weights if before else b"",
            {**(before.blocks if before else {}), **blocks},
        )
        if header["key"]:
            self.key = self.seen


def spelled(page: Page) -> dict[str, str]:
    """What the address bar says after the #."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).fragment, True).items()}
