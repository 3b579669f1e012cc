"""What the page itself does: keys, links, and a run that outlives the page."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.playground import Playground


def test_keys_play_step_and_rewind(playground: Playground) -> None:
    keyboard = playground.page.keyboard
    keyboard.press("s")
    expect(playground.epoch).to_have_text("1")
    keyboard.press("S")
    expect(playground.epoch).to_have_text("2")
    keyboard.press("r")
    expect(playground.epoch).to_have_text("0")
    keyboard.press("Space")
    expect(playground.status).to_have_text("Playing")
    playground.until_epoch(3)
    keyboard.press("Space")
    expect(playground.status).to_have_text("Paused")


def test_keys_belong_to_the_control_that_has_the_focus(playground: Playground) -> None:
    playground.menu("Optimizer").focus()
    playground.page.keyboard.press("r")  # RMSprop
    playground.set("training.optimizer", "rmsprop")
    playground.checkbox("Show test data").focus()
    playground.page.keyboard.press("Space")
    expect(playground.checkbox("Show test data")).to_be_checked()
    expect(playground.status).to_have_text("Paused")


def test_a_link_opens_its_experiment(visit: Visit) -> None:
    playground = visit("/#data=spiral&noise=0.1&features=x1,sin_x1&hidden=6,3&activation=relu,sine&seed=7")
    expect(playground.page.get_by_role("radio", name="Spiral")).to_be_checked()
    expect(playground.page.locator("#noise-value")).to_have_text("10 %")
    expect(playground.checkbox("sine of x1")).to_be_checked()
    expect(playground.checkbox("x2")).not_to_be_checked()
    expect(playground.neurons(1)).to_have_count(6)
    expect(playground.neurons(2)).to_have_count(3)
    seen = playground.until(lambda seen: seen.layers == [2, 6, 3, 1])
    assert seen.header["activations"] == ["relu", "sine", "sigmoid"]
    assert seen.experiment["seed"] == 7


def test_edits_update_the_link(playground: Playground) -> None:
    page = playground.page
    playground.menu("Optimizer").select_option("Adam")
    expect(page).to_have_url(re.compile("/#optimizer=adam$"))
    playground.menu("Learning rate").select_option("0.00001")
    expect(page).to_have_url(re.compile("/#optimizer=adam&learning_rate=1e-05$"))
    playground.menu("Optimizer").select_option("SGD")
    playground.menu("Learning rate").select_option("0.03")
    expect(page).to_have_url(re.compile("/$"))


def test_another_link_in_the_same_page(playground: Playground) -> None:
    playground.button("Step").click()
    expect(playground.epoch).to_have_text("1")
    playground.page.evaluate("location.hash = '#hidden=3'")
    expect(playground.neurons(1)).to_have_count(3)
    playground.until(lambda seen: seen.layers == [2, 3, 1] and seen.epoch == 0)


def test_a_link_that_cannot_be_read_says_so(visit: Visit) -> None:
    playground = visit("/#hidden=99&learning_rate=fast&optimizer=adam")
    messages = playground.page.get_by_role("log", name="Messages")
    expect(messages).to_contain_text("The link's learning_rate, “fast”, cannot be used")
    expect(messages).to_contain_text("The link's hidden layers cannot be used")
    expect(playground.menu("Optimizer")).to_have_value("adam")
    expect(playground.neurons(1)).to_have_count(4)
    messages.get_by_role("button", name="Dismiss").click()
    expect(messages.get_by_role("button")).to_have_count(0)


def test_a_paused_run_outlives_a_reload(playground: Playground) -> None:
    playground.menu("Optimizer").select_option("Adam")
    playground.play()
    playground.until_epoch(10)
    before = playground.pause()
    history = dict(playground.history)
    after = playground.reload()
    expect(playground.epoch).to_have_text(str(before.epoch))
    assert after.weights == before.weights
    assert after.header["step"] == before.header["step"]
    assert playground.history == history
    expect(playground.status).to_have_text("Paused")
    # The page counts its commands anew, and the lane with it.
    playground.menu("Activation").select_option("ReLU")
    playground.until(lambda seen: seen.header["activations"][0] == "relu")


def test_a_playing_run_goes_on_after_a_reload(playground: Playground) -> None:
    playground.play()
    before = playground.until_epoch(5)
    after = playground.reload()
    assert after.epoch >= before.epoch
    assert after.header["run"] == before.header["run"]
    expect(playground.button("Pause")).to_be_visible()
    playground.until_epoch(after.epoch + 5)


def test_by_finger_on_a_phone(visit: Visit) -> None:
    playground = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = playground.page
    playground.button("Step").tap()
    expect(playground.epoch).to_have_text("1")
    playground.button("Play").tap()
    playground.until_epoch(3)
    playground.button("Pause").tap()
    expect(playground.status).to_have_text("Paused")
    playground.button("Rewind").tap()
    expect(playground.epoch).to_have_text("0")

    page.locator(".set:has([value=spiral])").tap()
    playground.set("data.name", "spiral")
    page.locator(".feature:has([value=sin_x1])").tap()
    playground.set("features", ["x1", "x2", "sin_x1"])
    for name, layers in (
        ("Add hidden layer", 3),
        ("Add neuron to layer 1", 5),
        ("Remove neuron from layer 1", 4),
        ("Remove hidden layer", 2),
    ):
        playground.button(name).tap()
        if "layer 1" in name:
            expect(playground.neurons(1)).to_have_count(layers)
        else:
            expect(page.locator("#layer-count")).to_have_text(f"{layers} hidden layers")
    assert playground.until(lambda seen: seen.layers == [3, 4, 2, 1]).epoch == 0

    for name in ("Accuracy", "Confusion", "Loss", "Log scale"):
        button = playground.button(name)
        button.tap()
        expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
