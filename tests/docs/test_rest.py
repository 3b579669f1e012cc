"""The page about the REST API: its example runs, and every address that it names is one."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.main import create_app
from tests.support.server import Server

PAGES = ("/api/runs/import", "/api/runs/record")  # of a page's run
TEXT = (Path(__file__).parents[2] / "docs" / "rest.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return found


def test_the_example_in_python_runs(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(_block("python").replace("http://127.0.0.1:8000", server.url), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == "50"
    assert lines[1].startswith("paused {'reason':")
    assert (tmp_path / "spiral.keras").read_bytes().startswith(b"PK")


def test_every_address_that_is_named_is_one() -> None:
    paths: dict[str, Any] = create_app().openapi()["paths"]
    listed = re.findall(r"^\| `([A-Z]+) (\S+)` \|", TEXT, re.MULTILINE)
    assert {(method, path) for method, path in listed} <= {
        (method.upper(), path) for path, operations in paths.items() for method in operations
    }
    named = {path for _, path in listed}
    assert named == {path for path in paths if path.startswith("/api/runs") and path not in PAGES}
    commands = _block("sh").replace("$ID", "{id}").replace("history_csv", "{name}")
    for line in commands.splitlines():
        (path,) = re.findall(r"http://127\.0\.0\.1:8000(\S+)", line)
        method = re.findall(r"-X (\w+)", line) or ["POST" if "--json" in line else "GET"]
        assert method[0].lower() in paths[path], line
