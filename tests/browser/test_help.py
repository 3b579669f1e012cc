"""Every control explains itself: to the mouse, the keyboard and the finger; and the keys are listed."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.playground import Playground

RATE = "How far each step goes along the gradient"


def test_on_hover(playground: Playground) -> None:
    tip = playground.page.get_by_role("tooltip")
    playground.menu("Learning rate").hover()
    expect(tip).to_contain_text(RATE)
    playground.menu("Optimizer").hover()
    expect(tip).to_contain_text("SGD: w ← w - η g")
    playground.page.mouse.move(0, 0)
    expect(tip).to_be_hidden()


def test_on_focus_by_keyboard_and_to_screen_readers(playground: Playground) -> None:
    playground.menu("Learning rate").focus()
    playground.page.keyboard.press("Tab")
    tip = playground.page.get_by_role("tooltip")
    expect(tip).to_contain_text("The rule that turns gradients into steps.")
    playground.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(playground.slider("Noise")).to_have_accessible_description(re.compile("How far points stray"))


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
