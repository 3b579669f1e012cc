"""Looking back: what is kept, what is shown of it, and two moments compared."""

import base64
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from models import frame
from tests.browser.conftest import Visit
from tests.browser.playground import Playground
from tests.browser.test_accessible import AXE, VIOLATIONS
from tests.browser.test_surface import COLOURS

STEPS = 25  # of an epoch of the default experiment
PHONE = {"width": 390, "height": 844}

# Frames as a page takes them; what is kept of their weights, by step.
KEPT = """async (frames) => {
  const { decode, merge } = await import("/static/frame.js");
  const { createRecorder } = await import("/static/recorder.js");
  const recorder = createRecorder();
  let snapshot = null;
  for (const text of frames) {
    const { buffer } = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    snapshot = merge(snapshot, decode(buffer));
    recorder.take(snapshot, null, null);
    if (text !== frames.at(-1)) new Uint8Array(buffer).fill(0);
  }
  return recorder.moments().map(({ snapshot: { step, weights } }) => [
    step,
    btoa(String.fromCharCode(...new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength))),
  ]);
}"""


class Frames:
    """What a page is sent from now on."""

    def __init__(self, playground: Playground) -> None:
        assert playground.socket is not None
        self.weights: dict[int, bytes] = {}  # by step
        self.outputs: dict[int, np.ndarray] = {}  # over the plane, by step
        self.payloads: list[bytes] = []
        playground.socket.on("framereceived", self._take)

    def _take(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes):
            header, blocks = frame.decode(payload)
            if "seq" not in header:
                return  # the run, to be kept
            self.payloads.append(payload)
            if "weights" in blocks:
                self.weights[header["step"]] = blocks["weights"].tobytes()
            if "boundary" in blocks:
                low, high = blocks["ranges"][-1].astype(float)
                self.outputs[header["step"]] = low + blocks["boundary"] / 254 * (high - low)


def strip(page: Page) -> Locator:
    found = page.locator("#back-slider")
    expect(found).to_be_visible()
    return found


def losses(history: dict[int, bytes]) -> list[float]:
    """The training losses of its epochs, the untrained network's first."""
    return [float(np.frombuffer(history[epoch], np.float32)[1]) for epoch in sorted(history)]


# Whether the chart's curve of training has these values.
CHART_SHOWS = """(wanted) =>
  JSON.stringify([...(document.querySelector("#chart").data?.[0]?.y ?? [])]) === JSON.stringify(wanted)"""
# Of the boundary and of every neuron, when what was to be drawn is drawn.
PICTURES = """async () => {
  for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
  return [...document.querySelectorAll("#boundary, .neuron canvas")].map((canvas) => canvas.toDataURL());
}"""


SHOWN = """(wanted) => {
  const all = [...document.querySelectorAll("#boundary, .neuron canvas")].map((canvas) => canvas.toDataURL());
  return JSON.stringify(all.slice(0, -1)) === JSON.stringify(wanted);
}"""


def pictures(playground: Playground) -> list[str]:
    found = playground.page.evaluate(PICTURES)
    assert len(found) == 1 + 4 + 2 + 1
    return found[:-1]  # the output's own is the boundary again


def stepped(playground: Playground, epochs: int, after: int = 0) -> None:
    for epoch in range(after + 1, epochs + 1):
        playground.page.locator("#step").click()
        playground.until(lambda seen, epoch=epoch: seen.epoch == epoch and seen.header["state"] == "paused")
        expect(playground.epoch).to_have_text(str(epoch))


# Frames come in the midst of an epoch, too, so where on the strip a moment is depends on the server's haste.
GO_TO = """(slider, text) => {
  for (let place = 0; place <= Number(slider.max); place += 1) {
    slider.value = String(place);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    if (slider.getAttribute("aria-valuetext") === text) return true;
  }
  return false;
}"""


def back_to(page: Page, moment: str) -> None:
    """Drags the strip to a moment, such as `epoch 2`."""
    assert strip(page).evaluate(GO_TO, moment), f"the strip has no {moment}"
    expect(page.locator("#back-chip")).to_be_visible()


def the_chart_is_of_the_run_that_is_looked_at(playground: Playground) -> None:
    page = playground.page
    run, rows = playground.until_epoch(4).header["run"], dict(playground.history)
    page.wait_for_function(CHART_SHOWS, arg=losses(rows))
    playground.button("New weights").click()
    playground.key_frame(lambda seen: seen.header["run"] > run)
    stepped(playground, 1)
    page.wait_for_function(CHART_SHOWS, arg=losses(playground.history))
    assert losses(playground.history) != losses(rows)[:2]
    # By the keyboard, past epoch 0 and what frames there were in the midst of the first epoch.
    slider = strip(page)
    slider.focus()
    before = ""
    while not before.endswith("epoch 4"):
        page.keyboard.press("ArrowLeft")
        expect(slider).not_to_have_attribute("aria-valuetext", before)
        now = slider.get_attribute("aria-valuetext") or ""
        assert now != before
        before = now
    assert re.fullmatch(r"run \d+, epoch 4", before)
    page.wait_for_function(CHART_SHOWS, arg=losses(rows))
    page.keyboard.press("Escape")
    page.wait_for_function(CHART_SHOWS, arg=losses(playground.history))


def test_an_earlier_moment_is_shown_to_the_bit(visit: Visit, modules: Page) -> None:
    playground = visit(chart=True)
    page = playground.page
    frames = Frames(playground)
    playground.button("Rewind").click()
    playground.key_frame(lambda seen: seen.header["run"] > 1)  # from here on every frame is seen
    expect(page.locator("#back")).to_be_hidden()  # there is nothing to look back on
    stepped(playground, 2)
    second = pictures(playground)
    stepped(playground, 4, after=2)
    expect(strip(page)).to_have_attribute("aria-valuetext", "Live, epoch 4")
    fourth = pictures(playground)
    assert all(before != after for before, after in zip(second, fourth, strict=True))
    # Boundary and neurons are those that were shown then, and now again.
    back_to(page, "epoch 2")
    page.wait_for_function(SHOWN, arg=second)
    page.keyboard.press("Escape")
    expect(page.locator("#back-chip")).to_be_hidden()
    page.wait_for_function(SHOWN, arg=fourth)
    playground.neurons(1).nth(0).click()
    back_to(page, "epoch 2")
    expect(playground.epoch).to_have_text("2")
    loss = np.frombuffer(playground.history[2], np.float32)[1]
    expect(page.get_by_test_id("train-loss")).to_have_text(f"{loss:.4f}")
    expect(page.locator("#back-chip")).to_contain_text("Looking at epoch 2")
    expect(page.locator("#chart .chart-mark")).to_be_visible()
    # Bias and two weights of the first of four neurons.
    weights = np.frombuffer(frames.weights[2 * STEPS], np.float32)
    fields = page.locator("#card input[type=number]")
    for field, place in zip(fields.all(), (8, 0, 4), strict=True):
        assert float(field.input_value()) == pytest.approx(float(weights[place]), abs=6e-5)
        expect(field).not_to_be_editable()
    expect(page.locator("#card")).to_contain_text("As it was then")
    # Escape closes the card, and the next one goes back to live.
    fields.first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    expect(playground.epoch).to_have_text("2")
    page.keyboard.press("Escape")
    expect(playground.epoch).to_have_text("4")
    expect(page.locator("#back-chip")).to_be_hidden()
    expect(page.locator("#chart .chart-mark")).to_be_hidden()
    # What the page keeps has every bit of the frames, which are overwritten here.
    kept = modules.evaluate(KEPT, [base64.b64encode(payload).decode() for payload in frames.payloads])
    weights_kept = {step: base64.b64decode(text) for step, text in kept}
    assert {0, STEPS, 2 * STEPS, 3 * STEPS, 4 * STEPS} <= set(weights_kept)
    assert weights_kept == frames.weights
    the_chart_is_of_the_run_that_is_looked_at(playground)


def test_training_goes_on_behind_the_past_and_pausing_stays_in_it(playground: Playground) -> None:
    page = playground.page
    playground.play()
    seen = playground.until_epoch(5)
    strip(page).focus()
    page.keyboard.press("Home")
    expect(playground.epoch).to_have_text("0")
    expect(playground.status).to_have_text("Playing")
    playground.until_epoch(seen.epoch + 3)
    expect(playground.epoch).to_have_text("0")
    paused = playground.pause()
    expect(playground.status).to_have_text("Paused")
    expect(playground.epoch).to_have_text("0")
    playground.button("Back to live").click()
    expect(playground.epoch).to_have_text(str(paused.epoch))
    expect(strip(page)).to_be_focused()
    # Whoever wants it to go on wants to see it.
    page.keyboard.press("Home")
    expect(playground.epoch).to_have_text("0")
    playground.button("Step").click()
    expect(playground.epoch).to_have_text(str(paused.epoch + 1))


def test_an_edit_acts_on_the_live_network_and_shows_it(playground: Playground) -> None:
    page = playground.page
    stepped(playground, 3)
    before = playground.until_epoch(3)
    back_to(page, "epoch 1")
    playground.menu("Learning rate").select_option("0.1")
    seen = playground.set("training.learning_rate", 0.1)
    assert (seen.weights, seen.epoch) == (before.weights, 3)
    expect(playground.epoch).to_have_text("3")
    # Another network is another run; the one before stays on the strip.
    back_to(page, "epoch 1")
    playground.button("Add neuron to layer 1").click()
    playground.until(lambda seen: seen.layers == [2, 5, 2, 1])
    expect(playground.epoch).to_have_text("0")
    expect(playground.neurons(1)).to_have_count(5)
    expect(strip(page)).to_have_attribute("aria-valuetext", "Live, run 2, epoch 0")
    strip(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(strip(page)).to_have_attribute("aria-valuetext", "run 1, epoch 3")
    expect(playground.neurons(1)).to_have_count(4)
    page.keyboard.press("End")
    expect(playground.neurons(1)).to_have_count(5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_two_runs_side_by_side(visit: Visit, scheme: str) -> None:
    phone = scheme == "dark"
    options: dict[str, Any] = {"viewport": PHONE, "locale": "de"} if phone else {}
    playground = visit(color_scheme=scheme, **options)
    page = playground.page
    stepped(playground, 2)
    first = playground.history[2]
    page.locator("#back-pin").click()
    expect(page.locator("#back-pin")).to_have_attribute("aria-pressed", "true")
    page.locator("#optimizer").select_option("adam")
    playground.set("training.optimizer", "adam")
    stepped(playground, 1)
    page.locator("#compare").click()
    dialog = page.get_by_role("dialog", name="Vergleichen" if phone else "Compare")
    expect(dialog).to_be_visible()
    chosen = "Vorgemerkt: Lauf 1, Epoche 2" if phone else "Pinned: run 1, epoch 2"
    expect(dialog.locator("#compare-a option:checked")).to_have_text(chosen)
    expect(dialog.locator("#compare-settings tbody tr")).to_have_count(1)
    row = dialog.locator("#compare-settings tbody tr").locator("th, td")
    expect(row).to_have_text(["Optimierer" if phone else "Optimizer", "SGD", "Adam"])
    shown = [np.frombuffer(history, np.float32)[1] for history in (first, playground.history[1])]
    cells = dialog.locator("#compare-figures tbody tr").nth(2).locator("td")
    expect(cells.nth(0)).to_have_text(f"{shown[0]:.4f}")
    expect(cells.nth(1)).to_have_text(f"{shown[1]:.4f}")
    expect(dialog.locator("#compare-words")).not_to_be_empty()
    difference = dialog.locator("canvas.compare-picture").nth(2)
    assert difference.evaluate(COLOURS) > 20
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS) == []
    if phone:
        lefts = dialog.locator("canvas.compare-picture").evaluate_all(
            "(pictures) => pictures.map((picture) => picture.getBoundingClientRect().left)"
        )
        assert len(set(lefts)) == 1  # one below the other
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # A network with itself.
    dialog.locator("#compare-a").select_option("now")
    expect(dialog.locator("#compare-words")).to_have_text(
        "Beide Ausgaben sind gleich." if phone else "Both outputs are the same."
    )
    assert difference.evaluate(COLOURS) == 1
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    strip(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#back-chip")).to_be_visible()
    assert page.evaluate(VIOLATIONS) == []


def test_two_epochs_of_one_run_side_by_side(playground: Playground) -> None:
    """One that is pinned against one that is looked at."""
    page = playground.page
    frames = Frames(playground)
    stepped(playground, 3)
    back_to(page, "epoch 1")
    page.locator("#back-pin").click()
    back_to(page, "epoch 2")
    page.locator("#compare").click()
    dialog = page.get_by_role("dialog", name="Compare")
    expect(dialog.locator("#compare-a option:checked")).to_have_text("Pinned: epoch 1")
    expect(dialog.locator("#compare-b option:checked")).to_have_text("Shown: epoch 2")
    a, b, difference = dialog.locator("canvas.compare-picture").all()
    assert a.evaluate("(canvas) => canvas.toDataURL()") != b.evaluate("(canvas) => canvas.toDataURL()")
    assert difference.evaluate(COLOURS) > 20
    rows = dialog.locator("#compare-figures tbody tr")
    expect(rows.nth(0).locator("td")).to_have_text(["1", "2", "+1"])
    loss = losses(playground.history)
    expect(rows.nth(1).locator("td").nth(0)).to_have_text(f"{loss[1]:.4f}")
    expect(rows.nth(1).locator("td").nth(1)).to_have_text(f"{loss[2]:.4f}")
    expect(dialog.locator("#compare-settings")).to_have_text("None: both have the same settings.")
    outputs = [frames.outputs[epoch * STEPS] for epoch in (1, 2)]
    reach = np.abs(outputs[1] - outputs[0]).max()
    expect(dialog.locator("#compare-words")).to_contain_text(
        f"the largest difference is {float(f'{reach:.3g}')}"
    )
    higher = np.mean(outputs[1] > outputs[0])
    expect(dialog.locator("#compare-words")).to_contain_text(f"B is higher on {100 * higher:.0f} %")


def test_a_link_and_the_presentation_do_without_it(visit: Visit) -> None:
    hidden = visit("/#hide=back")
    stepped(hidden, 1)
    expect(hidden.page.locator("#back")).to_be_hidden()
    playground = visit()
    stepped(playground, 1)
    back_to(playground.page, "epoch 0")
    playground.page.evaluate("document.activeElement.blur()")
    playground.page.keyboard.press("p")
    expect(playground.epoch).to_have_text("1")
    expect(playground.page.locator("#back")).to_be_hidden()
