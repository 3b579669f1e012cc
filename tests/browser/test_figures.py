"""Figures to keep: drawings and pictures that are whole by themselves, in the colours of the page."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.playground import Playground

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("Output", "Network", "Curves")
# What a browser makes of a file that stands alone.
LOADED = """async (text) => {
  const image = new Image();
  image.src = "data:image/svg+xml;base64," + btoa(unescape(encodeURIComponent(text)));
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}"""


def figures(page: Page, folder: Path) -> dict[str, tuple[Path, Path]]:
    """Every figure as SVG and as PNG."""
    found = page.get_by_role("dialog", name="Code and files")

    def saved(name: str) -> Path:
        button: Locator = found.get_by_role("button", name=name, exact=True)
        with page.expect_download() as waiting:
            button.click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    return {name: (saved(f"{name} (SVG)"), saved(f"{name} (PNG)")) for name in NAMES}


def opened(playground: Playground) -> None:
    page = playground.page
    expect(page.locator("#chart .main-svg").first).to_be_visible()
    playground.button("Step").click()
    playground.until_epoch(1)
    playground.button("Code and files").click()


@pytest.mark.parametrize(
    ("address", "scheme", "points"),
    [
        ("/#features=x1,x1x2,sin_x2&hidden=5,3&points=60", "light", 30),
        ("/#data=blobs&classes=4&hidden=4&points=80&show_test=true", "dark", 80),
        ("/#data=sine&hidden=3&points=40", "light", 20),
    ],
)
def test_every_figure_stands_alone(
    visit: Visit, tmp_path: Path, address: str, scheme: str, points: int
) -> None:
    playground = visit(address, chart=True, color_scheme=scheme)
    page = playground.page
    opened(playground)
    seen = playground.until(lambda now: now.epoch == 1)
    found = figures(page, tmp_path)
    paper = page.evaluate("getComputedStyle(document.querySelector('#output')).backgroundColor")
    for name, (drawing, picture) in found.items():
        text = drawing.read_text("utf-8")
        root = ElementTree.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert "var(" not in text
        assert not re.search(r"""(?:href|src)=["'](?!data:|#)""", text)
        assert not re.search(r"url\((?![\"']?(?:&quot;)?#)", text)
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        assert page.evaluate(LOADED, text) == [width, height]
        with Image.open(picture) as image:
            assert image.size == (2 * width, 2 * height)
            assert f"rgb{image.convert('RGB').getpixel((1, 1))}" == paper, name
    layers = seen.layers
    network = ElementTree.parse(found["Network"][0]).getroot()
    assert len(network.findall(f"{SVG}image")) == sum(layers)
    links = network.findall(f"{SVG}g/{SVG}path")
    assert len(links) == sum(a * b for a, b in pairwise(layers))
    assert len({link.attrib["stroke"] for link in links} - {"none"}) == 2
    output = ElementTree.parse(found["Output"][0]).getroot()
    assert len([1 for path in output.iter(f"{SVG}path") if "paint-order" in path.attrib]) >= points / 2
    assert len(output.findall(f"{SVG}image")) == (0 if "sine" in address else 1)
    curves = ElementTree.parse(found["Curves"][0]).getroot()
    assert len(curves.findall(".//*[@class='js-line']")) == 2


def test_weights_are_as_thick_as_on_the_page(visit: Visit, tmp_path: Path) -> None:
    playground = visit("/#hidden=3", chart=True)
    opened(playground)
    drawing, _ = figures(playground.page, tmp_path)["Network"]
    shown = playground.page.evaluate(
        "[...document.querySelectorAll('#links path')].map((path) =>"
        " [path.getAttribute('class'), getComputedStyle(path).stroke, path.getAttribute('stroke-width')])"
    )
    drawn = [
        (path.attrib["stroke"], float(path.attrib.get("stroke-width", 0)))
        for path in ElementTree.parse(drawing).getroot().findall(f"{SVG}g/{SVG}path")
    ]
    assert len(drawn) == len(shown)
    for (kind, stroke, width), (here, thick) in zip(shown, drawn, strict=True):
        assert here == ("none" if kind == "link-none" else stroke)
        assert thick == pytest.approx(float(width), abs=0.01)


def test_there_may_be_no_chart(playground: Playground) -> None:
    playground.button("Code and files").click()
    found = playground.page.get_by_role("dialog", name="Code and files")
    found.get_by_role("button", name="Curves (SVG)").click()
    expect(found.get_by_role("alert").filter(has_text="There is no chart in view.")).to_be_visible()
