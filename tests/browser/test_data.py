"""Choosing data: sets, problem, noise, training share, new points."""

import re

from playwright.sync_api import expect

from models import catalogue
from tests.browser.playground import Playground


def sets(playground: Playground) -> list[str]:
    """Labels of the data sets that are offered."""
    group = playground.page.get_by_role("radiogroup", name="Data set")
    return [radio.get_attribute("aria-label") or "" for radio in group.get_by_role("radio").all()]


def test_every_data_set_of_both_problems(playground: Playground) -> None:
    radio = playground.page.get_by_role("radio", name="Circle", exact=True)
    expect(radio).to_be_checked()
    for problem in catalogue.PROBLEMS:
        playground.menu("Problem").select_option(problem.label)
        of_it = [row for row in catalogue.DATA_SETS if row.problem == problem.name]
        playground.set("data.name", of_it[0].name)
        assert sets(playground) == [row.label for row in of_it]
        for row in reversed(of_it):
            playground.page.get_by_role("radio", name=row.label, exact=True).check()
            seen = playground.set("data.name", row.name)
            assert seen.header["problem"] == problem.name
            train = row.points // 2
            expect(playground.page.locator("#point-counts")).to_have_text(
                f"{train} points to train on, {row.points - train} to test"
            )


def test_regression_has_no_accuracy(playground: Playground) -> None:
    expect(playground.page.locator("#train-more")).to_have_text(re.compile(r"^\d+ % right$"))
    playground.menu("Problem").select_option("Regression")
    expect(playground.page.locator("#train-more")).to_have_text("")
    expect(playground.page.get_by_test_id("test-loss")).to_have_text(re.compile(r"^\d+\.\d+$"))


def test_noise_is_in_percent(playground: Playground) -> None:
    playground.drag("Noise", 35)
    expect(playground.page.locator("#noise-value")).to_have_text("35 %")
    assert playground.set("data.noise", 0.35).epoch == 0


def test_without_test_data_there_is_no_test_loss(playground: Playground) -> None:
    playground.drag("Training share", 100)
    playground.set("data.train_share", 1.0)
    expect(playground.page.get_by_test_id("test-loss")).to_have_text("–")
    expect(playground.page.get_by_test_id("train-loss")).to_have_text(re.compile(r"^0\.\d+$"))
    expect(playground.page.locator("#point-counts")).to_have_text("500 points to train on, no test set")
    playground.button("Step").click()
    expect(playground.epoch).to_have_text("1")
    expect(playground.page.get_by_test_id("test-loss")).to_have_text("–")
    playground.drag("Training share", 10)
    playground.set("data.train_share", 0.1)
    expect(playground.page.locator("#point-counts")).to_have_text("50 points to train on, 450 to test")
    expect(playground.page.get_by_test_id("test-loss")).to_have_text(re.compile(r"^\d+\.\d+$"))


def test_new_data_are_other_points(playground: Playground) -> None:
    first = playground.until(lambda _: True)
    before = playground.boundary.evaluate("canvas => canvas.toDataURL()")
    playground.button("New data").click()
    other = playground.until(lambda seen: seen.experiment["data"]["seed"] != 0)
    assert other.experiment["seed"] == first.experiment["seed"]
    assert other.weights == first.weights
    expect(playground.page).to_have_url(re.compile("#data_seed="))
    assert playground.boundary.evaluate("canvas => canvas.toDataURL()") != before


def test_weights_are_kept_over_new_data_by_choice(playground: Playground) -> None:
    playground.button("Step").click()
    before = playground.until_epoch(1)
    playground.checkbox("Keep weights").check()
    playground.button("New data").click()
    kept = playground.key_frame(lambda seen: seen.experiment["data"]["seed"] != 0)
    assert (kept.weights, kept.epoch, kept.header["touched"]) == (before.weights, 1, True)
    playground.checkbox("Keep weights").uncheck()
    playground.drag("Noise", 20)
    fresh = playground.set("data.noise", 0.2)
    assert (fresh.epoch, fresh.header["touched"]) == (0, False)
