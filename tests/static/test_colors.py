"""colors.js: orange is negative, blue is positive, the middle is neutral, and bytes mean what they say."""

from typing import Any

import pytest
from playwright.sync_api import Page

THEMES = ["light", "dark"]
COLOURS = """async ({ theme, places }) => {
  const { colorAt, cssAt } = await import("/static/colors.js");
  const at = (t) => colorAt(theme, t);
  return { colours: places.map(at), css: places.map((t) => cssAt(theme, t)), nan: at(NaN) };
}"""
TABLE = """async ({ theme, scale, steps, discrete }) => {
  const { colorTable } = await import("/static/colors.js");
  const table = colorTable(theme, scale, steps, discrete);
  const bytes = new Uint8Array(table.buffer);
  return [...table].map((_, i) => [...bytes.subarray(4 * i, 4 * i + 4)]);
}"""
SCALE = """async (given) => {
  const { scaleOf } = await import("/static/colors.js");
  return scaleOf(...given);
}"""


def colours(modules: Page, theme: str, *places: float) -> dict[str, Any]:
    return modules.evaluate(COLOURS, {"theme": theme, "places": places})


def table(
    modules: Page, theme: str, scale: dict[str, float], steps: int = 1, discrete: bool = False
) -> list[list[int]]:
    given = {"theme": theme, "scale": scale, "steps": steps, "discrete": discrete}
    return modules.evaluate(TABLE, given)


@pytest.mark.parametrize("theme", THEMES)
def test_negative_is_orange_and_positive_is_blue(modules: Page, theme: str) -> None:
    negative, neutral, positive = colours(modules, theme, -1, 0, 1)["colours"]
    assert negative[0] > negative[1] > negative[2]
    assert positive[2] > positive[1] > positive[0]
    assert max(neutral) - min(neutral) < 16


@pytest.mark.parametrize("theme", THEMES)
def test_the_further_from_the_middle_the_stronger(modules: Page, theme: str) -> None:
    places = [t / 50 for t in range(51)]
    for sign in (-1, 1):
        found = colours(modules, theme, *(sign * t for t in places))["colours"]
        away = [sum(abs(a - b) for a, b in zip(colour, found[0], strict=True)) for colour in found]
        assert away == sorted(away)
        assert away[-1] > 200


@pytest.mark.parametrize("theme", THEMES)
def test_beyond_the_ends_are_the_ends_and_nan_is_neutral(modules: Page, theme: str) -> None:
    found = colours(modules, theme, -5, -1, 0, 1, 5)
    assert found["colours"][0] == found["colours"][1]
    assert found["colours"][3] == found["colours"][4]
    assert found["nan"] == found["colours"][2]
    assert found["css"][2] == "rgb({} {} {})".format(*found["colours"][2])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([-2, 1, "tanh"], {"low": -2, "high": 1, "middle": 0, "reach": 2}),
        ([0.2, 0.9, "sigmoid"], {"low": 0.2, "high": 0.9, "middle": 0.5, "reach": 0.4}),
        ([0, 0, "relu"], {"low": 0, "high": 0, "middle": 0, "reach": 1}),
        ([-2, 1, "linear", 1.2], {"low": -2, "high": 1, "middle": 0, "reach": 1.2}),
    ],
)
def test_scales(modules: Page, given: list[Any], expected: dict[str, float]) -> None:
    assert modules.evaluate(SCALE, given) == pytest.approx(expected)


@pytest.mark.parametrize("theme", THEMES)
def test_a_table_has_the_colour_of_every_byte(modules: Page, theme: str) -> None:
    scale = {"low": -1.0, "high": 3.0, "middle": 0.0, "reach": 2.0}
    values = [-1 + byte / 254 * 4 for byte in range(255)]
    expected = colours(modules, theme, *(value / 2 for value in values))["colours"]
    found = table(modules, theme, scale)
    assert len(found) == 255
    for pixel, colour in zip(found, expected, strict=True):
        assert pixel[3] == 255
        assert pixel[:3] == pytest.approx(colour, abs=2)


@pytest.mark.parametrize("steps", [1, 4])
def test_a_fine_table_has_steps_between_the_bytes(modules: Page, steps: int) -> None:
    scale = {"low": 0.0, "high": 1.0, "middle": 0.5, "reach": 0.5}
    coarse, fine = table(modules, "light", scale), table(modules, "light", scale, steps)
    assert len(fine) == 254 * steps + 1
    assert fine[::steps] == coarse
    assert fine[127 * steps] == [246, 246, 244, 255]


def test_discretized_there_are_two_colours(modules: Page) -> None:
    scale = {"low": 0.0, "high": 1.0, "middle": 0.5, "reach": 0.5}
    found = table(modules, "light", scale, 1, True)
    assert len({tuple(pixel) for pixel in found}) == 2
    assert found[126] != found[127] == found[128]
