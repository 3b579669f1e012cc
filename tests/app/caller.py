"""A program that uses the REST API of an application whose engine is a fake."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app.main import create_app
from app.settings import Settings
from tests.app.fake_engine import FakeEngine
from tests.app.test_files import EXPERIMENT, blob_of

Json = dict[str, Any]


class Caller:
    """A program that holds runs; every answer has a status that the schema knows."""

    def __init__(self, app: FastAPI, engine: FakeEngine, http: AsyncClient) -> None:
        self.app, self.engine, self.http = app, engine, http

    async def ask(self, method: str, path: str, **more: Any) -> Response:
        answer = await self.http.request(method, path, **more)
        assert str(answer.status_code) in self._documented(method, path), (method, path, answer.text)
        if answer.status_code >= 400:
            error = answer.json()["error"]
            assert error["message"]
            assert error["expected"]
        return answer

    async def start(self, **body: Any) -> str:
        answer = await self.ask("POST", "/api/runs", json=body)
        assert answer.status_code == 201, answer.text
        return f"/api/runs/{answer.json()['id']}"

    def commands(self) -> list[Json]:
        """What the lanes were told but to be watched."""
        return [command for _, _, command in self.engine.asked("command") if command["type"] != "watch"]

    def _documented(self, method: str, path: str) -> Json:
        parts = path.partition("?")[0].split("/")
        for known, operations in the_schema()["paths"].items():
            names = known.split("/")
            fits = zip(names, parts, strict=False)
            if len(names) == len(parts) and all(name[:1] == "{" or name == part for name, part in fits):
                return operations[method.lower()]["responses"]
        raise AssertionError(f"{path} is not in the schema")


@asynccontextmanager
async def serving(engine: FakeEngine | None = None, **settings: Any) -> AsyncGenerator[Caller]:
    engine = engine or FakeEngine()
    engine.blob = engine.blob or blob_of(EXPERIMENT)
    application = create_app(Settings(**settings), engine)
    transport = ASGITransport(application, client=("127.0.0.1", 1234))
    async with (
        application.router.lifespan_context(application),
        AsyncClient(transport=transport, base_url="http://np") as http,
    ):
        yield Caller(application, engine, http)


@cache
def the_schema() -> Json:
    """It is the same for every application, and takes a third of a second."""
    return create_app(Settings(), FakeEngine()).openapi()
