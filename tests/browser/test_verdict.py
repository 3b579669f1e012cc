"""Confusion matrix, precision, recall and R² in the place of the curves."""

import re
from collections.abc import Iterable

import numpy as np
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.playground import LEARNING, Playground

RATES = """async (matrix) => {
  const { ratesOf } = await import("/static/views/verdict.js");
  return ratesOf(matrix);
}"""


def rates(right: Iterable[int], of: Iterable[int]) -> list[str]:
    """Shares as the page writes those below 99.5 %."""
    return [f"{int(100 * a / b + 0.5)} %" if b else "–" for a, b in zip(right, of, strict=True)]


def test_rates_by_hand(playground: Playground) -> None:
    rates = playground.page.evaluate(RATES, [[8, 2, 0], [1, 5, 0], [0, 0, 0]])
    assert rates["precision"][:2] == [8 / 9, 5 / 7]
    assert rates["recall"][:2] == [0.8, 5 / 6]
    assert rates["accuracy"] == 13 / 16
    assert str(rates["precision"][2]) == str(rates["recall"][2]) == "nan"


def test_the_confusion_matrix_is_live_and_costs_nothing_unseen(visit: Visit) -> None:
    playground = visit("/#data=iris&train_share=0.6")
    page = playground.page
    assert playground.until(lambda _: True).header["panels"] == {}
    playground.button("Confusion").click()
    seen = playground.until(lambda seen: "verdict" in seen.header["panels"])
    tables = page.get_by_role("region", name="How good it is").get_by_role("table")
    expect(tables).to_have_count(2)
    heads = ["setosa", "versicolor", "virginica", "recall"]
    expect(tables.first.get_by_role("columnheader")).to_have_text(heads)
    counts = [int(text) for text in tables.nth(1).locator(".right, .wrong").all_inner_texts()]
    assert counts == [n for row in seen.header["panels"]["verdict"]["test"] for n in row]
    assert sum(counts) == 60
    for table, part in zip(tables.all(), ("train", "test"), strict=True):
        matrix = np.array(seen.header["panels"]["verdict"][part])
        right = matrix.diagonal()
        cells = [int(text) for text in table.locator(".right, .wrong").all_inner_texts()]
        assert cells == matrix.ravel().tolist()
        shown = table.locator(".rate").all_inner_texts()
        assert shown[:3] == rates(right, matrix.sum(axis=1))
        assert shown[3:6] == rates(right, matrix.sum(axis=0))
        assert shown[6:] == rates([right.sum()], [matrix.sum()])
    playground.button("Play").click()
    expect(tables.nth(1).locator("strong")).to_have_text(re.compile("^(9[0-9]|100)"), timeout=LEARNING)
    playground.button("Loss").click()
    playground.until(lambda seen: "verdict" not in seen.header["panels"])
    expect(tables.first).to_be_hidden()


def test_regression_has_r2(visit: Visit) -> None:
    playground = visit("/#data=line&hidden=&learning_rate=0.1")
    page = playground.page
    playground.button("R²").click()
    figures = page.locator(".explained dd")
    expect(figures).to_have_count(2)
    playground.button("Play").click()
    expect(figures.nth(1)).to_have_text("1.000", timeout=LEARNING)
    # Over a plane, too, where the first weights explain little.
    playground.pause()
    page.get_by_role("radio", name="Plane", exact=True).check()
    seen = playground.until(
        lambda seen: seen.experiment["data"]["name"] == "plane" and seen.header["panels"].get("verdict")
    )
    verdict = seen.header["panels"]["verdict"]
    assert verdict["test"] < 0.99
    expect(figures).to_have_text([f"{verdict[part]:.3f}".replace("-", "−") for part in ("train", "test")])
    playground.menu("Problem").select_option("Classification")
    expect(page.get_by_role("region", name="How good it is").get_by_role("table")).to_have_count(2)
