"""A Chromium whose pages are watched: what goes wrong unseen in a page fails the test that opened it."""

import os
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, sync_playwright

from tests.support import chromium

ROOT = Path(__file__).parents[2]
PATIENCE = 40_000  # milliseconds that an action or expectation waits for: shared cores can be slow
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MODULES_ORIGIN = (
    "http://localhost"  # answered from the disk, so nothing listens; a secure context by its name
)
CONTENT_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
Browse = Callable[..., Page]  # browse(path="/", **options of Playwright's new_context)
MESSAGES = (ROOT / "app" / "languages" / "en.json").read_text(encoding="utf-8").replace("<", "\\u003c")
BLANK = (
    "<!doctype html><html lang='en'><title>Modules</title><body>"
    f"<script type='application/json' id='messages-catalogue'>{MESSAGES}</script></body></html>"
)


class Watch:
    """Collects errors, uncaught exceptions, CSP violations and calls to other hosts of a context's pages."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.problems: list[str] = []
        self.tolerated: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"uncaught: {error.error}"))
        context.on("request", self._request)

    def tolerate(self, pattern: str) -> None:
        """Accept problems that match the regular expression: the test provokes them."""
        self.tolerated.append(pattern)

    def unexpected(self) -> list[str]:
        """The problems so far that nobody tolerates."""
        return [p for p in self.problems if not any(re.search(pattern, p) for pattern in self.tolerated)]

    def _console(self, message: ConsoleMessage) -> None:
        # A CSP violation is an error message of the console, too.
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin + "/", "data:", "blob:")):
            self.problems.append(f"request to another host: {request.url}")


@contextmanager
def running_browser(*, whole: bool = False) -> Generator[Browser]:
    """The Chromium of this machine, headless; `whole`: not its shell. RuntimeError when there is none."""
    path = chromium.find(whole=whole)
    if path is None:
        install = "install the package chromium" if whole else "`make test` installs one"
        raise RuntimeError(f"no Chromium was found: {install}, or CHROMIUM=... names one")
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def watched_page(browser: Browser, origin: str, **options: Any) -> tuple[Page, Watch]:
    """A page in a context of its own (no shared storage), with `origin` as its base URL."""
    context = browser.new_context(base_url=origin, **options)
    context.set_default_timeout(PATIENCE)
    watch = Watch(context, origin)
    return context.new_page(), watch


def serve_modules(context: BrowserContext) -> None:
    """Answer `MODULES_ORIGIN` from the repository: `/` is a blank page, `/static/...` the page's files."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(MODULES_ORIGIN).partition("?")[0]
        if path == "/":
            route.fulfill(content_type="text/html", body=BLANK)
            return
        file = (ROOT / path.lstrip("/")).resolve()
        if file.is_file() and file.is_relative_to(ROOT):
            route.fulfill(content_type=CONTENT_TYPES.get(file.suffix, "text/plain"), body=file.read_bytes())
        else:
            route.fulfill(status=404, content_type="text/plain", body="not found")

    context.route(MODULES_ORIGIN + "/**", answer)
