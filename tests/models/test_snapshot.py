"""Frames as docs/protocol.md describes them."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import frame
from models.detail import LEVELS, Detail
from models.experiment import Experiment
from models.history import COLUMNS
from models.lane import Lane
from models.packing import shaped
from models.snapshot import measured, snapshot
from tests.models.training import cohort_of, make, same_bits, train_to

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
SIZES = {"f4": np.float32, "u1": np.uint8}


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the table whose first heading this is: names -> the other cells."""
    lines = PROTOCOL.read_text(encoding="utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows: dict[str, list[str]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        first, *others = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`(\w+)`", first):
            rows[name] = others
    return rows


def shown(
    lane: Lane, seq: int = 1, *, key: bool, changed: bool = False
) -> tuple[Any, dict[str, frame.Block]]:
    return frame.decode(snapshot(lane, seq, key, changed))


def begun(experiment: Experiment) -> Lane:
    """A lane with its row of the untrained network, as the host opens it."""
    lane = Lane("x", experiment)
    lane.add_row(measured(lane))
    return lane


def test_the_tables_are_found() -> None:
    assert {"seq", "key", "applied", "running", "counts"} <= set(table("header member"))
    assert {"history", "weights", "points"} <= set(table("block"))


def test_key_frames_have_all_that_the_tables_name() -> None:
    header, blocks = shown(begun(make()), key=True)
    assert set(header) == {*table("header member"), "blocks"} - {"pictured"}
    assert set(blocks) == set(table("block"))


def test_other_frames_leave_out_what_the_tables_say() -> None:
    header, blocks = shown(begun(make()), key=False)
    named = table("header member")
    only_sometimes = {
        name
        for name, (meaning,) in named.items()
        if "key frames" in meaning or name in ("counts", "axes", "target", "pictured")
    }
    assert only_sometimes == {"experiment", "counts", "axes", "target", "pictured"}
    assert set(header) == (set(named) - only_sometimes) | {"blocks"}
    assert set(blocks) == {name for name, (form, _) in table("block").items() if "key frames" not in form}
    header, _ = shown(begun(make()), key=False, changed=True)
    assert header["experiment"] == make().model_dump(mode="json")


@pytest.mark.parametrize(
    "experiment",
    [
        make(),
        make(hidden="", data="plane"),
        make(hidden="32,32,32,8"),
        make(loss="categorical_crossentropy"),
        make(batch_normalization="true"),
    ],
)
def test_blocks_have_the_tables_types_and_shapes(experiment: Experiment) -> None:
    header, blocks = shown(begun(experiment), key=True)
    hidden = sum(experiment.units[1:-1])
    numbers = {
        "rows": 1,
        "n": sum((before + 1) * here for before, here in pairwise(experiment.units)),
        "pictures": hidden + (experiment.units[-1] if experiment.units[-1] > 1 else 0) + 1,
        "neurons": hidden + (experiment.units[-1] if experiment.units[-1] > 1 else 0),
        "features": len(experiment.features),
        "normalized": sum(
            4 * layer.neurons for layer in experiment.network.hidden if layer.batch_normalization
        ),
        "b": 100,
        "g": 12 if hidden > 48 else 24,
    }
    for name, (form, _) in table("block").items():
        dtype, shape = re.match(r"(f4|u1) \((.*?)\)", form).groups()  # type: ignore[union-attr]
        assert blocks[name].dtype == SIZES[dtype], name
        if name == "points":
            numbers["n"] = len(Lane("x", experiment).points.label)
        if name == "inputs":
            numbers["g"] = 24
        wanted = [int(part) if part.isdigit() else numbers[part] for part in shape.split(", ")]
        assert list(blocks[name].shape) == wanted, name
    assert [entry[0] for entry in header["blocks"]] == list(blocks)


@pytest.mark.parametrize("detail", LEVELS)
def test_pictures_are_as_fine_as_asked(detail: Detail) -> None:
    """Coarser ones show the same: what is in the middle of a coarse cell is there in the fine picture."""
    lane = begun(make(data="spiral", initializer="he_normal", bias=0.2))
    _, fine = frame.decode(snapshot(lane, 1, False, False))
    _, coarse = frame.decode(snapshot(lane, 2, False, False, detail=detail))
    for name, side in (("boundary", detail.boundary), ("neurons", detail.neurons)):
        assert coarse[name].shape[-2:] == (side, side)
        own = fine[name].shape[-1]
        middle = ((np.arange(side) + 0.5) * own / side).astype(int)
        there = fine[name][..., middle[:, None], middle].astype(float)
        # From one fine cell to its neighbour the picture changes by so much at most.
        slope = max(np.abs(np.diff(fine[name].astype(float), axis=axis)).max() for axis in (-1, -2))
        assert np.abs(coarse[name] - there).max() <= 2 * slope + 1


def test_only_the_pictures_that_are_seen() -> None:
    lane = begun(make(hidden="4,2"))
    _, whole = frame.decode(snapshot(lane, 1, True, False))
    header, blocks = frame.decode(snapshot(lane, 2, False, False, pictured=(5, 1, 99)))
    assert header["pictured"] == [1, 5]
    assert np.array_equal(blocks["neurons"], whole["neurons"][[1, 5]])
    assert np.array_equal(blocks["ranges"], whole["ranges"])
    header, blocks = frame.decode(snapshot(lane, 3, False, False, pictured=()))
    assert (header["pictured"], blocks["neurons"].shape) == ([], (0, 24, 24))


def test_the_default_network_fits_into_16_kib() -> None:
    data = snapshot(begun(make()), 1, False, True)
    header, blocks = frame.decode(data)
    assert len(data) <= 16 * 1024
    assert blocks["boundary"].shape == (100, 100)
    assert len(blocks["neurons"]) == 6
    assert "experiment" in header


def test_history_columns_are_the_tables() -> None:
    columns = table("block")["history"][1].split(":", 1)[1].split(".")[0].replace(" ", "").split(",")
    assert tuple(columns) == COLUMNS


def test_header_and_weights_of_a_lane_in_mid_epoch() -> None:
    experiment = make(regularization="l2", regularization_rate=0.01)
    lane = begun(experiment)
    cohort = cohort_of(lane.bucket)
    cohort.seat(lane)
    train_to(cohort, {"x": 30})
    cohort.pull(lane)
    header, blocks = shown(lane, seq=7, key=False)
    assert {name: header[name] for name in ("seq", "step", "epoch", "offset", "train_points")} == {
        "seq": 7,
        "step": 30,
        "epoch": 1,
        "offset": 50,
        "train_points": 250,
    }
    assert (header["layers"], header["activations"]) == ([2, 4, 2, 1], ["tanh", "tanh", "sigmoid"])
    assert same_bits(shaped(np.asarray(blocks["weights"], np.float32), (2, 4, 2, 1)), lane.weights)
    loss, accuracy, penalty = header["running"]
    assert 0 < penalty < loss
    assert accuracy in [share / 50 for share in range(51)]


def test_no_history_row_is_lost_between_frames() -> None:
    """New rows in ordinary frames, all rows in a key frame."""
    lane = begun(make())
    cohort = cohort_of(lane.bucket)
    cohort.seat(lane)
    epochs: list[float] = []
    for step in (10, 30, 200, 201, 1000):
        train_to(cohort, {"x": step})
        epochs += shown(lane, key=False)[1]["history"][:, 0].tolist()
    assert epochs == list(range(41))
    _, blocks = shown(lane, key=True)
    assert blocks["history"][:, 0].tolist() == epochs


def test_points_are_training_points_first() -> None:
    lane = begun(make(train_share=0.3))
    header, blocks = shown(lane, key=True)
    assert header["counts"] == {"train": 150, "test": 350}
    assert np.array_equal(blocks["points"][:, :2], lane.points.position)
    assert np.array_equal(blocks["points"][:, 2], lane.points.label)


def test_regression_has_no_accuracy() -> None:
    lane = begun(make(data="plane"))
    _, blocks = shown(lane, key=True)
    assert np.isnan(blocks["history"][0, [2, 5]]).all()
    assert np.isfinite(blocks["history"][0, [0, 1, 3, 4, 6]]).all()
    lane = begun(make(train_share=1))
    _, blocks = shown(lane, key=True)
    assert np.isnan(blocks["history"][0, 4:]).all()
