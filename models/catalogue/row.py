"""What all registries have in common: rows with names."""

from dataclasses import dataclass
from typing import Any, TypeVar


@dataclass(frozen=True)
class Row:
    """A choice: its name in JSON, URL and command line, its label on the page, its formula."""

    name: str
    label: str
    formula: str = ""
    help: str = ""

    def public(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "formula": self.formula, "help": self.help}


def names(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """The names by which the rows are chosen."""
    return tuple(row.name for row in rows)


R = TypeVar("R", bound=Row)


def row(rows: tuple[R, ...], name: str) -> R:
    """The row of that name; KeyError if there is none."""
    for candidate in rows:
        if candidate.name == name:
            return candidate
    raise KeyError(name)


def index(rows: tuple[Row, ...], name: str) -> int:
    """The place of that row, the number by which programs select; KeyError if there is none."""
    return rows.index(row(rows, name))
