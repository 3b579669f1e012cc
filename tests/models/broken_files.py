"""Files that a learner may choose by mistake, and what the message must say (a regular expression).

`UNREADABLE` hold no table. `UNTRAINABLE` hold one, but not values to train on, once all columns are chosen:
the last one as the target.
"""

import gzip
import io
import zipfile

_BODY = b"a,b\n" + b"1,2\n2,1\n" * 3


def _zip(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "a,b\n1,2\n")
    return file.getvalue()


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", r"empty.*expected a table"),
    "blank": (b" \n\t\r\n  \n", r"empty"),
    "mark_only": (b"\xef\xbb\xbf", r"empty"),
    "utf16_mark_only": (b"\xff\xfe", r"empty"),
    "separators_only": (b";;\n;;\n", r"empty"),
    "quotes_only": (b'"",""\n', r"empty"),
    "invisible_only": ("\u200b\n".encode(), r"empty: it has no value"),
    "empty_lines": (b"\n" * 900_000, r"empty"),
    "header_only": (b"a,b,c\n", r"header \(line 1\) and no rows"),
    "header_after_empty_lines": (b"\n\na;b\n\n", r"header \(line 3\) and no rows"),
    "one_column": (b"a\n1\n2\n", r"one column only;.*at least two columns"),
    "one_column_empty_second": (b"a,\n1,\n2,\n", r"one column only"),
    "bars": (b"a|b\n1|2\n", r"one column only.*vertical bars"),
    "spaces": (b"a b\n1 2\n", r"one column only.*spaces"),
    "colons": (b"a:b\n1:2\n", r"one column only.*colons"),
    "prose": (b"Dear diary\ntoday I trained\n", r"one column only"),
    "too_many_bytes": (b"1,2\n" * 250_001, r"1,000,004 bytes.*at most 1,000,000"),
    "ten_megabytes_in_a_line": (b"1," * 5_000_000, r"10,000,000 bytes"),
    "too_many_rows": (b"a,b\n" + b"1,2\n" * 5_001, r"more than 5,000 rows"),
    "too_many_rows_no_header": (b"1,2\n" * 5_001, r"more than 5,000 rows"),
    "too_many_columns": (b",".join([b"1"] * 101) + b"\n", r"Line 1 has 101 columns.*at most 100"),
    "ten_thousand_columns": (b";".join([b"1"] * 10_000), r"10,000 columns"),
    "half_a_million_columns": (b"1," * 499_999, r"columns"),
    "long_value": (b"a,b\n1," + b"9" * 200_000, r"After line 1, a value is longer than 131,072"),
    "zip": (_zip("a.csv"), r"zip archive"),
    "xlsx": (_zip("xl/worksheets/sheet1.xml"), r"Excel.*saved from Excel"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), r"old Excel"),
    "gzip": (gzip.compress(_BODY), r"gzip"),
    "bzip2": (b"BZh91AY&SY", r"bzip2"),
    "xz": (b"\xfd7zXZ\0\0", r"xz archive"),
    "seven_zip": (b"7z\xbc\xaf\x27\x1c\0\4", r"7z archive"),
    "rar": (b"Rar!\x1a\7", r"RAR"),
    "pdf": (b"%PDF-1.7\n1 0 obj\n", r"PDF"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(20), r"PNG"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", r"JPEG"),
    "gif": (b"GIF89a\1\0", r"GIF"),
    "sqlite": (b"SQLite format 3\0", r"SQLite"),
    "hdf5": (b"\x89HDF\r\n\x1a\n", r"HDF5"),
    "numpy": (b"\x93NUMPY\1\0v\0{'descr': '<f4'}", r"NumPy"),
    "parquet": (b"PAR1\x15\4", r"Parquet"),
    "rtf": (b"{\\rtf1\\ansi a,b}", r"RTF"),
    "html": (b"<!DOCTYPE html>\n<title>a,b</title>\n", r"web page"),
    "html_after_mark": (b"\xef\xbb\xbf\n <HTML><body>1,2</body>", r"web page"),
    "xml": (b"<?xml version='1.0'?><a>1,2</a>", r"XML"),
    "json_objects": (b'[{"a": 1, "b": 2},\n {"a": 2, "b": 1}]\n', r"JSON"),
    "json_object": (b'{"a": [1, 2], "b": [2, 1]}', r"JSON"),
    "json_deep": (b"[" * 100_000 + b"]" * 100_000, r"JSON"),
    "arff": (b"@RELATION iris\n@DATA\n1,2\n", r"ARFF"),
    "null_byte": (b"a,b\n1,\x002\n", r"null byte \(byte 7\)"),
    "utf16_without_mark": ("a,b\n1,2\n".encode("utf-16-le"), r"null byte.*UTF-16.*UTF-8"),
    "utf16_damaged": ("a,b\n1,2\n".encode("utf-16")[:-1], r"UTF-16, but is damaged"),
    "utf16_with_null": ("a,b\n1,\0\n".encode("utf-16"), r"binary"),
    "utf32": ("a,b\n1,2\n".encode("utf-32"), r"UTF-32.*UTF-8"),
    "binary": (bytes(range(1, 256)) * 3, r"binary"),
    "unclosed_quote": (b'a,b\n1,2\n3,"4\n5,6\n', r"After line 2, a quotation mark opens.*never closed"),
    "unclosed_quote_first": (b'"a,b\n1,2\n', r"At the start, a quotation mark"),
    "text_after_quote": (b'a,b\n"x"y,2\n3,4\n', r"After line 1, something follows a closing"),
    "row_too_short": (b"a,b,c\n1,2,3\n4,5\n", r"Line 3 has 2 values, but line 1 has 3 .*commas"),
    "row_too_long": (b"a;b\n1;2\n\n3;4;5\n", r"Line 4 has 3 values, but line 1 has 2 .*semicolons"),
    "row_of_one": (b"a\tb\n1\t2\n3\n", r"Line 3 has 1 value, but line 1 has 2 values .*tabs"),
    "row_after_long_value": (b'a,b\n"x\ny",2\n3\n', r"Line 4 has 1 value,"),
    "title_above": (b"My measurements\na,b\n1,2\n3,4\n", r"Line 2 has 2 values, but line 1 has 1 value"),
    "decimal_commas_between_commas": (b"a,b\n1,5,2\n3,4\n", r"Line 2 has 3 values"),
    "same_name": (b"x,y,x\n1,2,3\n", r'Columns 1 and 3 have the same name, "x"'),
    "same_name_but_for_spaces": (b"x, x\n1,2\n", r'Columns 1 and 2 .*"x"'),
    "same_long_name": (b"n" * 61 + b"," + b"n" * 62 + b"\n1,2\n", r"same name.*first 60 characters"),
    "mixed_decimals": (
        b"a;b\n1,5;1\n2;2.5\n",
        r'two ways: "2\.5" \(line 3, column "b"\) and "1,5" \(line 2, column "a"\)',
    ),
    "mixed_decimals_in_a_column": (b"a;b\n1,5;1\n2.5;2\n", r"two ways.*line 3, column .*line 2, column"),
}

UNTRAINABLE: dict[str, tuple[bytes, str]] = {
    "few_rows": (b"a,b\n1,2\n2,1\n3,1\n", r"3 rows.*at least 4"),
    "one_row": (b"1,2\n", r"1 row of values"),
    "many_inputs": (b"1,2,3,4,5,6,7,8,9,0\n" * 4, r"9 inputs are chosen.*1 to 8"),
    "missing": (b"a,b\n1,0\n\n2,1\n,1\n4,0\n", r'Line 5, column "a": the value is missing;'),
    "missing_word": (b"a,b\n1,0\nn/a,1\n3,1\n4,0\n", r'Line 3, column "a": "n/a" is not a number'),
    "missing_na": (b"a,b\n1,0\nNA,1\n3,1\n4,0\n", r'Line 3, column "a": the value is missing \("NA"\)'),
    "missing_question_mark": (b"a,b\n1,0\n?,1\n3,1\n4,0\n", r"Line 3.*missing"),
    "missing_null": (b"a,b\n1,0\n2,1\n3,1\nnull,0\n", r"Line 5.*missing"),
    "missing_dash": (b"a,b\n1,0\n2,1\n-,1\n4,0\n", r"Line 4.*missing"),
    "nan": (b"a,b\n1,0\nnan,1\n3,1\n4,0\n", r"Line 3.*missing"),
    "missing_target": (b"a,b\n1,x\n2,y\n3,\n4,x\n", r'Line 4, column "b": the value is missing'),
    "inf": (b"a,b\n1,0\n-inf,1\n3,1\n4,0\n", r'Line 3, column "a": "-inf" is not a number'),
    "too_large": (b"a,b\n1,0\n4e38,1\n3,1\n4,0\n", r'Line 3, column "a": "4e38" is too large'),
    "far_too_large": (b"a,b\n1,0\n2,1\n3,1\n1e999,0\n", r'Line 5, column "a": "1e999" is too large'),
    "text": (b"a,b\n1,0\ntwo,1\n3,1\n4,0\n", r'Line 3, column "a": "two" is not a number.*such as 3'),
    "long_text": (b"a,b\n1,0\n" + b"t" * 500 + b",1\n3,1\n4,0\n", r'"t{29}…" is not a number'),
    "formula": (b"a,b\n1,0\n=1+2,1\n3,1\n4,0\n", r'"=1\+2" is not a number'),
    "unit": (b"a,b\n1,0\n2 cm,1\n3,1\n4,0\n", r'"2 cm" is not a number'),
    "date": (b"a;b\n1;0\n2020-01-31;1\n3;1\n4;0\n", r'"2020-01-31" is not a number'),
    "thousands": (b"a;b\n1,5;0\n1.234,5;1\n3;1\n4;0\n", r'Line 3.*"1\.234,5" is not a number.*-0,5'),
    "spreadsheet_error": (b"a,b\n1,0\n#DIV/0!,1\n3,1\n4,0\n", r"#DIV/0!.* is not a number"),
    "foreign_digits": ("a,b\n1,0\n٣,1\n3,1\n4,0\n".encode(), r"Line 3.*is not a number"),
    "constant": (b"a,b\n7,0\n7.0,1\n7,1\n7,0\n", r'column "a" has the same value in every row, "7"'),
    "constant_in_float32": (b"a,b\n1,0\n1.000000000001,1\n1,1\n1,0\n", r"same value in every row"),
    "one_class": (b"a,b\n1,x\n2,x\n3,x\n4,x\n", r'target "b" has one class only, "x".*2 to 8'),
    "nine_classes": (b"a,b\n" + b"".join(b"%d,c%d\n" % (i, i) for i in range(9)), r"9 different values"),
    "constant_target": (b"a,b\n1,5.5\n2,5.5\n3,5.5\n4,5.5\n", r'column "b" has the same value'),
    "long_class": (b"a,b\n1,x\n2,x\n3,x\n4," + b"y" * 61 + b"\n", r"61 characters.*at most 60"),
}
