"""Everything that can be used is reached by the Tab key, in view, and seen to have the focus."""

import pytest

from tests.browser.conftest import Visit

# What can be clicked or typed into and is in the Tab order; of radio buttons it is one of a group.
USABLE = """() => {
  const usable = "a[href], button, input, select, textarea, summary, [tabindex]";
  window.ours = [...document.querySelectorAll(usable)].filter((element) =>
    element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true })
    && !(element.type === "radio" && !element.checked));
  return window.ours.map((element) => element.id || element.getAttribute("aria-label") || element.outerHTML);
}"""
# Which of them has the focus, or -1; how it is marked; whether all of it is in the window.
FOCUSED = """() => {
  const element = document.activeElement;
  const rings = [element, element.parentElement, element.nextElementSibling].filter(Boolean).map((each) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  });
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const inside = left >= -1 && right <= innerWidth + 1 && bottom > 0 && top < innerHeight;
  return { at: window.ours.indexOf(element), marked: rings.some(Boolean), inside };
}"""


@pytest.mark.parametrize("width", [1366, 390])
def test_tab_reaches_all_and_shows_where_it_is(visit: Visit, width: int) -> None:
    page = visit("/", viewport={"width": width, "height": 844}).page
    names = page.evaluate(USABLE)
    assert len(names) > 40
    reached: set[int] = set()
    hidden: list[str] = []
    for _ in range(2 * len(names)):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        at = focused["at"]
        if at < 0:
            continue
        if at in reached and len(reached) == len(names):
            break
        reached.add(at)
        if not (focused["marked"] and focused["inside"]):
            hidden.append(f"{names[at]}: {focused}")
    assert [name for i, name in enumerate(names) if i not in reached] == []
    assert hidden == []
