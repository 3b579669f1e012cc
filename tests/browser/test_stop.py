"""A run that pauses by itself, and one that overflows."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, Playground


def condition(playground: Playground, name: str) -> Locator:
    menu = playground.page.get_by_role("dialog", name="Stop conditions")
    if not menu.is_visible():
        playground.button("Stop conditions").click()
    return menu.get_by_role("spinbutton", name=name, exact=True)


def reason(playground: Playground) -> Locator:
    return playground.page.locator("#stop-reason")


def test_after_so_many_epochs(playground: Playground) -> None:
    condition(playground, "After epochs").fill("7")
    playground.page.keyboard.press("Escape")
    playground.play(FULL_SPEED)
    expect(reason(playground)).to_have_text("Stopped: epoch 7 was reached.")
    expect(playground.epoch).to_have_text("7")
    expect(playground.status).to_have_text("Paused")
    playground.play()  # what is met already is no reason to stop again
    playground.until_epoch(30)
    expect(reason(playground)).to_be_hidden()


def test_at_a_test_loss(playground: Playground) -> None:
    condition(playground, "At a test loss of").fill("0.3")
    playground.page.keyboard.press("Escape")
    playground.play(FULL_SPEED)
    expect(reason(playground)).to_have_text(re.compile("the test loss is low enough"))
    assert float(playground.page.get_by_test_id("test-loss").inner_text()) <= 0.3


@pytest.mark.parametrize(
    ("path", "name", "value", "why"),
    [
        ("/", "At a test accuracy of", "80", "the test accuracy is high enough"),
        # Steps so large improve nothing after a few epochs.
        ("/#learning_rate=3", "Without improvement for", "3", "nothing improved any more"),
    ],
)
def test_at_an_accuracy_or_when_nothing_improves(
    visit: Visit, path: str, name: str, value: str, why: str
) -> None:
    playground = visit(path)
    condition(playground, name).fill(value)
    playground.page.keyboard.press("Escape")
    playground.play(FULL_SPEED)
    expect(reason(playground)).to_have_text(re.compile(rf"^Stopped in epoch \d+: {why}\.$"))
    expect(playground.status).to_have_text("Paused")
    rows = [np.frombuffer(row, np.float32) for _, row in sorted(playground.history.items())]
    if name.startswith("At"):
        assert rows[-1][5] >= 0.8
        assert all(row[5] < 0.8 for row in rows[:-1]), "the first epoch that has it"


def test_conditions_are_cleared_and_bad_ones_refused(playground: Playground) -> None:
    patience = condition(playground, "Without improvement for")
    patience.fill("2.5")
    expect(patience).to_have_attribute("aria-invalid", "true")
    expect(playground.page.get_by_text("A whole number from 1 to 100000")).to_be_visible()
    patience.fill("2")
    condition(playground, "At a test accuracy of").fill("99")
    clear = playground.button("No conditions")
    clear.click()
    expect(patience).to_have_value("")
    expect(clear).to_be_disabled()
    playground.page.keyboard.press("Escape")
    playground.play(FULL_SPEED)
    playground.until_epoch(50)


def test_the_smaller_learning_rate_begins_anew(visit: Visit) -> None:
    """A line's mean squared error overflows at a rate of 0.3, and not at a tenth of it."""
    playground = visit("/#data=plane&hidden=")
    playground.button("Step").click()
    playground.until_epoch(1)
    playground.menu("Learning rate").select_option("0.3")
    playground.set("training.learning_rate", 0.3)
    playground.play(FULL_SPEED)
    expect(playground.status).to_have_text("Diverged")
    diverged = playground.until(lambda seen: seen.header["state"] == "diverged")
    assert diverged.epoch >= 1
    playground.menu("Speed").select_option("1 batch/s")  # so that the beginning is seen
    playground.until(lambda seen: seen.header["speed"] == "slow")
    playground.button("Try 0.03 instead").click()
    again = playground.until(lambda seen: seen.header["state"] == "playing")
    assert again.experiment["training"] == {**diverged.experiment["training"], "learning_rate": 0.03}
    assert again.epoch == 0
    assert again.header["step"] < 60
    assert sorted(playground.history) == [0]
    expect(playground.epoch).to_have_text("0")
    expect(playground.status).to_have_text("Playing")
    expect(playground.button("Pause")).to_be_visible()
    expect(playground.page.get_by_text("The numbers have overflowed")).to_be_hidden()
    playground.menu("Speed").select_option(FULL_SPEED)
    assert playground.until_epoch(20).header["state"] == "playing"


def test_an_overflow_offers_a_smaller_learning_rate(visit: Visit) -> None:
    playground = visit("/#data=plane&hidden=&learning_rate=10&features=x1_squared,x2_squared")
    playground.play()
    expect(playground.status).to_have_text("Diverged")
    expect(playground.page.get_by_text("the learning rate of 10 is too large")).to_be_visible()
    playground.button("Try 1 instead").click()
    playground.set("training.learning_rate", 1.0)
    expect(playground.menu("Learning rate")).to_have_value("1.0")
