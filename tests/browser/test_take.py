"""Take it with you: code, notebook and files from the page, and files opened there again."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from models import catalogue
from tests.browser.conftest import Visit
from tests.browser.playground import Playground, Seen

PHONE = {"width": 360, "height": 740}
# What a browser does when a file is dropped: it hands it over, where the pointer is.
DROP = """([selector, name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name));
  const options = { dataTransfer: files, bubbles: true, cancelable: true };
  document.querySelector(selector).dispatchEvent(new DragEvent("drop", options));
}"""


def opened(playground: Playground) -> Locator:
    playground.button("Code and files").click()
    return dialog(playground.page)


def dialog(page: Page) -> Locator:
    found = page.get_by_role("dialog", name="Code and files")
    expect(found).to_be_visible()
    return found


def code(found: Locator) -> Locator:
    return found.get_by_role("region", name="Code")


def close(found: Locator) -> None:
    found.get_by_role("button", name="Close code and files").click()
    expect(found).to_be_hidden()


def downloaded(page: Page, button: Locator, folder: Path) -> Path:
    with page.expect_download() as waiting:
        button.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def trained(playground: Playground, epochs: int) -> Seen:
    for epoch in range(1, epochs + 1):
        playground.button("Step").click()
        playground.until_epoch(epoch)
    return playground.until(lambda seen: seen.epoch == epochs and seen.header["state"] == "paused")


def choose(found: Locator, path: Path) -> None:
    found.locator("input[type=file]").set_input_files(path)


def test_code_is_of_the_network_on_the_page(playground: Playground) -> None:
    page = playground.page
    found = opened(playground)
    expect(code(found)).to_contain_text("keras.Sequential")
    expect(code(found)).to_contain_text("EPOCHS = 100")
    found.get_by_role("radio", name="Functional").check()
    expect(code(found)).to_contain_text("keras.Model(")
    found.get_by_role("radio", name="Subclassing").check()
    expect(code(found)).to_contain_text("(keras.Model):")
    # What changes while it is open is in it, and so is what changed meanwhile.
    expect(code(found)).to_contain_text('"tanh"')
    page.evaluate("location.hash = 'activation=relu&hidden=5'")
    expect(code(found)).to_contain_text('"relu"')
    expect(code(found)).not_to_contain_text('"tanh"')
    close(found)
    expect(playground.button("Code and files")).to_be_focused()
    playground.menu("Optimizer").select_option("adam")
    trained(playground, 2)
    opened(playground)
    expect(code(found)).to_contain_text("Adam")
    expect(code(found)).to_contain_text("EPOCHS = 2")


def test_numpy_has_the_weights_that_the_page_shows(playground: Playground, tmp_path: Path) -> None:
    page = playground.page
    found = opened(playground)
    found.get_by_role("radio", name="NumPy").check()
    expect(found).to_contain_text("Weights after 0 epochs.")
    first = code(found).text_content()
    close(found)
    seen = trained(playground, 1)
    opened(playground)
    expect(found).to_contain_text("Weights after 1 epoch.")
    assert code(found).text_content() != first
    found.get_by_role("button", name="Take the present weights").click()
    path = downloaded(page, found.get_by_role("button", name="Download .py"), tmp_path)
    assert path.name == "circle.py"
    names: dict[str, Any] = {}
    exec(compile(path.read_text("utf-8"), path.name, "exec"), names)  # it runs by itself
    assert b"".join(names[f"{part}{n}"].tobytes() for n in (1, 2, 3) for part in "Wb") == seen.weights


def test_copy(visit: Visit) -> None:
    playground = visit(permissions=["clipboard-read", "clipboard-write"])
    page = playground.page
    found = opened(playground)
    expect(code(found)).to_contain_text("keras.Sequential")
    found.get_by_role("button", name="Copy").click()
    expect(found.get_by_role("status").filter(has_text="The code is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code(found).text_content()
    # Where it is refused, the text is selected.
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    found.get_by_role("button", name="Copy").click()
    expect(found).to_contain_text("the code is selected")
    assert page.evaluate("getSelection().toString().trim()") == (code(found).text_content() or "").strip()


def test_a_notebook_of_as_many_epochs(playground: Playground, tmp_path: Path) -> None:
    page = playground.page
    found = opened(playground)
    goes_on = found.get_by_role("checkbox", name="Go on from the trained weights")
    expect(goes_on).to_be_disabled()
    close(found)
    trained(playground, 3)
    opened(playground)
    expect(found).to_contain_text("trained for 3 epochs")
    save = found.get_by_role("button", name="Download .ipynb")
    plain = downloaded(page, save, tmp_path).read_text("utf-8")
    assert "EPOCHS = 3" in sources(plain)
    goes_on.check()
    expect(found).to_contain_text("going on from its weights after 3 epochs")
    path = downloaded(page, save, tmp_path)
    assert path.name == "circle.ipynb"
    assert "Trained weights" not in sources(plain)
    assert "Trained weights" in sources(path.read_text("utf-8"))


def sources(notebook: str) -> str:
    return "\n".join("".join(cell["source"]) for cell in json.loads(notebook)["cells"])


def test_every_file_and_the_run_opened_again(visit: Visit, tmp_path: Path) -> None:
    playground = visit("/#data=xor&hidden=3&optimizer=adam&seed=4")
    page = playground.page
    seen = trained(playground, 3)
    rows = dict(playground.history)
    found = opened(playground)
    files: dict[str, Path] = {}
    for row in catalogue.EXPORTS:
        button = found.get_by_role("button", name=row.label, exact=True)
        expect(button).to_have_accessible_description(row.help)
        files[row.name] = downloaded(page, button, tmp_path)
        assert files[row.name].name == row.file
        expect(found).to_contain_text(f"{row.file} is downloaded.")
    assert json.loads(files["experiment_json"].read_text()) == seen.experiment
    assert len(files["history_csv"].read_text().splitlines()) == 1 + 4
    close(found)

    # In another network, which Back returns to.
    other = visit("/#data=circle&hidden=2")
    trained(other, 1)
    found = opened(other)
    choose(found, files["keras"])
    expect(found).to_contain_text("model.keras is open: the run goes on where it was, at epoch 3.")
    again = other.key_frame(lambda now: now.epoch == 3)
    assert (again.experiment, again.weights) == (seen.experiment, seen.weights)
    assert other.history == rows
    expect(other.page).to_have_url(re.compile("#data=xor.*hidden=3"))
    close(found)
    expect(other.menu("Optimizer")).to_have_value("adam")
    other.button("Step").click()
    playground.button("Step").click()
    assert other.until_epoch(4).weights == playground.until_epoch(4).weights
    other.page.go_back()
    assert other.set("data.name", "circle").layers == [2, 2, 1]
    # The experiment alone begins anew.
    found = opened(other)
    choose(found, files["experiment_json"])
    expect(found).to_contain_text("experiment.json is open: the experiment begins with fresh weights.")
    assert other.set("data.name", "xor").experiment == seen.experiment
    assert other.until(lambda now: now.epoch == 0 and now.layers == seen.layers).layers == [2, 3, 1]


def test_what_cannot_be_opened_changes_nothing(
    playground: Playground, tolerate: Callable[[str], None], tmp_path: Path
) -> None:
    tolerate("status of 422")
    page = playground.page
    seen = trained(playground, 1)
    address = page.url
    found = opened(playground)
    broken = tmp_path / "broken.keras"
    broken.write_bytes(b"PK not a zip")
    choose(found, broken)
    alert = found.get_by_role("alert").filter(has_text="This will not do: The file")
    expect(alert).to_contain_text("Expected:")
    large = tmp_path / "large.keras"
    large.write_bytes(bytes(4_000_001))
    choose(found, large)
    expect(found).to_contain_text("The file has 4,001 kB. Expected: at most 4,000 kB.")
    close(found)
    playground.button("Step").click()
    after = playground.until_epoch(2)
    assert (after.experiment, after.header["run"]) == (seen.experiment, seen.header["run"])
    assert page.url == address


@pytest.mark.parametrize("place", ["#network", "#data"])
def test_a_file_is_dropped_anywhere(playground: Playground, place: str) -> None:
    page = playground.page
    wanted = {**playground.until(lambda _: True).experiment, "seed": 12}
    page.evaluate(DROP, [place, "mine.json", json.dumps(wanted)])
    expect(dialog(page)).to_contain_text("mine.json is open")
    assert playground.set("seed", 12).experiment == wanted
    expect(page.get_by_role("dialog", name="Your own data")).to_be_hidden()
    page.keyboard.press("Escape")
    # Tables are the other dialog's.
    page.evaluate(DROP, ["#data", "mine.csv", "a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,1,y\n"])
    expect(page.get_by_role("dialog", name="Your own data")).to_be_visible()
    expect(page.get_by_role("dialog", name="Code and files")).to_be_hidden()


def test_it_fits_a_phone(visit: Visit) -> None:
    playground = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    page = playground.page
    playground.button("Code and files").tap()
    found = dialog(page)
    expect(code(found)).to_contain_text("keras")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert found.evaluate("(box) => box.scrollWidth - box.clientWidth") == 0
    found.get_by_role("button", name="Curves (SVG)").scroll_into_view_if_needed()
    expect(found.get_by_role("button", name="Curves (SVG)")).to_be_in_viewport()


def test_a_link_can_hide_it(visit: Visit) -> None:
    expect(visit("/#hide=take").page.locator("#take")).to_be_hidden()
