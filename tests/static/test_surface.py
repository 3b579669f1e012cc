"""The loss surface's pure parts: contour lines, the path and what shows it, a view in space."""

import math

import numpy as np
import pytest
from playwright.sync_api import Page

LINES = """async ({ values, side, level }) => {
  const { heightAt, levels, line, rangeOf } = await import("/static/surface/grid.js");
  const grid = { values: Float32Array.from(values), side };
  const heights = [heightAt(grid, 1.5, 0.25), heightAt(grid, -1, 0)];
  return [line(grid, level), ...heights, rangeOf(grid.values), levels(1, 10, 2)];
}"""
PATH = """async (count) => {
  const { around, extended, holds, reachOf, showing } = await import("/static/surface/path.js");
  let path = [];
  for (let i = 0; i < count; i += 1) path = extended(path, [i, -i]);
  const same = extended(path, [count - 1, 1 - count]) === path && extended(path, [NaN, 0]) === path;
  const all = showing(path, 3);
  return [path.length, path[0], path.at(-1), same, holds(all, path[0]), holds(all, path.at(-1)), reachOf(all),
    showing([[1, 2]], 3), holds(around([0, 0], 1), [0, 0.99])];
}"""
SPACE = """async () => {
  const { farthestFirst, projection } = await import("/static/surface/relief.js");
  const { spot, depth } = projection({ turn: 30, tilt: 90 });
  const order = farthestFirst(3, projection({ turn: 0, tilt: 30 }).depth);
  return [spot(1, 0, 0), spot(1, 0, 1), order, depth(0, 1)];
}"""


# A picture, what moves on it, and which ink is at each of the places asked for: "" for none of them.
DRAWN = """async ({ kind, loss, side, low, high, mover, places }) => {
  const { inkOf } = await import("/static/colors.js");
  const { drawCurve, drawSteps } = await import("/static/surface/curve.js");
  const { drawPath } = await import("/static/surface/contour.js");
  const { drawRelief } = await import("/static/surface/space.js");
  const element = document.createElement("canvas");
  [element.width, element.height] = [480, 400];
  const to = element.getContext("2d", { willReadFrequently: true });
  const look = { palette: "orange_blue", theme: "light" };
  const canvas = { to, width: 480, height: 400, font: 12, fontFamily: "sans-serif", look };
  const shown = { loss: Float32Array.from(loss), side, low, high, names: ["w", "v", "loss"] };
  const curve = kind === "curve";
  const drawn = curve ? drawCurve(canvas, shown) : drawRelief(canvas, shown, { turn: 20, tilt: 50 });
  if (mover && curve) drawSteps(canvas, drawn, mover, shown);
  else if (mover) drawPath(canvas, drawn, mover, false);
  const { train, test, strong } = inkOf(look);
  const named = new Map(Object.entries({ train, test, strong }).map(([name, colour]) => [colour, name]));
  const hex = (data) => "#" + [...data].map((one) => one.toString(16).padStart(2, "0")).join("");
  return places.map((place) => {
    const spot = drawn.spot(place);
    if (!spot) return "beyond";
    // A thin line's whole colour is beside its middle, perhaps.
    const { data } = to.getImageData(Math.floor(spot[0]) - 1, Math.floor(spot[1]) - 1, 3, 3);
    const pixels = Array.from({ length: 9 }, (_, i) => named.get(hex(data.subarray(4 * i, 4 * i + 3))));
    return pixels[4] ?? pixels.find((name) => name !== undefined) ?? "";
  });
}"""


def test_the_steps_stand_where_they_lead(modules: Page) -> None:
    """On w² from w = -2, at a rate of 0.2: each step goes on by -0.4 w; a line above the curve joins them."""
    weights = [-2 * 0.6**i for i in range(6)]
    asked = {
        "kind": "curve",
        "loss": [(i / 10 - 3) ** 2 for i in range(61)],
        "side": 61,
        "low": [-3],
        "high": [3],
        "places": [*([w, w * w] for w in weights), [-1.6, 2.72], [2], [-2.5]],
    }
    assert modules.evaluate(DRAWN, asked)[6:8] == ["", "train"], "no step is there yet"
    steps = [[w, w * w] for w in weights]
    mover = {"at": [-2], "path": [[-2.5]], "slope": [-4], "steps": steps}
    first, *others, between, right, before = modules.evaluate(DRAWN, {**asked, "mover": mover})
    assert first == "strong", "the network is there"
    assert others == ["test"] * 5
    assert between == "test", "they are joined"
    assert (right, before) == ("train", "")


def test_the_path_in_space_lies_on_the_surface(modules: Page) -> None:
    side = 21
    y, x = np.mgrid[:side, :side] / 10 - 1.0
    path = [[-0.8, -0.4], [-0.4, -0.2], [0.0, 0.0], [0.2, 0.6]]
    asked = {
        "kind": "relief",
        "loss": (x * x + 0.5 * y * y).ravel().tolist(),
        "side": side,
        "low": [-1, -1],
        "high": [1, 1],
        "places": [[-0.4, -0.2], [0.0, 0.0], [0.2, 0.6], [0.6, -0.6], [1.2, 0.0]],
    }
    assert modules.evaluate(DRAWN, asked) == ["", "", "", "", "beyond"]
    mover = {"at": path[-1], "path": path, "slope": [0.4, 0.6], "steps": []}
    assert modules.evaluate(DRAWN, {**asked, "mover": mover}) == ["strong", "strong", "strong", "", "beyond"]


def test_a_line_of_one_height_on_a_bowl_is_a_circle(modules: Page) -> None:
    side, radius = 21, 6.5
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    bowl = {"values": (x * x + y * y).ravel().tolist(), "side": side, "level": radius**2}
    pieces, between, outside, found, heights = modules.evaluate(LINES, bowl)
    places = np.reshape(pieces, (-1, 2)) - (side - 1) / 2
    assert np.linalg.norm(places, axis=1) == pytest.approx(radius, abs=0.03)
    ends = np.round(places, 6).tolist()
    assert all(ends.count(end) == 2 for end in ends), "it closes"
    rows = x * x + y * y
    corners = np.array([[rows[0, 1], rows[0, 2]], [rows[1, 1], rows[1, 2]]]).mean(axis=1)
    assert between == pytest.approx(0.75 * corners[0] + 0.25 * corners[1])
    assert math.isnan(outside)
    assert found == {"low": 0, "high": 200, "lowest": side * side // 2}
    assert heights == pytest.approx([2, 5])


def test_a_saddle_and_what_overflowed(modules: Page) -> None:
    """The middle says which sides belong together; squares with no number have no line."""
    for level, wanted in ((0.4, {(1.0, 0.6), (0.6, 1.0)}), (0.6, {(0.6, 0.0), (1.0, 0.4)})):
        pieces, *_ = modules.evaluate(LINES, {"values": [0, 1, 1, 0], "side": 2, "level": level})
        first = {(round(pieces[i], 6), round(pieces[i + 1], 6)) for i in (0, 2)}
        assert first == wanted
    pieces, _, _, found, _ = modules.evaluate(LINES, {"values": [0, math.inf, 1, 3], "side": 2, "level": 0.5})
    assert pieces == []
    assert (found["low"], found["high"]) == (0, 3)


def test_the_path_is_bounded_and_in_view(modules: Page) -> None:
    length, first, last, same, *held, reach, lone, rim = modules.evaluate(PATH, 1000)
    assert 200 <= length <= 400
    assert (first, last, same) == ([0, 0], [999, -999], True)
    assert held == [True, True]
    assert reach == pytest.approx(1.35 * 999 / 2)
    assert lone == {"low": [-2, -1], "high": [4, 5]}
    assert rim is False


def test_from_above_heights_are_not_seen(modules: Page) -> None:
    low, high, order, depth = modules.evaluate(SPACE)
    assert low == pytest.approx([math.cos(math.pi / 6), math.sin(math.pi / 6)])
    assert high == pytest.approx(low)
    assert set(order[:2]) == {3, 4}, "those behind come first"
    assert depth > 0
