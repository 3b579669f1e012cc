"""Take docs/screenshot.png from a running server's page: `python -m scripts.screenshot`.

Needs what the tests need: the test extra and a Chromium.
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from app.settings import Settings
from tests.support.browser import running_browser
from tests.support.server import running_server

PAGE = Path(__file__).parents[1] / "docs" / "screenshot.png"
SPIRAL = "/#data=spiral&features=x1,x2,sin_x1,sin_x2&hidden=8,8&optimizer=adam&seed=3"
EPOCHS = 60
COLOURS = 256  # a palette makes the file a third as large, and nobody sees it
SETTLING = 1500  # milliseconds in which the curves, drawn less often than the rest, catch up


def main() -> None:
    """Train a spiral for a while and take the picture."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "log", Settings().cache_dir) as server,
        running_browser(whole=True) as browser,
    ):
        page = browser.new_page(
            base_url=server.url, viewport={"width": 1440, "height": 900}, color_scheme="light"
        )
        page.goto(SPIRAL)
        page.get_by_role("button", name="Play").click()
        page.wait_for_function(
            "n => Number(document.querySelector('[data-testid=epoch]').textContent.replace(/\\D/g, '')) >= n",
            arg=EPOCHS,
        )
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        page.mouse.move(0, 0)
        page.wait_for_timeout(SETTLING)
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        taken.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(PAGE, optimize=True)


if __name__ == "__main__":
    main()
