"""The output: the plane under the pointer, test data, discretized output, words, and the curves."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from models.packing import shaped
from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, Playground

PICTURE = "canvas => canvas.toDataURL()"
# The share of the drawn plane that its two most frequent colours have; the rim with the axes is left out.
TWO_COLOURS = """canvas => {
  const { width, height } = canvas;
  const rim = Math.round(0.1 * width);
  const side = width - 2 * rim;
  const pixels = new Uint32Array(
    canvas.getContext("2d").getImageData(rim, rim, side, side).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const [first, second] = [...counts.values()].sort((a, b) => b - a);
  return (first + (second ?? 0)) / pixels.length;
}"""


def learned(playground: Playground) -> None:
    """Trains some epochs, so that there is something to see."""
    playground.play(FULL_SPEED)
    playground.until_epoch(60)
    seen = playground.pause()
    expect(playground.status).to_have_text("Paused")
    expect(playground.epoch).to_have_text(str(seen.epoch))


def test_the_pointer_reads_the_plane(playground: Playground) -> None:
    tip = playground.page.locator("#plane-tip")
    expect(tip).to_be_hidden()
    playground.boundary.hover()
    expect(tip).to_have_text(re.compile(r"^x₁ −?\d\.\d\d +x₂ −?\d\.\d\d +→ +0\.\d{3}$"))
    playground.button("Step").hover()
    expect(tip).to_be_hidden()


def test_test_data_are_shown_and_hidden(playground: Playground) -> None:
    box = playground.checkbox("Show test data")
    markers = playground.page.get_by_role("list", name="Points").get_by_role("listitem")
    expect(markers).to_have_text(["positive", "negative"])
    before = playground.boundary.evaluate(PICTURE)
    box.check()
    expect(markers).to_have_text(["positive", "negative", "test"])
    assert playground.boundary.evaluate(PICTURE) != before
    box.uncheck()
    expect(markers).to_have_text(["positive", "negative"])
    assert playground.boundary.evaluate(PICTURE) == before


def test_discretized_output_has_two_colours(playground: Playground) -> None:
    learned(playground)
    before = playground.boundary.evaluate(PICTURE)
    smooth = playground.boundary.evaluate(TWO_COLOURS)
    playground.checkbox("Discretize output").check()
    assert playground.boundary.evaluate(TWO_COLOURS) > 0.6 > smooth
    playground.checkbox("Discretize output").uncheck()
    assert playground.boundary.evaluate(PICTURE) == before


def test_the_boundary_is_said_in_words(playground: Playground) -> None:
    learned(playground)
    epoch = playground.epoch.inner_text()
    expect(playground.boundary).to_have_accessible_description(
        re.compile(rf"^After {epoch} epochs: \d+ % of the plane is classified as positive \(blue\): .*centre")
    )


def ticks(playground: Playground, axis: str) -> Locator:
    return playground.page.locator(f"#chart .{axis}tick")


def numbers(texts: Sequence[str]) -> list[float]:
    return [float(text.replace("−", "-")) for text in texts if re.fullmatch(r"[−\d.]+", text)]


def test_curves_on_a_linear_and_a_logarithmic_axis(visit: Visit) -> None:
    playground = visit(chart=True)
    learned(playground)
    zero = ticks(playground, "y").get_by_text("0", exact=True)
    expect(zero).to_have_count(1)
    expect(playground.page.locator("#chart .scatterlayer .trace")).to_have_count(2)
    toggle = playground.button("Log scale")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(zero).to_have_count(0)
    toggle.click()
    expect(zero).to_have_count(1)


def test_curves_have_hover_values(visit: Visit) -> None:
    playground = visit(chart=True)
    learned(playground)
    chart = playground.page.locator("#chart")
    expect(ticks(playground, "y").get_by_text("0", exact=True)).to_have_count(1)
    chart.locator(".nsewdrag").first.hover()
    expect(chart.locator(".hoverlayer .hovertext")).not_to_have_count(0)
    values = numbers(chart.locator(".hoverlayer .hovertext").all_text_contents())
    assert values
    assert all(0 <= value < 2 for value in values)


def test_accuracies_are_drawn_for_classification(visit: Visit) -> None:
    playground = visit(chart=True)
    learned(playground)
    percent = ticks(playground, "y").get_by_text("100%", exact=True)
    expect(ticks(playground, "y").first).to_be_visible()
    expect(percent).to_have_count(0)
    playground.button("Accuracy").click()
    expect(percent).to_have_count(1)
    expect(playground.page.locator("#chart .scatterlayer .trace")).to_have_count(2)
    expect(playground.button("Log scale")).to_be_hidden()
    playground.menu("Problem").select_option("Regression")
    expect(playground.button("Accuracy")).to_be_hidden()
    expect(percent).to_have_count(0)


def test_it_is_said_what_the_losses_contain(playground: Playground) -> None:
    note = playground.page.locator("#penalty-note")
    expect(note).to_have_text("The losses contain no penalty.")
    playground.menu("Regularization").select_option("L2")
    playground.menu("Regularization rate").select_option("0.1")
    playground.set("training.regularization_rate", 0.1)
    playground.button("Step").click()
    seen = playground.until_epoch(1)
    expect(playground.epoch).to_have_text("1")
    expect(note).to_contain_text("Losses include the penalty")
    shown = [float(text) for text in re.findall(r"\d+\.\d+", note.inner_text())]
    _, loss, _, mean, test, _, now = np.frombuffer(playground.history[1], np.float32)
    assert shown == pytest.approx([now, loss - mean, test - now], abs=6e-5)
    layers = shaped(np.frombuffer(seen.weights, np.float32), seen.layers)
    assert 0.1 * sum(float((kernel**2).sum()) for kernel in layers[::2]) == pytest.approx(now, rel=1e-5)
