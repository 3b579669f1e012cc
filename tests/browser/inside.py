"""The look inside as a visitor handles it, and its numbers read back."""

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from models.packing import shaped
from tests.browser.playground import Playground, Seen

SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
NUMBER = re.compile(r"−?\d+\.\d+(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def close(wanted: Any) -> Any:
    """As near as four decimals, or three figures, can be."""
    return pytest.approx(wanted, rel=6e-3, abs=6e-5)


def read(text: str) -> float:
    """A number as the page writes it."""
    figures, _, power = text.replace("−", "-").partition("·10")
    return float(figures) * 10.0 ** int(power.translate(POWERS) or "0")


def result(line: Locator | str) -> float:
    """The last number of a line."""
    text = line if isinstance(line, str) else line.inner_text()
    return read(NUMBER.findall(text)[-1])


def chain(text: str) -> tuple[list[float], float]:
    """The factors of a product, and what is said that they make; a bias's 1 is none."""
    *factors, product = map(read, NUMBER.findall(text))
    return factors, product


def matrix(panel: Locator, name: str) -> tuple[int, list[float]]:
    """How many rows it has, and its numbers row by row."""
    table = panel.get_by_role("table", name=name, exact=True)
    expect(table).to_be_visible()
    numbers = table.get_by_role("cell").all_inner_texts()
    return table.get_by_role("row").count(), list(map(read, numbers))


def arrays(seen: Seen) -> list[np.ndarray]:
    return [a.astype(float) for a in shaped(np.frombuffer(seen.weights, np.float32), seen.layers)]


def latest(playground: Playground) -> Seen:
    return playground.until(lambda _: True)


def look(playground: Playground, tab: str = "One point") -> Locator:
    """Opens it at a tab; its panel."""
    page = playground.page
    opener = playground.button("Look inside")
    if opener.get_attribute("aria-expanded") == "false":
        opener.click()
    page.get_by_role("tab", name=tab, exact=True).click()
    return page.get_by_role("tabpanel", name=tab, exact=True)


def give(page: Page, *columns: str) -> None:
    for i, text in enumerate(columns, 1):
        page.get_by_role("spinbutton", name=f"x{'₀₁₂'[i]}", exact=True).fill(text)


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).check()
