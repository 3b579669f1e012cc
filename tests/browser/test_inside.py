"""The look inside: what it says against numpy by hand, on a desktop and a phone; and nothing while closed."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.inside import SIZES, arrays, chain, choose, close, give, latest, look, matrix, read, result
from tests.browser.playground import Playground


@pytest.mark.parametrize("size", SIZES)
def test_the_exercise_of_one_neuron(visit: Visit, size: str) -> None:
    playground = visit("/#hidden=", viewport=SIZES[size], has_touch=size == "phone")
    page = playground.page
    page.get_by_role("button", name="Output neuron").click()
    card = page.get_by_role("dialog", name=re.compile("Output neuron"))
    for name, value in {"Bias": "1", "Weight from x₁": "0.3", "Weight from x₂": "0.1"}.items():
        card.get_by_role("spinbutton", name=name, exact=True).fill(value)
    page.keyboard.press("Escape")
    panel = look(playground)
    give(page, "1", "2.2")
    expect(panel.get_by_text("z = 1.00 + 0.30·1.00 + 0.10·2.20 = 1.52", exact=True)).to_be_visible()
    expect(panel.get_by_text("a = f(z) = 0.8205", exact=True)).to_be_visible()
    choose(page, "Matrices")
    expect(panel.get_by_text("x W: (1 × 2) · (2 × 1) fits", exact=False)).to_contain_text("gives (1 × 1).")
    expect(panel.get_by_text("W x: (2 × 1) · (1 × 2) fits, too, but gives (2 × 2)")).to_be_visible()
    choose(page, "Formulas")
    page.get_by_role("combobox", name="Target", exact=True).select_option("positive")
    loss = -np.log(1 / (1 + np.exp(-1.52)))
    expect(panel.get_by_text(f"= {loss:.4f}")).to_be_visible()
    choose(page, "Backward")
    rows = panel.get_by_role("row")
    slope = 1 / (1 + np.exp(-1.52)) - 1  # of sigmoid and cross-entropy: o - t
    expect(rows).to_have_count(4)
    for row, x in zip(range(1, 4), (1.0, 2.2, 1.0), strict=True):
        cells = rows.nth(row).get_by_role("cell").all_inner_texts()
        factors, product = chain(cells[1])
        assert product == close(slope * x)
        assert np.prod(factors) == pytest.approx(product, rel=0.02)
        assert read(cells[2]) == close(-0.03 * slope * x)  # the learning rate is 0.03


def test_closed_it_costs_nothing(playground: Playground) -> None:
    page = playground.page
    section = page.get_by_role("region", name="Look inside")
    expect(section).to_be_hidden()
    assert latest(playground).header["panels"] == {}
    look(playground)
    playground.until(lambda seen: "point" in seen.header["panels"])
    look(playground, "Next batch")
    playground.until(lambda seen: "batch" in seen.header["panels"])
    page.keyboard.press("ArrowRight")  # from tab to tab
    expect(page.get_by_role("tab", name="Layers")).to_be_focused()
    playground.until(lambda seen: set(seen.header["panels"]) == {"layers"})
    playground.button("Close the look inside").click()
    expect(section).to_be_hidden()
    expect(playground.button("Look inside")).to_be_focused()
    playground.button("Step").click()
    assert playground.until_epoch(1).header["panels"] == {}
    expect(page.locator("#plane .marks")).to_have_count(0)
    # Nor does it cost anything where a presentation does not show it.
    look(playground)
    playground.until(lambda seen: "point" in seen.header["panels"])
    page.keyboard.press("p")
    expect(section).to_be_hidden()
    playground.button("Step").click()
    assert playground.until_epoch(2).header["panels"] == {}
    page.keyboard.press("Escape")
    playground.until(lambda seen: "point" in seen.header["panels"])


def the_other_way_round_is_told(panel: Locator, rows: int, columns: int) -> None:
    turned = "fits, too" if columns == 1 else f"does not fit: {columns} is not 1."
    expect(panel.get_by_text(f"W x: ({rows} × {columns}) · (1 × {rows}) {turned}")).to_be_visible()


def the_same_as_matrices(
    playground: Playground,
    panel: Locator,
    weights: list[np.ndarray],
    into: list[np.ndarray],
    sums: list[np.ndarray],
) -> None:
    """From the last layer to the first; then the last one's formulas again."""
    page = playground.page
    choose(page, "Matrices")
    tables = panel.get_by_role("table")
    for layer in (3, 2, 1):
        kernel, bias = weights[2 * layer - 2 : 2 * layer]
        rows, columns = kernel.shape
        for name, values, count in (
            ("x", into[layer - 1], rows),
            ("b", bias, columns),
            ("z", sums[layer - 1], columns),
            ("a", into[layer], columns),
        ):
            assert matrix(panel, f"{name} (1 × {count})") == (1, close(values.tolist()))
        assert matrix(panel, f"W ({rows} × {columns})") == (rows, close(kernel.ravel().tolist()))
        expect(tables).to_have_count(5)
        the_other_way_round_is_told(panel, rows, columns)
        if layer > 1:
            playground.button("The layer before").click()
    choose(page, "Formulas")
    for _ in range(2):
        playground.button("The next layer").click()


def test_a_point_layer_by_layer(visit: Visit) -> None:
    playground = visit("/#hidden=6,3&regularization=l2&regularization_rate=0.1&learning_rate=0.1")
    page, panel = playground.page, look(playground)
    give(page, "0.5", "-1.25")
    page.get_by_role("combobox", name="Target", exact=True).select_option("negative")
    weights = arrays(latest(playground))
    into = [np.array([0.5, -1.25])]
    sums: list[np.ndarray] = []
    for kernel, bias, f in zip(weights[::2], weights[1::2], (np.tanh, np.tanh, None), strict=True):
        sums.append(into[-1] @ kernel + bias)
        into.append(f(sums[-1]) if f else 1 / (1 + np.exp(-sums[-1])))
    expect(panel.get_by_text("+ -1.25")).to_have_count(0)
    expect(panel.get_by_text("·(−1.25)").first).to_be_visible()
    for layer in (1, 2, 3):
        items = panel.get_by_role("listitem")
        expect(items).to_have_count((6, 3, 1)[layer - 1])
        for unit, item in enumerate(items.all()):
            z, a = (result(line) for line in item.locator(".formula").all())
            assert z == close(sums[layer - 1][unit])
            assert a == close(into[layer][unit])
        if layer == 2:  # a long sum opens
            line = items.first.locator(".formula").first
            assert line.inner_text().count("·") == 2
            line.get_by_role("button", name="Show all 7 terms").click()
            assert line.inner_text().count("·") == 6
        if layer < 3:
            playground.button("The next layer").click()
    expect(playground.button("The next layer")).to_be_disabled()

    the_same_as_matrices(playground, panel, weights, into, sums)

    # Back, by the chain rule.
    choose(page, "Backward")
    playground.button("The layer before").click()
    unit = int(np.argmax(np.abs(into[2])))  # the one that bends its sum most
    page.get_by_role("combobox", name="Neuron", exact=True).select_option(f"Neuron {unit + 1}")
    by_z = into[3] - 0.0  # of sigmoid and cross-entropy: o - t
    by_a, slope = weights[4] @ by_z, 1 - into[2] ** 2
    by_z = by_a * slope
    rows = panel.get_by_role("row")
    expect(rows).to_have_count(8)
    for source in range(6):
        w, gradient = weights[2][source, unit], by_z[unit] * into[1][source]
        cells = rows.nth(source + 1).get_by_role("cell").all_inner_texts()
        whole = gradient + 2 * 0.1 * w
        shown = [read(cells[0]), result(cells[1]), *map(read, cells[2:])]
        assert shown == close([w, gradient, whole, -0.1 * whole, w - 0.1 * whole])
        assert chain(cells[1])[0] == close([by_a[unit], slope[unit], into[1][source]])
        assert np.prod(chain(cells[1])[0]) == pytest.approx(result(cells[1]), rel=0.02, abs=6e-5)
    choose(page, "Matrices")
    shown = panel.get_by_role("table", name="dL/dW (6 × 3)").get_by_role("cell").all_inner_texts()
    assert list(map(read, shown)) == close(np.outer(into[1], by_z).ravel())
    choose(page, "NumPy")
    names: dict[str, np.ndarray] = {}
    exec(panel.locator("pre").inner_text(), names)
    assert names["dW"] == pytest.approx(np.outer(into[1], by_z), abs=1e-5)
    page.get_by_role("combobox", name="Target", exact=True).select_option("None")
    expect(panel.get_by_text("Without a target there is no loss")).to_be_visible()


def test_a_points_code_is_copied_or_selected(visit: Visit) -> None:
    playground = visit(permissions=["clipboard-read", "clipboard-write"])
    page = playground.page
    panel = look(playground)
    give(page, "1", "2")
    choose(page, "NumPy")
    code = panel.locator("pre")
    expect(code).to_contain_text("import numpy")
    panel.get_by_role("button", name="Copy").click()
    expect(page.locator("#inside-copied")).to_have_text("The code is copied.")
    assert page.evaluate("navigator.clipboard.readText()").strip() == (code.text_content() or "").strip()
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    panel.get_by_role("button", name="Copy").click()
    expect(page.locator("#inside-copied")).to_contain_text("the code is selected")
    assert page.evaluate("getSelection().toString().trim()") == (code.text_content() or "").strip()


def test_a_point_of_the_plane_on_a_phone_while_it_trains(visit: Visit) -> None:
    playground = visit(viewport=SIZES["phone"], has_touch=True, is_mobile=True)
    page = playground.page
    panel = look(playground)
    box = playground.boundary.bounding_box()
    assert box is not None
    playground.boundary.tap(position={"x": 0.75 * box["width"], "y": 0.25 * box["height"]})
    fields = [page.get_by_role("spinbutton", name=name, exact=True) for name in ("x₁", "x₂")]
    x1, x2 = (float(field.input_value()) for field in fields)
    assert (x1, x2) == pytest.approx((3, 3), abs=0.6)
    ring = page.locator("#plane .mark")
    assert page.locator(".marks").get_attribute("data-marks") == "1"
    placed = ring.bounding_box()
    plane = playground.boundary.bounding_box()
    assert placed is not None
    assert plane is not None
    middle = (placed["x"] + placed["width"] / 2 - plane["x"], placed["y"] + placed["height"] / 2 - plane["y"])
    assert middle == pytest.approx((0.75 * box["width"], 0.25 * box["height"]), abs=2)
    line = panel.locator(".formula").first
    first = line.inner_text()
    playground.button("Play").click()
    expect(line).not_to_have_text(first)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_next_batch_is_the_step_that_comes(visit: Visit) -> None:
    playground = visit("/#optimizer=adam&batch_size=12&regularization=l1&regularization_rate=0.01")
    panel = look(playground, "Next batch")
    seen = playground.until(lambda seen: "batch" in seen.header["panels"])
    rows = panel.get_by_role("row")
    expect(rows).to_have_count(26)  # a head, and every one of the 25 weights
    expect(playground.page.locator("#plane .marks")).to_have_attribute("data-marks", "12")
    said = seen.header["panels"]["batch"]
    expect(panel.get_by_text(f"{said['loss'] + said['penalty']:.4f}")).to_be_visible()
    cells = [row.get_by_role("cell").all_inner_texts() for row in rows.all()[1:]]
    # Row by row, the largest update first: by Keras's tape, as tests/models/test_next_update.py shows.
    told = [seen.blocks[f"batch.{name}"] for name in ("gradient", "gradient_with_penalty", "update")]
    order = np.argsort(-np.abs(told[2]), kind="stable")
    for values, column in zip(told, (3, 4, 5), strict=True):
        assert [read(row[column]) for row in cells] == close(values[order].tolist())
    assert np.abs(told[1] - told[0]).max() > 0.001
    before, shown = (sorted(read(row[at]) for row in cells) for at in (2, 5))
    playground.button("Single batch").click()
    after = playground.until(lambda seen: seen.header["step"] == 1)
    old, new = (np.frombuffer(frame.weights, np.float32) for frame in (seen, after))
    assert before == close(sorted(old))
    assert shown == close(sorted(new - old))


def test_linear_layers_become_one(visit: Visit) -> None:
    playground = visit("/#hidden=3,2")
    page = playground.page
    panel = look(playground, "Linear")
    expect(panel).to_contain_text("layer 1 bends its sums (Tanh)")
    expect(playground.button("Use this one layer")).to_be_hidden()
    playground.menu("Activation").select_option("linear")
    seen = playground.until(lambda seen: bool(seen.header["panels"].get("linear") is not None))
    first, second, last = arrays(seen)[::2]
    table = panel.get_by_role("table", name="W (2 × 1)")
    expect(table).to_be_visible()
    shown = list(map(read, table.get_by_role("cell").all_inner_texts()))
    assert shown == close((first @ second @ last).ravel())
    expect(panel).to_contain_text("W₁ (2 × 3) · W₂ (3 × 2) · W₃ (2 × 1) = W (2 × 1)")
    playground.button("Use this one layer").click()
    after = playground.until(lambda seen: seen.layers == [2, 1])
    assert arrays(after)[0] == pytest.approx(first @ second @ last, abs=1e-6)
    expect(panel).to_contain_text("it is one layer already")
    expect(playground.neurons(1)).to_have_count(1)
    assert "hidden=&" in page.url + "&"
    page.go_back()
    playground.until(lambda seen: seen.layers == [2, 3, 2, 1])
    expect(playground.neurons(2)).to_have_count(2)


def test_other_data_several_classes_and_numbers(visit: Visit) -> None:
    playground = visit("/#data=iris&hidden=3")
    page = playground.page
    panel = look(playground)
    columns = page.get_by_role("group", name="The point").get_by_role("spinbutton")
    expect(columns).to_have_count(2)
    target = page.get_by_role("combobox", name="Target", exact=True)
    target.select_option("virginica")
    expect(panel.get_by_text("Output o₃")).to_be_visible()
    choose(page, "Backward")
    playground.button("The next layer").click()
    expect(panel.get_by_text("dL/dz = o − t")).to_be_visible()
    playground.menu("Problem").select_option("Regression")
    page.get_by_role("radio", name="Line", exact=True).check()
    expect(columns).to_have_count(1)
    target.select_option("Another number")
    page.get_by_role("spinbutton", name="Target as a number").fill("0.25")
    expect(panel.get_by_text("Target t")).to_be_visible()
    expect(panel.locator("#inside-figures dd").nth(1)).to_contain_text("0.25")


def test_a_link_can_hide_it(visit: Visit) -> None:
    playground = visit("/#hide=inside")
    expect(playground.page.locator("#inside-open")).to_be_hidden()
