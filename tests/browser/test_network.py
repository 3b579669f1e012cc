"""Building the network: layers, neurons, activations and features, up to their limits."""

import re

import pytest
from playwright.sync_api import Locator, expect

from models import catalogue
from tests.browser.conftest import Visit
from tests.browser.playground import Playground


def labels(menu: Locator) -> dict[str, str]:
    """The menu's choices that can be chosen: name -> label."""
    options = menu.locator("option:not([disabled])").all()
    return {option.get_attribute("value") or "": option.inner_text() for option in options}


def test_hidden_layers_from_none_to_eight(playground: Playground) -> None:
    add, remove = playground.button("Add hidden layer"), playground.button("Remove hidden layer")
    for count in (1, 0):
        expect(remove).to_be_enabled()
        remove.click()
        expect(playground.page.locator("#layer-count")).to_have_text(re.compile(f"^{count} hidden"))
    expect(remove).to_be_disabled()
    expect(remove).to_have_attribute("title", "There is no hidden layer left")
    expect(playground.menu("Activation")).to_be_disabled()
    playground.until(lambda seen: seen.layers == [2, 1])
    for _ in range(8):
        expect(add).to_be_enabled()
        add.click()
    expect(add).to_be_disabled()
    expect(add).to_have_attribute("title", "A network has at most 8 hidden layers")
    expect(playground.page.get_by_role("combobox", name=re.compile("^Activation of layer"))).to_have_count(8)
    deepest = playground.until(lambda seen: len(seen.layers) == 10)
    playground.button("Step").click()
    assert playground.until(lambda seen: seen.epoch == 1).layers == deepest.layers


def test_neurons_from_one_to_sixty_four(visit: Visit) -> None:
    playground = visit("/#hidden=2,63")
    fewer = playground.button("Remove neuron from layer 1")
    fewer.click()
    expect(playground.neurons(1)).to_have_count(1)
    expect(fewer).to_be_disabled()
    expect(fewer).to_have_attribute("title", "A layer has at least one neuron")
    more = playground.button("Add neuron to layer 2")
    more.click()
    expect(playground.neurons(2)).to_have_count(64)
    expect(more).to_be_disabled()
    expect(more).to_have_attribute("title", "A layer has at most 64 neurons")
    assert playground.until(lambda seen: seen.layers == [2, 1, 64, 1]).epoch == 0


def test_the_largest_network_trains(visit: Visit) -> None:
    playground = visit("/#hidden=32,32,32,32,32,32,32,32&activation=relu")
    for layer in range(1, 9):
        expect(playground.neurons(layer)).to_have_count(32)
    playground.button("Step").click()
    expect(playground.epoch).to_have_text("1")


def test_every_activation_for_all_layers(playground: Playground) -> None:
    menu = playground.menu("Activation")
    assert labels(menu) == {row.name: row.label for row in catalogue.ACTIVATIONS}
    for row in catalogue.ACTIVATIONS:
        menu.select_option(row.name)
        playground.until(lambda seen, row=row: seen.header["activations"] == [row.name, row.name, "sigmoid"])
    playground.button("Step").click()
    expect(playground.epoch).to_have_text("1")


def test_each_layer_has_its_own_activation(playground: Playground) -> None:
    playground.menu("Activation of layer 1").select_option("ReLU")
    expect(playground.menu("Activation")).to_have_value("")
    expect(playground.menu("Activation of layer 2")).to_have_value("tanh")
    playground.until(lambda seen: seen.header["activations"] == ["relu", "tanh", "sigmoid"])
    playground.menu("Activation").select_option("Sine")
    for layer in (1, 2):
        expect(playground.menu(f"Activation of layer {layer}")).to_have_value("sine")
    playground.until(lambda seen: seen.header["activations"] == ["sine", "sine", "sigmoid"])


def test_every_initializer_gives_other_first_weights(playground: Playground) -> None:
    menu = playground.menu("Initializer")
    assert labels(menu) == {row.name: row.label for row in catalogue.INITIALIZERS}
    weights: set[bytes] = set()
    for row in catalogue.INITIALIZERS:
        menu.select_option(row.name)
        weights.add(playground.set("network.initializer", row.name).weights)
    assert len(weights) == len(catalogue.INITIALIZERS)


def test_output_activations_that_fit_the_loss(playground: Playground) -> None:
    menu = playground.menu("Output activation")
    assert set(labels(menu)) == {"auto", "sigmoid"}  # what binary cross-entropy is defined for
    playground.menu("Loss").select_option("Mean squared error")
    for name in ("tanh", "linear", "sigmoid"):
        menu.select_option(name)
        playground.until(lambda seen, name=name: seen.header["activations"][-1] == name)
    menu.select_option("tanh")
    # A loss that needs a sigmoid takes one.
    playground.menu("Loss").select_option("Binary cross-entropy")
    expect(menu).to_have_value("auto")
    playground.until(lambda seen: seen.header["activations"][-1] == "sigmoid")


def test_features_on_and_off_but_not_the_last(playground: Playground) -> None:
    *taken, beyond = (row for row in catalogue.FEATURES if row.columns <= 2)
    for feature in taken:
        playground.checkbox(feature.label).set_checked(True)
    every = [feature.name for feature in taken]
    assert playground.set("features", every).layers == [8, 4, 2, 1]
    expect(playground.checkbox(beyond.label)).to_be_disabled()
    expect(playground.page.locator("label.feature:visible").last).to_have_attribute(
        "title", "A network takes at most 8 features"
    )
    playground.checkbox(taken[0].label).set_checked(False)
    playground.checkbox(beyond.label).set_checked(True)
    for feature in taken[1:]:
        playground.checkbox(feature.label).set_checked(False)
    last = beyond
    assert playground.set("features", [last.name]).layers == [1, 4, 2, 1]
    expect(playground.checkbox(last.label)).to_be_checked()
    expect(playground.checkbox(last.label)).to_be_disabled()
    expect(playground.page.locator("label.feature").last).to_have_attribute(
        "title", "A network needs at least one feature"
    )


@pytest.mark.parametrize("place", ["hover", "focus"])
def test_a_neuron_is_shown_large(playground: Playground, place: str) -> None:
    heading = playground.page.get_by_role("heading", level=2)
    second = playground.page.get_by_role("button", name="Neuron 2 of layer 1", exact=True)
    before = playground.boundary.evaluate("canvas => canvas.toDataURL()")
    if place == "hover":
        second.hover()
    else:
        playground.page.get_by_role("button", name="Neuron 1 of layer 1", exact=True).focus()
        playground.page.keyboard.press("ArrowDown")
        expect(second).to_be_focused()
    expect(heading.get_by_text("Layer 1, neuron 2", exact=True)).to_be_visible()
    expect(playground.page.locator("#diagram-tip")).to_have_text("Layer 1, neuron 2 · Tanh · bias 0.000")
    assert playground.boundary.evaluate("canvas => canvas.toDataURL()") != before
    if place == "hover":
        playground.button("Step").hover()
    else:
        playground.button("Step").focus()
    expect(heading.get_by_text("Output", exact=True)).to_be_visible()
    expect(playground.page.locator("#diagram-tip")).to_be_hidden()
    assert playground.boundary.evaluate("canvas => canvas.toDataURL()") == before
