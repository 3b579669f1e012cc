"""The documentation: generated parts are up to date, and what it names exists."""

import argparse
import re
import subprocess
from pathlib import Path

import pytest

from app.settings import PREFIX, Settings
from benchmarks import report
from benchmarks.__main__ import BENCHMARKS
from benchmarks.figure import Bar, Figure
from models import catalogue
from models.spelling import FIELDS, to_query
from models.train import add_arguments
from scripts import data_sets_doc, experiments_doc

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)


def _prose(text: str) -> str:
    """Without blocks of code, in which brackets mean something else."""
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


def _anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", _prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(_prose(page.read_text(encoding="utf-8"))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in _anchors(target.read_text(encoding="utf-8")), link


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {
        link.partition("#")[0] for link in LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    }
    assert {f"docs/{page.name}" for page in PAGES if page.parent.name == "docs"} <= linked


def test_every_choice_is_documented_as_the_catalogue_has_it() -> None:
    written = experiments_doc.PAGE.read_text(encoding="utf-8")
    assert written == experiments_doc.page(), "run `python -m scripts.experiments_doc`"


def test_every_data_set_has_its_row_with_the_network_of_the_script() -> None:
    written = data_sets_doc.PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| \[[\d-]+\]\(\S+#(\S*)\) \| \w+ \| [\d.e-]+ \|", written, re.MULTILINE)
    assert rows == [
        (row.label, to_query(data_sets_doc.experiment_of(row.name)))
        for row in catalogue.DATA_SETS
        if row.kind not in ("own", "drawn")
    ], "run `python -m scripts.data_sets_doc`"


def test_every_setting_that_is_named_exists() -> None:
    for page in PAGES:
        for name in re.findall(rf"{PREFIX}([A-Z_]+)", page.read_text(encoding="utf-8")):
            assert name.lower() in Settings.model_fields, f"{page.name} names {PREFIX}{name}"


def test_every_option_that_is_named_exists() -> None:
    train = argparse.ArgumentParser()
    add_arguments(train)
    known = {text for action in train._actions for text in action.option_strings}  # pyright: ignore[reportPrivateUsage]
    known |= {"--" + name.replace("_", "-") for name in Settings.model_fields}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"neural-playground (?:serve|train)((?:[^\n]*\\\n)*[^\n`]*)", readme)
    named = {option for command in commands for option in re.findall(r"(?<!\S)--[a-z-]+", command)}
    assert {f"--{FIELDS[0].name}", "--json"} <= named <= known


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    for page in PAGES:
        for name in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE):
            assert name in targets, f"{page.name} names make {name}"


def test_make_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    targets = TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert re.findall(r"^  make ([a-z-]+) +\w", listed, re.MULTILINE) == targets


def test_every_benchmark_has_its_place() -> None:
    text = report.PAGE.read_text(encoding="utf-8")
    assert re.findall(r"<!-- figures: (\w+) -->", text) == [*BENCHMARKS, "peers"]


def test_figures_are_written_in_their_place(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- figures: one -->\nold\n<!-- end of figures -->\nb\n<!-- figures: two -->\n")
    figures = [
        Figure("speed", 1234.5, "/s", Bar(1000, at_least=True)),
        Figure("wait", 12.34, "ms", Bar(10)),
    ]
    report.write("one", figures, "a machine", page)
    text = page.read_text(encoding="utf-8")
    assert "old" not in text
    assert "| speed | 1,234 /s | ≥ 1,000 /s | pass |\n| wait | 12.3 ms | ≤ 10 ms | FAIL |" in text
    assert text.startswith("a\n")
    assert text.endswith("b\n<!-- figures: two -->\n")
    with pytest.raises(ValueError, match="three"):
        report.write("three", figures, "a machine", page)
