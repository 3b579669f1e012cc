"""Any file is a table or is refused in words that name the place; what was written is what is read."""

import csv
import io
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from models import own_data
from models.own_data import Choice
from models.table import MAX_BYTES, Table, TableError, number, read
from tests.models.broken_files import UNREADABLE, UNTRAINABLE
from tests.support.damage import damaged
from tests.support.fuzz import IS_LONG, fuzzed

MOST = MAX_BYTES if IS_LONG else 100_000  # bytes of a file that is made to take long
NUMBERS = st.floats(-(2.0**99), 2.0**99, width=32)
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1"]


def tried(raw: bytes) -> Table | None:
    """The table, used in every way that a page can, or None; nothing but a TableError may come of it."""
    try:
        table = read(raw)
    except TableError as error:
        words(error)
        return None
    own_data.describe(table)
    for target in (None, *table.names[:3]):
        choice = own_data.suggest(table, target)
        try:
            chosen = own_data.choose(table, choice)
        except TableError as error:
            words(error)
            continue
        assert np.isfinite(chosen.inputs).all()
        assert np.isfinite(chosen.target).all()
        assert len(chosen.inputs) == len(chosen.target) == len(table.rows)
        assert (chosen.task == "classification") == bool(chosen.classes)
    return table


def words(error: TableError) -> None:
    """What is found and what would do, short enough to be read, no full stop at the end."""
    for text in (error.message, error.expected):
        assert 0 < len(text) < 600
        assert not text.endswith(".")
        assert text.isprintable()


TEXTS = st.text(
    st.sampled_from("ab1,;.\t\n\r\"' -é€😀\u202e\x00\x1f{[<=") | st.characters(codec="utf-8"), max_size=80
)
KNOWN = st.sampled_from([raw for raw, _ in (UNREADABLE | UNTRAINABLE).values() if len(raw) < 2000])


@fuzzed(120)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.tuples(TEXTS, st.sampled_from(CODECS)).map(lambda t: t[0].encode(t[1], "replace")),
        damaged(KNOWN),
    )
)
def test_any_file_is_a_table_or_refused_in_words(raw: bytes) -> None:
    table = tried(raw)
    if table is not None:
        assert len({len(row) for row in table.rows} | {len(table.names)}) == 1
        assert len(set(table.names)) == len(table.names)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]], str]:
    """Header, rows and delimiter of a table of any texts. The other delimiters are in none of them."""
    delimiter = draw(st.sampled_from(",;\t"))
    signs = "abz019 -_#'\"éß€" + delimiter.replace("\t", "")
    cell = st.text(st.sampled_from(signs), max_size=12).map(str.strip)
    name = st.text(st.sampled_from('abcdefgh éß€"' + delimiter.replace("\t", "")), min_size=1, max_size=10)
    width = draw(st.integers(2, 5))
    names = draw(
        st.lists(name.map(lambda text: f"x{text.strip()}x"), min_size=width, max_size=width, unique=True)
    )
    row = st.lists(cell, min_size=width, max_size=width)
    return names, draw(st.lists(row, min_size=1, max_size=6)), delimiter


@fuzzed(80)
@given(
    tables(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_any_texts_come_back(
    written: tuple[list[str], list[list[str]], str], codec: str, end: str, quoting: Any
) -> None:
    names, rows, delimiter = written
    filled = [row for row in rows if any(row)]
    assume(filled)
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([names, *rows])
    raw = file.getvalue().encode(codec)
    table = read(raw)
    assert table.names == tuple(names)
    assert table.rows == tuple(map(tuple, filled))
    assert (table.delimiter, table.has_header) == (delimiter, True)
    tried(raw)


@fuzzed(80)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.tuples(*[NUMBERS] * width), min_size=4, max_size=12, unique=True)
    ),
    st.sampled_from([pair for pair in product(",;\t", ".,") if pair[0] != pair[1]]),
    st.integers(0, 40),
    st.sampled_from(["", "x", "n/a", "1.2.3", "inf", "nan", "-", "1e999", "4e38", "=1+2", "٣"]),
)
def test_what_is_wrong_is_named_by_its_line_and_column(
    rows: list[tuple[float, ...]], form: tuple[str, str], place: int, wrong: str
) -> None:
    """One cell of a table of numbers is something else: the choice of its column says where."""
    delimiter, decimal = form
    cells = [[repr(value).replace(".", decimal) for value in row] for row in rows]
    line, column = place % len(rows), place // len(rows) % (len(rows[0]) - 1)
    cells[line][column] = wrong
    names = [f"x{number}" for number in range(len(rows[0]))]
    text = "\n".join(delimiter.join(row) for row in [names, *cells])
    table = read(text.encode())
    assert table.has_header
    with pytest.raises(TableError) as refused:
        own_data.choose(table, Choice((names[column],), names[-1], "regression", False))
    assert refused.value.message.startswith(f'Line {line + 2}, column "x{column}": ')
    words(refused.value)


@fuzzed(60)
@given(
    st.lists(st.tuples(*[NUMBERS] * 3), min_size=4, max_size=12, unique=True),
    st.sampled_from([pair for pair in product(",;\t", ".,") if pair[0] != pair[1]]),
)
def test_numbers_that_are_trained_on_are_the_files(
    rows: list[tuple[float, ...]], form: tuple[str, str]
) -> None:
    """And what is written of them for others to read is the same again."""
    delimiter, decimal = form
    text = "\n".join(delimiter.join(repr(value).replace(".", decimal) for value in row) for row in rows)
    table = read(text.encode())
    assume(all(len(set(column)) > 1 for column in zip(*rows, strict=True)))
    chosen = own_data.choose(table, Choice(table.names[:2], table.names[2], "regression", False))
    np.testing.assert_array_equal(chosen.inputs, np.array(rows, np.float32)[:, :2])
    np.testing.assert_array_equal(chosen.target, np.array(rows, np.float32)[:, 2])
    made = own_data.to_csv(["a", "b", "c"], chosen.inputs, [str(v) for v in chosen.target], len(rows))
    back = read(made.encode())
    found = [[number(cell, ".") for cell in row[:3]] for row in back.rows]
    np.testing.assert_array_equal(np.array(found, np.float32), np.array(rows, np.float32))


FRAGMENTS = st.sampled_from(
    [*(b"1", b"9" * 50, b"1e5", b".", b"-", b"e", b"a" * 30, b'"', b'""', b'"a"', b",", b";", b"\t", b",,,,"),
     *(b"\n", b"\r", b"\r\n", b" " * 20, "\u202e".encode(), "é".encode(), b"\x81", b"nan", b"{", b"<")]
)  # fmt: skip


@fuzzed(25)
@example([b"1", b","])
@example([b'"'])
@example([b'"a"', b","])
@example([b"1", b",", b"1", b"\n"])
@given(st.lists(FRAGMENTS, min_size=1, max_size=6))
def test_a_file_that_repeats_itself_is_read_in_the_time_of_its_length(parts: list[bytes]) -> None:
    """A reader that looked at a part again for every other one would not come to an end."""
    part = b"".join(parts)
    tried((part * (MOST // len(part)))[:MOST])
