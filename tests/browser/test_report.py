"""The report: one file that is whole by itself, with the page's numbers in it."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from app import __version__
from models import spelling
from models.experiment import Experiment
from models.history import COLUMNS
from models.run_record import digest_of
from tests.browser.conftest import Visit
from tests.browser.playground import Playground
from tests.browser.test_accessible import AXE, VIOLATIONS
from tests.support.browser import PATIENCE

EPOCHS = 4
WILD = '<img src=x onerror="document.title = 1"></script><script>alert(1)</script> & Zoë'


def saved(playground: Playground, path: Path, typed: dict[str, str], language: str = "en") -> Path:
    page = playground.page
    playground.page.locator("#take").click()
    found = page.locator("#take-dialog")
    for name, text in typed.items():
        found.locator(f"#take-report-{name}").fill(text)
    with page.expect_download() as waiting:
        found.locator("#take-report-save").click()
    assert waiting.value.suggested_filename == "report.html"
    waiting.value.save_as(path)
    expect(page.locator("#take-report-said")).to_contain_text("report.html")
    return path


def alone(browser: Browser, path: Path, problems: list[str], **options: Any) -> Page:
    """The file, opened where there is no network at all."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    context.set_offline(True)
    page = context.new_page()
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: problems.append(request.url) if _is_outside(request.url) else None)
    page.goto(path.as_uri())
    return page


def _is_outside(url: str) -> bool:
    return not url.startswith(("file:", "data:"))


def trained(playground: Playground, epochs: int = EPOCHS) -> None:
    for epoch in range(1, epochs + 1):
        playground.button("Step").click()
        playground.until_epoch(epoch)
    playground.until(lambda seen: seen.epoch == epochs and seen.header["state"] == "paused")
    expect(playground.epoch).to_have_text(str(epochs))  # the page draws a frame after it was sent


def cell(page: Page, name: str) -> str:
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
    return row.get_by_role("cell").first.inner_text()


def test_a_report_has_what_the_page_shows(visit: Visit, browser: Browser, tmp_path: Path) -> None:
    playground = visit("/#hidden=4,2&noise=0.2&optimizer=adam&seed=6")
    shown = playground.page
    trained(playground)
    numbers = [shown.get_by_test_id(name).inner_text() for name in ("train-loss", "test-loss")]
    right = [shown.locator(f"#{name}-more").inner_text() for name in ("train", "test")]
    size = shown.locator("#network-size").inner_text()
    path = saved(
        playground, tmp_path / "report.html", {"author": WILD, "heading": "Two rings", "remarks": WILD}
    )
    assert path.stat().st_size < 500_000
    problems: list[str] = []
    page = alone(browser, path, problems, viewport={"width": 1440, "height": 900})
    assert page.title() == "Two rings"
    expect(page.get_by_role("heading", level=1)).to_have_text("Two rings")
    expect(page.locator(".by")).to_contain_text(WILD)
    expect(page.locator(".notes")).to_have_text(WILD)
    assert page.locator("img").count() == 2
    assert page.locator(".figures dd").all_inner_texts()[::2] == ["4", *numbers]
    assert page.locator(".figures dd").all_inner_texts()[3::2] == right
    assert cell(page, "Optimizer") == "Adam"
    assert cell(page, "Noise") == "20 %"
    assert cell(page, "Seed of weights and batches") == "6"
    assert page.locator("#parameters").inner_text() in size
    expect(page.locator("pre").first).to_contain_text("EPOCHS = 4")
    for picture in page.locator("img").all():
        assert picture.evaluate("(image) => image.complete && image.naturalWidth > 300")

    rows = what_can_be_checked(page, playground)
    assert [f"{rows[-1][name]:.4f}" for name in ("loss", "val_loss")] == numbers
    values_can_be_read(page, rows)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.evaluate(AXE)
        assert page.evaluate(VIOLATIONS) == []
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
    assert 1 < len(pages) <= 5
    assert problems == []
    page.context.close()


def what_can_be_checked(page: Page, playground: Playground) -> list[dict[str, float]]:
    """The experiment and its link are the page's; what it trains to has the digest. The epochs' numbers."""
    experiment = Experiment.model_validate_json(page.locator("#experiment").text_content() or "")
    assert experiment.model_dump(mode="json") == playground.until(lambda _: True).experiment
    assert json.loads(page.locator("details pre").text_content() or "") == experiment.model_dump(mode="json")
    link = page.locator(".address").get_attribute("href") or ""
    assert spelling.parse(dict(part.split("=") for part in link.split("#")[1].split("&"))) == experiment
    weights = np.frombuffer(playground.until(lambda _: True).weights, np.float32)
    assert page.locator("#digest").inner_text() == digest_of(experiment, [weights])
    history = [
        np.frombuffer(playground.history[epoch], np.float32).tolist() for epoch in range(1, EPOCHS + 1)
    ]
    rows: list[dict[str, float]] = [dict(zip(COLUMNS, row, strict=True)) for row in history]
    assert page.locator(".doubts").count() == 0
    assert __version__ in page.locator("footer").inner_text()
    # The table of who is taken for whom counts as the accuracy does.
    counts = [int(text) for text in page.locator(".verdict table").last.locator(".right").all_inner_texts()]
    total = page.locator(".verdict table").last.locator(".right, .wrong").all_inner_texts()
    assert sum(counts) / sum(map(int, total)) == pytest.approx(rows[-1]["val_accuracy"], abs=1e-6)
    return rows


def values_can_be_read(page: Page, rows: list[dict[str, float]]) -> None:
    """By hovering, and by the slider."""
    chart = page.locator("#chart-loss")
    expect(chart.locator(".values")).to_have_text(
        re.compile(f"Epoch 4.*Training {rows[-1]['loss']:.4f}.*Test {rows[-1]['val_loss']:.4f}")
    )
    box = chart.locator("svg").bounding_box()
    assert box is not None
    plot = (50 + (480 - 60) * 2 / EPOCHS) / 480  # the second epoch's place
    chart.locator("svg").hover(position={"x": plot * box["width"], "y": box["height"] / 2})
    expect(chart.locator(".values")).to_have_text(
        re.compile(f"Epoch 2.*Training {rows[1]['loss']:.4f}.*Test {rows[1]['val_loss']:.4f}")
    )
    expect(page.locator("#chart-accuracy .values")).to_contain_text(f"{100 * rows[1]['accuracy']:.1f} %")
    page.get_by_role("slider").press("ArrowRight")
    expect(chart.locator(".values")).to_contain_text(f"Training {rows[2]['loss']:.4f}")


@pytest.mark.parametrize(
    ("address", "language"),
    [
        ("/#data=sine&hidden=3&points=40", "de"),
        ("/#data=iris&hidden=5&batch_normalization=true&dropout=0.1", "en"),
        ("/#data=plane&hidden=&train_share=1", "en"),
    ],
)
def test_a_report_of_every_task(
    visit: Visit, browser: Browser, tmp_path: Path, address: str, language: str
) -> None:
    playground = visit(address, locale=language, color_scheme="dark")
    page = playground.page
    page.locator("#step").click()
    playground.until_epoch(1)
    expect(playground.epoch).to_have_text("1")
    test_loss = page.get_by_test_id("test-loss").inner_text()
    size = page.locator("#network-size").inner_text()
    path = saved(playground, tmp_path / "report.html", {})
    problems: list[str] = []
    report = alone(browser, path, problems, viewport={"width": 390, "height": 844}, color_scheme="dark")
    expect(report.locator("html")).to_have_attribute("lang", language)
    assert report.locator(".figure.test dd").first.inner_text() == test_loss
    assert report.locator("#parameters").inner_text() in size
    regression = "iris" not in address
    assert report.locator("[data-chart]").count() == (1 if regression else 2)
    assert report.locator(".verdict").inner_text().count("R²") == (2 if regression else 0)
    assert report.evaluate("document.documentElement.scrollWidth") == 390
    assert report.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    report.evaluate(AXE)
    assert report.evaluate(VIOLATIONS) == []
    assert problems == []
    report.context.close()


def test_a_run_is_paused_for_it_and_an_edited_one_is_told(
    visit: Visit, browser: Browser, tmp_path: Path
) -> None:
    playground = visit("/#hidden=2")
    playground.play()
    playground.until_epoch(2)
    path = saved(playground, tmp_path / "playing.html", {})
    seen = playground.until(lambda now: now.header["state"] == "paused")
    problems: list[str] = []
    report = alone(browser, path, problems)
    assert report.locator(".figures dd").first.inner_text() == f"{seen.epoch:,}"
    report.context.close()
    page = playground.page
    page.keyboard.press("Escape")
    playground.neurons(1).nth(0).click()
    page.locator("#card input").first.fill("2")
    page.locator("#card input").first.press("Enter")
    playground.until(lambda now: now.header["touched"])
    expect(page.locator("#state")).to_have_attribute("title", re.compile("Weights were edited"))
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    shown = page.get_by_test_id("train-loss").inner_text()
    report = alone(browser, saved(playground, tmp_path / "edited.html", {}), problems)
    expect(report.locator(".doubts")).to_contain_text("Weights were edited")
    assert report.locator(".figure.train dd").first.inner_text() == shown
    report.context.close()
    assert problems == []
