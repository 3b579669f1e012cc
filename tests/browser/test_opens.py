"""The page opens whole at every size, in both colour schemes, from a server that trains."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Browse
from tests.support.server import Server

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_the_server_is_healthy_and_ready(server: Server) -> None:
    assert server.answers("/healthz")
    assert server.answers("/readyz")
    assert not server.answers("/no-such-page")


def test_the_first_page(page: Page) -> None:
    expect(page).to_have_title(re.compile("Neural Playground"))
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    expect(page.get_by_test_id("epoch")).to_have_text("0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1024, 1280, 1920])
def test_nothing_sticks_out_sideways(browse: Browse, width: int, scheme: str) -> None:
    page = browse(viewport={"width": width, "height": 900}, color_scheme=scheme)
    expect(page.get_by_role("img", name="Decision boundary")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert page.evaluate(OVERFLOW) <= 0
