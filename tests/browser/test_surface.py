"""The loss surface in the look inside: menus, the path while it trains, the parabola, a phone, German."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.inside import SIZES, arrays, choose, close, look
from tests.browser.playground import LEARNING, Playground, Seen

# How many colours a canvas shows: an empty one has one.
COLOURS = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
# How many of its pixels have this colour.
INKED = """(canvas, [r, g, b]) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255) count += 1;
  }
  return count;
}"""
# Of the light theme's ink: steps, and where the network is (static/palettes.js).
STEPS, STRONG = (0xA8, 0x26, 0x7F), (0x14, 0x17, 0x1D)
PARABOLA = "/#data=line&hidden=&optimizer=sgd"


def surface(playground: Playground, name: str = "Loss surface") -> Locator:
    """Opens the tab; its picture."""
    return look(playground, name).locator("#surface-canvas")


def told(playground: Playground, weights: list[tuple[int, int | None, int]]) -> Seen:
    """Waits for a frame that shows the loss over these."""

    def holds(seen: Seen) -> bool:
        said = seen.header["panels"].get("surface")
        return bool(said) and [tuple(place.values()) for place in said["weights"]] == weights

    return playground.until(holds)


def test_over_two_weights_with_the_path(playground: Playground) -> None:
    page = playground.page
    picture = surface(playground)
    seen = told(playground, [(1, 0, 0), (1, 1, 0)])
    said = seen.header["panels"]["surface"]
    assert said["at"] == close(arrays(seen)[0][:, 0].tolist())
    expect(picture).to_have_attribute(
        "aria-label", re.compile(r"^Loss over Layer 1, neuron 1, weight from x₁")
    )
    expect(playground.page.locator("#inside-surface-body dd").first).to_have_text(f"{said['loss']:.4f}")
    assert picture.evaluate(COLOURS) > 20
    second = page.get_by_role("combobox", name="Second weight", exact=True)
    second.select_option("Output neuron, bias")
    told(playground, [(1, 0, 0), (3, None, 0)])
    expect(picture).to_have_attribute("aria-label", re.compile("and Output neuron, bias"))
    before = picture.bounding_box()
    playground.play()
    page.wait_for_function(
        "() => Number(document.querySelector('#surface-canvas').dataset.path) > 20", timeout=LEARNING
    )
    playground.pause()
    assert picture.bounding_box() == before
    # A new run begins a new path.
    playground.button("Rewind").click()
    expect(picture).to_have_attribute("data-path", "1")
    # Two menus, two weights.
    second.select_option("Layer 1, neuron 1, weight from x₁")
    told(playground, [(1, 0, 0), (1, 1, 0)])
    # Closer, and again as another network.
    playground.button("Closer").click()
    playground.until(lambda seen: _span(seen) == pytest.approx(3.0))
    playground.button("Remove hidden layer").click()
    playground.until(lambda seen: seen.layers == [2, 4, 1] and _span(seen) == pytest.approx(6.0))


def _span(seen: Seen) -> float:
    said = seen.header["panels"].get("surface")
    return said["high"][0] - said["low"][0] if said else 0.0


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [("0.01", "The steps stay on one side"), ("10", "The learning rate is too large here")],
)
def test_the_parabola_of_one_weight(visit: Visit, rate: str, wanted: str) -> None:
    playground = visit(f"{PARABOLA}&learning_rate={rate}")
    picture = surface(playground)
    told(playground, [(1, 0, 0)])
    expect(playground.page.get_by_role("radio", name="One weight", exact=True)).to_be_checked()
    expect(playground.page.locator("#inside-surface-body .verdict-line")).to_contain_text(wanted)
    assert picture.evaluate(COLOURS) > 20
    assert picture.evaluate(INKED, STEPS) > 30
    assert picture.evaluate(INKED, STRONG) > 60
    expect(playground.page.get_by_role("radio", name="3D", exact=True)).to_be_hidden()


def test_random_directions_in_space_on_a_phone_in_german(visit: Visit) -> None:
    playground = visit(viewport=SIZES["phone"], has_touch=True, is_mobile=True, locale="de")
    page = playground.page
    page.locator("#inside-open").click()
    page.get_by_role("tab", name="Verlustfläche", exact=True).click()
    choose(page, "Zufallsrichtungen")
    choose(page, "3D")
    seen = told(playground, [])
    picture = page.locator("#surface-canvas")
    expect(picture).to_have_attribute("aria-label", re.compile("^Verlust über Zufallsrichtung 1 und"))
    assert seen.header["panels"]["surface"]["at"] == close([0.0, 0.0])
    assert picture.evaluate(INKED, STRONG) > 60
    assert picture.evaluate(INKED, STEPS) == 0
    flat = picture.screenshot()
    page.get_by_role("slider", name="Drehen", exact=True).press("ArrowRight")
    assert picture.screenshot() != flat
    page.get_by_role("button", name="Andere Richtungen", exact=True).click()
    playground.until(lambda seen: seen.header["panels"].get("surface", {}).get("seed") == 1)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
