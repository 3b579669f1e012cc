"""The page's languages: one file of messages each, in `app/languages/`."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request

DIRECTORY = Path(__file__).resolve().parent / "languages"
USUAL = "en"  # its labels of the catalogue's rows are in the catalogue itself
COOKIE = "language"

Messages = dict[str, str]


@cache
def languages() -> dict[str, str]:
    """The code and own name of every language there is a file for, the usual one first."""
    codes = sorted((path.stem for path in DIRECTORY.glob("*.json")), key=lambda code: (code != USUAL, code))
    return {code: messages(code)["language.name"] for code in codes}


@cache
def messages(language: str) -> Messages:
    """All messages of a language by their keys."""
    read: Messages = json.loads((DIRECTORY / f"{language}.json").read_text(encoding="utf-8"))
    return read


def chosen(request: Request) -> str:
    """The language that the reader chose on the page, else the first of the browser's that there is."""
    offered = languages()
    cookie = request.cookies.get(COOKIE, "")
    if cookie in offered:
        return cookie
    for code in _accepted(request.headers.get("accept-language", "")):
        if code in offered:
            return code
    return USUAL


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header without their regions, best first."""
    weighed: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if weight > 0:
            weighed.append((-weight, tag.split("-")[0].lower()))
    return [code for _, code in sorted(weighed, key=lambda pair: pair[0])]


def translator(language: str) -> Callable[[str], str]:
    """What templates call `t`: a key's message; KeyError for one that is nowhere."""
    return messages(language).__getitem__


def translated(catalogue: dict[str, Any], language: str) -> dict[str, Any]:
    """The public catalogue with labels, help and formulas of its rows in that language.

    A message `catalogue.<list>.<row>.<member>` replaces the member; what has none stays as it is.
    """
    known = messages(language)

    def row_of(kind: str, row: dict[str, Any]) -> dict[str, Any]:
        keys = {member: f"catalogue.{kind}.{row['name']}.{member}" for member in ("label", "help", "formula")}
        return {**row, **{member: known[key] for member, key in keys.items() if key in known}}

    def localized(kind: str, value: Any) -> Any:
        match value:
            case [{"label": _}, *_]:
                return [row_of(kind, row) for row in value]
            case _:
                return value

    return {kind: localized(kind, value) for kind, value in catalogue.items()}
