"""The API's documentation in a browser: found from the page, whole under the strict rules, accessible."""

from playwright.sync_api import expect

from tests.browser.test_accessible import AXE, SIZES, VIOLATIONS
from tests.support.browser import Browse


def test_the_documentation_opens_from_the_foot_of_the_page(browse: Browse) -> None:
    page = browse("/", viewport=SIZES["phone"], color_scheme="light")
    page.get_by_role("link", name="REST API").click()
    expect(page.get_by_role("heading", name="REST API")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="POST /api/runs", exact=True).click()
    expect(page.get_by_role("heading", name="POST /api/runs", exact=True)).to_be_in_viewport()
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(VIOLATIONS, {"rules": ["color-contrast"]}) == []
