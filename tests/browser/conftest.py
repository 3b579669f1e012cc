"""Fixtures of the flows in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser.playground import Playground
from tests.support.server import Server

Visit = Callable[..., Playground]
DESKTOP = {"width": 1366, "height": 900}


def _no_chart(route: Route) -> None:
    route.fulfill(content_type="text/javascript", body="")


@pytest.fixture
def visit(open_page: Callable[..., Page], server: Server) -> Visit:
    """Open the playground: `visit("/#hidden=3", viewport=...)`; every call is another visitor.

    `origin` is another way to a server than the shared one's. Only with `chart=True` is there a chart,
    which takes as long to load as all the rest together.
    """

    def opened(path: str = "/", *, origin: str = "", chart: bool = False, **options: Any) -> Playground:
        page = open_page(origin or server.url, **{"viewport": DESKTOP, **options})
        if not chart:
            page.route("**/vendor/plotly.min.js", _no_chart)
        playground = Playground(page)
        playground.open(path)
        return playground

    return opened


@pytest.fixture
def playground(visit: Visit) -> Playground:
    """The playground as a first visitor finds it: the default network, at rest. It has no chart."""
    return visit()
