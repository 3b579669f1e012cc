"""The learner's own table, the columns of real sets, and curves."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from models import reference
from models.experiment import Experiment
from models.packing import shaped
from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, LEARNING, Playground

ROWS = 120
REFUSED = "status of 422"  # which a browser writes to its console


def clouds() -> str:
    """Two clouds that a line separates, in numbers with a comma, between semicolons."""
    draw = np.random.default_rng(5)
    lines = ["breite;höhe;<b>sorte</b>"]
    for i in range(ROWS):
        sort = i % 2
        width, height = draw.normal(20 + 10 * sort, 2), draw.normal(0.5 - 0.3 * sort, 0.05)
        lines.append(f"{width:.3f};{height:.4f};{'gut' if sort else 'schlecht'}".replace(".", ","))
    return "\n".join(lines)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Your own data")


def opened(playground: Playground) -> Locator:
    playground.button("Own data…").click()
    found = dialog(playground.page)
    expect(found).to_be_visible()
    return found


def chosen(found: Locator, raw: str, name: str = "clouds.csv") -> None:
    found.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": raw.encode("latin-1")}
    )


def test_a_file_is_read_shown_and_learnt(playground: Playground) -> None:
    found = opened(playground)
    chosen(found, clouds())
    expect(found.get_by_role("status")).to_contain_text("120 rows, 3 columns")
    expect(found.get_by_role("status")).to_contain_text("semicolons between columns, decimals with a comma")
    preview = found.get_by_role("region", name="First rows")
    expect(preview.get_by_role("columnheader")).to_have_text(["breite", "höhe", "<b>sorte</b>"])
    expect(found.get_by_label("Target")).to_have_value("<b>sorte</b>")
    expect(found.get_by_role("radio", name="Classification")).to_be_checked()
    expect(found.get_by_label("höhe")).to_be_checked()
    found.get_by_role("button", name="Use these data").click()
    expect(found).to_be_hidden()
    seen = playground.set("data.name", "own")
    assert seen.experiment["data"]["labels"] == ["gut", "schlecht"]
    assert seen.experiment["data"]["inputs"] == ["breite", "höhe"]
    page = playground.page
    expect(page.locator("#point-counts")).to_have_text("60 points to train on, 60 to test")
    expect(page.get_by_role("checkbox", name="breite")).to_be_checked()
    expect(page.locator("#markers")).to_contain_text("schlecht")
    expect(page.locator("#columns-used")).to_have_text(
        re.compile("x₁ breite, x₂ höhe → <b>sorte</b>.*standardized")
    )
    playground.button("Play").click()
    expect(page.locator("#test-more")).to_have_text("100 % right", timeout=LEARNING)


def test_a_download_and_nobody_who_answers(playground: Playground, tolerate: Callable[[str], None]) -> None:
    page = playground.page
    found = opened(playground)
    button = found.get_by_role("button", name="Download: Banknote authentication")
    expect(button).to_have_accessible_description(re.compile(r"wavelet.+1372 rows, V\. Lohweg"))
    address = "**/api/downloads/banknotes"
    page.route(address, lambda route: route.fulfill(status=502, json={"error": {}}))
    button.click()
    tolerate("status of 502")
    expect(found.get_by_role("alert")).to_contain_text(
        "could not download “Banknote authentication” from archive.ics.uci.edu: it may have no connection"
    )
    expect(found.locator("#table-summary")).to_have_text("")
    page.unroute(address)

    def stand_in(route: Route) -> None:
        """The server as if it had that file."""
        route.continue_(url=route.request.url.replace("downloads/banknotes", "tables"), post_data=clouds())

    page.route(address, stand_in)
    button.click()
    expect(found.get_by_role("status")).to_contain_text("120 rows, 3 columns")
    expect(found.locator("#table-error")).to_have_text("")
    found.get_by_role("button", name="Use these data").click()
    playground.set("data.name", "own")


def test_a_pasted_table_and_a_choice_that_will_not_do(
    playground: Playground, tolerate: Callable[[str], None]
) -> None:
    tolerate(REFUSED)
    found = opened(playground)
    found.get_by_label("Or paste the table").fill("a\tb\tc\n1\t5\tx\n2\t5\tx\n3\t6\tx\n4\t7\tx\n")
    found.get_by_role("button", name="Read").click()
    expect(found.get_by_role("status")).to_contain_text("tabs between columns")
    found.get_by_role("button", name="Use these data").click()
    expect(found.get_by_role("alert")).to_contain_text('The target "c" has one class only, "x"')
    found.get_by_label("Target").select_option("b")
    found.get_by_role("radio", name="Regression").check()
    found.get_by_label("Standardize").uncheck()
    expect(found.locator("#table-inputs").get_by_role("checkbox", name=re.compile("^b"))).to_have_count(0)
    found.get_by_role("button", name="Use these data").click()
    data = playground.set("data.name", "own").experiment["data"]
    assert (data["inputs"], data["target"], data["labels"]) == (["a"], "b", [])
    assert not data["standardize"]
    expect(playground.checkbox("Show residuals")).to_be_visible()  # one column: a curve
    # Other columns of it, later.
    playground.button("Columns…").click()
    expect(dialog(playground.page).get_by_label("Target")).to_have_value("b")


def test_broken_files_change_nothing(playground: Playground, tolerate: Callable[[str], None]) -> None:
    tolerate(REFUSED)
    before = playground.set("data.name", "circle")
    found = opened(playground)
    for raw, words in (
        ("", "empty"),
        ("a,b\n", "no rows"),
        ("PK\x03\x04rubbish", "expected|Expected"),
        ("x" * 1_000_001, "1,001 kB.*at most 1,000 kB"),
        ("<script>alert(1)</script>,b\n1,2\n1", "Expected"),
    ):
        chosen(found, raw)
        expect(found.get_by_role("alert")).to_have_text(re.compile(words))
        expect(found.get_by_role("button", name="Use these data")).to_be_hidden()
    playground.page.keyboard.press("Escape")
    assert playground.set("data.name", "circle").weights == before.weights


def test_own_data_after_points_drawn_by_hand(playground: Playground) -> None:
    """Each says which data they are by members of its own; the other's must go."""
    page = playground.page
    playground.button("Draw points").click()
    playground.boundary.click(position={"x": 150, "y": 150})
    playground.set("data.name", "drawn")
    found = opened(playground)
    chosen(found, clouds())
    found.get_by_role("button", name="Use these data").click()
    assert playground.set("data.name", "own").experiment["data"]["drawn"] == ""
    page.get_by_role("radio", name="Iris", exact=True).check()
    data = playground.set("data.name", "iris").experiment["data"]
    assert (data["table"], data["inputs"], data["labels"]) == ("", [], [])


def test_a_column_that_cannot_be_an_input_says_in_which_line(playground: Playground) -> None:
    found = opened(playground)
    chosen(found, "a,<i>b</i>,c,k\n1,2,5,x\n,3,6,y\n3,two,7,x\n4,5,8,y\n")
    inputs = found.get_by_role("group", name="Inputs")
    expect(inputs).to_contain_text('Line 3, column "a": the value is missing')
    expect(inputs).to_contain_text('Line 4, column "<i>b</i>": "two" is not a number')
    for number in range(2):
        expect(inputs.get_by_role("checkbox").nth(number)).to_be_disabled()
    expect(inputs.get_by_role("checkbox", name="c x₁")).to_be_checked()


def test_a_ninth_column_cannot_be_chosen(playground: Playground) -> None:
    found = opened(playground)
    rows = "".join(f"{','.join([str(n)] * 9)},k{n % 2}\n" for n in range(8))
    chosen(found, f"a,b,c,d,e,f,g,h,i,kind\n{rows}")
    inputs = found.get_by_role("group", name="Inputs")
    expect(inputs).to_contain_text("Up to 8 columns of numbers")
    boxes = inputs.get_by_role("checkbox")
    expect(inputs.get_by_role("checkbox", checked=True)).to_have_count(8)
    expect(boxes.nth(8)).to_be_disabled()
    expect(inputs.get_by_title("A network takes at most 8 inputs")).to_have_text(re.compile("^ *i *$"))
    boxes.nth(0).uncheck()
    boxes.nth(8).check()
    expect(boxes.nth(0)).to_be_disabled()
    found.get_by_role("button", name="Use these data").click()
    assert playground.set("data.inputs", list("bcdefghi")).layers == [8, 4, 2, 1]


def test_a_dropped_file_opens_the_dialog(playground: Playground) -> None:
    page = playground.page
    transfer = page.evaluate_handle(
        """(text) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
          return transfer;
        }""",
        "u,v\n1,2\n2,3\n3,5\n4,9\n",
    )
    page.locator("#data").dispatch_event("drop", {"dataTransfer": transfer})
    expect(dialog(page).get_by_role("status")).to_contain_text("4 rows, 2 columns")


def test_a_link_to_own_data_opens_them_and_says_when_they_are_gone(visit: Visit) -> None:
    playground = visit()
    found = opened(playground)
    chosen(found, clouds())
    found.get_by_role("button", name="Use these data").click()
    playground.set("data.name", "own")
    link = playground.page.evaluate("location.hash")
    again = visit("/" + link)
    assert again.set("data.name", "own").experiment == playground.set("data.name", "own").experiment
    gone = visit("/" + re.sub("table=[0-9a-f]+", f"table={'0' * 32}", link))
    expect(gone.page.get_by_text("not on this server")).to_be_visible()
    assert gone.set("data.name", "circle").epoch == 0


def test_a_real_set_with_other_columns(visit: Visit) -> None:
    playground = visit("/#data=iris")
    page = playground.page
    expect(page.locator("#data-source")).to_have_attribute("href", re.compile("archive.ics.uci.edu"))
    badge = page.locator("#columns-used .badge")
    expect(badge).to_have_text("standardized")
    playground.button("Columns…").click()
    found = page.get_by_role("dialog", name="Columns of Iris")
    found.get_by_label("petal length").uncheck()
    found.get_by_label("sepal width").check()
    found.get_by_label("sepal length").check()
    found.get_by_label("Standardize").uncheck()
    found.get_by_role("button", name="Use these data").click()
    columns = ["petal width (cm)", "sepal width (cm)", "sepal length (cm)"]
    seen = playground.set("data.inputs", columns)
    expect(badge).to_have_text("raw")
    assert seen.experiment["features"] == ["x1", "x2", "x3"]
    assert seen.layers == [3, 4, 2, 3]
    for column in columns:
        expect(page.get_by_role("checkbox", name=column)).to_be_checked()
    expect(page.locator("#markers")).to_have_text(re.compile("setosa.*versicolor.*virginica"))
    assert (
        visit("/" + page.evaluate("location.hash")).set("data.inputs", columns).experiment == seen.experiment
    )
    page.locator("#boundary").hover(position={"x": 200, "y": 60})
    expect(page.locator("#plane-tip")).to_have_text(
        re.compile(
            r"petal width \(cm\) \d\.\d+ +sepal width \(cm\) \d\.\d+ +→ +(setosa|versicolor|virginica), \d+ %"
        )
    )
    held = page.get_by_role("slider", name="sepal length (cm)")
    before = page.locator("#boundary").evaluate("canvas => canvas.toDataURL()")
    held.fill("100")
    expect(held).to_have_attribute("aria-valuetext", "8.080")
    page.wait_for_function(
        "(before) => document.querySelector('#boundary').toDataURL() !== before", arg=before
    )
    playground.page.get_by_role("radio", name="Circle", exact=True).check()
    expect(held).to_be_hidden()
    assert playground.set("data.name", "circle").experiment["features"] == ["x1", "x2"]


# The middle of what is nearly black in one column of pixels, 0 to 1 from the top, and how many are coloured.
DRAWN = """() => new Promise((done) => requestAnimationFrame(() => {
  const canvas = document.querySelector("#boundary");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const at = (x, y) => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)];
  const column = Math.round(0.55 * width);
  const rows = Array.from({ length: height }, (_, y) => y).filter((y) => Math.max(...at(column, y)) < 60);
  let coloured = 0;
  for (let i = 0; i < data.length; i += 4) {
    const rgb = [...data.slice(i, i + 3)];
    if (Math.max(...rgb) - Math.min(...rgb) > 80) coloured += 1;
  }
  done([rows[Math.floor(rows.length / 2)] / height, coloured]);
}))"""


def test_a_curve_is_drawn_with_its_residuals(visit: Visit) -> None:
    playground = visit("/#data=line&points=20&hidden=&initializer=zeros&data_seed=2")
    page = playground.page
    expect(playground.checkbox("Discretize output")).to_be_hidden()
    middle, points = page.evaluate(DRAWN)
    assert middle == pytest.approx(0.5, abs=0.06)  # an untrained network of zeros says 0 everywhere
    playground.checkbox("Show residuals").check()
    expect(page).to_have_url(re.compile("residuals=true"))
    page.wait_for_function(f"(before) => ({DRAWN})().then(([, now]) => now > 1.5 * before)", arg=points)
    page.locator("#boundary").hover(position={"x": 200, "y": 100})
    expect(page.locator("#plane-tip")).to_have_text(re.compile(r"^x₁ .*→ +0\.000$"))


def test_a_trained_curve_is_what_keras_predicts(visit: Visit) -> None:
    playground = visit("/#data=sine&hidden=8&optimizer=adam&learning_rate=0.1")
    playground.play(FULL_SPEED)
    playground.until_epoch(40)
    seen = playground.pause()
    model = reference.build(Experiment.model_validate(seen.experiment))
    model.set_weights(shaped(np.frombuffer(seen.weights, np.float32), seen.layers))
    exact = model.predict(np.array([[-5.94], [0], [5.94]]), verbose=0).ravel()  # in the picture's outer cells
    assert np.ptp(exact) > 0.2
    words = rf"^After {seen.epoch} epochs: The curve over x₁ goes from (\S+) .* over (\S+) .* to (\S+) at 6"
    expect(playground.boundary).to_have_accessible_description(re.compile(words))
    found = re.match(words, playground.page.locator("#boundary-text").inner_text())
    assert found
    shown = [float(text.replace("−", "-")) for text in found.groups()]
    assert shown == pytest.approx(exact, abs=0.01 + 2 / 254)
