"""The card of a neuron: its weights live, and changed by hand."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from models import reference
from models.experiment import Experiment
from models.packing import shaped
from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, Playground, Seen


def card(playground: Playground) -> Locator:
    return playground.page.get_by_role("dialog", name=re.compile("neuron", re.IGNORECASE))


def field(playground: Playground, name: str) -> Locator:
    return card(playground).get_by_role("spinbutton", name=name, exact=True)


def arrays(seen: Seen) -> list[np.ndarray]:
    return shaped(np.frombuffer(seen.weights, np.float32), seen.layers)


def by_keras(seen: Seen) -> tuple[float, float]:
    """Training and test loss of the network that the lane shows."""
    experiment = Experiment.model_validate(seen.experiment)
    model = reference.build(experiment)
    model.set_weights(arrays(seen))
    train, test = (model.evaluate(x, y, verbose=0, batch_size=512) for x, y in reference.data(experiment))
    return float(np.atleast_1d(train)[0]), float(np.atleast_1d(test)[0])


def test_the_card_shows_what_the_lane_has(playground: Playground) -> None:
    playground.neurons(2).nth(1).click()
    seen = playground.until(lambda _: True)
    kernel, bias = arrays(seen)[2:4]
    expect(field(playground, "Bias")).to_have_value(f"{bias[1]:g}")
    for source in range(4):
        shown = float(field(playground, f"Weight from neuron {source + 1}").input_value())
        assert shown == pytest.approx(kernel[source, 1], abs=6e-5)
    playground.neurons(1).nth(0).click()
    expect(field(playground, "Weight from x₁")).to_be_visible()
    expect(card(playground).get_by_role("spinbutton")).to_have_count(3)
    playground.button("Close").click()
    expect(card(playground)).to_be_hidden()


def shown_by(seen: Seen, picture: str, place: int) -> np.ndarray:
    """The outputs that a picture of the frame shows, by the formula of docs/protocol.md."""
    low, high = seen.blocks["ranges"][place]
    cells = seen.blocks[picture] if picture == "boundary" else seen.blocks[picture][place]
    return low + cells.astype(np.float64) / 254 * (high - low)


def by_hand(seen: Seen, side: int) -> list[np.ndarray]:
    """Outputs of every layer of the default network, (side, side, units) each, the first row at the top."""
    along = -6 + 12 * (np.arange(side) + 0.5) / side
    h = np.stack(np.meshgrid(along, along[::-1]), axis=-1)
    weights = arrays(seen)
    outputs: list[np.ndarray] = []
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        h = np.tanh(h @ kernel + bias)
        outputs.append(h)
    return [*outputs, 1 / (1 + np.exp(-(h @ weights[-2] + weights[-1])))]


# What is drawn of every neuron and of the output, and of the output once more, large.
DRAWN = """() => [...document.querySelectorAll("[data-testid=neuron] canvas, #boundary")]
  .map((canvas) => canvas.toDataURL())"""


def test_an_edit_shows_at_once_without_a_step(playground: Playground) -> None:
    before = playground.until(lambda _: True)
    drawn = playground.page.evaluate(DRAWN)
    playground.neurons(1).nth(2).click()
    field(playground, "Weight from x₂").fill("-2.5")
    seen = playground.until(lambda seen: seen.header["touched"] and arrays(seen)[0][1, 2] == -2.5)
    kept = arrays(before)
    kept[0][1, 2] = -2.5
    assert all(np.array_equal(a, b) for a, b in zip(arrays(seen), kept, strict=True))
    assert seen.header["step"] == 0
    # Its pictures are those of the new weights, and the page draws them.
    first, second, _ = by_hand(seen, 24)
    hidden = [*np.moveaxis(first, -1, 0), *np.moveaxis(second, -1, 0)]
    for place, wanted in enumerate(hidden):
        assert np.abs(shown_by(seen, "neurons", place) - wanted).max() < 0.51 * 2 / 254
    wanted = by_hand(seen, 100)[-1][..., 0]
    assert np.abs(shown_by(seen, "boundary", len(hidden)) - wanted).max() < 0.51 / 254
    playground.button("Close").click()
    playground.button("Step").focus()  # the neuron had it
    expect(playground.page.locator("#output-title")).to_have_text("Output")
    playground.page.wait_for_function(f"(before) => ({DRAWN})().at(-1) !== before", arg=drawn[-1])
    now = playground.page.evaluate(DRAWN)
    changed = [old != new for old, new in zip(drawn, now, strict=True)]
    # Of the first layer the third alone, and all that follows it.
    assert changed == [False, False, True, False, True, True, True, True]
    train, test = by_keras(seen)
    shown = [float(playground.page.get_by_test_id(name).inner_text()) for name in ("train-loss", "test-loss")]
    assert shown == pytest.approx([train, test], abs=6e-5)


def test_the_output_and_its_bias(playground: Playground) -> None:
    playground.page.get_by_role("button", name="Output neuron").click()
    field(playground, "Bias").fill("3")
    seen = playground.until(lambda seen: arrays(seen)[5][0] == 3)
    train, _ = by_keras(seen)
    expect(playground.page.get_by_test_id("train-loss")).to_have_text(f"{train:.4f}")
    playground.button("Close").click()
    playground.button("Rewind").click()
    playground.until(lambda seen: not seen.header["touched"] and arrays(seen)[5][0] == 0)


def test_numbers_live_and_changed_while_it_trains(playground: Playground) -> None:
    playground.play(FULL_SPEED)
    playground.neurons(1).nth(0).click()
    live = field(playground, "Weight from x₂")
    first = live.input_value()
    expect(live).not_to_have_value(first)
    expect(field(playground, "Bias")).to_be_focused()
    expect(field(playground, "Bias")).not_to_have_value("0")  # also where the focus is, until one types
    field(playground, "Weight from x₁").fill("20")
    playground.until(lambda seen: seen.header["touched"] and arrays(seen)[0][0, 0] > 10)
    playground.pause()


def test_what_will_not_do_changes_nothing(playground: Playground) -> None:
    playground.neurons(1).nth(0).click()
    bias = field(playground, "Bias")
    before = playground.until(lambda _: True)
    for text in ("1e9", "", "-1000.5"):
        bias.fill(text)
        expect(bias).to_have_attribute("aria-invalid", "true")
    field(playground, "Weight from x₁").focus()
    expect(bias).to_have_value("0")
    playground.button("Step").click()
    assert not playground.until_epoch(1).header["touched"]
    assert before.header["step"] == 0


def test_a_line_opens_at_its_weight(playground: Playground) -> None:
    box = playground.page.locator("#links path").nth(5).bounding_box()
    assert box is not None
    page = playground.page
    page.mouse.move(box["x"] + 3, box["y"])
    # The line leaves level, so its beginning is where nothing else is near.
    ports = page.evaluate(
        """() => { const path = document.querySelectorAll("#links path")[5];
        const { x, y } = path.getPointAtLength(path.getTotalLength() / 2);
        const { left, top } = document.querySelector("#diagram").getBoundingClientRect();
        return [x + left, y + top]; }"""
    )
    page.mouse.click(*ports)
    expect(card(playground)).to_be_visible()
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("Weight from x")


def test_by_keyboard(playground: Playground) -> None:
    neuron = playground.neurons(1).nth(0)
    neuron.focus()
    neuron.press("Enter")
    expect(field(playground, "Bias")).to_be_focused()
    playground.page.keyboard.press("Escape")
    expect(card(playground)).to_be_hidden()
    expect(neuron).to_be_focused()


def test_by_touch_on_a_phone(visit: Visit) -> None:
    playground = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    playground.neurons(1).nth(1).tap()
    expect(field(playground, "Bias")).to_be_visible()
    box = card(playground).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    field(playground, "Bias").fill("1")
    playground.until(lambda seen: arrays(seen)[1][1] == 1)
