"""The menu "View": theme, colours, language, presentation; chosen and remembered, or as the system asks."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, Playground
from tests.browser.test_accessible import AXE, VIOLATIONS

PALETTES = {
    "Orange and blue": "orange_blue",
    "Colour-blind safe": "colour_blind_safe",
    "High contrast": "high_contrast",
}
PHONE = {"width": 360, "height": 740}
LARGEST = "/#hidden=8,8,8,8,8,8,8,8"

BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
FRAMES = 60  # within which the page must have heard of a change of the system
NEXT_FRAME = "() => new Promise(requestAnimationFrame)"
# A number for everything that is coloured by values, where it is drawn.
COLOURED = {
    "boundary": "#boundary",
    "legend": "#legend",
    "points in the heading": ".marker",
    "data set": ".set:not([hidden]) canvas",
    "feature of the network": ".feature:not(.unused) canvas",
    "other feature": ".feature.unused canvas",
    "neuron": "[data-testid=neuron] canvas",
}
SIGNATURES = """selectors => Object.fromEntries(Object.entries(selectors).map(([name, selector]) => {
  const canvas = document.querySelector(selector);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 1) sum = (sum * 31 + data[i]) % 1000003;
  return [name, sum];
}))"""
LINKS = """() => ["negative", "positive"].map((sign) => {
  const path = document.querySelector(`.link-${sign}`);
  return path && getComputedStyle(path).stroke;
})"""
# The colours that colors.js draws with, and the page's own of the same name, both as the browser says them.
SHARED = """async ([theme, palette]) => {
  const { inkOf } = await import("/static/colors.js");
  const probe = document.createElement("i");
  document.body.append(probe);
  const computed = (color) => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
  const ink = inkOf({ theme, palette });
  const names = ["train", "test", "surface"];
  const found = [names.map((name) => computed(ink[name])), names.map((name) => computed(`var(--${name})`))];
  probe.remove();
  return found;
}"""
# What pokes out of the window sideways, apart from what scrolls in a box of its own.
OUTSIDE = """() => [...document.querySelectorAll("body *")].filter((element) => {
  if (element.closest(".diagram-scroll > *, .hidden-text, .skip, [hidden], svg, #chart > *")) return false;
  const { left, right, width } = element.getBoundingClientRect();
  return width > 1 && (left < -0.5 || right > 360.5);
}).map((element) => element.outerHTML.slice(0, 120))"""
# Controls that are less than 24 px high or wide; a label belongs to its control.
SMALL = """() => [...document.querySelectorAll("button, select, input, a[href]")].filter((control) => {
  if (control.closest(".skip, [hidden]") || control.matches(".neuron")) return false;
  const { width, height } = (control.closest("label") ?? control).getBoundingClientRect();
  return width > 0 && (width < 23.9 || height < 23.9);
}).map((control) => control.outerHTML.slice(0, 120))"""
OVERFLOW = """() => {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
  return { sideways: scrollWidth > clientWidth, down: scrollHeight > clientHeight };
}"""
# Boxes within the panels that are cut off.
CUT = """() => [".output", ".network", ".curves", "#diagram-scroll", ".bar"].filter((selector) => {
  const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.querySelector(selector);
  return scrollHeight > clientHeight + 1 || scrollWidth > clientWidth + 1;
})"""


def opened(playground: Playground) -> Locator:
    """The menu, opened."""
    playground.button("View").click()
    menu = playground.page.get_by_role("dialog", name="View")
    expect(menu).to_be_visible()
    return menu


def choose(playground: Playground, group: str, name: str) -> None:
    menu = opened(playground)
    radio = menu.get_by_role("radiogroup", name=group).get_by_role("radio", name=name, exact=True)
    radio.check()
    expect(radio).to_be_checked()
    playground.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def root(page: Page) -> Locator:
    return page.locator("html")


def test_the_menu_by_keyboard(playground: Playground) -> None:
    page = playground.page
    playground.button("View").focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("dialog", name="View")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("radio", name="System")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(menu.get_by_role("radio", name="Light")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("radio", name="Colour-blind safe")).to_be_checked()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("combobox", name="Language")).to_be_focused()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("checkbox", name="Presentation")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(playground.button("View")).to_be_focused()
    expect(root(page)).to_have_attribute("data-palette", "colour_blind_safe")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_one_is_chosen(visit: Visit, scheme: str) -> None:
    other = "dark" if scheme == "light" else "light"
    playground = visit(color_scheme=scheme)
    page = playground.page

    def system(theme: str) -> None:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.evaluate(NEXT_FRAME)

    def as_drawn(wanted: bool) -> list[str]:
        """What is drawn as it was at first; waits until that is wanted of all of it, or of none."""
        alike: list[str] = []
        for _ in range(FRAMES):
            now = page.evaluate(SIGNATURES, COLOURED)
            alike = [name for name in COLOURED if now[name] == drawn[name]]
            if len(alike) == (len(COLOURED) if wanted else 0):
                break
            page.evaluate(NEXT_FRAME)
        return alike

    own, drawn = page.evaluate(BACKGROUND), page.evaluate(SIGNATURES, COLOURED)
    system(other)
    assert page.evaluate(BACKGROUND) != own
    assert as_drawn(wanted=False) == []
    system(scheme)
    assert page.evaluate(BACKGROUND) == own
    assert as_drawn(wanted=True) == list(COLOURED)

    choose(playground, "Theme", other.capitalize())
    chosen = page.evaluate(BACKGROUND)
    assert chosen != own
    system(other)
    system(scheme)
    assert page.evaluate(BACKGROUND) == chosen
    playground.reload()
    assert page.evaluate(BACKGROUND) == chosen
    choose(playground, "Theme", "System")
    assert page.evaluate(BACKGROUND) == own
    playground.reload()
    assert page.evaluate(BACKGROUND) == own


def test_all_that_is_coloured_follows_the_palette_at_once(visit: Visit) -> None:
    playground = visit(chart=True)
    page = playground.page
    playground.play(FULL_SPEED)
    playground.until_epoch(20)
    playground.pause()
    curve = page.locator("#chart .scatterlayer .trace path.js-line").first
    expect(curve).to_be_visible()
    before = [(page.evaluate(SIGNATURES, COLOURED), page.evaluate(LINKS), curve.get_attribute("style"))]
    for name in ("Colour-blind safe", "High contrast"):
        choose(playground, "Colours", name)
        drawn, links = page.evaluate(SIGNATURES, COLOURED), page.evaluate(LINKS)
        for old_drawn, old_links, old_style in before:
            assert [what for what in COLOURED if drawn[what] == old_drawn[what]] == []
            assert links[0] != old_links[0]
            assert links[1] != old_links[1]
            expect(curve).not_to_have_attribute("style", old_style or "")
        before.append((drawn, links, curve.get_attribute("style")))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_is_remembered_and_the_page_has_its_colours(visit: Visit, name: str, theme: str) -> None:
    playground = visit(color_scheme=theme, contrast="more")
    page = playground.page
    choose(playground, "Colours", name)
    playground.reload()
    expect(root(page)).to_have_attribute("data-palette", PALETTES[name])
    drawn, own = page.evaluate(SHARED, [theme, PALETTES[name]])
    assert drawn == own
    expect(opened(playground).get_by_role("radio", name=name)).to_be_checked()


def test_more_contrast_is_given_to_those_who_ask_the_system_for_it(visit: Visit) -> None:
    playground = visit(contrast="more")
    page = playground.page
    expect(root(page)).to_have_attribute("data-palette", "high_contrast")
    page.emulate_media(contrast="no-preference")
    expect(root(page)).to_have_attribute("data-palette", "orange_blue")
    page.emulate_media(contrast="more")
    expect(root(page)).to_have_attribute("data-palette", "high_contrast")
    choose(playground, "Colours", "Orange and blue")
    expect(root(page)).to_have_attribute("data-palette", "orange_blue")
    playground.reload()
    expect(root(page)).to_have_attribute("data-palette", "orange_blue")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_forced_colours_what_is_chosen_is_still_seen(visit: Visit, scheme: str) -> None:
    playground = visit(forced_colors="active", color_scheme=scheme)
    page = playground.page
    expect(root(page)).to_have_attribute("data-palette", "high_contrast")
    looks = """element => {
      const { outlineStyle, borderColor } = getComputedStyle(element);
      return outlineStyle + borderColor;
    }"""
    chosen, other = (
        page.locator(f".set:not([hidden]) input{state} + canvas").first.evaluate(looks)
        for state in (":checked", ":not(:checked)")
    )
    assert chosen != other
    track = "() => getComputedStyle(document.querySelector('#noise')).appearance"
    assert page.evaluate(track) == "auto"


def test_german_is_chosen_by_a_cookie(playground: Playground) -> None:
    page = playground.page
    menu = opened(playground)
    menu.get_by_role("combobox", name="Language").select_option("Deutsch")
    expect(root(page)).to_have_attribute("lang", "de")
    (cookie,) = page.context.cookies()
    assert {name: cookie.get(name) for name in ("name", "value", "path", "sameSite")} == {
        "name": "language",
        "value": "de",
        "path": "/",
        "sameSite": "Lax",
    }
    playground.shown()  # the menu opens without the page's modules, but does nothing yet
    playground.button("Ansicht").click()
    page.get_by_role("combobox", name="Sprache").select_option("English")
    expect(root(page)).to_have_attribute("lang", "en")


SIZES = [{"width": 1920, "height": 1080}, {"width": 1280, "height": 720}]


@pytest.mark.parametrize("path", ["/", LARGEST])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: size["width"])
def test_presentation_shows_three_things_large_and_without_scrolling(
    visit: Visit, size: dict[str, int], path: str
) -> None:
    playground = visit(path, chart=True, viewport=size)
    page = playground.page
    playground.button("Step").click()
    font = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
    usual = page.evaluate(font)
    playground.page.keyboard.press("p")
    expect(page.locator("body")).to_have_class(re.compile(r"\bpresenting\b"))
    assert page.evaluate(font) > 1.15 * usual
    for shown in (
        *(playground.boundary, page.get_by_role("img", name="Loss curves"), playground.neurons(1).first),
        *(playground.button(name) for name in ("Play", "Step", "Rewind", "View")),
        *(page.get_by_test_id(name) for name in ("epoch", "train-loss", "test-loss")),
    ):
        expect(shown).to_be_in_viewport(ratio=1)
    for name in ("New weights", "New data", "Add hidden layer", "Add neuron to layer 1", "Log scale"):
        expect(playground.button(name)).to_have_count(0)
    for group in ("combobox", "slider", "checkbox"):
        expect(page.get_by_role(group)).to_have_count(0)  # pyright: ignore[reportArgumentType]
    expect(page.locator("#chart .main-svg").first).to_be_visible()
    assert page.evaluate(OVERFLOW) == {"sideways": False, "down": False}
    assert page.evaluate(CUT) == []
    page.keyboard.press("Escape")
    expect(playground.button("New data")).to_be_visible()


def test_presentation_is_left_by_key_or_menu_and_remembered_until_then(playground: Playground) -> None:
    page = playground.page
    presenting = page.locator("body.presenting")
    opened(playground).get_by_role("checkbox", name="Presentation").check()
    expect(page.get_by_role("dialog", name="View")).to_be_hidden()
    expect(presenting).to_have_count(1)
    playground.reload()
    expect(presenting).to_have_count(1)
    menu = opened(playground)
    page.keyboard.press("Escape")  # closes the menu alone
    expect(menu).to_be_hidden()
    expect(presenting).to_have_count(1)
    playground.neurons(1).first.click()
    card = page.locator("#card")
    card.get_by_role("button", name="Close").focus()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(presenting).to_have_count(1)
    opened(playground).get_by_role("checkbox", name="Presentation").uncheck()
    expect(presenting).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("P")
    expect(presenting).to_have_count(1)
    page.keyboard.press("p")
    expect(presenting).to_have_count(0)
    playground.reload()
    expect(presenting).to_have_count(0)
    expect(playground.button("New data")).to_be_visible()


def test_the_remembered_look_is_there_before_any_module_has_run(playground: Playground) -> None:
    page = playground.page
    choose(playground, "Theme", "Dark")
    choose(playground, "Colours", "High contrast")
    page.keyboard.press("p")
    page.route("**/page.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.reload()
    expect(root(page)).to_have_attribute("data-theme", "dark")
    expect(root(page)).to_have_attribute("data-palette", "high_contrast")
    expect(page.locator("body.presenting")).to_have_count(1)
    expect(page.locator("#new-data")).to_be_hidden()


@pytest.mark.parametrize("path", ["/", LARGEST, "/#data=multi_gauss&loss=mse"])
def test_nothing_overflows_a_small_phone(visit: Visit, path: str) -> None:
    playground = visit(path, viewport=PHONE, is_mobile=True, has_touch=True)
    page = playground.page
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate(SMALL) == []
    menu = opened(playground)
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert box["y"] + box["height"] <= PHONE["height"]
    assert page.evaluate(SMALL) == []
    menu.get_by_role("radio", name="Dark").tap()
    expect(root(page)).to_have_attribute("data-theme", "dark")
    page.keyboard.press("Escape")
    for opener in ("#own-data", "#more-button"):
        page.locator(opener).tap()
        assert page.evaluate(OUTSIDE) == [], opener
        assert page.evaluate(SMALL) == [], opener
        page.keyboard.press("Escape")
    page.keyboard.press("p")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    playground.button("View").tap()
    page.get_by_role("checkbox", name="Presentation").tap()
    expect(page.locator("body.presenting")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PALETTES)
def test_axe_finds_nothing_in_any_palette(visit: Visit, name: str, scheme: str) -> None:
    playground = visit(color_scheme=scheme)
    choose(playground, "Colours", name)
    opened(playground)
    playground.page.evaluate(AXE)
    assert playground.page.evaluate(VIOLATIONS) == []


def test_axe_finds_nothing_in_a_presentation(visit: Visit) -> None:
    playground = visit(viewport=SIZES[0])
    playground.page.keyboard.press("p")
    playground.page.evaluate(AXE)
    assert playground.page.evaluate(VIOLATIONS) == []


def test_nothing_moves_for_those_who_want_less_motion(visit: Visit) -> None:
    playground = visit(reduced_motion="reduce")
    playground.play()
    moving = """() => [...document.querySelectorAll("*")].filter((element) => {
      const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
      const still = /^0s(, 0s)*$/.test(transitionDuration) && scrollBehavior === "auto";
      return animationName !== "none" || !still;
    }).map((element) => element.outerHTML.slice(0, 80))"""
    assert playground.page.evaluate(moving) == []
