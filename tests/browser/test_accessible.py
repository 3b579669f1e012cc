"""No violation that axe-core finds, in any size, language and theme; the names that are a contract."""

from importlib import resources

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
# The rules that are broken, and where.
VIOLATIONS = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ html }) => html) }));
}"""
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_axe_finds_nothing(visit: Visit, language: str, size: str, scheme: str) -> None:
    # With a message in view, too.
    playground = visit("/#colour=red", chart=True, viewport=SIZES[size], color_scheme=scheme, locale=language)
    page = playground.page
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("#play").click()
    playground.until_epoch(20)
    page.locator("#play").click()
    expect(page.locator("#chart .main-svg").first).to_be_visible()
    page.locator("#show-test").check()
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS) == []
    # And what opens over the page.
    page.locator("#stop-button").click()
    assert page.evaluate(VIOLATIONS) == []
    page.keyboard.press("Escape")
    playground.neurons(1).nth(0).click()
    assert page.evaluate(VIOLATIONS) == []
    page.locator("#card-close").click()
    for opener in ("#show-keys", "#share", "#view", "#more-button"):
        page.locator(opener).click()
        assert page.evaluate(VIOLATIONS) == [], opener
        page.keyboard.press("Escape")


def test_the_names_of_the_controls(visit: Visit) -> None:
    playground = visit()
    for name in (
        "Play",
        "Step",
        "Single batch",
        "Rewind",
        "New weights",
        "New data",
        "Add hidden layer",
        "Remove hidden layer",
    ):
        expect(playground.button(name)).to_be_visible()
    for layer in (1, 2):
        for name in (f"Add neuron to layer {layer}", f"Remove neuron from layer {layer}"):
            expect(playground.button(name)).to_be_visible()
    for name in (
        *("Learning rate", "Optimizer", "Loss", "Regularization", "Regularization rate", "Speed", "Problem"),
        *("Initializer", "Activation", "Activation of layer 1", "Activation of layer 2", "Output activation"),
    ):
        expect(playground.menu(name)).to_be_visible()
    for name in ("Batch size", "Noise", "Training share"):
        expect(playground.slider(name)).to_be_visible()
    for name in ("Show test data", "Discretize output"):
        expect(playground.checkbox(name)).to_be_visible()
    for name in ("epoch", "train-loss", "test-loss", "status"):
        expect(playground.page.get_by_test_id(name)).to_have_count(1)
