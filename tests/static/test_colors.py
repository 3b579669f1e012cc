"""colors.js: orange is negative, blue is positive, the middle is neutral, and bytes mean what they say.

Colours are measured in CIELAB (D65), and as the three kinds of dichromats see them.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

LOOKS = [
    {"theme": theme, "palette": palette}
    for palette in ("orange_blue", "colour_blind_safe", "high_contrast")
    for theme in ("light", "dark")
]
LIGHT = LOOKS[0]
SAFE = [look for look in LOOKS if look["palette"] in ("colour_blind_safe", "high_contrast")]
STRONG = [look for look in LOOKS if look["palette"] == "high_contrast"]
COLOURS = """async ({ look, places }) => {
  const { colorAt, cssAt } = await import("/static/colors.js");
  const at = (t) => colorAt(look, t);
  return { colours: places.map(at), css: places.map((t) => cssAt(look, t)), nan: at(NaN) };
}"""
INK = """async (look) => {
  const { inkOf, linesOf } = await import("/static/colors.js");
  return { ...inkOf(look), lines: linesOf(look) };
}"""
TABLE = """async ({ look, scale, steps, discrete }) => {
  const { colorTable } = await import("/static/colors.js");
  const table = colorTable(look, scale, steps, discrete);
  const bytes = new Uint8Array(table.buffer);
  return [...table].map((_, i) => [...bytes.subarray(4 * i, 4 * i + 4)]);
}"""
SCALE = """async (given) => {
  const { scaleOf } = await import("/static/colors.js");
  return scaleOf(...given);
}"""


Look = dict[str, str]
Colour = tuple[float, ...]

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# IEEE Transactions on Visualization and Computer Graphics 15(6), 2009: severity 1.0, of linear sRGB.
VISIONS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Linear sRGB to XYZ, IEC 61966-2-1, and its white.
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def product(matrix: tuple[Colour, ...], colour: Colour) -> Colour:
    return tuple(sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)


def linear(colour: str | list[float]) -> Colour:
    """sRGB, as #rrggbb or 0 to 255, to linear light."""
    if isinstance(colour, str):
        colour = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    parts = [value / 255 for value in colour]
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def lab(light: Colour) -> Colour:
    """CIELAB of linear light."""
    parts = [value / white for value, white in zip(product(XYZ, light), WHITE, strict=True)]
    x, y, z = (part ** (1 / 3) if part > (6 / 29) ** 3 else part * 841 / 108 + 4 / 29 for part in parts)
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def seen(colour: str | list[float], vision: str) -> Colour:
    light = product(VISIONS[vision], linear(colour))
    return lab(tuple(min(1.0, max(0.0, part)) for part in light))


def distance(a: str | list[float], b: str | list[float], vision: str = "normal") -> float:
    """In CIELAB, of 1976."""
    pairs = zip(seen(a, vision), seen(b, vision), strict=True)
    return sum((x - y) ** 2 for x, y in pairs) ** 0.5


def contrast(a: str | list[float], b: str | list[float]) -> float:
    """The contrast ratio of WCAG 2."""
    low, high = sorted(product(XYZ, linear(colour))[1] for colour in (a, b))
    return (high + 0.05) / (low + 0.05)


def colours(modules: Page, look: Look, *places: float) -> dict[str, Any]:
    return modules.evaluate(COLOURS, {"look": look, "places": places})


def named(look: Look) -> str:
    return f"{look['palette']}-{look['theme']}"


def table(
    modules: Page, look: Look, scale: dict[str, float], steps: int = 1, discrete: bool = False
) -> list[list[int]]:
    given = {"look": look, "scale": scale, "steps": steps, "discrete": discrete}
    return modules.evaluate(TABLE, given)


@pytest.mark.parametrize("look", LOOKS, ids=named)
def test_negative_is_orange_and_positive_is_blue(modules: Page, look: Look) -> None:
    negative, neutral, positive = colours(modules, look, -1, 0, 1)["colours"]
    assert negative[0] > negative[1] > negative[2]
    assert positive[2] > positive[1] > positive[0]
    assert max(neutral) - min(neutral) < 16


@pytest.mark.parametrize("look", LOOKS, ids=named)
def test_the_further_from_the_middle_the_stronger(modules: Page, look: Look) -> None:
    places = [t / 50 for t in range(51)]
    for sign in (-1, 1):
        found = colours(modules, look, *(sign * t for t in places))["colours"]
        away = [sum(abs(a - b) for a, b in zip(colour, found[0], strict=True)) for colour in found]
        assert away == sorted(away)
        assert away[-1] > 200


@pytest.mark.parametrize("look", LOOKS, ids=named)
def test_beyond_the_ends_are_the_ends_and_nan_is_neutral(modules: Page, look: Look) -> None:
    found = colours(modules, look, -5, -1, 0, 1, 5)
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


@pytest.mark.parametrize("look", LOOKS, ids=named)
def test_a_table_has_the_colour_of_every_byte(modules: Page, look: Look) -> None:
    scale = {"low": -1.0, "high": 3.0, "middle": 0.0, "reach": 2.0}
    values = [-1 + byte / 254 * 4 for byte in range(255)]
    expected = colours(modules, look, *(value / 2 for value in values))["colours"]
    found = table(modules, look, scale)
    assert len(found) == 255
    for pixel, colour in zip(found, expected, strict=True):
        assert pixel[3] == 255
        assert pixel[:3] == pytest.approx(colour, abs=2)


@pytest.mark.parametrize("steps", [1, 4])
def test_a_fine_table_has_steps_between_the_bytes(modules: Page, steps: int) -> None:
    scale = {"low": 0.0, "high": 1.0, "middle": 0.5, "reach": 0.5}
    coarse, fine = table(modules, LIGHT, scale), table(modules, LIGHT, scale, steps)
    assert len(fine) == 254 * steps + 1
    assert fine[::steps] == coarse
    assert fine[127 * steps] == [246, 246, 244, 255]


def test_discretized_there_are_two_colours(modules: Page) -> None:
    scale = {"low": 0.0, "high": 1.0, "middle": 0.5, "reach": 0.5}
    found = table(modules, LIGHT, scale, 1, True)
    assert len({tuple(pixel) for pixel in found}) == 2
    assert found[126] != found[127] == found[128]


@pytest.mark.parametrize("look", SAFE, ids=named)
@pytest.mark.parametrize("vision", VISIONS)
def test_a_colour_blind_eye_tells_them_apart(modules: Page, look: Look, vision: str) -> None:
    ends = colours(modules, look, -1, 1)["colours"]
    ink = modules.evaluate(INK, look)
    pairs = {"ends": ends, "lines": (ink["train"], ink["test"]), "points": (ink["negative"], ink["positive"])}
    for name, (a, b) in pairs.items():
        one, other = seen(a, vision), seen(b, vision)
        assert distance(a, b, vision) > 25, name
        assert abs(one[0] - other[0]) > 15, f"{name}, in lightness"


@pytest.mark.parametrize("look", STRONG, ids=named)
def test_high_contrast_is_high(modules: Page, look: Look) -> None:
    negative, neutral, positive = colours(modules, look, -1, 0, 1)["colours"]
    ink = modules.evaluate(INK, look)
    for end in (negative, positive):
        assert contrast(end, neutral) >= 7
    for name in ("negative", "positive", "train", "test", "axis", "text", "strong", "faint"):
        assert contrast(ink[name], ink["surface"]) >= 7, name
    assert contrast(ink["grid"], ink["surface"]) >= 3
    assert ink["lines"] > modules.evaluate(INK, LIGHT)["lines"]


@pytest.mark.parametrize("look", LOOKS, ids=named)
def test_points_are_seen_on_every_colour_of_the_scale(modules: Page, look: Look) -> None:
    ink = modules.evaluate(INK, look)
    grounds = colours(modules, look, *(t / 10 for t in range(-10, 11)))["colours"]
    for name in ("negative", "positive"):
        # A point has an edge of its own, whatever it lies on.
        assert contrast(ink[name], ink["outline"]) >= 3
        for ground in grounds:
            assert max(distance(ground, ink[name]), distance(ground, ink["outline"])) > 25


def test_every_look_is_another(modules: Page) -> None:
    scale = {"low": -1.0, "high": 1.0, "middle": 0.0, "reach": 1.0}
    assert len({str(table(modules, look, scale)) for look in LOOKS}) == len(LOOKS)
