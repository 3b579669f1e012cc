"""Figures as a table on the terminal, and in docs/benchmarks.md."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def print_table(title: str, figures: Sequence[Figure]) -> None:
    """A table on the terminal."""
    table = Table(title=title, title_justify="left")
    for name in ("figure", "value", "bar", ""):
        table.add_column(name, justify="left" if name in ("figure", "") else "right")
    for figure in figures:
        style = {None: "", True: "green", False: "bold red"}[figure.passed]
        table.add_row(figure.name, figure.shown, figure.shown_bar, f"[{style}]{figure.mark}" if style else "")
    Console().print(table)


def markdown(figures: Sequence[Figure], machine: str) -> str:
    """A table for docs/benchmarks.md."""
    rows = [f"| {f.name} | {f.shown} | {f.shown_bar} | {f.mark} |" for f in figures]
    return "\n".join(
        ["| figure | value | bar | |", "|---|---:|---:|---|", *rows, "", f"Measured on {machine}."]
    )


def write(name: str, figures: Sequence[Figure], machine: str, page: Path = PAGE) -> None:
    """Replace a benchmark's figures in the page; ValueError if the page has no place for them."""
    put(name, markdown(figures, machine), page)


def put(name: str, content: str, page: Path = PAGE) -> None:
    """Replace what stands in a benchmark's place in the page; ValueError if the page has none."""
    text = page.read_text(encoding="utf-8")
    place = re.compile(rf"(<!-- figures: {re.escape(name)} -->\n).*?(<!-- end of figures -->)", re.DOTALL)
    if place.search(text) is None:
        raise ValueError(f"{page.name} has no place for the figures of {name}")
    page.write_text(
        place.sub(lambda found: f"{found[1]}\n{content}\n\n{found[2]}", text, count=1), encoding="utf-8"
    )
