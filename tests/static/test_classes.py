"""classes.js: where a class is the likeliest its colour shows, the surer the stronger."""

import numpy as np
import pytest
from playwright.sync_api import Page

LOOKS = ("light", "dark")
# Pixels of every byte, smooth and discrete, and every class's own colour.
TABLES = """async ({ theme, classes }) => {
  const { classCss, regionTable } = await import("/static/classes.js");
  const look = { theme, palette: "orange_blue" };
  const pixels = (discrete) => {
    const bytes = new Uint8Array(regionTable(look, classes, discrete).buffer);
    return Array.from({ length: 256 }, (_, i) => [...bytes.subarray(4 * i, 4 * i + 4)]);
  };
  const own = Array.from({ length: classes }, (_, i) => classCss(look, i).match(/\\d+/g).map(Number));
  return [pixels(false), pixels(true), own];
}"""


@pytest.mark.parametrize("classes", [3, 8])
@pytest.mark.parametrize("theme", LOOKS)
def test_confidence_is_strength(modules: Page, theme: str, classes: int) -> None:
    smooth, discrete, own = (
        np.array(part, float) for part in modules.evaluate(TABLES, {"theme": theme, "classes": classes})
    )
    assert (smooth[:, 3] == 255).all()
    assert (discrete[:, 3] == 255).all()
    probability = np.arange(32) / 31
    # The likeliest of n classes has at least 1/n: there it is faintest, and it has its full strength at 1.
    possible = probability >= 1 / classes
    for number, color in enumerate(own):
        block = slice(32 * number, 32 * number + 32)  # of a byte 32 times the class and its probability
        away = np.linalg.norm(smooth[block, :3] - color, axis=1)
        assert (np.diff(away[possible]) < 0).all()
        assert away[-1] < away[possible][0] / 3
        # In proportion to the probability, to within the rounding of three channels.
        line = np.polynomial.Polynomial.fit(probability[possible], away[possible], 1)
        assert np.abs(line(probability[possible]) - away[possible]).max() < 1.8
        nearest = np.linalg.norm(own - smooth[block, :3][-1], axis=1).argmin()
        assert nearest == number
        assert len(np.unique(discrete[block], axis=0)) == 1
