"""The page's words: complete in every language, and chosen as browser and reader wish."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.requests import Request

from app import language
from app.main import create_app
from models import menu
from tests.app.fake_engine import FakeEngine

ROOT = Path(__file__).parents[2]
OTHERS = [code for code in language.languages() if code != language.USUAL]
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder, kind in (("static", "*.js"), ("templates", "*.html"))
    for path in sorted((ROOT / folder).rglob(kind))
}
# The lists of the catalogue that hold choices.
ROWS = (
    *("problems", "data_sets", "downloads", "exports", "features", "activations", "output_activations"),
    *("losses", "optimizers", "optimizer_settings", "schedules", "regularizations", "initializers", "speeds"),
    "code_styles",
)
PLACE = re.compile(r"\{(\w+)\}")
# t("key"), t(`key.${part}`), t(when ? "key" : "other"), and keys that registries hold.
QUOTED = re.compile(r"""["'`]([a-z][a-z_]*(?:\.(?:[\w# ;.]|\$\{[^}]*\})+)+)["'`]""")
CALLED = re.compile(r"""\bt\(\s*["'`]([^"'`]+)["'`](\s*~)?""")


def called(text: str) -> list[str]:
    """Keys that are asked for; where a template adds a part with ~, that part is a place."""
    return [key + ("${part}" if added else "") for key, added in CALLED.findall(text)]


def as_pattern(key: str) -> re.Pattern[str]:
    parts = re.split(r"\$\{[^}]*\}", key)
    return re.compile(".+".join(re.escape(part) for part in parts))


def known_without_plural() -> set[str]:
    return {re.sub(r"\.(one|other)$", "", key) for key in language.messages(language.USUAL)}


def test_english_and_german_are_there() -> None:
    assert language.languages() == {"en": "English", "de": "Deutsch"}


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_in_every_language(code: str) -> None:
    usual, other = language.messages(language.USUAL), language.messages(code)
    rows = {key for key in other if key.startswith("catalogue.")}
    assert set(other) - rows == set(usual)
    for key, text in usual.items():
        assert set(PLACE.findall(other[key])) == set(PLACE.findall(text)), key
        assert bool(text.strip()) == bool(other[key].strip()), key


@pytest.mark.parametrize("code", OTHERS)
def test_every_row_of_the_catalogue_is_translated(code: str) -> None:
    public: Any = menu.public()
    known = language.messages(code)
    allowed: set[str] = set()
    for kind in ROWS:
        row: Any
        for row in public[kind]:
            allowed |= {f"catalogue.{kind}.{row['name']}.{member}" for member in ("label", "help", "formula")}
            if row["help"] and kind != "output_activations":
                assert f"catalogue.{kind}.{row['name']}.help" in known
    assert {key for key in known if key.startswith("catalogue.")} <= allowed
    assert language.translated(public, code)["defaults"] == public["defaults"]


@pytest.mark.parametrize("name", SOURCES)
def test_every_message_that_is_asked_for_is_there(name: str) -> None:
    known = known_without_plural() | set(language.messages(language.USUAL))
    for key in called(SOURCES[name]):
        assert any(as_pattern(key).fullmatch(message) for message in known), key


def test_every_message_is_used() -> None:
    used = [as_pattern(key) for text in SOURCES.values() for key in {*QUOTED.findall(text), *called(text)}]
    unused = {
        key
        for key in known_without_plural()
        if not key.startswith(("engine.", "language.")) and not any(p.fullmatch(key) for p in used)
    }
    assert unused == set()


class Words(HTMLParser):
    """The text of a template that no message stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("aria-label", "title", "placeholder", "alt") and value:
                self.handle_data(value)

    def handle_data(self, data: str) -> None:
        self.found += re.findall(r"[^\W\d_]{2,}", data)


@pytest.mark.parametrize("name", [name for name in SOURCES if name.endswith(".html")])
def test_templates_hold_no_words_of_their_own(name: str) -> None:
    words = Words()
    words.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", SOURCES[name], flags=re.DOTALL))
    assert [word for word in words.found if word not in ("Neural", "Playground", "Enter", "Esc")] == []


def request(cookie: str = "", accepted: str = "") -> Request:
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accepted.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "fr, de;q=0.5, en;q=0.7", "en"),
        ("", "fr, es;q=0.5", "en"),
        ("", "en;q=0, de;q=0.1", "de"),
        ("", "de;q=much, en", "en"),
        ("language=de", "en", "de"),
        ("language=xx", "de", "de"),
        ("language=../../etc", "", "en"),
    ],
)
def test_the_language_that_is_chosen(cookie: str, accepted: str, expected: str) -> None:
    assert language.chosen(request(cookie, accepted)) == expected


async def test_the_page_speaks_it() -> None:
    transport = ASGITransport(create_app(engine=FakeEngine()))
    async with AsyncClient(transport=transport, base_url="http://np") as http:
        german = await http.get("/", headers={"accept-language": "de"})
        english = await http.get("/")
    assert '<html lang="de">' in german.text
    assert '<html lang="en">' in english.text
    assert "Lernrate" in german.text
    assert "Learning rate" not in german.text
    assert german.headers["vary"] == "Cookie, Accept-Language"


@pytest.fixture
def with_danish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One more file beside those that there are."""
    for file in language.DIRECTORY.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    words = language.messages("de") | {
        "language.name": "Dansk",
        "run.rewind": "Spol tilbage",
        "catalogue.data_sets.circle.label": "Cirkel",
    }
    (tmp_path / "da.json").write_text(json.dumps(words), encoding="utf-8")
    monkeypatch.setattr(language, "DIRECTORY", tmp_path)
    caches = language.languages, language.messages
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.usefixtures("with_danish")
async def test_another_language_is_one_file() -> None:
    assert language.languages() == {"en": "English", "da": "Dansk", "de": "Deutsch"}
    transport = ASGITransport(create_app(engine=FakeEngine()))
    async with AsyncClient(transport=transport, base_url="http://np") as http:
        english = await http.get("/")
        preferred = await http.get("/", headers={"accept-language": "da-DK, en;q=0.5"})
        chosen = await http.get("/", headers={"cookie": "language=da"})
    assert re.search(r'<option value="da"[^>]*>Dansk</option>', english.text)
    assert "Spol tilbage" not in english.text
    for page in (preferred, chosen):
        assert '<html lang="da">' in page.text
        assert 'aria-label="Spol tilbage"' in page.text
        assert 'aria-label="Cirkel"' in page.text
