"""Out and in again: an experiment's JSON, its address and its `.keras` file, whatever it learns.

Of a `.keras` file the run is the very run: weights, optimizer's slots and history to the bit, and so are the
next ten epochs. What comes of JSON and address begins with the same weights, and its first ten epochs are the
same. Keras, which opens the same file, goes on as closely as float32 sums in another order can be;
tests/models/test_keras_file.py has that.
"""

import io
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, quote

import numpy as np
import pytest

from models import catalogue, imports, keras_file, program, run_record, spelling, tables
from models.experiment import Experiment
from models.file_error import FileError
from models.imports import TableLimits
from models.lane import Lane
from models.saved_lane import SavedLane
from models.train import in_a_lane
from tests.models.code_cases import CASES, OWN, OWN_TABLE, experiment, own_table
from tests.models.training import advance, cohort_of, same_bits, train_to, trained

BEFORE = 11  # steps: within an epoch of every case
PARTS = ("weights", "first", "second", "scales", "first_scales", "second_scales", "moving")


@pytest.fixture(autouse=True)
def _own_table(tmp_path: Path) -> Iterator[None]:
    with own_table(tmp_path):
        yield


@pytest.mark.parametrize("case", CASES)
def test_json_and_address_are_the_experiment(case: str) -> None:
    one = experiment(case)
    again = imports.read(one.model_dump_json().encode(), Experiment())
    assert (again.kind, again.experiment) == ("experiment", one)
    assert spelling.parse(spelling.flat(one)) == one


@pytest.mark.parametrize("case", ["default", "curve, huber", "own", "all the rest"])
def test_json_and_address_are_the_very_run(case: str) -> None:
    one = experiment(case)
    text = "&".join(f"{name}={quote(value)}" for name, value in spelling.flat(one).items())
    from_json = imports.read(one.model_dump_json().encode(), Experiment()).experiment
    from_address = spelling.parse(dict(parse_qsl(text, keep_blank_values=True)))
    lane = Lane("", one)
    for again in (from_json, from_address):
        assert same_bits(Lane("", again).weights, lane.weights)
    (ran,) = trained([one], 10 * lane.steps_an_epoch)
    assert ran.epoch == 10
    assert not same_bits(ran.weights, lane.weights)
    for again in trained([from_json, from_address], ran.step):
        for part in PARTS:
            assert same_bits(getattr(again, part), getattr(ran, part)), part
        assert same_bits([again.history.all()], [ran.history.all()])


def test_the_cases_have_everything() -> None:
    made = [experiment(case) for case in CASES]
    assert {one.training.loss for one in made} == set(catalogue.names(catalogue.LOSSES))
    assert {one.training.optimizer for one in made} == set(catalogue.names(catalogue.OPTIMIZERS))
    assert {one.data.standardize for one in made} == {True, False}
    assert {layer.batch_normalization for one in made for layer in one.network.hidden} == {True, False}
    assert any(layer.dropout > 0 for one in made for layer in one.network.hidden)
    assert any(one.features != catalogue.names(catalogue.COLUMNS)[: one.data.columns] for one in made)


@pytest.mark.parametrize("case", CASES)
def test_a_keras_file_is_the_very_run(case: str) -> None:
    one = experiment(case)
    (lane,) = trained([one], BEFORE)
    file = keras_file.of_lane(SavedLane.of(lane.blob()))
    tables.forget(OWN_TABLE)  # as on another server: a table comes with the file
    imported = imports.read(file, Experiment())
    assert (imported.kind, imported.experiment, imported.notes) == ("run", one, [])
    assert tables.raw(OWN_TABLE) == (OWN if one.data.table else None)
    assert imported.blob is not None
    again = Lane.restored("again", imported.blob)
    assert (again.step, again.epoch, again.offset, again.touched) == (BEFORE, lane.epoch, lane.offset, False)
    for part in PARTS:
        assert same_bits(getattr(again, part), getattr(lane, part)), part
    cohort = cohort_of(lane.bucket)
    to = BEFORE + 10 * lane.steps_an_epoch
    for each in (lane, again):
        cohort.seat(each)
    train_to(cohort, {lane.name: to, again.name: to})
    for each in (lane, again):
        cohort.unseat(each)
    for part in PARTS:
        assert same_bits(getattr(again, part), getattr(lane, part)), part
    assert same_bits([again.history.all()], [lane.history.all()])
    assert len(again.history) > 10


def with_table(table: bytes) -> bytes:
    """A file of a run on the learner's own table, with these bytes in its place."""
    one = experiment("own")
    (lane,) = trained([one], 1)
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(keras_file.of_lane(SavedLane.of(lane.blob())))) as archive,
        zipfile.ZipFile(content, "w") as written,
    ):
        for name in archive.namelist():
            written.writestr(name, table if name == keras_file.TABLE else archive.read(name))
    return content.getvalue()


def test_another_table_or_one_that_is_too_large_is_refused() -> None:
    whole = with_table(OWN)
    other = with_table(OWN + b"1,2,a,3\n")
    tables.forget(OWN_TABLE)
    with pytest.raises(FileError, match="not the one that its experiment learns from"):
        imports.read(other, Experiment())
    with pytest.raises(FileError, match="10"):
        imports.read(whole, Experiment(), limits=TableLimits(max_rows=10))
    with pytest.raises(FileError, match="100"):
        imports.read(whole, Experiment(), limits=TableLimits(max_bytes=100))
    assert not tables.is_kept(OWN_TABLE)
    imports.read(whole, Experiment())
    assert tables.is_kept(OWN_TABLE)


def test_the_digest_is_of_experiment_and_weights_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "compiled", advance)  # which keeps them
    one = experiment("all the rest")
    (lane,) = trained([one], 2 * Lane("", one).steps_an_epoch)
    found = run_record.record(lane.blob())
    assert (found["epoch"], found["offset"], found["touched"]) == (2, 0, False)
    rows = np.array(found["history"], np.float32)
    np.testing.assert_array_equal(rows, lane.history.all())
    # What the command line trains of the experiment has the same one.
    assert run_record.digest_of(one, in_a_lane(one, 2, lambda _: None)) == found["digest"]
    weights = SavedLane.of(lane.blob()).keras_weights
    assert run_record.digest_of(one.model_copy(update={"seed": 4}), weights) != found["digest"]
    weights[0][0, 0] = np.nextafter(weights[0][0, 0], np.float32(9))
    assert run_record.digest_of(one, weights) != found["digest"]


def test_a_long_history_is_thinned_evenly() -> None:
    (lane,) = trained([experiment("default")], 3)
    for epoch in range(1, 2001):
        lane.history.add(np.array([epoch, 0.5, np.nan, 0, 0.25, 1, 0], np.float32))
    rows = run_record.record(lane.blob())["history"]
    assert len(rows) == run_record.MOST_ROWS
    assert (rows[0][0], rows[-1]) == (1.0, [2000.0, 0.5, None, 0.0, 0.25, 1.0, 0.0])
    assert max(after[0] - before[0] for before, after in pairwise(rows)) <= 4
