"""Several classes: an output each, regions on the plane, and the same thing as one sigmoid."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.playground import Playground


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


def test_regions_are_told_in_words_and_under_the_pointer(visit: Visit) -> None:
    playground = visit("/#data=blobs&classes=4&hidden=&learning_rate=0.3")
    page = playground.page
    playground.play("full")
    playground.until_epoch(30)
    playground.pause()
    box = playground.boundary.bounding_box()
    assert box
    # The clouds lie above, to the right, below and to the left.
    for number, (x, y) in enumerate([(0.5, 0.2), (0.8, 0.5), (0.5, 0.75), (0.22, 0.5)], 1):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        expect(page.locator("#plane-tip")).to_contain_text(f"class {number}, ")
    expect(page.locator("#boundary-text")).to_contain_text(
        re.compile(r"divided among the classes: class 1 2\d %, class 2 2\d %, class 3 2\d %, class 4 2\d %")
    )


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
