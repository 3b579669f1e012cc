"""One page for all tests of a file; each test loads it anew, so no module remembers another test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import MODULES_ORIGIN, Watch, serve_modules, watched_page

Watched = tuple[Page, Watch]


@pytest.fixture(scope="module")
def watched(browser: Browser) -> Iterator[Watched]:
    page, watch = watched_page(browser, MODULES_ORIGIN)
    serve_modules(page.context)
    yield page, watch
    page.context.close()


@pytest.fixture
def modules(watched: Watched) -> Iterator[Page]:
    """A blank page on which `await import("/static/....js")` works, with no server at all."""
    page, watch = watched
    watch.problems.clear()
    page.goto("/")
    yield page
    assert watch.unexpected() == []
