"""A learner's table and choice: arrays to train on, or words for what is wrong."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.own_data import Choice, choose, suggest, to_csv
from models.table import Table, TableError, number, read
from tests.models.broken_files import UNTRAINABLE

FLOWERS = read(b"length;width;kind\n1,5;10;rose\n2,5;30;aster\n3,5;20;rose\n4,5;40;lily\n")


def everything(table: Table) -> Choice:
    return Choice(table.names[:-1], table.names[-1], None, True)


@pytest.mark.parametrize("name", UNTRAINABLE)
def test_what_is_wrong_is_told(name: str) -> None:
    raw, message = UNTRAINABLE[name]
    table = read(raw)
    with pytest.raises(TableError, match=f"(?s){message}") as caught:
        choose(table, everything(table))
    assert caught.value.message
    assert caught.value.expected
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(("height",), "kind", None, True), 'no column "height".*"length", "width", "kind"'),
        (Choice(("length",), "sort", None, True), 'no column "sort"'),
        (Choice(("length", "width", "length"), "kind", None, True), '"length" is chosen twice'),
        (Choice(("length", "width"), "width", None, True), '"width" is both an input and the target'),
        (Choice((), "kind", None, True), "No input is chosen; expected 1 to 8"),
        (Choice(("length",), "kind", "regression", True), 'Line 2, column "kind": "rose" is not a number'),
    ],
)
def test_a_wrong_choice(choice: Choice, message: str) -> None:
    with pytest.raises(TableError, match=message):
        choose(FLOWERS, choice)


def test_nine_numbers_may_be_learnt_as_regression() -> None:
    table = read(b"a,b\n" + b"".join(b"%d,%d\n" % (row, row * row) for row in range(9)))
    with pytest.raises(TableError, match=r"9 different values.*or regression"):
        choose(table, replace(everything(table), task="classification"))
    data = choose(table, everything(table))
    assert (data.task, data.classes) == ("regression", ())
    assert data.target.tolist() == [row * row for row in range(9)]


def test_a_ninth_input_is_refused() -> None:
    table = read(b"".join(b"%d," % row * 9 + b"%d\n" % (row % 2) for row in range(6)))
    eight = Choice(table.names[:8], table.names[-1], None, True)
    assert choose(table, eight).inputs.shape == (6, 8)
    with pytest.raises(TableError, match="9 inputs are chosen; expected 1 to 8 columns of numbers"):
        choose(table, replace(eight, inputs=table.names[:9]))


def test_classes_and_standardized_inputs() -> None:
    data = choose(FLOWERS, everything(FLOWERS))
    assert (data.task, data.classes) == ("classification", ("aster", "lily", "rose"))
    assert data.target.tolist() == [2, 0, 2, 1]
    assert (data.input_names, data.target_name) == (("length", "width"), "kind")
    assert data.inputs.dtype == data.target.dtype == np.float32
    # By hand: the deviations from the mean are ±0.5 and ±1.5, so that the variance is 1.25.
    assert data.means == (3.0, 25.0)
    assert data.scales == pytest.approx((1.25**0.5, 125**0.5))
    assert data.inputs[:, 0] == pytest.approx(np.array([-1.5, -0.5, 0.5, 1.5]) / 1.25**0.5)


def test_inputs_as_they_are_in_the_order_chosen() -> None:
    data = choose(FLOWERS, Choice(("width", "length"), "kind", None, False))
    assert data.inputs.tolist() == [[10, 1.5], [30, 2.5], [20, 3.5], [40, 4.5]]
    assert (data.means, data.scales) == ((0.0, 0.0), (1.0, 1.0))


def test_classes_that_are_numbers_are_in_their_order() -> None:
    table = read(b"a,b\n1,10\n2,9\n3,9.0\n4,-1\n")
    data = choose(table, everything(table))
    assert data.classes == ("-1", "9", "10")
    assert data.target.tolist() == [2, 1, 1, 0]


def test_a_suggestion_takes_what_can_be_used() -> None:
    rows = b"".join(b"%d,x%d,7,%d,%d\n" % (row, row, -row, row % 2) for row in range(6))
    table = read(b"a,text,constant,d,kind\n" + rows)
    assert suggest(table) == Choice(("a", "d"), "kind", "classification", True)
    choose(table, suggest(table))
    wide = read(b"".join(b"%d," % row * 11 + b"%d.5\n" % row for row in range(6)))
    assert suggest(wide).inputs == wide.names[:8]
    assert suggest(wide).task == "regression"


def test_a_suggestion_names_the_fault_where_no_column_will_do() -> None:
    table = read(b"a,b\n1,0\n,1\n3,1\n4,0\n")
    with pytest.raises(TableError, match=r"Line 3.*missing"):
        choose(table, suggest(table))


@settings(deadline=None)
@given(st.binary(max_size=100), st.lists(st.sampled_from(["1", "2,5", "x", "", "inf", "1e99"]), max_size=30))
def test_any_table_gives_data_or_an_error(raw: bytes, cells: list[str]) -> None:
    for file in (raw, "\n".join(f"{one};{two}" for one, two in pairwise(cells)).encode()):
        try:
            table = read(file)
            data = choose(table, suggest(table))
        except TableError:
            continue
        assert np.isfinite(data.inputs).all()
        assert np.isfinite(data.target).all()


SHAPE = st.tuples(st.integers(1, 20), st.integers(1, 8))
FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(arrays.arrays(np.float32, SHAPE, elements=FINITE), st.data())
def test_a_written_data_set_is_read_back(inputs: np.ndarray, data: st.DataObject) -> None:
    rows, count = inputs.shape
    train = data.draw(st.integers(0, rows))
    classes = st.sampled_from(['say "hi"', "a, b", "<b>", "ä;ö", "=1+2"])
    target = data.draw(st.lists(classes, min_size=rows, max_size=rows))
    names = [f'input "{place}", é' for place in range(count)]
    table = read(to_csv([*names, "kind"], inputs, target, train).encode())
    assert table.names == (*names, "kind", "split")
    for place, name in enumerate(names):
        values = [number(text, table.decimal) for text in table.column(name)]
        assert np.array_equal(np.array(values, np.float32), inputs[:, place])
    assert list(table.column("kind")) == target
    assert table.column("split") == ("train",) * train + ("test",) * (rows - train)


def test_written_names_stay_a_header() -> None:
    text = to_csv(["2019", "split", "2020"], np.array([[1, 2], [3, 4]]), ["1,5", "2"], 1)
    table = read(text.encode())
    assert table.names == ("column 2019", "split (2)", "column 2020", "split")
    assert table.rows == (("1", "2", "1.5", "train"), ("3", "4", "2", "test"))
