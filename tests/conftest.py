"""Fixtures that more than one folder of tests needs."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.figure import shown
from tests.support.browser import (
    MODULES_ORIGIN,
    PATIENCE,
    Browse,
    Watch,
    running_browser,
    serve_modules,
    watched_page,
)
from tests.support.server import ROOT, Server, running_server

SERVER = pytest.StashKey[Server]()
FAILED = pytest.StashKey[bool]()
Measured = Callable[[str, float, str], None]
FIGURE = "figure: "  # begins the name of a test's property that is one


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the browser, and put the tests into an order that every worker can keep.

    Playwright's synchronous interface keeps an event loop running in the main thread for as long as it lives,
    and no coroutine test can run after that. So files with coroutine tests come first and those with a
    browser second; each test goes to the worker that is free.
    """
    coroutines = {item.path for item in items if "anyio_backend" in getattr(item, "fixturenames", ())}
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    order: dict[pytest.Item, int] = {}
    for item in items:
        order[item] = 1 if item.get_closest_marker("browser") else 0 if item.path in coroutines else 2
    items.sort(key=lambda item: order[item])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the server's log with a failure, and remember the failure for the fixtures' end."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
        server = item.session.stash.get(SERVER, None)
        if server is not None and "server" in getattr(item, "fixturenames", ()):
            report.sections.append(("server log", server.tail()))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests measured by the way, whichever worker ran them."""
    figures = [
        f"{name.removeprefix(FIGURE)}: {value}"
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name.startswith(FIGURE)
    ]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(figures))


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Measured:
    """Say a figure below the results: `measured(name, value, unit)`. No test fails for its time."""

    def say(name: str, value: float, unit: str) -> None:
        record_property(FIGURE + name, shown(value, unit))

    return say


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Coroutine tests run on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture(scope="session")
def cache_dir(pytestconfig: pytest.Config) -> Path:
    """Where the tests' servers keep compiled programs, from one run of the tests to the next."""
    return pytestconfig.cache.mkdir("xla")


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache_dir: Path
) -> Iterator[Server]:
    """A running, ready server that all tests share: leave it as it was.

    It compiles what tests ask for and no more: the rest would take a core from them for minutes. For the same
    reason it soon forgets the networks of pages that were closed, many of which were left playing.
    """
    log = tmp_path_factory.mktemp("server") / "log"
    own = {"compile_ahead": "false", "session_grace": "20"}
    with running_server(log, cache_dir, own) as running:
        request.session.stash[SERVER] = running
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    expect.set_options(timeout=PATIENCE)
    with running_browser() as running:
        yield running


@pytest.fixture
def watches() -> list[Watch]:
    """What watches over the test's pages."""
    return []


@pytest.fixture
def tolerate(watches: list[Watch]) -> Callable[[str], None]:
    """Accept the problems of the pages opened so far that match a regular expression."""

    def accept(pattern: str) -> None:
        for watch in watches:
            watch.tolerate(pattern)

    return accept


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser, watches: list[Watch]
) -> Iterator[Callable[..., Page]]:
    """Open watched pages: `open_page(origin, **options of Playwright's new_context)`."""
    pages: list[Page] = []

    def opened(origin: str, **options: Any) -> Page:
        page, watch = watched_page(browser, origin, **options)
        pages.append(page)
        watches.append(watch)
        return page

    yield opened
    failed = request.node.stash.get(FAILED, False)
    for number, page in enumerate(pages):
        if failed and not page.is_closed():
            page.screenshot(path=ROOT / "test-results" / f"{request.node.name}-{number}.png")
        page.context.close()
    assert [problem for watch in watches for problem in watch.unexpected()] == []


@pytest.fixture
def browse(open_page: Callable[..., Page], server: Server) -> Browse:
    """Open the playground: `browse("/", viewport=..., color_scheme=...)`; every call is another visitor."""

    def visit(path: str = "/", **options: Any) -> Page:
        page = open_page(server.url, **options)
        page.goto(path)
        return page

    return visit


@pytest.fixture
def page(browse: Browse) -> Page:
    """The playground as a first visitor on a desktop sees it."""
    return browse(viewport={"width": 1366, "height": 900})


@pytest.fixture
def modules(open_page: Callable[..., Page]) -> Page:
    """A blank page on which `await import("/static/....js")` works, with no server at all."""
    page = open_page(MODULES_ORIGIN)
    serve_modules(page.context)
    page.goto("/")
    return page
