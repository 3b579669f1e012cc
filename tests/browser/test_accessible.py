"""No violation that axe-core finds, in any size, language and theme; the names that are a contract."""

from collections.abc import Callable
from importlib import resources

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_own_data import REFUSED, chosen, clouds

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
# The rules that are broken, and where; of these alone, or of all; in a part of the page, or all of it.
VIOLATIONS = """async (asked) => {
  const { rules, within } = asked ?? {};
  const how = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const { violations } = await axe.run(within ?? document, how);
  return violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ html }) => html) }));
}"""
# What opens over the page, which has been looked at by then, and what changes it.
OPENED = "dialog[open], :popover-open"
OPENERS = ("#stop-button", "#show-keys", "#share", "#view", "#more-button", "#own-data", "#take")
TOGGLES = ("#chart-verdict", "#draw")
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def violations(page: Page, within: str | None = None) -> list[object]:
    """What is wrong in the light theme, and with the dark theme's colours, which are all that differs."""
    found = page.evaluate(VIOLATIONS, {"within": within})
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(VIOLATIONS, {"rules": ["color-contrast"], "within": within})
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_axe_finds_nothing(visit: Visit, language: str, size: str) -> None:
    # With a message in view, too.
    playground = visit(
        "/#colour=red",
        chart=True,
        viewport=SIZES[size],
        color_scheme="light",
        reduced_motion="reduce",  # or colours would be on their way when they are looked at
        locale=language,
    )
    page = playground.page
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("#play").click()
    playground.until_epoch(20)
    page.locator("#play").click()
    expect(page.locator("#chart .main-svg").first).to_be_visible()
    page.locator("#show-test").check()
    page.evaluate(AXE)
    assert violations(page) == []
    for opener in OPENERS:
        page.locator(opener).click()
        expect(page.locator(OPENED)).to_be_visible()
        if opener == "#take":
            expect(page.locator("#take-code .code-keyword").first).to_be_visible()
        assert violations(page, OPENED) == [], opener
        page.keyboard.press("Escape")
    playground.neurons(1).nth(0).click()
    assert violations(page, "#card") == []
    page.locator("#card-close").click()
    for toggle in TOGGLES:
        page.locator(toggle).click()
        assert violations(page) == [], toggle
    page.locator("#inside-open").click()
    expect(page.locator("#inside-point")).to_be_visible()
    assert violations(page) == [], "what is inside"
    for view in ("[name=inside-way][value=matrices]", "[name=inside-direction][value=backward]"):
        page.locator(view).check()
        assert violations(page, "#inside") == [], view
    for tab in ("batch", "layers", "linear", "surface"):
        page.locator(f"#inside-tab-{tab}").click()
        expect(page.locator(f"#inside-{tab}-body")).not_to_be_empty()
        assert violations(page, "#inside") == [], tab
    page.locator("#inside-tab-layers").click()
    page.locator("[name=inside-when][value=time]").check()
    expect(page.locator("#inside-layers-body .small-chart").first).to_be_visible()
    assert violations(page, "#inside") == [], "layers over time"


def test_axe_finds_nothing_with_other_tasks_and_own_data(
    visit: Visit, tolerate: Callable[[str], None]
) -> None:
    playground = visit(
        "/#data=iris&inputs=petal length (cm),petal width (cm),sepal width (cm)",
        color_scheme="light",
        reduced_motion="reduce",
    )
    page = playground.page
    tolerate(REFUSED)
    page.evaluate(AXE)
    expect(page.get_by_role("slider", name="sepal width (cm)")).to_be_visible()
    assert violations(page) == [], "three classes and a held column"
    page.locator("#own-data").click()
    dialog = page.get_by_role("dialog", name="Your own data")
    chosen(dialog, clouds().replace("gut", "schlecht"))
    dialog.get_by_role("button", name="Use these data").click()
    expect(dialog.get_by_role("alert")).to_contain_text("one class only")
    expect(dialog.get_by_role("region", name="First rows")).to_be_visible()
    assert violations(page, "#table-dialog") == [], "a table's first rows, and why it will not do"
    page.keyboard.press("Escape")
    playground.menu("Problem").select_option("regression")
    page.get_by_role("radio", name="Sine", exact=True).check()
    playground.set("data.name", "sine")
    playground.checkbox("Show residuals").check()
    assert violations(page) == [], "a curve"


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
    # What changes by itself is said when there is time for it: a status is a polite live region.
    for region in ("#state [role=status]", "#stop-reason[role=status]", "#boundary-text[aria-live=polite]"):
        expect(playground.page.locator(region)).to_have_count(1)
    expect(playground.page.locator("#state [role=status]")).to_have_text("Paused")
