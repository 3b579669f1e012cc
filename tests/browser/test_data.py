"""Choosing data: sets, problem, noise, training share, new points."""

import csv
import re

import numpy as np
from playwright.sync_api import expect

from models import catalogue
from models.datasets import draw
from models.experiment import Data
from tests.browser.conftest import Visit
from tests.browser.playground import Playground


def sets(playground: Playground) -> list[str]:
    """Labels of the data sets that are offered."""
    group = playground.page.get_by_role("radiogroup", name="Data set")
    return [radio.get_attribute("aria-label") or "" for radio in group.get_by_role("radio").all()]


def test_every_data_set_of_both_problems(playground: Playground) -> None:
    radio = playground.page.get_by_role("radio", name="Circle", exact=True)
    expect(radio).to_be_checked()
    for problem in catalogue.PROBLEMS:
        playground.menu("Problem").select_option(problem.label)
        of_it = [
            row
            for row in catalogue.DATA_SETS
            if row.problem == problem.name and row.kind not in ("own", "drawn")
        ]
        playground.set("data.name", of_it[0].name)
        assert sets(playground) == [row.label for row in of_it]
        for row in reversed(of_it):
            playground.page.get_by_role("radio", name=row.label, exact=True).check()
            seen = playground.set("data.name", row.name)
            assert seen.header["problem"] == problem.name
            train = round(row.points / 2)
            expect(playground.page.locator("#point-counts")).to_have_text(
                f"{train} points to train on, {row.points - train} to test"
            )
            link = playground.page.locator("#data-source")
            if row.kind != "real":
                expect(link).to_be_hidden()
                continue
            expect(link).to_be_visible()
            assert f"{link.inner_text()}, {link.get_attribute('href')}" == row.source


# Of every set's picture the orange (-1) and blue (1) pixels as [x, y, colour], 0 to 1 from the top left.
INK = """() => [...document.querySelectorAll("#data .set")].map((label) => {
  const canvas = label.querySelector("canvas");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const inked = [];
  for (let y = 0; y < height; y += 3) {
    for (let x = 0; x < width; x += 3) {
      const [red, , blue, alpha] = data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4);
      if (alpha < 200 || Math.abs(blue - red) < 80) continue;
      inked.push([(x + 0.5) / width, (y + 0.5) / height, Math.sign(blue - red)]);
    }
  }
  return [label.querySelector("input").value, inked];
})"""


def test_the_sets_pictures_show_their_points(playground: Playground) -> None:
    """What is blue lies near positive points of the set, what is orange near negative ones, and reversed."""
    ink = dict(playground.page.evaluate(INK))
    rows = [row for row in catalogue.DATA_SETS if row.kind == "plane" and not row.several]
    assert len(rows) == 9
    for row in rows:
        points = draw(Data(name=row.name, points=800, seed=1))  # another sample
        pixels = np.array(ink[row.name])
        places = np.stack([12.8 * pixels[:, 0] - 6.4, 6.4 - 12.8 * pixels[:, 1]], axis=1)
        for sign in (-1, 1):
            inked = places[pixels[:, 2] == sign]
            height = points.label * sign
            apart = np.linalg.norm(inked[:, None] - points.position, axis=2)  # (pixels, points)
            assert apart[:, height > 0.1].min(axis=1).max() < 1, row.name
            strong = height > (0.5 if row.problem == "regression" else 0)
            assert np.mean(apart[:, strong].min(axis=0) < 1) > 0.9, row.name


def test_regression_has_no_accuracy(playground: Playground) -> None:
    expect(playground.page.locator("#train-more")).to_have_text(re.compile(r"^\d+ % right$"))
    playground.menu("Problem").select_option("Regression")
    expect(playground.page.locator("#train-more")).to_have_text("")
    expect(playground.page.get_by_test_id("test-loss")).to_have_text(re.compile(r"^\d+\.\d+$"))


def test_noise_is_in_percent(playground: Playground) -> None:
    playground.drag("Noise", 35)
    expect(playground.page.locator("#noise-value")).to_have_text("35 %")
    seen = playground.set("data.noise", 0.35)
    assert (seen.epoch, seen.experiment["data"]["seed"], seen.experiment["seed"]) == (
        0,
        0,
        0,
    )  # the same sample


def test_without_test_data_there_is_no_test_loss(playground: Playground) -> None:
    playground.drag("Training share", 100)
    playground.set("data.train_share", 1.0)
    expect(playground.page.get_by_test_id("test-loss")).to_have_text("–")
    expect(playground.page.get_by_test_id("train-loss")).to_have_text(re.compile(r"^0\.\d+$"))
    expect(playground.page.locator("#point-counts")).to_have_text("500 points to train on, no test set")
    playground.button("Step").click()
    expect(playground.epoch).to_have_text("1")
    expect(playground.page.get_by_test_id("test-loss")).to_have_text("–")
    playground.drag("Training share", 10)
    playground.set("data.train_share", 0.1)
    expect(playground.page.locator("#point-counts")).to_have_text("50 points to train on, 450 to test")
    expect(playground.page.get_by_test_id("test-loss")).to_have_text(re.compile(r"^\d+\.\d+$"))


def test_the_data_as_a_file(visit: Visit) -> None:
    playground = visit("/#data=blobs&points=40")
    playground.drag("Training share", 75)
    experiment = playground.set("data.train_share", 0.75).experiment
    with playground.page.expect_download() as download:
        playground.page.get_by_role("link", name="Download", exact=True).click()
    assert download.value.suggested_filename.endswith(".csv")
    with download.value.path().open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["x1", "x2", "class", "split"]
    assert [row[3] for row in rows] == ["train"] * 30 + ["test"] * 10
    points = draw(Data.model_validate(experiment["data"]))
    assert np.array_equal(np.array([row[:2] for row in rows], np.float32), points.position)
    assert [int(row[2]) - 1 for row in rows] == points.label.tolist()


def test_new_data_are_other_points(playground: Playground) -> None:
    first = playground.until(lambda _: True)
    before = playground.boundary.evaluate("canvas => canvas.toDataURL()")
    playground.button("New data").click()
    other = playground.until(lambda seen: seen.experiment["data"]["seed"] != 0)
    assert other.experiment["seed"] == first.experiment["seed"]
    assert other.weights == first.weights
    expect(playground.page).to_have_url(re.compile("#data_seed="))
    playground.page.wait_for_function(
        "(before) => document.querySelector('#boundary').toDataURL() !== before", arg=before
    )


def test_weights_are_kept_over_new_data_by_choice(playground: Playground) -> None:
    playground.button("Step").click()
    before = playground.until_epoch(1)
    playground.checkbox("Keep weights").check()
    playground.button("New data").click()
    kept = playground.key_frame(lambda seen: seen.experiment["data"]["seed"] != 0)
    assert (kept.weights, kept.epoch, kept.header["touched"]) == (before.weights, 1, True)
    playground.checkbox("Keep weights").uncheck()
    playground.drag("Noise", 20)
    fresh = playground.set("data.noise", 0.2)
    assert (fresh.epoch, fresh.header["touched"]) == (0, False)
