"""Several classes: an output each, regions on the plane, and the same thing as one sigmoid."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.playground import LEARNING, Playground


def test_a_set_of_several_classes_has_an_output_each(playground: Playground) -> None:
    page = playground.page
    page.get_by_role("radio", name="Rings").check()
    seen = playground.until(lambda seen: seen.layers[-1] == 3)
    assert seen.experiment["training"]["loss"] == "categorical_crossentropy"
    assert seen.header["classes"] == 3
    playground.drag("Classes", 5)
    playground.until(lambda seen: seen.layers == [2, 4, 2, 5])
    expect(page.get_by_role("button", name=re.compile(r"^Output \d$"))).to_have_count(5)
    expect(page.locator("#markers li")).to_have_text(["1", "2", "3", "4", "5"])
    expect(page.locator("#legend")).to_be_hidden()
    # Back at two classes, the usual loss and one output.
    page.get_by_role("radio", name="Circle").check()
    assert playground.until(lambda seen: seen.layers[-1] == 1).experiment["training"]["loss"] == (
        "binary_crossentropy"
    )
    expect(page.locator("#classes")).to_be_hidden()


# Where the clouds of four classes lie, as shares of the plane's width and height.
CLOUDS = ((0.5, 0.2), (0.8, 0.5), (0.5, 0.75), (0.22, 0.5))


def test_regions_and_one_class_alone_in_words_and_under_the_pointer(visit: Visit) -> None:
    playground = visit("/#data=blobs&classes=4&hidden=&learning_rate=0.3", has_touch=True)
    page = playground.page
    playground.play("full")
    playground.until_epoch(30)
    playground.pause()
    box = playground.boundary.bounding_box()
    assert box is not None
    tip = page.locator("#plane-tip")

    def point_at(x: float, y: float) -> None:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])

    for number, cloud in enumerate(CLOUDS, 1):
        point_at(*cloud)
        expect(tip).to_contain_text(f"class {number}, ")
    expect(page.locator("#boundary-text")).to_contain_text(
        re.compile(r"divided among the classes: class 1 2\d %, class 2 2\d %, class 3 2\d %, class 4 2\d %")
    )
    # On request one class's probability: high in its cloud, low in the others; no pointer is needed to ask.
    menu = playground.menu("Plane shows")
    names = ["All classes", *(f"Only class {number}" for number in range(1, 5))]
    expect(menu.locator("option")).to_have_text(names)
    menu.tap()
    menu.select_option("Only class 3")
    expect(page.locator("#legend-ticks span")).to_have_text(["0", "0.5", "1"])
    expect(page.locator("#boundary-text")).to_contain_text(
        re.compile(r"The probability of class 3 is at least ½ on 2\d % of the plane: [^.]*bottom")
    )
    for number, cloud in enumerate(CLOUDS, 1):
        point_at(*cloud)
        expect(tip).to_have_text(re.compile(r"→ +class 3, " + (r"(9\d|100) %$" if number == 3 else r"\d %$")))
    menu.select_option("All classes")
    expect(page.locator("#legend")).to_be_hidden()
    page.get_by_role("radio", name="Circle", exact=True).check()
    expect(menu).to_be_hidden()


def test_several_classes_in_german_on_a_phone(visit: Visit) -> None:
    playground = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="de-DE")
    page = playground.page
    page.get_by_role("radio", name="Wolken", exact=True).tap()
    playground.drag("Klassen", 4)
    playground.until(lambda seen: seen.layers[-1] == 4)
    page.get_by_role("button", name="Start", exact=True).tap()
    playground.button("Verwechslung").tap()
    test = page.get_by_role("region", name="Wie gut es ist").get_by_role("table", name="Test", exact=True)
    expect(test.get_by_role("columnheader")).to_have_text(["1", "2", "3", "4", "Trefferquote"])
    expect(test.locator("strong")).to_have_text(re.compile("^(9[0-9]|100)"), timeout=LEARNING)
    playground.button("Pause").tap()
    expect(page.locator("#state")).to_have_attribute("data-state", "paused")
    counts = [int(text) for text in test.locator(".right, .wrong").all_inner_texts()]
    assert len(counts) == 16
    assert sum(counts) == 250
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_how_many_points(playground: Playground) -> None:
    page = playground.page
    field = page.get_by_role("spinbutton", name="Points")
    expect(field).to_have_attribute("placeholder", "500")
    field.fill("60")
    playground.set("data.points", 60)
    expect(page.locator("#point-counts")).to_have_text("30 points to train on, 30 to test")
    field.fill("7")
    expect(page.get_by_text("A whole number from 20 to 5000")).to_be_visible()
    field.fill("")
    playground.set("data.points", None)
