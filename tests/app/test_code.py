"""Scripts and notebooks over HTTP."""

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from httpx import ASGITransport, AsyncClient, Response

from app.main import create_app
from app.settings import Settings
from models import catalogue
from models.code.notebook import notebook
from models.code.script import keras_code
from models.experiment import Experiment
from models.spelling import from_query
from tests.app.fake_engine import FakeEngine

nbformat: Any = importlib.import_module("nbformat")  # its types are not complete

QUERY = "data=moons&hidden=3&optimizer=adam"
WEIGHTS = [0.5] * 13


@asynccontextmanager
async def client() -> AsyncGenerator[AsyncClient]:
    app = create_app(Settings(), FakeEngine())
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://np") as http,
    ):
        yield http


def wish(**members: Any) -> dict[str, Any]:
    return {"experiment": from_query(QUERY).model_dump(mode="json"), **members}


def error(answer: Response, status: int = 422) -> tuple[str, str]:
    assert answer.status_code == status
    found = answer.json()["error"]
    return found["message"], found["expected"]


@pytest.mark.parametrize("style", [row.name for row in catalogue.CODE_STYLES if row.trains])
async def test_a_query_becomes_a_script(style: str) -> None:
    async with client() as http:
        answer = await http.get(f"/api/code?{QUERY}&style={style}&epochs=7&show_test=true")
    assert answer.headers["content-type"].startswith("text/x-python")
    assert answer.headers["content-disposition"] == 'attachment; filename="moons.py"'
    assert answer.text == keras_code(from_query(QUERY), style, epochs=7)


async def test_a_query_becomes_a_notebook() -> None:
    async with client() as http:
        answer = await http.get(f"/api/notebook?{QUERY}&epochs=7")
        usual = await http.get("/api/notebook")
    assert answer.headers["content-disposition"] == 'attachment; filename="moons.ipynb"'
    assert answer.text == notebook(from_query(QUERY), epochs=7)
    nbformat.validate(nbformat.reads(answer.text, 4))
    assert usual.text == notebook(Experiment())


async def test_weights_come_in_the_body() -> None:
    async with client() as http:
        plain = await http.post("/api/code", json=wish(style="numpy", weights=WEIGHTS))
        row = [3, 0.5, 0.75, 0, 0.25, None, 0]
        goes_on = await http.post("/api/notebook", json=wish(weights=WEIGHTS, epochs=3, history_row=row))
        without = await http.post("/api/notebook", json=wish(epochs=3, history_row=row))
    names: dict[str, Any] = {}
    text = plain.text[plain.text.index("W1 =") : plain.text.index("# --- Network")]
    exec("import numpy as np\n" + text, names)
    assert [names[name].shape for name in ("W1", "b1", "W2", "b2")] == [(2, 3), (3,), (3, 1), (1,)]
    assert all((names[name] == np.float32(0.5)).all() for name in ("W1", "b2"))
    code = "\n".join("".join(cell["source"]) for cell in json.loads(goes_on.text)["cells"])
    assert "set_weights" in code
    assert "batches(3)" in code
    assert '{"loss": 0.5, "accuracy": 0.75, "val_loss": 0.25}' in without.json()["cells"][-1]["source"][0]


async def test_what_will_not_do_is_said() -> None:
    async with client() as http:
        styles = ", ".join(catalogue.names(catalogue.CODE_STYLES))
        assert error(await http.get("/api/code?style=c")) == ("style: 'c' will not do", f"one of {styles}")
        assert "numpy computes with weights" in error(await http.get("/api/code?style=numpy"))[0]
        assert "sequential" in error(await http.get("/api/notebook?style=numpy"))[1]
        assert error(await http.get("/api/notebook?epochs=0"))[0].startswith("epochs")
        assert error(await http.get("/api/notebook?epochs=many"))[0].startswith("epochs")
        assert error(await http.get("/api/code?data=nothing"))[0].startswith("data.name")
        few = await http.post("/api/code", json=wish(style="numpy", weights=[1.0]))
        assert error(few) == (
            "weights: 1 numbers for a network of 13",
            "kernel and bias of every layer",
        )
        assert error(await http.post("/api/code", json=wish(weights=["a"])))[0].startswith("weights")
        assert "JSON" in "".join(error(await http.post("/api/code", content="no JSON")))
        assert error(await http.post("/api/notebook", json=wish(history_row=[1.0])))[0].startswith("history")
        assert error(await http.post("/api/code", json={}))[0].startswith("experiment")
        huge = await http.post("/api/code", content=b" " * (Settings().max_code_bytes + 1))
        assert error(huge, 413)[1] == "at most 2,000,000 bytes"


async def test_code_of_a_table_that_is_gone() -> None:
    own = "data=own&inputs=a&target=b&table=" + "0" * 32
    async with client() as http:
        for path in ("code", "notebook"):
            assert "not on this server" in error(await http.get(f"/api/{path}?{own}"), 404)[0]


async def test_names_of_a_table_stay_texts() -> None:
    async with client() as http:
        answer = await http.get("/api/code?data=iris&inputs=petal length (cm)")
    assert '"petal length (cm)": np.array([' in answer.text
    ast.parse(answer.text)


def test_code_is_written_without_tensorflow() -> None:
    check = (
        "import sys; from models.code.notebook import notebook; from models.spelling import from_query;"
        "notebook(from_query('data=iris&dropout=0.5')); assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], cwd=Path(__file__).parents[2], check=True)
