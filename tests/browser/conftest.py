"""Fixtures of the flows in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.playground import Playground
from tests.support.server import Server

Visit = Callable[..., Playground]
DESKTOP = {"width": 1366, "height": 900}


@pytest.fixture
def visit(open_page: Callable[..., Page], server: Server) -> Visit:
    """Open the playground: `visit("/#hidden=3", viewport=...)`; every call is another visitor."""

    def opened(path: str = "/", **options: Any) -> Playground:
        playground = Playground(open_page(server.url, **{"viewport": DESKTOP, **options}))
        playground.open(path)
        return playground

    return opened


@pytest.fixture
def playground(visit: Visit) -> Playground:
    """The playground as a first visitor finds it: the default network, at rest."""
    return visit()
