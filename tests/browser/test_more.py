"""Settings beyond the first ones: optimizer's numbers, schedule, limits, dropout, batch normalization."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from models import catalogue
from models.backend import keras
from tests.browser.conftest import Visit
from tests.browser.playground import Playground


def opened(playground: Playground) -> None:
    playground.page.get_by_role("button", name="More settings").click()
    expect(playground.page.get_by_role("dialog", name="More settings")).to_be_visible()


def test_an_optimizer_shows_its_own_numbers(playground: Playground) -> None:
    page = playground.page
    opened(playground)
    menu = page.get_by_role("dialog", name="More settings")
    expect(menu.get_by_text("Plain gradient descent has none.")).to_be_visible()
    expect(menu.get_by_label("β₁")).to_be_hidden()
    page.keyboard.press("Escape")
    playground.menu("Optimizer").select_option("adam")
    opened(playground)
    beta = menu.get_by_label("β₁")
    expect(beta).to_have_attribute("placeholder", "0.9")
    expect(menu.get_by_label("ρ")).to_be_hidden()
    beta.fill("0.75")
    playground.set("training.beta_1", 0.75)
    expect(page).to_have_url(re.compile(r"beta_1=0\.75"))
    beta.fill("1.5")
    expect(menu.get_by_text("A number from 0 to 0.9999")).to_be_visible()
    expect(beta).to_have_accessible_description(re.compile("mean gradient each step keeps.*from 0 to 0.9999"))
    page.keyboard.press("Escape")
    opened(playground)  # and is as it was
    expect(menu.get_by_text("A number from 0 to 0.9999")).to_be_hidden()
    expect(beta).to_have_value("0.75")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More settings, some in use")).to_be_visible()
    opened(playground)
    beta.fill("")
    playground.set("training.beta_1", None)
    expect(page.get_by_role("button", name="More settings", exact=True)).to_be_visible()


def test_every_optimizer_shows_its_own_numbers_and_no_others(playground: Playground) -> None:
    opened(playground)
    page = playground.page
    for row in catalogue.OPTIMIZERS:
        page.locator("#optimizer").select_option(row.name)
        for setting in catalogue.OPTIMIZER_SETTINGS:
            field = page.locator(f"#more-menu #own-{setting.name}")
            expect(field).to_be_visible(visible=setting.name in row.settings)
            if setting.name in row.settings:
                assert float(field.get_attribute("placeholder") or "") == row.settings[setting.name], row.name


def test_a_schedule_is_drawn_and_followed(visit: Visit) -> None:
    playground = visit("/#schedule=cosine&decay_steps=50&speed=batches")
    opened(playground)
    page = playground.page
    expect(page.get_by_text("Learning rate 0.03 at step 0.")).to_be_visible()
    curve = page.locator("#schedule-curve path").get_attribute("d") or ""
    heights = [float(pair.split()[1]) for pair in curve[1:].split("L")]
    assert heights == sorted(heights)
    assert heights[0] == 0
    page.keyboard.press("Escape")
    for _ in range(2):
        playground.button("Step").click()  # 25 batches an epoch
    expect(playground.epoch).to_have_text("2")
    opened(playground)
    expect(page.get_by_text("Learning rate 0 at step 50.")).to_be_visible()


def test_limits_and_what_layers_have(visit: Visit) -> None:
    playground = visit()
    opened(playground)
    menu = playground.page.get_by_role("dialog", name="More settings")
    menu.get_by_label("Layer 1: Dropout").fill("0.25")
    menu.get_by_label("Layer 2: Batch normalization").check()
    menu.get_by_label("Gradient clipping (norm)").fill("0.25")
    menu.get_by_label("Max-norm constraint").fill("2")
    seen = playground.set("training.max_norm", 2)
    assert seen.experiment["training"]["clip_norm"] == 0.25
    expect(playground.page).to_have_url(re.compile(r"[#&]clip_norm=0\.25(&|$)"))
    hidden = seen.experiment["network"]["hidden"]
    assert [layer["dropout"] for layer in hidden] == [0.25, 0]
    assert [layer["batch_normalization"] for layer in hidden] == [False, True]
    menu.get_by_label("Layer 1: Dropout").fill("0.95")
    expect(menu.get_by_text("A number from 0 to 0.9")).to_be_visible()
    page = playground.page
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Layer 1")).to_contain_text("−25")
    expect(page.get_by_role("group", name="Layer 2")).to_contain_text("BN")
    again = visit("/" + playground.page.evaluate("location.hash"))
    assert again.set("training.max_norm", 2).experiment == seen.experiment


FACTORS = """async ([training, steps]) => {
  const { scheduleFactor } = await import("/static/schedule.js");
  return steps.map((step) => scheduleFactor(training, step));
}"""


@pytest.mark.parametrize("name", ["step", "exponential", "cosine", "warm_up"])
def test_the_drawn_schedules_are_those_of_keras(playground: Playground, name: str) -> None:
    schedules = keras.optimizers.schedules
    made = {
        "step": lambda: schedules.ExponentialDecay(1.0, 40, 0.3, staircase=True),
        "exponential": lambda: schedules.ExponentialDecay(1.0, 40, 0.3),
        "cosine": lambda: schedules.CosineDecay(1.0, 40),
        "warm_up": lambda: schedules.PolynomialDecay(0.0, 40, end_learning_rate=1.0),
    }[name]()
    steps = list(range(0, 130, 7))
    training = {"schedule": name, "decay_steps": 40, "decay_rate": 0.3}
    found = playground.page.evaluate(FACTORS, [training, steps])
    np.testing.assert_allclose(found, [float(made(step)) for step in steps], atol=1e-6)
