"""Tables as data to train on: those that scikit-learn carries, and learners' own."""

import gzip
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models import catalogue, tables
from models.experiment import Data
from models.own_data import Choice, choose
from models.table import TableError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """A number that pictures show from `low` to `high`, in the units of the network.

    In the units of its source it is mean + scale * number. `held`: where it is while others vary.
    """

    name: str
    low: float
    high: float
    mean: float = 0.0
    scale: float = 1.0
    held: float = 0.0

    def in_units(self, number: float) -> float:
        """A number of the network in the units of the source."""
        return self.mean + self.scale * number

    def public(self, held: Mapping[str, float] | None = None) -> dict[str, float | str]:
        """As the page gets it, in the units of the source; `held`: by name, where it is not at its mean."""
        return {
            "name": self.name,
            "low": self.in_units(self.low),
            "high": self.in_units(self.high),
            "mean": self.mean,
            "scale": self.scale,
            "held": (held or {}).get(self.name, self.in_units(self.held)),
        }


@dataclass(frozen=True)
class Columns:
    """Chosen columns, in the table's order: inputs (n, k), label (n,) as `datasets.Points` has it."""

    inputs: Floats
    label: Floats
    axes: tuple[Axis, ...]
    target: Axis


def _folder() -> Path:
    """Where scikit-learn has its data. To import it takes a second, in which every lane would stand still."""
    found = importlib.util.find_spec("sklearn")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("scikit-learn is not installed; expected what `make run` installs")
    return Path(found.origin).parent / "datasets" / "data"


@cache
def real(name: str) -> tuple[Floats, Floats]:
    """All columns (n, columns) of a real set, and its target (n,): the class's number, or the number itself.

    Of the digits, those that the catalogue does not name are left out.
    """
    folder = _folder()
    match name:
        case "diabetes":
            with gzip.open(folder / "diabetes_data_raw.csv.gz", "rt") as file:
                values = np.loadtxt(file)
            with gzip.open(folder / "diabetes_target.csv.gz", "rt") as file:
                return values, np.loadtxt(file)
        case "digits":
            with gzip.open(folder / "digits.csv.gz", "rt") as file:
                table = np.loadtxt(file, delimiter=",")
        case _:
            file_name = "wine_data" if name == "wine" else name
            table = np.loadtxt(folder / f"{file_name}.csv", delimiter=",", skiprows=1)
    classes = len(catalogue.row(catalogue.DATA_SETS, name).class_names)
    table = table[table[:, -1] < classes]
    return table[:, :-1], table[:, -1]


def _scaled(values: Floats, standardize: bool) -> tuple[Floats, Floats, Floats]:
    """Values (n, k), and mean and population deviation (k,) if they are to be standardized, else 0 and 1.

    A column that is the same in every row becomes 0.
    """
    count: int = values.shape[1]
    if not standardize:
        return values, np.zeros(count), np.ones(count)
    mean = np.asarray(values.mean(axis=0), np.float64)
    deviation = np.asarray(values.std(axis=0), np.float64)
    scale = np.asarray(np.where(deviation > 0.0, deviation, 1.0), np.float64)
    return (values - mean) / scale, mean, scale


def _axis(name: str, values: Floats, mean: float, scale: float) -> Axis:
    """What is shown of a column: all of it, and 5 % more at both ends."""
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low or 1.0)
    return Axis(name, low - margin, high + margin, mean, scale, held=float(values.mean()))


def _labels(data: Data, target: Floats) -> tuple[Floats, Axis]:
    """Labels, and what a number to predict means."""
    if data.problem == "classification":
        label = 2.0 * target - 1.0 if data.class_count == 2 else target
        return label, Axis(data.target or data.row.target, -1.0, 1.0)
    low, high = float(target.min()), float(target.max())
    name = data.target or data.row.target
    if not data.standardize:
        return target, Axis(name, low, high)
    mean, scale = (low + high) / 2.0, (high - low) / 2.0
    return (target - mean) / scale, Axis(name, -1.0, 1.0, mean, scale)


def chosen(data: Data) -> Columns:
    """The columns that a `Data` of a table asks for; TableError if an own table is gone or will not do."""
    if data.row.kind == "own":
        tables.find(data.table)  # may have gone since it was read
    return _chosen(data.name, data.table, data.inputs, data.target, data.labels, data.standardize)


@lru_cache(maxsize=16)
def _chosen(
    name: str, table: str, inputs: tuple[str, ...], target: str, labels: tuple[str, ...], standardize: bool
) -> Columns:
    data = Data(name=name, table=table, inputs=inputs, target=target, labels=labels, standardize=standardize)
    names = inputs or data.row.first
    if data.row.kind == "real":
        values, numbers = real(name)
        used = values[:, [data.row.columns.index(column) for column in names]]
    else:
        own = choose(tables.find(table), Choice(names, target, data.problem, standardize=False))
        if own.classes != labels:
            expected = ", ".join(own.classes) or "none"
            raise TableError("The labels are not those of the table", expected)
        used, numbers = own.inputs.astype(np.float64), own.target.astype(np.float64)
    scaled, means, scales = _scaled(used, standardize)
    label, meaning = _labels(data, numbers)
    axes = tuple(
        _axis(column, scaled[:, i], float(means[i]), float(scales[i])) for i, column in enumerate(names)
    )
    return Columns(scaled, label, axes, meaning)
