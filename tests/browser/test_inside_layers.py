"""The look inside: what layers tell of their weights and gradients, now and over time."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.inside import SIZES, arrays, choose, close, latest, look, read
from tests.browser.playground import Playground, Seen


def test_layers_that_do_not_learn(visit: Visit) -> None:
    playground = visit("/#hidden=4,4,4,4,4,4,4&activation=sigmoid&initializer=uniform")
    panel = look(playground, "Layers")
    seen = playground.until(lambda seen: "layers" in seen.header["panels"])
    said = seen.header["panels"]["layers"]
    assert said["verdict"] == "vanishing"
    expect(panel.get_by_text("Vanishing gradients")).to_be_visible()
    expect(panel.get_by_role("img", name=re.compile("^Weights"))).to_have_count(8)
    norms = [np.linalg.norm(kernel) for kernel in arrays(seen)[::2]]
    shown = panel.locator(".layer-card dl div:first-child dd").all_inner_texts()
    assert list(map(read, shown)) == close(norms)


def test_a_dead_neuron_is_counted(playground: Playground) -> None:
    """One of four that is 0 for every point, and one of two that is flat; by hand and as the frame says."""
    playground.menu("Activation of layer 1").select_option("relu")
    playground.until(lambda seen: seen.header["activations"][0] == "relu")
    panel = look(playground, "Layers")
    for layer, unit, bias in ((1, 2, "-1000"), (2, 0, "50")):
        playground.neurons(layer).nth(unit).click()
        card = playground.page.get_by_role("dialog", name=re.compile("neuron", re.IGNORECASE))
        card.get_by_role("spinbutton", name="Bias", exact=True).fill(bias)
        playground.until(lambda seen, i=2 * layer - 1, unit=unit, b=bias: arrays(seen)[i][unit] == float(b))
        playground.page.keyboard.press("Escape")
    figures = panel.locator(".layer-card")

    def shown(name: str) -> list[str]:
        return (
            figures.locator("dl > div")
            .filter(has_text=re.compile(f"^{name}"))
            .locator("dd")
            .all_inner_texts()
        )

    def told(seen: Seen) -> list[list[float]]:
        layers = seen.header["panels"].get("layers", {}).get("layers", [])
        return [[layer["dead"], layer["saturated"]] for layer in layers]

    x = np.asarray(latest(playground).blocks["points"][:250, :2], float)
    seen = playground.until(lambda seen: bool(told(seen)) and told(seen)[0][0] > 0 and told(seen)[1][1] > 0)
    first, bias = arrays(seen)[:2]
    dead = float(((x @ first + bias) <= 0).all(axis=0).mean())
    assert dead >= 0.25
    assert told(seen)[0] == [dead, 0.0]
    assert told(seen)[1] == [0.0, 0.5]
    expect(figures.first.locator("dl > div").filter(has_text="Dead").locator("dd")).to_have_text(
        f"{100 * dead:.0f} %"
    )
    assert shown("Dead") == [f"{100 * share:.0f} %" for share, _ in told(seen)]
    assert shown("Saturated") == [f"{100 * share:.0f} %" for _, share in told(seen)]


@pytest.mark.parametrize("size", SIZES)
def test_layers_over_time(visit: Visit, size: str) -> None:
    playground = visit(viewport=SIZES[size], has_touch=size == "phone", is_mobile=size == "phone")
    page = playground.page
    panel = look(playground, "Layers")
    choose(page, "Over time")
    expect(panel.get_by_text("So far there is one look.")).to_be_visible()
    epochs = page.get_by_role("slider", name="Figures at epoch")
    norm = page.get_by_role("img", name=re.compile("^Norm of the gradient, Output: "))

    def norm_in(seen: Seen) -> float:
        return seen.header["panels"]["layers"]["layers"][-1]["gradient_norm"]

    def norm_at(epoch: int) -> float:
        return norm_in(
            playground.until(lambda seen: seen.epoch == epoch and "layers" in seen.header["panels"])
        )

    # By step, those in the midst of an epoch too, if the server is slow enough to tell of them.
    looks: dict[int, float] = {}

    def note(_: object) -> None:
        if playground.seen is not None and "layers" in playground.seen.header["panels"]:
            looks[playground.seen.header["step"]] = norm_in(playground.seen)

    norms = [norm_at(0)]
    note(None)
    assert playground.socket is not None
    playground.socket.on("framereceived", note)
    for epoch in (1, 2, 3):
        playground.button("Step").click()
        norms.append(norm_at(epoch))
    expect(epochs).to_have_attribute("aria-valuetext", "Epoch 3")
    expect(norm).to_have_accessible_name(re.compile(r" at epoch 0, .* at epoch 3$"))
    expect(panel.get_by_role("img")).to_have_count(3 * 5)
    # The figures of an epoch, by keyboard and by pointing at it.
    figure = panel.locator(".small-chart").filter(has=norm).locator("b")
    assert read(figure.inner_text()) == close(norms[3])
    epochs.press("Home")
    expect(epochs).to_have_attribute("aria-valuetext", "Epoch 0")
    assert read(figure.inner_text()) == close(norms[0])
    epochs.press("End")
    expect(epochs).to_have_attribute("aria-valuetext", "Epoch 3")
    norm.scroll_into_view_if_needed()
    box = norm.bounding_box()
    assert box is not None
    pointer = norm.tap if size == "phone" else norm.hover
    pointer(position={"x": 3, "y": box["height"] / 2})
    expect(epochs).to_have_attribute("aria-valuetext", re.compile(r"^Epoch 0(\.[1-4])?$"))
    assert read(figure.inner_text()) == close(list(looks.values())[int(epochs.input_value())])
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    # It grows while it plays; closed, it notes nothing; another run begins anew.
    playground.button("Play").click()
    playground.until(lambda seen: seen.epoch > 3 and "layers" in seen.header["panels"])
    expect(norm).not_to_have_accessible_name(re.compile(" at epoch 3$"))
    playground.pause()
    playground.button("Rewind").click()
    playground.until(lambda seen: seen.epoch == 0 and "layers" in seen.header["panels"])
    expect(panel.get_by_text("So far there is one look.")).to_be_visible()
    expect(epochs).to_have_attribute("max", "0")


def test_a_layer_with_batch_normalization_tells_of_its_scales(visit: Visit) -> None:
    playground = visit("/#hidden=4,3&batch_normalization=true,false")
    panel = look(playground, "Layers")
    seen = playground.until(lambda seen: "layers" in seen.header["panels"])
    [first, *_] = seen.header["panels"]["layers"]["layers"]
    for name, key in {"scales": "scale", "shifts": "shift"}.items():
        figure = panel.locator("dl > div").filter(has_text=f"Norm of the {name}’ gradient")
        expect(figure).to_have_count(1)
        assert read(figure.locator("dd").inner_text()) == close(first[f"{key}_gradient_norm"])
