"""The API's schema: it has every route, refers to what it has, and its examples are answered."""

import importlib
import pkgutil
from typing import Any, cast

from fastapi import APIRouter
from fastapi.routing import APIRoute, APIWebSocketRoute

import app
from tests.app.caller import Json, serving, the_schema


def routes() -> set[tuple[str, str]]:
    """Method and path of every route of every module of the application."""
    found: set[tuple[str, str]] = set()
    for info in pkgutil.iter_modules(app.__path__):
        router = getattr(importlib.import_module(f"app.{info.name}"), "router", None)
        if isinstance(router, APIRouter):
            for route in router.routes:
                if isinstance(route, APIWebSocketRoute):
                    continue
                assert isinstance(route, APIRoute)
                if not route.include_in_schema:
                    continue
                found |= {(method, route.path) for method in route.methods or ()}
    return found - {("HEAD", "/")}


def refs(value: Any) -> list[str]:
    """All references in a JSON value."""
    match value:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            members = cast(Json, value)
            return [found for item in members.values() for found in refs(item)]
        case list():
            return [found for item in cast(list[Any], value) for found in refs(item)]
        case _:
            return []


async def test_the_schema_has_every_route_and_all_that_it_refers_to() -> None:
    async with serving() as np:
        schema = (await np.http.get("/api/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    known = {(method.upper(), path) for path, operations in schema["paths"].items() for method in operations}
    assert known == {route for route in routes() if route[1] not in ("/", "/api/docs")}
    ids = [operation["operationId"] for part in schema["paths"].values() for operation in part.values()]
    assert len(set(ids)) == len(ids)
    for reference in refs(schema):
        place = schema
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)
            for status, answer in operation["responses"].items():
                assert answer["description"], (method, path, status)
                content = answer.get("content", {})
                assert status == "204" or content, (method, path, status)
                for shown in content.values():
                    assert shown["schema"] or path == "/api/catalogue", (method, path, status)
    for name, model in schema["components"]["schemas"].items():
        assert model.get("description"), name
    for name in ("neurons", "activation", "dropout"):
        assert schema["components"]["schemas"]["Layer"]["properties"][name]["description"], name


async def test_what_the_schema_shows_by_way_of_example_is_answered() -> None:
    async with serving() as np:
        schemas = the_schema()["components"]["schemas"]
        for example in schemas["NewRun"]["examples"]:
            await np.start(**{**example, "wait": 0})
        run = await np.start()
        for example in schemas["Train"]["examples"]:
            answer = await np.ask("POST", run + "/train", json={**example, "wait": 0})
            assert answer.status_code == 200
        for example in schemas["Steps"]["examples"]:
            answer = await np.ask("POST", run + "/step", json={**example, "wait": 0})
            assert answer.status_code == 200
        for example in schemas["OneWeight"]["examples"]:
            assert (await np.ask("PATCH", run + "/weights", json=example)).status_code == 200
        for example in schemas["Change"]["examples"]:
            assert (await np.ask("PATCH", run, json=example)).status_code == 200


async def test_the_documentation_is_a_page_of_the_schema() -> None:
    async with serving() as np:
        page = (await np.http.get("/api/docs")).text
        schema = the_schema()
    assert page.count("<script") == 1  # the look's
    for path in schema["paths"]:
        assert path in page
    for name in schema["components"]["schemas"]:
        assert f'id="model-{name}"' in page
