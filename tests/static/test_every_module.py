"""Every module of the page loads by itself: no import is missing, and none needs a page to be there first."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

STATIC = Path(__file__).parents[2] / "static"
# These act on the page as soon as they are loaded.
ENTRIES = {"main.js", "live.js", "theme.js"}
MODULES = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js"))


def test_there_are_modules() -> None:
    assert set(MODULES) >= ENTRIES


@pytest.mark.parametrize("name", [name for name in MODULES if name not in ENTRIES])
def test_loads(modules: Page, name: str) -> None:
    exports = modules.evaluate("async (url) => Object.keys(await import(url))", f"/static/{name}")
    assert exports, "a module that exports nothing"
