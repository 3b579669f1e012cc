"""Training settings: each choice reaches the lane; what may change while it learns leaves the run alone."""

import re

from playwright.sync_api import expect

from models import catalogue
from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, Playground
from tests.browser.test_network import labels


def test_every_optimizer(playground: Playground) -> None:
    menu = playground.menu("Optimizer")
    assert labels(menu) == {row.name: row.label for row in catalogue.OPTIMIZERS}
    learned: set[bytes] = set()
    for row in catalogue.OPTIMIZERS:
        menu.select_option(row.name)
        run = playground.set("training.optimizer", row.name).header["run"]
        playground.button("Step").click()
        seen = playground.until(lambda seen, run=run: seen.header["run"] == run and seen.epoch == 1)
        learned.add(seen.weights)
    assert len(learned) == len(catalogue.OPTIMIZERS)


def test_every_loss(playground: Playground) -> None:
    menu = playground.menu("Loss")
    for_classes = [row for row in catalogue.LOSSES if "classification" in row.problems]
    assert labels(menu) == {row.name: row.label for row in for_classes}
    for row in reversed(for_classes):
        menu.select_option(row.name)
        playground.set("training.loss", row.name)
    playground.menu("Problem").select_option("Regression")
    fitting = {row.name: row.label for row in catalogue.LOSSES if "regression" in row.problems}
    assert labels(menu) == fitting
    expect(menu).to_have_value("mean_squared_error")
    for name in reversed(fitting):
        menu.select_option(name)
        playground.set("training.loss", name)


def test_regularization_and_its_rate(playground: Playground) -> None:
    menu, rate = playground.menu("Regularization"), playground.menu("Regularization rate")
    assert labels(menu) == {row.name: row.label for row in catalogue.REGULARIZATIONS}
    expect(rate).to_be_disabled()
    expect(rate).to_have_attribute("title", "Choose a regularization first")
    for row in catalogue.REGULARIZATIONS:
        if row.name == "none":
            continue
        menu.select_option(row.name)
        playground.set("training.regularization", row.name)
        expect(rate).to_be_enabled()
    rate.select_option("0.1")
    playground.set("training.regularization_rate", 0.1)
    # Any other from 0 to 10 is typed.
    rate.select_option("Other value…")
    typed = playground.page.get_by_role("spinbutton", name="Regularization rate as a number")
    expect(typed).to_have_value("0.1")
    for value in (0, 10, 0.0123):
        typed.fill(str(value))
        playground.set("training.regularization_rate", value)
    for wrong in ("-0.001", "10.1", ""):
        typed.fill(wrong)
        expect(playground.page.get_by_text("A number from 0 to 10")).to_be_visible()
        expect(typed).to_have_attribute("aria-invalid", "true")
    typed.press("Enter")
    expect(rate).to_be_focused()
    expect(rate).to_have_value("0.0123")
    assert playground.until(lambda _: True).experiment["training"]["regularization_rate"] == 0.0123


def test_what_may_change_while_it_learns_leaves_the_run_alone(playground: Playground) -> None:
    for _ in range(2):
        playground.button("Step").click()
    before = playground.until_epoch(2)
    playground.menu("Learning rate").select_option("0.3")
    playground.menu("Regularization").select_option("L2")
    playground.menu("Regularization rate").select_option("0.01")
    playground.drag("Batch size", 30)
    playground.set("training.batch_size", 30)
    after = playground.set("training.learning_rate", 0.3)
    assert (after.header["run"], after.epoch) == (before.header["run"], 2)
    assert after.weights == before.weights


def test_a_batch_size_is_typed(playground: Playground) -> None:
    typed = playground.page.get_by_role("spinbutton", name="Batch size as a number")
    hint = playground.page.locator("#batch-size-hint")
    typed.fill("250")
    playground.set("training.batch_size", 250)
    expect(playground.slider("Batch size")).to_have_value("30")  # as far as it goes
    playground.button("Step").click()
    assert playground.until_epoch(1).header["step"] == 1
    for wrong in ("0", "513", "1.5", ""):
        typed.fill(wrong)
        expect(hint).to_have_text("A whole number from 1 to 512")
        expect(typed).to_have_attribute("aria-invalid", "true")
    typed.blur()
    expect(typed).to_have_value("250")
    expect(hint).to_be_hidden()
    assert playground.until(lambda _: True).experiment["training"]["batch_size"] == 250


def test_every_speed_is_carried_out(playground: Playground) -> None:
    menu = playground.menu("Speed")
    expect(menu).to_have_value(catalogue.DEFAULT_SPEED)
    for row in catalogue.SPEEDS:
        menu.select_option(row.name)
        playground.until(lambda seen, row=row: seen.header["speed"] == row.name)
    playground.play("1 batch/s")
    slow = playground.until(lambda seen: seen.header["step"] == 2)
    assert slow.epoch == 0
    menu.select_option(FULL_SPEED)
    playground.until_epoch(50)


def test_a_rate_that_no_menu_offers_comes_by_link(visit: Visit) -> None:
    playground = visit("/#learning_rate=0.0123")
    expect(playground.menu("Learning rate")).to_have_value("0.0123")
    playground.set("training.learning_rate", 0.0123)
    playground.menu("Optimizer").select_option("Adam")
    expect(playground.page).to_have_url(re.compile("#optimizer=adam&learning_rate=0.0123$"))
