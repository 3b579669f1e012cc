"""The page looks as it did: small pictures of it, kept in `screenshots/`, against what a browser draws now.

`KEEP_SCREENSHOTS=1 make test ARGS="tests/browser/test_screenshots.py"` keeps the present ones instead; look
at them before you commit them. Fonts differ a little between machines, so blocks of pixels are compared.
"""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Visit

KEPT = Path(__file__).parent / "screenshots"
SIZES = {"desktop": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
REDUCED = 3  # the kept pictures are so many times smaller
BLOCK = 8  # pixels of a kept picture that are compared as one
MEAN, WORST = 2.5, 60.0  # of 255: the page's average block, and all but 1 % of the blocks


def blocks(picture: Image.Image) -> np.ndarray:
    """The mean colours of blocks: (rows, columns, 3)."""
    size = (picture.width // BLOCK, picture.height // BLOCK)
    return np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX), np.float32)


def apart(a: Image.Image, b: Image.Image) -> tuple[float, float]:
    """Mean difference of the blocks, and the one that 99 % of them stay below."""
    difference = np.abs(blocks(a) - blocks(b)).max(axis=2)
    return float(difference.mean()), float(np.percentile(difference, 99))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SIZES)
def test_the_page_looks_as_it_did(visit: Visit, name: str, scheme: str) -> None:
    width, height = SIZES[name]
    playground = visit(
        "/#data=spiral&hidden=6,4&features=x1,x2,sin_x1&seed=5",
        chart=True,
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    for epoch in (1, 2, 3):
        playground.button("Step").click()
        playground.until_epoch(epoch)
    page = playground.page
    expect(page.locator("#chart .scatterlayer .trace")).to_have_count(2)
    expect(page.locator("#chart .xtick").get_by_text("3", exact=True)).to_have_count(1)
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    taken = taken.resize((width // REDUCED, height // REDUCED), Image.Resampling.BOX)
    path = KEPT / f"{name}-{scheme}.png"
    if os.environ.get("KEEP_SCREENSHOTS"):
        KEPT.mkdir(exist_ok=True)
        taken.save(path, optimize=True)
    mean, worst = apart(taken, Image.open(path))
    assert mean < MEAN
    assert worst < WORST


def test_the_comparison_can_tell() -> None:
    """Another page of the same size, and one in which a panel is gone, are not alike."""
    kept = Image.open(KEPT / "desktop-light.png")
    dark = Image.open(KEPT / "desktop-dark.png")
    gone = kept.copy()
    gone.paste((246, 247, 249), (gone.width * 3 // 4, gone.height // 4, gone.width, gone.height))
    for other in (dark, gone):
        mean, worst = apart(kept, other)
        assert mean >= MEAN or worst >= WORST
