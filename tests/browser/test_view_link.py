"""What a link says of the page itself, beside the experiment."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from models import catalogue
from tests.browser.conftest import Visit
from tests.browser.playground import spelled


def test_the_page_keeps_its_settings_in_the_address(visit: Visit) -> None:
    playground = visit(
        "/#log_scale=true&chart=verdict&speed=slow&stop_epochs=7&patience=3&hide=new_data,curves,x1_squared"
    )
    page = playground.page
    expect(playground.menu("Speed")).to_have_value("slow")
    expect(page.locator("#stop-epochs")).to_have_value("7")
    assert spelled(page)["chart"] == "verdict"
    expect(page.locator("#chart-verdict")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#stop-patience")).to_have_value("3")
    expect(page.locator("#new-data, #curves").filter(visible=True)).to_have_count(0)
    expect(playground.checkbox("x1 squared")).not_to_be_visible()
    expect(playground.checkbox("x2 squared")).to_be_visible()
    playground.menu("Speed").select_option(catalogue.DEFAULT_SPEED)
    assert "speed" not in spelled(page)
    assert spelled(page)["hide"] == "new_data,curves,x1_squared"


def test_what_the_plane_shows_is_in_the_address(visit: Visit) -> None:
    four = ",".join(f"{part} {size} (cm)" for part in ("petal", "sepal") for size in ("length", "width"))
    playground = visit(f"/#data=iris&inputs={quote(four)}&alone=2&held=,4")
    page = playground.page

    length, width = (page.get_by_role("slider", name=f"sepal {size} (cm)") for size in ("length", "width"))
    expect(width).to_have_attribute("aria-valuetext", "4.000")  # as the server says
    expect(length).to_have_attribute("aria-valuetext", "5.843")  # the mean
    expect(playground.menu("Plane shows")).to_have_value("1")
    assert (spelled(page)["alone"], spelled(page)["held"]) == ("2", ",4")
    length.fill("100")
    expect(length).to_have_attribute("aria-valuetext", "8.080")
    page.wait_for_function("() => location.hash.includes('held=8.08,4')")
    # What is held belongs to these data.
    playground.menu("Plane shows").select_option("")
    page.get_by_role("radio", name="Wine").check()
    playground.set("data.name", "wine")
    page.wait_for_function("() => !/alone|held/.test(location.hash)")


@pytest.mark.parametrize("part", ["alone=0", "alone=9", "alone=x", "held=1,x", "held=1,2,3,4,5,6,7"])
def test_what_the_plane_cannot_show_is_named(visit: Visit, part: str) -> None:
    playground = visit(f"/#data=iris&{part}")
    expect(playground.page.get_by_role("log", name="Messages")).to_contain_text(part.partition("=")[0])
    assert spelled(playground.page).keys() == {"data"}
