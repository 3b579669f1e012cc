"""A network learns: play, pause, step, rewind, and change it while it plays."""

import re

from playwright.sync_api import expect

from tests.browser.playground import FULL_SPEED, Playground

BELOW_A_TENTH = re.compile(r"^0\.0\d+$")
LEARNED = 90_000  # milliseconds until a network has learned, on two busy cores


def test_the_default_network_learns_the_circle(playground: Playground) -> None:
    test_loss = playground.page.get_by_test_id("test-loss")
    expect(playground.epoch).to_have_text("0")
    expect(test_loss).not_to_have_text(BELOW_A_TENTH)
    playground.play()
    expect(playground.status).to_have_text("Playing")
    expect(test_loss).to_have_text(BELOW_A_TENTH, timeout=LEARNED)
    expect(playground.page.get_by_test_id("train-loss")).to_have_text(BELOW_A_TENTH)


def test_pause_stops_the_counter(playground: Playground) -> None:
    playground.play()
    playground.until_epoch(5)
    stopped = playground.pause()
    expect(playground.status).to_have_text("Paused")
    expect(playground.epoch).to_have_text(str(stopped.epoch))
    # Had the lane gone on, this step would end further on.
    playground.button("Step").click()
    stepped = playground.until(
        lambda seen: seen.header["step"] > stopped.header["step"] and seen.header["state"] == "paused"
    )
    assert stepped.epoch == stopped.epoch + 1


def test_step_adds_one_epoch(playground: Playground) -> None:
    for epoch in (1, 2, 3):
        playground.button("Step").click()
        expect(playground.epoch).to_have_text(str(epoch))
    seen = playground.until_epoch(3)
    assert seen.epoch == 3
    assert seen.header["step"] == 3 * 25  # 250 training points, 10 a step
    assert sorted(playground.history) == [0, 1, 2, 3]


def test_rewind_returns_to_the_very_same_first_weights(playground: Playground) -> None:
    first = playground.until_epoch(0)
    expect(playground.page.get_by_test_id("test-loss")).to_have_text(re.compile(r"\d"))
    shown = playground.page.get_by_test_id("test-loss").inner_text()
    playground.play(FULL_SPEED)
    playground.until_epoch(20)
    learned = playground.pause()
    assert learned.weights != first.weights
    playground.button("Rewind").click()
    expect(playground.epoch).to_have_text("0")
    again = playground.until(lambda seen: seen.epoch == 0)
    assert again.weights == first.weights
    assert again.header["state"] == "paused"
    expect(playground.page.get_by_test_id("test-loss")).to_have_text(shown)


def test_rewind_while_playing_goes_on_playing(playground: Playground) -> None:
    playground.play(FULL_SPEED)
    before = playground.until_epoch(20)
    playground.button("Rewind").click()
    again = playground.until(lambda seen: seen.header["run"] > before.header["run"] and seen.epoch > 0)
    assert again.header["state"] == "playing"
    expect(playground.status).to_have_text("Playing")


def test_adding_a_neuron_while_playing_shows_five_and_goes_on(playground: Playground) -> None:
    expect(playground.neurons(1)).to_have_count(4)
    playground.play()
    playground.until_epoch(3)
    playground.button("Add neuron to layer 1").click()
    expect(playground.neurons(1)).to_have_count(5)
    grown = playground.until(lambda seen: seen.layers == [2, 5, 2, 1] and seen.epoch >= 3)
    assert grown.header["state"] == "playing"
    expect(playground.status).to_have_text("Playing")
    playground.button("Remove neuron from layer 1").click()
    expect(playground.neurons(1)).to_have_count(4)
    playground.until(lambda seen: seen.layers == [2, 4, 2, 1] and seen.epoch >= 3)
    expect(playground.status).to_have_text("Playing")


def test_new_weights_start_another_run(playground: Playground) -> None:
    playground.button("Step").click()
    first = playground.until_epoch(1)
    playground.button("New weights").click()
    fresh = playground.until(lambda seen: seen.header["run"] > first.header["run"])
    assert fresh.epoch == 0
    assert fresh.weights != first.weights
    assert fresh.experiment["seed"] != first.experiment["seed"]
    assert fresh.experiment["data"] == first.experiment["data"]


def test_the_same_link_gives_the_same_weights_to_everyone(playground: Playground) -> None:
    playground.button("New weights").click()
    seen = playground.until(lambda seen: seen.experiment["seed"] != 0)
    for _ in range(3):
        playground.button("Step").click()
    mine = playground.until_epoch(3)
    expect(playground.page).to_have_url(re.compile(f"seed={seen.experiment['seed']}$"))
    # The same page as another visitor opens it: no session is kept.
    playground.page.evaluate("sessionStorage.clear()")
    assert playground.reload().epoch == 0
    for _ in range(3):
        playground.button("Step").click()
    assert playground.until_epoch(3).weights == mine.weights


def test_an_overflow_is_said_and_a_rewind_mends_it(playground: Playground) -> None:
    playground.menu("Loss").select_option("Mean squared error")
    playground.menu("Output activation").select_option("Linear")
    playground.menu("Activation").select_option("ReLU")
    playground.menu("Learning rate").select_option("10")
    playground.set("training.learning_rate", 10.0)
    playground.play(FULL_SPEED)
    expect(playground.status).to_have_text("Diverged")
    expect(playground.page.get_by_text("The numbers have overflowed")).to_be_visible()
    expect(playground.button("Play")).to_be_visible()
    playground.menu("Learning rate").select_option("0.01")
    playground.button("Rewind").click()
    expect(playground.page.get_by_text("The numbers have overflowed")).to_be_hidden()
