"""Drawing and erasing points on the plane, by mouse and by finger, while it trains."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from models import drawing
from tests.browser.conftest import Visit
from tests.browser.playground import Playground, Seen


def place(playground: Playground, x1: float, x2: float) -> tuple[float, float]:
    """Where on the window a place of the plane is, by the page's own axes."""
    box = playground.boundary.bounding_box()
    assert box is not None
    font = float(playground.page.locator("#plane").evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
    left, top, bottom = 1.75 * font, 0.55 * font, 1.6 * font
    size = box["width"] - left - max(top, bottom - left + top)
    return box["x"] + left + (x1 + 6) / 12 * size, box["y"] + top + (6 - x2) / 12 * size


def drawn(playground: Playground, count: int) -> list[drawing.Drawn]:
    """The points in force, once there are so many."""
    seen = playground.until(
        lambda seen: bool(text := seen.experiment["data"]["drawn"]) and len(drawing.decode(text)) == count
    )
    return list(drawing.decode(seen.experiment["data"]["drawn"]))


def click(playground: Playground, x1: float, x2: float) -> None:
    playground.page.mouse.click(*place(playground, x1, x2))


def present(seen: Seen) -> list[drawing.Drawn]:
    """The drawn points of a frame."""
    return list(drawing.decode(seen.experiment["data"]["drawn"]))


def swipe(playground: Playground, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draws a finger from a place of the plane to another."""
    finger: Any = playground.page.context.new_cdp_session(playground.page)
    playground.boundary.scroll_into_view_if_needed()
    for step, kind in enumerate(["touchStart", *["touchMove"] * 20]):
        at = place(playground, *(a + (b - a) * step / 20 for a, b in zip(start, end, strict=True)))
        touched = [{"x": at[0], "y": at[1]}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_points_of_two_classes_undo_and_clear(visit: Visit) -> None:
    playground = visit()
    page = playground.page
    playground.button("Draw points").click()
    playground.button("Clear").click()
    expect(page.locator("#draw-hint")).to_contain_text("at least two points")
    expect(page.locator("#point-counts")).to_have_text("0 points to train on, no test set")
    for kind, x1, x2 in ((1, -3.0, 2.0), (2, 3.0, -2.0), (2, 1.0, 1.0)):
        playground.button(f"Points of class {kind}").click()
        click(playground, x1, x2)
    points = drawn(playground, 3)
    assert [kind for kind, _, _ in points] == [0, 1, 1]
    for (_, x1, x2), expected in zip(points, ((-3, 2), (3, -2), (1, 1)), strict=True):
        assert (x1, x2) == pytest.approx(expected, abs=0.1)
    playground.button("Undo").click()
    assert drawn(playground, 2) == points[:2]
    expect(page).to_have_url(re.compile("#data=drawn&drawn=[A-Za-z0-9_-]{11}$"))
    again = visit("/" + page.evaluate("location.hash"))
    assert drawn(again, 2) == points[:2]


def test_a_brush_and_an_eraser_while_it_trains(visit: Visit) -> None:
    playground = visit("/#data=gauss&points=40")
    page = playground.page
    playground.button("Play").click()
    playground.until_epoch(2)
    before = playground.until(lambda _: True)
    playground.button("Draw points").click()
    playground.button("Points of class 1").click()
    page.mouse.move(*place(playground, -4, 4))
    page.mouse.down()
    page.mouse.move(*place(playground, 0, 4), steps=20)
    page.mouse.up()
    seen = playground.until(lambda seen: len(seen.experiment["data"]["drawn"]) > 48 * 16 / 3)
    assert seen.header["run"] == before.header["run"]  # the weights and the counters stay
    assert seen.epoch >= before.epoch
    several = len(drawing.decode(seen.experiment["data"]["drawn"]))
    assert several > 44
    playground.button("Eraser").click()
    page.mouse.move(*place(playground, -4, 4))
    page.mouse.down()
    page.mouse.move(*place(playground, 0, 4), steps=20)
    page.mouse.up()
    left = drawn(playground, 40)
    assert all(x2 < 3.5 or abs(x1) > 4.5 for _, x1, x2 in left if x1 < 0.4)


def test_a_new_class_gets_an_output(visit: Visit) -> None:
    playground = visit("/#data=blobs&points=30")
    playground.button("Draw points").click()
    playground.button("Points of class 4").click()
    click(playground, 0, 0)
    drawn(playground, 31)
    assert playground.until(lambda seen: seen.layers[-1] == 4).header["classes"] == 4
    expect(playground.button("Points of class 5")).to_be_visible()
    playground.menu("Problem").select_option("Regression")
    expect(playground.page.locator("#draw")).to_be_hidden()


def test_a_fast_eraser_leaves_nothing_out(visit: Visit) -> None:
    playground = visit()
    mouse = playground.page.mouse
    playground.button("Draw points").click()
    playground.button("Clear").click()
    for x1 in (-4.0, -3.0, -2.0, -1.0, 0.0):
        click(playground, x1, -4)
    drawn(playground, 5)
    playground.button("Eraser").click()
    mouse.move(*place(playground, -4, -4))
    mouse.down()
    mouse.move(*place(playground, -2, -4))  # at once, as a browser tells that has much to do
    mouse.up()
    assert [x1 for _, x1, _ in drawn(playground, 2)] == pytest.approx([-1, 0], abs=0.15)


def test_by_finger(visit: Visit) -> None:
    playground = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = playground.page
    page.locator("#draw").tap()
    playground.button("Clear").tap()
    for kind, x1, x2 in ((1, -2.0, 2.0), (2, 2.0, -2.0)):
        playground.button(f"Points of class {kind}").tap()
        playground.boundary.scroll_into_view_if_needed()
        page.touchscreen.tap(*place(playground, x1, x2))
    points = drawn(playground, 2)
    assert [kind for kind, _, _ in points] == [0, 1]
    assert points[0][1:] == pytest.approx((-2, 2), abs=0.15)
    # A brush, with the class chosen last, and an eraser; each stroke is undone as a whole.
    swipe(playground, (-4, -4), (0, -4))
    strokes = playground.until(lambda seen: present(seen)[-1][1] > -0.35)
    line = present(strokes)[2:]
    assert len(line) > 4
    assert {kind for kind, _, _ in line} == {1}
    assert [x2 for _, _, x2 in line] == pytest.approx([-4] * len(line), abs=0.15)
    playground.button("Eraser").tap()
    swipe(playground, (-4, -4), (-2.5, -4))
    right = [point for point in present(strokes) if point[2] > 0 or point[1] > -2]
    erased = playground.until(lambda seen: min(x1 for _, x1, x2 in present(seen) if x2 < -3) > -2.5)
    assert set(right) <= set(present(erased)) < set(present(strokes))
    playground.button("Undo").tap()
    assert drawn(playground, 2 + len(line)) == present(strokes)
    playground.button("Undo").tap()
    assert drawn(playground, 2) == points
