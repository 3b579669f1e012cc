"""The output: the plane under the pointer, test data, discretized output, words, and the curves."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from models.packing import shaped
from tests.browser.conftest import Visit
from tests.browser.playground import FULL_SPEED, LEARNING, Playground
from tests.support.browser import PATIENCE

PICTURE = "canvas => canvas.toDataURL()"
# The share of the drawn plane that its two most frequent colours have; the rim with the axes is left out.
TWO_COLOURS = """canvas => {
  const { width, height } = canvas;
  const rim = Math.round(0.1 * width);
  const side = width - 2 * rim;
  const pixels = new Uint32Array(
    canvas.getContext("2d").getImageData(rim, rim, side, side).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const [first, second] = [...counts.values()].sort((a, b) => b - a);
  return (first + (second ?? 0)) / pixels.length;
}"""

# How many colours cover a hundredth of the plane each; points and axes are less, most of them.
SHADES = """canvas => {
  const pixels = new Uint32Array(
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > pixels.length / 100).length;
}"""
# Where there is ink, whatever its colour.
INKED = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = "";
  for (let i = 3; i < data.length; i += 4) inked += data[i] > 128 ? "1" : "0";
  return inked;
}"""


def learned(playground: Playground) -> None:
    """Trains some epochs, so that there is something to see."""
    playground.play(FULL_SPEED)
    playground.until_epoch(60)
    seen = playground.pause()
    expect(playground.status).to_have_text("Paused")
    expect(playground.epoch).to_have_text(str(seen.epoch))


def test_the_pointer_reads_the_plane(playground: Playground) -> None:
    tip = playground.page.locator("#plane-tip")
    expect(tip).to_be_hidden()
    playground.boundary.hover()
    expect(tip).to_have_text(re.compile(r"^x₁ −?\d\.\d\d +x₂ −?\d\.\d\d +→ +0\.\d{3}$"))
    playground.button("Step").hover()
    expect(tip).to_be_hidden()


# Where the plane turns from orange to blue along a line of CSS pixels of the canvas, which has no points.
TURN = """(canvas, { across, at }) => {
  const ratio = canvas.width / canvas.clientWidth;
  const place = Math.round(at * ratio);
  const box = across ? [0, place, canvas.width, 1] : [place, 0, 1, canvas.height];
  const { data } = canvas.getContext("2d").getImageData(...box);
  const blue = Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 2] - data[4 * i]);
  const orange = across ? blue.findLastIndex((much) => much < -80) : blue.findIndex((much) => much < -80);
  const other = across ? blue.findIndex((much) => much > 80) : blue.findLastIndex((much) => much > 80);
  return (orange + other + 1) / 2 / ratio;
}"""


def read_at(playground: Playground, x: float, y: float) -> tuple[float, float, float]:
    """x1, x2 and the output, as the page says them of a place on the canvas in CSS pixels."""
    playground.boundary.hover(position={"x": x, "y": y})
    tip = playground.page.locator("#plane-tip")
    expect(tip).to_be_visible()
    x1, x2, out = (float(text.replace("−", "-")) for text in re.findall(r"−?\d+\.\d+", tip.inner_text()))
    return x1, x2, out


def test_what_the_pointer_reads_is_right(visit: Visit) -> None:
    """A network without hidden layers, whose answer is sigmoid(w1 x1 + w2 x2 + b)."""
    playground = visit("/#hidden=")
    page = playground.page

    def set_weights(w1: float, w2: float, bias: float) -> None:
        page.get_by_role("button", name="Output neuron").click()
        card = page.locator("#card")
        for name, value in (("Weight from x₁", w1), ("Weight from x₂", w2), ("Bias", bias)):
            card.get_by_role("spinbutton", name=name, exact=True).fill(str(value))
        wanted = np.array([w1, w2, bias], np.float32).tobytes()
        playground.until(lambda seen: seen.weights == wanted)
        playground.button("Close").click()
        page.evaluate("() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))")

    side = playground.boundary.evaluate("canvas => canvas.clientWidth")
    high, right = 0.06 * side, 0.92 * side  # beyond the circle
    set_weights(5, 0, -10)  # blue to the right of x1 = 2
    x1, x2, out = read_at(playground, playground.boundary.evaluate(TURN, {"across": True, "at": high}), high)
    assert x1 == pytest.approx(2, abs=0.1)
    assert x2 > 5
    assert 0.3 < out < 0.7
    set_weights(0, 5, 5)  # blue above x2 = -1
    turn = playground.boundary.evaluate(TURN, {"across": False, "at": right})
    x1, x2, out = read_at(playground, right, turn)
    assert x1 > 5
    assert x2 == pytest.approx(-1, abs=0.1)
    assert 0.3 < out < 0.7
    set_weights(0.5, -0.3, 0.2)
    read = [read_at(playground, x * side, y * side) for x, y in ((0.2, 0.2), (0.8, 0.3), (0.5, 0.9))]
    for x1, x2, out in read:
        # A cell is 0.12 wide, and the sigmoid's slope is at most ¼.
        assert out == pytest.approx(1 / (1 + np.exp(-(0.5 * x1 - 0.3 * x2 + 0.2))), abs=0.25 * 0.8 * 0.07)


def test_a_finger_reads_the_plane_and_sees_a_neuron_large(visit: Visit) -> None:
    playground = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    tip, title = playground.page.locator("#plane-tip"), playground.page.locator("#output-title")
    playground.boundary.tap()
    expect(tip).to_have_text(re.compile(r"^x₁ .+ → +0\.\d{3}$"))
    playground.neurons(1).nth(1).tap()
    expect(tip).to_be_hidden()
    expect(title).to_have_text("Layer 1, neuron 2")
    # Who changes a weight wants to see what comes of it.
    playground.page.locator("#card input[type=range]").first.fill("2")
    expect(title).to_have_text("Output")


def test_long_names_under_a_finger_stay_on_the_plane(visit: Visit) -> None:
    playground = visit("/#data=iris", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    tip = playground.page.locator("#plane-tip")
    playground.boundary.tap()
    expect(tip).to_contain_text("petal width (cm)")
    shown, plane = tip.bounding_box(), playground.page.locator("#plane").bounding_box()
    assert shown
    assert plane
    assert plane["x"] <= shown["x"]
    assert shown["x"] + shown["width"] <= plane["x"] + plane["width"] + 1


def test_test_data_are_shown_and_hidden(playground: Playground) -> None:
    box = playground.checkbox("Show test data")
    markers = playground.page.get_by_role("list", name="Points").get_by_role("listitem")
    expect(markers).to_have_text(["positive", "negative"])
    before = playground.boundary.evaluate(PICTURE)
    box.check()
    expect(markers).to_have_text(["positive", "negative", "test"])
    assert playground.boundary.evaluate(PICTURE) != before
    box.uncheck()
    expect(markers).to_have_text(["positive", "negative"])
    assert playground.boundary.evaluate(PICTURE) == before


def test_discretized_output_has_two_colours(playground: Playground) -> None:
    learned(playground)
    before = playground.boundary.evaluate(PICTURE)
    smooth = playground.boundary.evaluate(TWO_COLOURS)
    playground.checkbox("Discretize output").check()
    assert playground.boundary.evaluate(TWO_COLOURS) > 0.6 > smooth
    playground.checkbox("Discretize output").uncheck()
    assert playground.boundary.evaluate(PICTURE) == before


@pytest.mark.parametrize(
    ("link", "classes"), [("data=plane", 2), ("data=blobs&output_activation=softmax", 3)]
)
def test_regression_and_regions_are_discretized_too(visit: Visit, link: str, classes: int) -> None:
    playground = visit(f"/#{link}")
    playground.button("Step").click()
    playground.until_epoch(1)
    before = playground.boundary.evaluate(PICTURE)
    shades = playground.boundary.evaluate(SHADES)
    playground.checkbox("Discretize output").check()
    assert playground.boundary.evaluate(SHADES) <= classes + 1 < shades, "and the rim with the axes"
    playground.checkbox("Discretize output").uncheck()
    assert playground.boundary.evaluate(PICTURE) == before


def test_a_regression_is_read_from_the_plane_and_its_scale(visit: Visit) -> None:
    playground = visit("/#data=plane")
    page = playground.page
    playground.boundary.hover()
    expect(page.locator("#plane-tip")).to_have_text(re.compile(r"^x₁ .+ x₂ .+ → +[+−]?\d+\.\d+$"))
    expect(page.locator("#legend")).to_be_visible()
    low, middle, high = (
        float(text.replace("−", "-")) for text in page.locator("#legend-ticks span").all_inner_texts()
    )
    assert low < middle < high
    assert middle == pytest.approx((low + high) / 2, abs=0.02)


@pytest.mark.parametrize(
    ("link", "classes"), [("", 2), ("data=blobs&classes=8&output_activation=softmax", 8)]
)
def test_each_class_has_a_shape_of_its_own(visit: Visit, link: str, classes: int) -> None:
    """Without their colours the marks are told apart."""
    playground = visit(f"/#{link}")
    marks = playground.page.get_by_role("list", name="Points").locator("canvas")
    expect(marks).to_have_count(classes)
    shapes = {marks.nth(i).evaluate(INKED) for i in range(classes)}
    assert len(shapes) == classes


def test_the_boundary_is_said_in_words(playground: Playground) -> None:
    learned(playground)
    epoch = playground.epoch.inner_text()
    expect(playground.boundary).to_have_accessible_description(
        re.compile(rf"^After {epoch} epochs: \d+ % of the plane is classified as positive \(blue\): .*centre")
    )


@pytest.mark.parametrize(
    ("link", "words"),
    [
        # A network of zeros says 0; of a real set's numbers that is the middle.
        (
            "data=line&initializer=zeros",
            r"The curve over x₁ goes from 0\.00 at −6\.00 over 0\.00 .* to 0\.00 at 6\.00\.",
        ),
        ("data=diabetes&initializer=zeros", r"The output goes from 25\.00 to 346\.00 and is above 185\.50"),
        ("data=plane&output_activation=sigmoid", r"The output goes from 0\.00 to 1\.00 and is above 0\.50"),
        ("data=breast_cancer", r"classified as benign \(blue\): .* The rest is malignant \(orange\)\. \d+ %"),
        ("data=iris", r"setosa \d+ %, versicolor \d+ %, virginica \d+ %\. \d+ % of all points"),
        (
            "data=iris&inputs=petal length (cm),petal width (cm),sepal width (cm)",
            r"setosa \d+ %.* The plane shows two of the columns; the others are held\.",
        ),
    ],
)
def test_every_task_is_said_in_words(visit: Visit, link: str, words: str) -> None:
    expect(visit(f"/#{link}").boundary).to_have_accessible_description(re.compile(words))


def ticks(playground: Playground, axis: str) -> Locator:
    return playground.page.locator(f"#chart .{axis}tick")


def numbers(texts: Sequence[str]) -> list[float]:
    return [float(text.replace("−", "-")) for text in texts if re.fullmatch(r"[−\d.]+", text)]


def test_curves_on_a_linear_and_a_logarithmic_axis(visit: Visit) -> None:
    playground = visit(chart=True)
    learned(playground)
    zero = ticks(playground, "y").get_by_text("0", exact=True)
    expect(zero).to_have_count(1)
    expect(playground.page.locator("#chart .scatterlayer .trace")).to_have_count(2)
    expect(playground.page.locator("#chart .xtitle")).to_have_text("Epoch")
    toggle = playground.button("Log scale")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(zero).to_have_count(0)
    toggle.click()
    expect(zero).to_have_count(1)


def test_curves_have_hover_values(visit: Visit) -> None:
    playground = visit(chart=True)
    learned(playground)
    chart = playground.page.locator("#chart")
    expect(ticks(playground, "y").get_by_text("0", exact=True)).to_have_count(1)
    chart.locator(".nsewdrag").first.hover()
    expect(chart.locator(".hoverlayer .hovertext")).not_to_have_count(0)
    values = numbers(chart.locator(".hoverlayer .hovertext").all_text_contents())
    assert values
    assert all(0 <= value < 2 for value in values)


COUNT_DRAWINGS = """() => {
  const { react } = Plotly;
  window.drawings = 0;
  Plotly.react = (...given) => {
    window.drawings += 1;
    return react(...given);
  };
}"""
# The end of the training curve and of the axis, in epochs, and how many drawings Plotly made.
LINE = """() => {
  const { xaxis, yaxis } = document.querySelector("#chart")._fullLayout;
  const path = document.querySelector("#chart path.js-line")?.getAttribute("d") ?? "";
  const [x, y] = path.split(/[ML]/).at(-1).split(",").map(Number);
  const labels = document.querySelectorAll("#chart .xtick").length;
  return { epoch: xaxis.p2d(x), loss: yaxis.p2d(y), room: xaxis.range[1], drawings: window.drawings, labels };
}"""
PATHS = "lines => lines.map((line) => line.getAttribute('d'))"


@pytest.mark.parametrize("scale", ["linear", "logarithmic"])
def test_curves_grow_without_plotly_while_it_plays(visit: Visit, scale: str) -> None:
    """Plotly's own arithmetic, from pixels to numbers, reads from the line what the server said."""
    playground = visit("/#speed=faster" + "&log_scale=true" * (scale == "logarithmic"), chart=True)
    page = playground.page
    expect(ticks(playground, "y").first).to_be_visible()
    page.evaluate(COUNT_DRAWINGS)
    for epoch in (1, 2):  # of these the axis has a tick each
        playground.button("Step").click()
        expect(ticks(playground, "x").last).to_have_text(str(epoch))
    playground.play()
    page.wait_for_function(f"() => ({LINE})().epoch > 120", timeout=LEARNING)
    line = page.evaluate(LINE)
    assert line["drawings"] <= 4, "the first two epochs and no more"
    assert 2 <= line["labels"] <= 12, "as many as can be read; each costs Plotly a layout of the page"
    assert line["epoch"] <= line["room"] < 3 * line["epoch"]
    loss = np.frombuffer(playground.history[round(line["epoch"])], np.float32)[1]
    assert line["loss"] == pytest.approx(loss, abs=0.01)
    seen = playground.pause()
    page.wait_for_function(f"() => Math.abs(({LINE})().epoch - {seen.epoch}) < 1", timeout=PATIENCE)
    page.wait_for_function(f"() => document.querySelector('#chart').data[0].x.at(-1) === {seen.epoch}")


# From an axis of few epochs, with a tick each, to one of hundreds, as on a slow machine.
JUMP = """async () => {
  const { createLiveChart, tickMode } = await import("/static/live_chart.js");
  const chart = document.querySelector("#chart");
  Plotly.purge(chart);
  const live = createLiveChart(chart);
  const to = (last) => Array.from({ length: 2 }, () => ({ x: [0, last], y: [1, 0.5] }));
  const xaxis = { tickmode: tickMode(2), dtick: 1, nticks: 6 };
  await live.draw(Plotly, to(2), { uirevision: "1", width: 500, height: 250, xaxis }, {});
  const labels = [];
  for (const last of [2, 3, 17, 400]) {
    await live.move(Plotly, to(last));
    labels.push([...chart.querySelectorAll(".xtick")].map((tick) => Number(tick.textContent)));
  }
  return labels;
}"""


def test_ticks_are_few_however_far_curves_come_at_once(visit: Visit) -> None:
    """Each label costs Plotly a layout of the page: some hundred stop it for seconds."""
    playground = visit(chart=True)
    expect(ticks(playground, "y").first).to_be_visible()
    first, second, third, last = playground.page.evaluate(JUMP)
    assert first == [0, 1, 2]
    assert second == [0, 1, 2, 3, 4]
    assert all(2 <= len(labels) <= 12 for labels in (third, last))
    assert third[-1] >= 17
    assert last[-1] >= 400


@pytest.mark.parametrize("playing", [False, True], ids=["at rest", "while it plays"])
def test_what_was_zoomed_to_stays(visit: Visit, playing: bool) -> None:
    playground = visit(chart=True)
    learned(playground)
    page = playground.page
    expect(ticks(playground, "y").first).to_be_visible()
    if playing:
        playground.play()
        playground.until_epoch(80)
    box = page.locator("#chart .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
    page.mouse.up()
    axis = "() => document.querySelector('#chart')._fullLayout.xaxis.range"
    page.wait_for_function(f"() => ({axis})()[0] > 0")
    chosen = page.evaluate(axis)
    page.mouse.move(0, 0)
    epoch = playground.until(lambda _: True).epoch
    if not playing:
        playground.play()
    playground.until_epoch(epoch + 60)
    page.wait_for_function(f"() => ({LINE})().epoch > {epoch + 50}")
    assert page.evaluate(axis) == pytest.approx(chosen)
    epoch = playground.pause().epoch
    page.wait_for_function(f"() => document.querySelector('#chart').data[0].x.at(-1) === {epoch}")
    assert page.evaluate(axis) == pytest.approx(chosen)
    # A double click shows all of it again.
    page.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_function(f"() => ({axis})()[0] === 0 && ({axis})()[1] >= {epoch}")


def test_the_view_does_not_touch_the_chart(visit: Visit) -> None:
    playground = visit(chart=True)
    page = playground.page
    learned(playground)
    expect(page.locator("#back")).to_be_visible()  # nothing changes the chart's size any more
    epoch = playground.until(lambda _: True).epoch
    page.wait_for_function(f"() => document.querySelector('#chart').data?.[0].x.at(-1) === {epoch}")
    lines = page.locator("#chart path.js-line").evaluate_all(
        "all => all.map((line) => line.getAttribute('d'))"
    )
    page.evaluate(COUNT_DRAWINGS)
    playground.checkbox("Show test data").check()
    playground.checkbox("Discretize output").check()
    playground.boundary.hover()
    playground.neurons(1).nth(1).hover()
    expect(page.locator("#output-title")).to_have_text("Layer 1, neuron 2")
    assert page.evaluate("window.drawings") == 0
    after = page.locator("#chart path.js-line").evaluate_all(
        "all => all.map((line) => line.getAttribute('d'))"
    )
    assert after == lines


def test_accuracies_are_drawn_for_classification(visit: Visit) -> None:
    playground = visit(chart=True)
    learned(playground)
    percent = ticks(playground, "y").get_by_text("100%", exact=True)
    expect(ticks(playground, "y").first).to_be_visible()
    expect(percent).to_have_count(0)
    playground.button("Accuracy").click()
    expect(percent).to_have_count(1)
    expect(playground.page.locator("#chart .scatterlayer .trace")).to_have_count(2)
    expect(playground.button("Log scale")).to_be_hidden()
    playground.menu("Problem").select_option("Regression")
    expect(playground.button("Accuracy")).to_be_hidden()
    expect(percent).to_have_count(0)


def test_it_is_said_what_the_losses_contain(playground: Playground) -> None:
    note = playground.page.locator("#penalty-note")
    expect(note).to_have_text("The losses contain no penalty.")
    playground.menu("Regularization").select_option("L2")
    playground.menu("Regularization rate").select_option("0.1")
    playground.set("training.regularization_rate", 0.1)
    playground.button("Step").click()
    seen = playground.until_epoch(1)
    expect(playground.epoch).to_have_text("1")
    expect(note).to_contain_text("Losses include the penalty")
    shown = [float(text) for text in re.findall(r"\d+\.\d+", note.inner_text())]
    _, loss, _, mean, test, _, now = np.frombuffer(playground.history[1], np.float32)
    assert shown == pytest.approx([now, loss - mean, test - now], abs=6e-5)
    layers = shaped(np.frombuffer(seen.weights, np.float32), seen.layers)
    assert 0.1 * sum(float((kernel**2).sum()) for kernel in layers[::2]) == pytest.approx(now, rel=1e-5)
