"""Every control explains itself: to the mouse, the keyboard and the finger; and the keys are listed."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, Playground

RATE = "How far each step goes along the gradient"
# Controls without an explanation of their own, and why they need none.
UNEXPLAINED = {
    ".feature input": "the head of their column is explained, and the title is the formula",
    "[name=data-set]": "their legend is explained, and a line below says what the chosen one is",
    "select.column-menu": "the menu of all layers is explained, and the title is the formula",
    ".neuron-buttons button": "the title says it",
    ".neuron": "pointing at it shows what it does",
}
# Buttons, menus and fields in sight that no explanation describes, nor that of what holds them.
SILENT = """(exceptions) => [...document.querySelectorAll("button, select, input")]
  .filter((control) => control.checkVisibility() && !control.closest("dialog, [popover], [role=dialog]"))
  .filter((control) => !exceptions.some((selector) => control.matches(selector)))
  .filter((control) => {
    const holder = control.closest(".field, .check, [aria-describedby*=about-]") ?? control;
    const notes = [holder, ...holder.querySelectorAll("*")]
      .flatMap((element) => (element.getAttribute("aria-describedby") ?? "").split(" "))
      .filter((id) => id.startsWith("about-"));
    return !notes.some((id) => document.getElementById(id)?.textContent.includes(" "));
  })
  .map((control) => control.id || control.outerHTML)"""


def test_on_hover(playground: Playground) -> None:
    tip = playground.page.get_by_role("tooltip")
    playground.menu("Learning rate").hover()
    expect(tip).to_contain_text(RATE)
    playground.menu("Optimizer").hover()
    expect(tip).to_contain_text("SGD: w ← w - η g")
    playground.page.mouse.move(0, 0)
    expect(tip).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "name", "words"),
    [
        ("en", "Training share", ("training data", "test data", "validation data", "a third part")),
        ("de", "Trainingsanteil", ("Trainingsdaten", "Testdaten", "Validierungsdaten", "dritten Teil")),
    ],
)
def test_training_validation_and_test_data(
    visit: Visit, language: str, name: str, words: tuple[str, ...]
) -> None:
    playground = visit(locale=language)
    share, tip = playground.slider(name), playground.page.get_by_role("tooltip")
    share.hover()
    for word in (*words, "val_loss"):
        expect(tip).to_contain_text(word)
    expect(share).to_have_accessible_description(re.compile(".*".join(words[:3])))


def test_on_focus_by_keyboard_and_to_screen_readers(playground: Playground) -> None:
    playground.menu("Learning rate").focus()
    playground.page.keyboard.press("Tab")
    tip = playground.page.get_by_role("tooltip")
    expect(tip).to_contain_text("The rule that turns gradients into steps.")
    playground.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    playground.button("Draw points").focus()
    playground.page.keyboard.press("Tab")  # into a group of buttons
    expect(tip).to_contain_text("The loss is what training makes small")
    expect(playground.slider("Noise")).to_have_accessible_description(re.compile("How far points stray"))


def test_every_control_is_explained(playground: Playground) -> None:
    page = playground.page
    assert page.evaluate(SILENT, list(UNEXPLAINED)) == []
    for selector in UNEXPLAINED:  # each is there and needed
        others = [other for other in UNEXPLAINED if other != selector]
        assert page.evaluate(SILENT, others) != [], selector


def test_not_when_focus_is_given_back(visit: Visit) -> None:
    playground = visit(viewport={"width": 390, "height": 844})
    page, tip = playground.page, playground.page.get_by_role("tooltip")
    flag = playground.button("Stop conditions")
    flag.press("Enter")
    page.get_by_role("spinbutton", name="After epochs").fill("3")
    page.keyboard.press("Escape")
    expect(flag).to_be_focused()
    expect(tip).to_be_hidden()
    playground.play(FULL_SPEED)
    expect(page.locator("#stop-reason")).to_be_visible()
    expect(tip).to_be_hidden()
    share = playground.button("Share this experiment")
    share.press("Enter")
    page.get_by_role("button", name="Close sharing").press("Enter")
    expect(share).to_be_focused()
    expect(tip).to_be_hidden()
    page.keyboard.press("Tab")
    expect(tip).to_contain_text("as Keras code")


def test_on_a_long_press(visit: Visit) -> None:
    playground = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    slider = playground.slider("Noise")
    slider.scroll_into_view_if_needed()
    # A scroll ends a press, so its event must be over.
    playground.page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
    slider.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    tip = playground.page.get_by_role("tooltip")
    expect(tip).to_contain_text("How far points stray")
    slider.dispatch_event("pointerup", {"pointerType": "touch", "bubbles": True})
    playground.page.locator("#output-title").dispatch_event("pointerdown", {"bubbles": True})
    expect(tip).to_be_hidden()


def test_the_keys_and_their_list(playground: Playground) -> None:
    page = playground.page
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keyboard")
    expect(listed).to_contain_text("Play or pause")
    page.keyboard.press("s")  # keys rest while the list is open
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    page.keyboard.press("b")
    assert playground.until(lambda seen: seen.header["step"] > 0).header["step"] == 1
    page.keyboard.press("s")
    playground.until_epoch(1)
    page.keyboard.press("r")
    playground.until(lambda seen: seen.header["step"] == 0)
    playground.button("Keyboard shortcuts").click()
    expect(listed).to_be_visible()


def test_any_learning_rate_by_typing(playground: Playground) -> None:
    menu = playground.menu("Learning rate")
    menu.select_option("Other value…")
    typed = playground.page.get_by_role("spinbutton", name="Learning rate as a number")
    typed.fill("50")
    expect(playground.page.get_by_text("A number from 0.00001 to 10")).to_be_visible()
    typed.fill("0.0123")
    typed.press("Enter")
    playground.set("training.learning_rate", 0.0123)
    expect(menu).to_have_value("0.0123")
    expect(menu).to_be_focused()
