"""A learner's data file -> a table of texts, or an error in plain words.

Only the file's form is judged here: what its values mean is `own_data`'s concern. Nothing in a file is ever
evaluated: a spreadsheet's formula is a text like another.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from models.file_error import FileError

MAX_BYTES = 1_000_000
MAX_ROWS = 5_000
NAME_LENGTH = 60  # characters of a column's or a class's name
# "," last: where decimals are written with a comma, commas separate nothing.
DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma"}
MISSING = frozenset({"", "na", "nan", "?", "null", "-"})  # in any case

_SAMPLE = 200  # records by which the delimiter is told
_TABLE_EXPECTED = "a table as text: a CSV file with commas, semicolons or tabs between the columns"

# Each alternative can match in one way only, so that a long value takes time in proportion to its length.
_NUMBER = {
    decimal: re.compile(rf"[+-]?(?:[0-9]+(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?")
    for decimal, mark in ((".", r"\."), (",", ","))
}
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)

_SIGNATURES = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"PAR1", "a Parquet file"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = re.compile(r"<(?:!doctype|!--|\?xml|html|head|body|table|svg)\b", re.IGNORECASE)
_JSON = re.compile(r"\{\s*[\"}]|\[\s*[\[\]{\"0-9-]")


class TableError(FileError):
    """A table, or a choice of its columns, that cannot be used."""


@dataclass(frozen=True)
class Table:
    """A file's table: every row has as many texts as there are names.

    `names`: unique; `rows`: without the header; `delimiter`: "," or ";" or a tab; `decimal`: "." or ",";
    `lines`: for each row the line of the file on which it starts, counted from 1.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str
    decimal: str
    encoding: str
    has_header: bool
    lines: tuple[int, ...]

    def column(self, name: str) -> tuple[str, ...]:
        """A column's texts; ValueError if there is no such column."""
        place = self.names.index(name)
        return tuple(row[place] for row in self.rows)


def is_missing(text: str) -> bool:
    """Whether a stripped text stands for a value that is not there."""
    return text.lower() in MISSING


def number(text: str, decimal: str) -> float | None:
    """A text's number (inf if beyond float64), None if it is not one; the words "nan" and "inf" are not."""
    return float(text.replace(",", ".")) if _NUMBER[decimal].fullmatch(text) else None


def shortened(text: str, length: int = 30) -> str:
    """A text in quotation marks for a message, cut if long."""
    return f'"{text}"' if len(text) <= length else f'"{text[: length - 1]}…"'


def read(
    raw: bytes, *, max_bytes: int = MAX_BYTES, max_rows: int = MAX_ROWS, max_columns: int = 100
) -> Table:
    """The table in a file's bytes; TableError if there is none. Its length bounds time and memory."""
    if len(raw) > max_bytes:
        raise TableError(f"The file has {len(raw):,} bytes", f"at most {max_bytes:,} bytes")
    _refuse_binary(raw)
    text, encoding = _decoded(raw)
    _refuse_other_formats(text)
    delimiter = _delimiter(text)
    records = _checked(text, delimiter, max_rows, max_columns)
    width = len(records[0][1])
    # Spreadsheets write empty columns to the right of the table.
    while width > 1 and not any(cells[width - 1] for _, cells in records):
        width -= 1
    if width == 1:
        raise _one_column(text)
    rows = [tuple(cells[:width]) for _, cells in records]
    lines = [line for line, _ in records]
    has_header = _is_header(rows)
    names = _names(rows[0]) if has_header else tuple(f"column {place + 1}" for place in range(width))
    first = 1 if has_header else 0
    if len(rows) == first:
        raise TableError(
            f"The file has a header (line {lines[0]}) and no rows", "a header and at least one row of values"
        )
    if len(rows) - first > max_rows:
        raise TableError(f"The file has more than {max_rows:,} rows", f"at most {max_rows:,} rows")
    rows, lines = rows[first:], lines[first:]
    return Table(
        names=names,
        rows=tuple(rows),
        delimiter=delimiter,
        decimal=_decimal(names, rows, lines),
        encoding=encoding,
        has_header=has_header,
        lines=tuple(lines),
    )


def _refuse_binary(raw: bytes) -> None:
    if raw.startswith(b"PK\x03\x04"):
        if b"xl/" in raw:
            raise TableError("This is an Excel file", 'the sheet saved from Excel as "CSV"')
        if b"opendocument.spreadsheet" in raw:
            raise TableError("This is an OpenDocument spreadsheet", 'the sheet saved as "Text CSV"')
        raise TableError("This is a zip archive", "the CSV file that is in it")
    for signature, what in _SIGNATURES:
        if raw.startswith(signature):
            raise TableError(f"This is {what}", _TABLE_EXPECTED)


def _decoded(raw: bytes) -> tuple[str, str]:
    """The text and the encoding's name."""
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise TableError("The file's text is encoded as UTF-32", "UTF-8")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text, encoding = raw.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise TableError(
                f"The file says that it is UTF-16, but is damaged at byte {error.start + 1:,}", "UTF-8"
            ) from error
    elif b"\0" in raw:
        place = raw.index(b"\0")
        raise TableError(
            f"The file holds a null byte (byte {place + 1:,}): it is no text, or UTF-16 without its mark",
            f"{_TABLE_EXPECTED}, encoded as UTF-8",
        )
    else:
        text, encoding = _decoded_unmarked(raw)
    controls = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f")
    if "\0" in text or controls * 20 > len(text):
        raise TableError("The file is binary: it holds many characters that are no text", _TABLE_EXPECTED)
    if not text.strip(' \t\r\n\f\ufeff,;"'):
        raise TableError("The file is empty", _TABLE_EXPECTED)
    return text, encoding


def _decoded_unmarked(raw: bytes) -> tuple[str, str]:
    for codec, encoding in (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            return raw.decode(codec), encoding
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), "Latin-1"  # which knows every byte


def _refuse_other_formats(text: str) -> None:
    start, end = text[:1000].lstrip(), text[-1000:].rstrip()
    if _MARKUP.match(start):
        raise TableError("This is a web page or an XML file", _TABLE_EXPECTED)
    if _JSON.match(start) and end.endswith(("}", "]")):
        raise TableError("This is a JSON file", _TABLE_EXPECTED)
    if start.lower().startswith("@relation"):
        raise TableError("This is an ARFF file", _TABLE_EXPECTED)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line and cleaned cells of every record that is not empty; csv.Error if quoting is wrong."""
    # newline="" leaves \r, \n and \r\n to the csv module, which keeps those in quotation marks.
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    line = 1
    for record in reader:
        cells = [_clean(cell) for cell in record]
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def _clean(cell: str) -> str:
    """Without what has no shape of its own (control characters, marks of direction) and spaces around."""
    if cell.isprintable():
        return cell.strip()
    shapes = (
        character if character.isprintable() else "" if unicodedata.category(character) == "Cf" else " "
        for character in cell
    )
    return "".join(shapes).strip()


def _is_number(cell: str) -> bool:
    return any(pattern.fullmatch(cell) for pattern in _NUMBER.values())


def _is_text(cell: str) -> bool:
    return not (_is_number(cell) or is_missing(cell) or _NOT_FINITE.fullmatch(cell))


def _delimiter(text: str) -> str:
    """The one by which most records get the same number of columns, and most cells are numbers."""

    def score(delimiter: str) -> tuple[float, float]:
        widths: Counter[int] = Counter()
        numbers = cells = wrong = 0
        try:
            for _, record in _records(text, delimiter):
                widths[len(record)] += 1
                some = record[:_SAMPLE]  # a line may hold a million
                cells += len(some)
                numbers += sum(map(_is_number, some))
                if widths.total() == _SAMPLE:
                    break
        except csv.Error:
            wrong = 1
        several = max((count for width, count in widths.items() if width > 1), default=0)
        return several / max(1, widths.total() + wrong), numbers / max(1, cells)

    return max(DELIMITERS, key=score)


def _checked(text: str, delimiter: str, max_rows: int, max_columns: int) -> list[tuple[int, list[str]]]:
    """At least one record, all of the same width; at most one more than a header and `max_rows`."""
    records: list[tuple[int, list[str]]] = []
    line = 0
    try:
        for line, cells in _records(text, delimiter):
            if len(cells) > max_columns:
                raise TableError(
                    f"Line {line} has {len(cells):,} columns", f"at most {max_columns:,} columns"
                )
            if records and len(cells) != len(records[0][1]):
                first, width = records[0][0], len(records[0][1])
                raise TableError(
                    f"Line {line} has {_values(len(cells))}, but line {first} has {_values(width)}"
                    f" (separated by {DELIMITERS[delimiter]}s)",
                    f"{_values(width)} on every line",
                )
            records.append((line, cells))
            if len(records) > max_rows + 1:
                break
    except csv.Error as error:
        raise _wrong_quotes(error, records[-1][0] if records else 0) from error
    if not records:
        raise TableError("The file is empty: it has no value", _TABLE_EXPECTED)
    return records


def _values(count: int) -> str:
    return f"{count:,} value" if count == 1 else f"{count:,} values"


def _wrong_quotes(error: csv.Error, last: int) -> TableError:
    where = f"After line {last}" if last else "At the start"
    if "field larger" in str(error):
        return TableError(
            f"{where}, a value is longer than {csv.field_size_limit():,} characters",
            "shorter values, and a closing quotation mark for every opening one",
        )
    if "unexpected end" in str(error):
        return TableError(
            f"{where}, a quotation mark opens that is never closed",
            "a closing quotation mark for every opening one",
        )
    return TableError(
        f"{where}, something follows a closing quotation mark",
        "a column's separator or the line's end after it; a quotation mark inside a value is written twice",
    )


def _one_column(text: str) -> TableError:
    start = next(line for line in io.StringIO(text, newline="") if line.strip()).strip()
    also = next((f" (are they separated by {name}?)" for mark, name in _OTHERS.items() if mark in start), "")
    return TableError(
        f"The file has one column only{also}",
        "at least two columns, separated by commas, semicolons or tabs",
    )


_OTHERS = {"|": "vertical bars", ":": "colons", " ": "spaces"}


def _is_header(rows: list[tuple[str, ...]]) -> bool:
    """Whether the first row names the columns: only names, or a text above numbers."""
    first = rows[0]
    if not any(map(_is_number, first)) and any(map(_is_text, first)):
        return True
    for place, cell in enumerate(first):
        if _is_text(cell):
            others = [row[place] for row in rows[1:] if not is_missing(row[place])]
            if others and all(map(_is_number, others)):
                return True
    return False


def _names(header: tuple[str, ...]) -> tuple[str, ...]:
    """Unique names; those of columns without one are made up."""
    names = [cell[:NAME_LENGTH].strip() for cell in header]
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if name and name in places:
            raise TableError(
                f"Columns {places[name] + 1} and {place + 1} have the same name, {shortened(name)}"
                + (f" (its first {NAME_LENGTH} characters)" if len(header[place]) > NAME_LENGTH else ""),
                "another name for every column",
            )
        places[name] = place
    for place, name in enumerate(names):
        if not name:
            names[place] = unique(f"column {place + 1}", names)
    return tuple(names)


def unique(name: str, taken: list[str]) -> str:
    """The name, or one like it that is not taken."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name[: NAME_LENGTH - 8]} ({count})"
    return candidate


def _decimal(names: tuple[str, ...], rows: list[tuple[str, ...]], lines: list[int]) -> str:
    """The decimal mark of all columns that are numbers for the greater part."""
    found: dict[str, str] = {}
    for place, name in enumerate(names):
        cells = [row[place] for row in rows]
        if 2 * sum(map(_is_number, cells)) <= len(cells):
            continue
        for line, cell in zip(lines, cells, strict=True):
            mark = "," if "," in cell else "." if "." in cell else ""
            if mark and mark not in found and _is_number(cell):
                found[mark] = f"{shortened(cell)} (line {line}, column {shortened(name)})"
    if len(found) > 1:
        raise TableError(
            f"Decimals are written in two ways: {found['.']} and {found[',']}",
            "a point in all decimals, or a comma in all of them",
        )
    return next(iter(found), ".")
