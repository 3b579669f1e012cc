"""A learner's file: a table, or words for what is wrong with it."""

import pickle
import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.table import Table, TableError, number, read
from tests.models.broken_files import UNREADABLE

BANKNOTES = b"variance,skewness,entropy,fake\n3.6216,8.6661,-0.44699,0\n-1.5,2e1,.5,1\n"


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_wrong_is_told(name: str) -> None:
    raw, message = UNREADABLE[name]
    with pytest.raises(TableError, match=f"(?s){message}") as caught:
        read(raw)
    assert caught.value.message
    assert caught.value.expected
    assert len(str(caught.value)) < 400
    assert not re.search(r"b'|Error|\\x|None", str(caught.value))  # plain words


def test_a_table() -> None:
    assert read(BANKNOTES) == Table(
        names=("variance", "skewness", "entropy", "fake"),
        rows=(("3.6216", "8.6661", "-0.44699", "0"), ("-1.5", "2e1", ".5", "1")),
        delimiter=",",
        decimal=".",
        encoding="UTF-8",
        has_header=True,
        lines=(2, 3),
    )


@pytest.mark.parametrize(
    ("raw", "has_header"),
    [
        (b"a,b\n1,2\n", True),
        (b"1,2\n3,4\n", False),
        (b"1.5,2,setosa\n3,4,virginica\n", False),
        (b"size,kind\n1,x\n2,y\n", True),
        (b"colour,kind\nred,x\nblue,y\n", True),
        (b"place,2019,2020\n1,2,3\n", True),  # a text above numbers
        (b"a,b\n?,1\n2,NA\n", True),
        (b"?,1\n2,3\n", False),  # a missing value is no name
        (b"inf,1\n2,3\n", False),
        (b"Na,Mg\n1,2\n", True),  # sodium
    ],
)
def test_header_or_none(raw: bytes, has_header: bool) -> None:
    table = read(raw)
    assert table.has_header is has_header
    assert len(table.rows) == raw.count(b"\n") - has_header
    if not has_header:
        assert table.names == tuple(f"column {place + 1}" for place in range(len(table.names)))


@pytest.mark.parametrize(
    ("raw", "delimiter", "decimal", "first"),
    [
        (b"1,5;2,5\n3,5;4,5\n", ";", ",", ("1,5", "2,5")),
        (b"1,5\t2\n3\t4,5\n", "\t", ",", ("1,5", "2")),
        (b'"1,5","2,5"\n"3,5","4"\n', ",", ",", ("1,5", "2,5")),
        (b'"1,5";"2,5"\n"3,5";"4"\n', ";", ",", ("1,5", "2,5")),
        (b'1,"a;b"\n2,"c;d"\n', ",", ".", ("1", "a;b")),
        (b"1, 2,3 \n4,5, 6\n", ",", ".", ("1", "2", "3")),
        (b'1,"say ""hi"", you"\n2,x\n', ",", ".", ("1", 'say "hi", you')),
    ],
)
def test_delimiter_and_decimal(raw: bytes, delimiter: str, decimal: str, first: tuple[str, ...]) -> None:
    table = read(raw)
    assert (table.delimiter, table.decimal, table.rows[0]) == (delimiter, decimal, first)


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
def test_encoding(codec: str, encoding: str) -> None:
    table = read("Größe,Wert €\n1,2\n".encode(codec))
    assert (table.names, table.encoding) == (("Größe", "Wert €"), encoding)


def test_latin_1_where_windows_knows_no_character() -> None:
    assert read(b"\x81\xfc,b\n1,2\n").encoding == "Latin-1"


def test_names_and_values_are_plain_text() -> None:
    table = read(("<b>a</b>\a,\u202e=1+2,,\n=1+2,\x1b[31m3,4,\n" + "5,6,7,\n" * 5).encode())
    assert table.names == ("<b>a</b>", "=1+2", "column 3")
    assert table.rows[0] == ("=1+2", "[31m3", "4")


def test_made_up_names_are_not_taken() -> None:
    assert read(b"column 2,,x\n1,2,3\n").names == ("column 2", "column 2 (2)", "x")


def test_lines_are_the_files() -> None:
    table = read(b'\r\na,b\r\n"x\r\ny",1\r\n\r\n,\r\nz,2\r\n')
    assert table.lines == (3, 7)
    assert table.column("a") == ("x  y", "z")


def test_limits_are_inclusive() -> None:
    raw = b"a,b\n1,2\n3,4\n"
    assert len(read(raw, max_bytes=len(raw), max_rows=2, max_columns=2).rows) == 2
    for limits in ({"max_bytes": len(raw) - 1}, {"max_rows": 1}, {"max_columns": 1}):
        with pytest.raises(TableError, match="at most"):
            read(raw, **limits)


def test_an_error_goes_to_another_process() -> None:
    error: TableError = pickle.loads(pickle.dumps(TableError("found", "wanted")))
    assert (error.message, error.expected, str(error)) == ("found", "wanted", "found; expected wanted")


FRAGMENTS = st.sampled_from(
    [b"1", b"2,5", b".5", b"a", b'"', b",", b";", b"\t", b"\n", b"\r", b" ", b"\xe4", b"\xef\xbb\xbf", b"nan"]
)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.lists(FRAGMENTS, max_size=40).map(b"".join)))
def test_any_bytes_are_a_table_or_an_error(raw: bytes) -> None:
    try:
        table = read(raw)
    except TableError:
        return
    assert len(table.rows) == len(table.lines) > 0
    assert len(table.names) == len(set(table.names)) > 1
    assert {len(row) for row in table.rows} == {len(table.names)}
    assert all(name == name.strip() and 0 < len(name) <= 60 and name.isprintable() for name in table.names)
    assert all(text == text.strip() and text.isprintable() for row in table.rows for text in row)


FORMS = [
    (delimiter, decimal)
    for delimiter, decimal in product([",", ";", "\t"], [".", ","])
    if delimiter != decimal
]
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
# Names of letters: a name that is a number or stands for a missing value would be no header.
NAME = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=255), min_size=1, max_size=8)
TABLES = st.integers(2, 6).flatmap(
    lambda width: st.lists(st.tuples(*[NUMBERS] * width), min_size=1, max_size=6)
)


@settings(deadline=None)
@given(
    rows=TABLES,
    form=st.sampled_from(FORMS),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    header=st.booleans(),
    quoted=st.booleans(),
    data=st.data(),
)
def test_numbers_and_names_come_back(
    rows: list[tuple[float, ...]],
    form: tuple[str, str],
    end: str,
    codec: str,
    header: bool,
    quoted: bool,
    data: st.DataObject,
) -> None:
    delimiter, decimal = form
    width = len(rows[0])
    names: list[str] = []
    if header:
        names = data.draw(
            st.lists(NAME.map(lambda name: f"x {name}"), min_size=width, max_size=width, unique=True)
        )
    lines = [names] if header else []
    lines += [[repr(value).replace(".", decimal) for value in row] for row in rows]
    mark = '"' if quoted else ""
    text = "".join(delimiter.join(mark + cell + mark for cell in line) + end for line in lines)
    table = read(text.encode(codec))
    assert [tuple(number(cell, table.decimal) for cell in row) for row in table.rows] == rows
    assert table.delimiter == delimiter
    assert table.has_header is header
    if header:
        assert table.names == tuple(names)


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1_000", "0x1", "1,5", "1.5.2", "e5", ".", "٣", "1 2", "--1"]
)
def test_what_is_no_number(text: str) -> None:
    assert number(text, ".") is None
