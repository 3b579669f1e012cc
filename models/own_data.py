"""A learner's table and the choice of its columns -> arrays to train on, and any data set -> a CSV file."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from models.table import NAME_LENGTH, Table, TableError, is_missing, number, shortened, unique

MAX_INPUTS = 8
MAX_CLASSES = 8
MIN_ROWS = 4

Task = Literal["classification", "regression"]
Floats = npt.NDArray[np.float64]

_LARGEST = float(np.finfo(np.float32).max)
_NUMBER_EXPECTED = "a number such as 3, -0{decimal}5 or 1{decimal}2e-3"


@dataclass(frozen=True)
class Choice:
    """Which columns are the inputs and the target, and what is learnt; task None: what fits the target."""

    inputs: tuple[str, ...]
    target: str
    task: Task | None
    standardize: bool


@dataclass(frozen=True)
class OwnData:
    """Examples in the file's order.

    `inputs` (n, k); `target` (n,): the class's index, or for regression the number itself; `classes`: names,
    in the order of numbers if all are numbers, else of the alphabet, and empty for regression. Inputs are
    (x - mean) / scale of the file's x; `means` and `scales` (k values each): the column's mean and population
    standard deviation, or 0 and 1 if not standardized.
    """

    task: Task
    inputs: npt.NDArray[np.float32]
    target: npt.NDArray[np.float32]
    classes: tuple[str, ...]
    input_names: tuple[str, ...]
    target_name: str
    means: tuple[float, ...]
    scales: tuple[float, ...]


def suggest(table: Table, target: str | None = None) -> Choice:
    """A first choice: the last column is the target, the first columns of usable numbers are the inputs."""
    target = table.names[-1] if target is None else target
    if target not in table.names:
        raise _unknown(table, target)
    candidates = [name for name in table.names if name != target]
    usable = [name for name in candidates if _fault(table, name) is None]
    # Where no column will do, one that nearly does tells what is wrong with it.
    inputs = usable or [name for name in candidates if _holds_numbers(table, name)]
    return Choice(tuple(inputs[:MAX_INPUTS]), target, _fitting_task(table, target), standardize=True)


def describe(table: Table) -> list[dict[str, Any]]:
    """Of every column its name, why it cannot be an input, and how many different values and gaps it has.

    `fault` is None for a column that can be one.
    """
    return [
        {
            "name": name,
            "fault": None if (fault := _fault(table, name)) is None else fault.message,
            "different": len({text for text in table.column(name) if not is_missing(text)}),
            "missing": sum(is_missing(text) for text in table.column(name)),
            "task": _fitting_task(table, name),
        }
        for name in table.names
    ]


def choose(table: Table, choice: Choice) -> OwnData:
    """The examples of a choice; TableError, with line and column, if they cannot be trained on."""
    _check_columns(table, choice)
    if len(table.rows) < MIN_ROWS:
        found = f"{len(table.rows)} row" if len(table.rows) == 1 else f"{len(table.rows)} rows"
        raise TableError(f"The file has {found} of values", f"at least {MIN_ROWS} rows")
    values = np.stack([_varying(table, name) for name in choice.inputs], axis=1)
    task = choice.task or _fitting_task(table, choice.target)
    if task == "classification":
        target, classes = _classes(table, choice.target)
    else:
        target, classes = _varying(table, choice.target).astype(np.float32), ()
    count = len(choice.inputs)
    means, scales = np.zeros(count), np.ones(count)
    if choice.standardize:
        means, scales = values.mean(axis=0), values.std(axis=0)
    return OwnData(
        task=task,
        inputs=((values - means) / scales).astype(np.float32),
        target=target,
        classes=classes,
        input_names=choice.inputs,
        target_name=choice.target,
        means=tuple(means.tolist()),
        scales=tuple(scales.tolist()),
    )


def to_csv(
    names: Sequence[str], inputs: npt.NDArray[np.floating], target_texts: Sequence[str], train: int
) -> str:
    """A data set as a file that `table.read` reads back: comma separated, decimals with a point.

    `names`: k inputs and the target; `inputs` (n, k); `target_texts`: n classes or numbers; `train`: how many
    of the rows, from the first on, are training data. The last column, "split", says train or test. A name
    that is a number or taken is changed a little, so that the first line stays a header.
    """
    header = ["split"]
    for name in names:
        is_number = number(name, ".") is not None or number(name, ",") is not None
        header.insert(-1, unique(f"column {name}" if is_number else name, header))
    if all(number(text, ",") is not None for text in target_texts):
        target_texts = [text.replace(",", ".") for text in target_texts]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    for row, (values, text) in enumerate(zip(inputs, target_texts, strict=True)):
        # str of a NumPy number: the shortest decimal that is read back as the same number.
        writer.writerow([*map(str, values), text, "train" if row < train else "test"])
    return file.getvalue()


def _unknown(table: Table, name: str) -> TableError:
    known = ", ".join(shortened(known) for known in table.names[:10])
    more = ", …" if len(table.names) > 10 else ""
    return TableError(f"The file has no column {shortened(name)}", f"one of {known}{more}")


def _check_columns(table: Table, choice: Choice) -> None:
    for name in (*choice.inputs, choice.target):
        if name not in table.names:
            raise _unknown(table, name)
    for place, name in enumerate(choice.inputs):
        if name in choice.inputs[:place]:
            raise TableError(f"The input {shortened(name)} is chosen twice", "every input at most once")
    if choice.target in choice.inputs:
        raise TableError(
            f"The column {shortened(choice.target)} is both an input and the target", "a target of its own"
        )
    if not 1 <= len(choice.inputs) <= MAX_INPUTS:
        found = f"{len(choice.inputs)} inputs are chosen" if choice.inputs else "No input is chosen"
        raise TableError(found, f"1 to {MAX_INPUTS} columns of numbers as inputs")


def _cells(table: Table, name: str) -> list[tuple[str, str]]:
    """Where and what for every value of a column; none is missing."""
    cells = [
        (f"Line {line}, column {shortened(name)}", text)
        for line, text in zip(table.lines, table.column(name), strict=True)
    ]
    for where, text in cells:
        if is_missing(text):
            found = f" ({shortened(text)})" if text else ""
            raise TableError(f"{where}: the value is missing{found}", "a value in every row")
    return cells


def _numbers(table: Table, name: str) -> Floats:
    """A column's values, (n,), rounded to float32."""
    values: list[float] = []
    expected = _NUMBER_EXPECTED.format(decimal=table.decimal)
    for where, text in _cells(table, name):
        value = number(text, table.decimal)
        if value is None:
            raise TableError(f"{where}: {shortened(text)} is not a number", expected)
        if abs(value) > _LARGEST:
            raise TableError(f"{where}: {shortened(text)} is too large", f"numbers up to {_LARGEST:.1e}")
        values.append(value)
    return np.array(values, np.float32).astype(np.float64)


def _varying(table: Table, name: str) -> Floats:
    """A column's values, not all the same: only those can be standardized, or learnt from."""
    values = _numbers(table, name)
    if values.min() == values.max():
        raise TableError(
            f"The column {shortened(name)} has the same value in every row,"
            f" {shortened(table.column(name)[0])}",
            "a column of at least two different numbers",
        )
    return values


def _fault(table: Table, name: str) -> TableError | None:
    """What keeps a column from being an input."""
    try:
        _varying(table, name)
    except TableError as error:
        return error
    return None


def _holds_numbers(table: Table, name: str) -> bool:
    return any(number(text, table.decimal) is not None for text in table.column(name))


def _fitting_task(table: Table, name: str) -> Task:
    """Classification for texts and for few whole numbers."""
    texts = [text for text in table.column(name) if not is_missing(text)]
    values = {number(text, table.decimal) for text in texts}
    few_whole = len(values) <= MAX_CLASSES and all(value is None or value.is_integer() for value in values)
    return "classification" if None in values or few_whole else "regression"


def _classes(table: Table, name: str) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """Indices, (n,), and names of the classes; 1 and 1.0 are the same class, named as it is written first."""
    cells = _cells(table, name)
    numbers = [number(text, table.decimal) for _, text in cells]
    numeric = None not in numbers
    # Sorted as pairs: by the number where all are numbers, else by the text.
    keys = [
        (value, "") if numeric and value is not None else (0.0, text)
        for value, (_, text) in zip(numbers, cells, strict=True)
    ]
    names: dict[tuple[float, str], str] = {}
    for key, (where, text) in zip(keys, cells, strict=True):
        if len(text) > NAME_LENGTH:
            raise TableError(
                f"{where}: the class {shortened(text)} has {len(text):,} characters",
                f"at most {NAME_LENGTH} characters",
            )
        names.setdefault(key, text)
    if len(names) < 2:
        raise TableError(
            f"The target {shortened(name)} has one class only, {shortened(cells[0][1])}",
            f"2 to {MAX_CLASSES} classes",
        )
    if len(names) > MAX_CLASSES:
        otherwise = ", or regression as the task" if numeric else ""
        raise TableError(
            f"The target {shortened(name)} has {len(names):,} different values",
            f"2 to {MAX_CLASSES} classes{otherwise}",
        )
    order = sorted(names)
    target = np.array([order.index(key) for key in keys], np.float32)
    return target, tuple(names[key] for key in order)
