"""Pages, API, health, headers and assets over HTTP."""

import gzip
import importlib.util
import io
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import segno
from httpx import ASGITransport, AsyncClient

from app import __version__, assets, security
from app.engine import Status
from app.main import create_app
from app.plotly_part import lines_only
from app.settings import Settings
from models import catalogue, menu
from models.experiment import Experiment
from tests.app.fake_engine import FakeEngine


@asynccontextmanager
async def client(engine: FakeEngine | None = None, **settings: Any) -> AsyncGenerator[AsyncClient]:
    chosen = Settings(**settings)
    app = create_app(chosen, engine or FakeEngine())
    transport = ASGITransport(app, raise_app_exceptions=False, root_path=chosen.root_path)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://np") as http,
    ):
        yield http


async def test_the_engine_starts_and_stops_with_the_application() -> None:
    engine = FakeEngine()
    async with client(engine):
        assert engine.calls == [("start",)]
    assert engine.calls[-1] == ("stop",)


async def test_health_and_readiness() -> None:
    engine = FakeEngine(Status("warming", "Compiling.", 0.5))
    async with client(engine) as http:
        assert (await http.get("/healthz")).status_code == 200
        waiting = await http.get("/readyz")
        assert waiting.status_code == 503
        assert waiting.json() == {"state": "warming", "message": "Compiling.", "progress": 0.5, "device": ""}
        engine.announce(Status("ready", "Ready.", 1.0, "CPU"))
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["device"]) == (200, "CPU")
        engine.announce(Status("restarting", "Again.", 0.0, "CPU"))
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/healthz")).json() == {"status": "ok"}


async def test_the_page_is_served_while_the_engine_warms_up() -> None:
    async with client(FakeEngine(Status("warming", "Compiling."))) as http:
        answer = await http.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert __version__ in answer.text
    assert "spiral" in answer.text


async def test_the_page_knows_the_path_of_a_proxy() -> None:
    async with client(root_path="/learn") as http:
        assert 'src="/learn/static/' in (await http.get("/learn/")).text
        assert (await http.get("/learn/static/main.js")).status_code == 200
        assert "error" in (await http.get("/learn/api/nowhere")).json()


async def test_the_catalogue() -> None:
    async with client() as http:
        answer = (await http.get("/api/catalogue")).json()
    assert answer["defaults"] == Experiment().model_dump(mode="json")
    assert [row["name"] for row in answer["data_sets"]] == list(catalogue.names(catalogue.DATA_SETS))


async def test_an_experiment_in_its_url_spelling() -> None:
    async with client() as http:
        answer = await http.get("/api/experiment?hidden=5,3&activation=relu&learning_rate=0.10&data=circle")
        assert answer.status_code == 200
        found = answer.json()
        assert found["query"] == "hidden=5,3&activation=relu&learning_rate=0.1"
        experiment = Experiment.model_validate(found["experiment"])
        assert [layer.neurons for layer in experiment.network.hidden] == [5, 3]
        again = await http.get("/api/experiment?" + found["query"])
        assert again.json() == found
        assert (await http.get("/api/experiment")).json()["query"] == ""


async def test_the_hash_of_a_pages_link_spells_its_experiment() -> None:
    link = "data=xor&seed=7&log_scale=true&speed=slow&stop_loss=0.1&patience=3&hide=play,x1_squared"
    async with client() as http:
        found = await http.get("/api/experiment?" + link)
        same = await http.get("/api/experiment?data=xor&seed=7")
    assert found.status_code == 200
    assert found.json() == same.json()
    assert found.json()["query"] == "data=xor&seed=7"


@pytest.mark.parametrize(
    ("query", "wrong", "expected"),
    [
        ("learning_rate=fast", "learning_rate", "learning rate"),
        ("hidden=4,99", "neurons", "64"),
        ("data=moon", "data.name", "circle"),
        ("flavour=sweet", "flavour", "learning_rate"),
    ],
)
async def test_a_wrong_experiment_is_explained(query: str, wrong: str, expected: str) -> None:
    async with client() as http:
        answer = await http.get("/api/experiment?" + query)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert wrong in error["message"]
    assert expected in error["expected"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/catalogue", "/static/icon.svg", "/nowhere"])
async def test_every_answer_has_the_security_headers(path: str) -> None:
    async with client() as http:
        answer = await http.get(path)
    for name, value in security.HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"  # a page's address says what is trained
    assert "camera=()" in answer.headers["permissions-policy"]


async def test_nothing_there() -> None:
    async with client() as http:
        page = await http.get("/nowhere")
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")
        data = await http.get("/api/nowhere")
        assert data.status_code == 404
        assert data.json()["error"]["message"]
        missing = await http.get("/static/nowhere.js")
        assert missing.status_code == 404
        wrong = await http.post("/api/catalogue")
        assert wrong.status_code == 405
        assert "error" in wrong.json()
        escape = await http.get("/static/../pyproject.toml")
        assert escape.status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/catalogue"])
async def test_a_failure_shows_no_trace(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(menu, "public", fail)
    async with client() as http:
        answer = await http.get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert ("error" in answer.text) == path.startswith("/api")
    assert answer.headers["content-security-policy"]


async def test_static_files_are_asked_for_each_time_and_sent_once() -> None:
    async with client() as http:
        first = await http.get("/static/main.js")
        assert first.status_code == 200
        assert first.headers["content-type"].startswith("text/javascript")
        assert first.headers["cache-control"] == "no-cache"
        again = await http.get("/static/main.js", headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        assert again.headers["cache-control"] == "no-cache"


async def test_the_styles_come_as_one_sheet_that_has_them_all() -> None:
    folder = assets.STATIC / "styles"
    assert sorted([*assets.SHEETS, "api", "plotly"]) == sorted(path.stem for path in folder.glob("*.css"))
    async with client() as http:
        first = await http.get("/style.css")
        again = await http.get("/style.css", headers={"If-None-Match": first.headers["etag"]})
        page = await http.get("/")
    assert first.headers["content-type"].startswith("text/css")
    for path in folder.glob("*.css"):
        assert (path.read_text() in first.text) == (path.stem in assets.SHEETS)
    assert (again.status_code, again.content) == (304, b"")
    assert 'href="/style.css"' in page.text


async def test_the_page_gets_all_its_modules_as_one_script() -> None:
    async with client() as http:
        first = await http.get("/page.js")
        again = await http.get("/page.js", headers={"If-None-Match": first.headers["etag"]})
        page = await http.get("/")
        live = await http.get("/live.js")
    classic = {"theme.js"}
    names = {path.relative_to(assets.STATIC).as_posix() for path in assets.STATIC.rglob("*.js")} - classic
    at_once = set(re.findall(r"^// (\S+\.js)$", first.text, re.MULTILINE))
    of_notebooks = set(re.findall(r"^// (\S+\.js)$", live.text, re.MULTILINE))  # the other page's
    assert "live.js" in of_notebooks - at_once
    # Some parts are loaded when they are needed, with what only they import.
    later = {"take/dialog.js", "views/inside.js", "views/back.js", "back/compare.js"}
    assert not at_once & later
    ahead = list(later)
    while ahead:
        module = assets.STATIC / ahead.pop()
        for found in re.findall(r'from "(\.[^"]+)";', module.read_text(encoding="utf-8")):
            name = (module.parent / found).resolve().relative_to(assets.STATIC).as_posix()
            ahead += {name} - later
            later.add(name)
    assert at_once | later | of_notebooks == names
    assert first.headers["content-type"].startswith("text/javascript")
    assert (again.status_code, again.content) == (304, b"")
    assert 'src="/page.js"' in page.text


def test_the_part_of_plotly_that_draws_lines_is_a_quarter_and_of_another_script_nothing_is_cut() -> None:
    package = importlib.util.find_spec("plotly")
    assert package
    assert package.origin
    whole = (Path(package.origin).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    part = lines_only(whole)
    assert 'name:"scatter"' in part
    assert 'name:"scatter3d"' not in part
    assert len(part) < len(whole) / 4
    with pytest.raises(ValueError, match="not the list of modules"):
        lines_only("var Plotly = {};")


async def test_plotly_comes_from_the_installed_package() -> None:
    async with client() as http:
        zipped = await http.get("/vendor/plotly.min.js", headers={"Accept-Encoding": "gzip"})
        plain = await http.get("/vendor/plotly.min.js", headers={"Accept-Encoding": "identity"})
        etag = zipped.headers["etag"]
        again = await http.get("/vendor/plotly.min.js", headers={"If-None-Match": etag})
    assert "plotly.js" in plain.text[:200]
    assert zipped.content == plain.content
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(zipped.headers["content-length"]) * 2 < int(plain.headers["content-length"])
    assert zipped.headers["vary"] == "Accept-Encoding"
    assert "max-age" in zipped.headers["cache-control"]
    assert (again.status_code, again.content) == (304, b"")
    script = assets.plotly()
    assert gzip.decompress(script.zipped) == script.plain


ADDRESS = "http://np/#hide=play,step&seed=7"


async def test_a_qr_code_is_what_segno_draws() -> None:
    drawn = io.BytesIO()
    segno.make_qr(ADDRESS).save(drawn, kind="svg", light="#fff", omitsize=True)
    async with client() as http:
        answer = await http.get("/api/qr.svg", params={"text": ADDRESS})
        longest = await http.get("/api/qr.svg", params={"text": ADDRESS.ljust(2000, "x")})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.content == drawn.getvalue()
    assert longest.status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "javascript:alert(1)",
        "ftp://np/",
        "http://".ljust(2001, "x"),
        "http://".ljust(1990, "\N{SNOWMAN}"),
    ],
)
async def test_what_is_no_address_or_too_long_has_no_qr_code(text: str) -> None:
    async with client() as http:
        answer = await http.get("/api/qr.svg", params={"text": text})
    assert answer.status_code == 422
    assert answer.json()["error"]["expected"]


async def test_data_come_as_a_file() -> None:
    async with client() as http:
        answer = await http.get("/api/data.csv?data=moons&points=40&show_test=true")
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.headers["content-disposition"] == 'attachment; filename="moons.csv"'
        assert answer.text.splitlines()[0] == "x1,x2,class,split"
        assert len(answer.text.splitlines()) == 41
        assert (await http.get("/api/data.csv?data=nothing")).status_code == 422
        own = "data=own&inputs=a&target=b&table=" + "0" * 32
        gone = await http.get(f"/api/data.csv?{own}")
        assert gone.status_code == 404
        assert "not on this server" in gone.json()["error"]["message"]
