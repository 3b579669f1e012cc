"""The API's documentation as a page, made of the schema on the server: no script, nothing from elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app import language
from app.pages import templates

router = APIRouter(include_in_schema=False)

Json = Mapping[str, Any]
REFERENCE = "#/components/schemas/"


@dataclass(frozen=True)
class Part:
    """A piece of a type: a text, or the name of a model to link to."""

    text: str
    model: bool = False


@dataclass(frozen=True)
class Member:
    """A parameter, or a member of a model."""

    name: str
    type: list[Part]
    about: str
    where: str = ""
    required: bool = False


@dataclass(frozen=True)
class Content:
    """A body or an answer; `status` is empty for a body."""

    about: str
    type: list[Part]
    media_types: list[str]
    status: str = ""


@dataclass(frozen=True)
class Operation:
    """What one method of one address does."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    parameters: list[Member]
    body: Content | None
    examples: list[str]
    answers: list[Content]
    errors: list[str]


@dataclass(frozen=True)
class Section:
    """The operations of one tag."""

    name: str
    about: str
    operations: list[Operation] = field(default_factory=list[Operation])


@dataclass(frozen=True)
class Model:
    """An object that bodies and answers are made of."""

    name: str
    about: str
    members: list[Member]


@router.get("/api/docs")
async def docs(request: Request) -> Response:
    """The page: its own words in the reader's language, the schema's in English."""
    schema: Json = request.app.openapi()
    chosen = language.chosen(request)
    context: dict[str, Any] = {
        "about": schema["info"]["description"],
        "version": schema["info"]["version"],
        "sections": sections(schema),
        "models": models(schema),
        "errors": errors(schema),
        "language": chosen,
        "t": language.translator(chosen),
        "root_path": request.scope.get("root_path", ""),
    }
    response = templates.TemplateResponse(request, "api.html", context)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response


def sections(schema: Json) -> list[Section]:
    """All operations by their first tag; those without one come last."""
    found = {tag["name"]: Section(tag["name"], tag["description"]) for tag in schema["tags"]}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            name = next(iter(operation.get("tags", ())), "others")
            section = found.setdefault(name, Section(name, ""))
            section.operations.append(_operation(schema, method.upper(), path, operation))
    return [section for section in found.values() if section.operations]


def models(schema: Json) -> list[Model]:
    """All models by their names."""
    return [
        Model(
            name,
            model.get("description", ""),
            [
                Member(
                    member,
                    type_of(given),
                    _about(given),
                    required=member in model.get("required", ()),
                )
                for member, given in model.get("properties", {}).items()
            ],
        )
        for name, model in sorted(schema["components"]["schemas"].items())
    ]


def errors(schema: Json) -> list[Content]:
    """Every status that stands for an error, once."""
    found = {
        status: answer
        for operations in schema["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if _is_error(answer)
    }
    return [_content(answer, _named(status)) for status, answer in sorted(found.items())]


def type_of(schema: Json) -> list[Part]:
    """A JSON schema in words."""
    match schema:
        case {"$ref": reference}:
            return [Part(reference.removeprefix(REFERENCE), model=True)]
        case {"anyOf": choices} | {"oneOf": choices}:
            parts: list[Part] = []
            for choice in choices:
                parts += [Part(" or ")] if parts else []
                parts += type_of(choice)
            return parts
        case {"type": "array", **rest}:
            return [Part("list of "), *type_of(rest.get("items", {}))]
        case _:
            return [Part(_plain(schema))]


def _plain(schema: Json) -> str:
    match schema:
        case {"enum": choices}:
            shown = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in choices)
            return f"one of {shown}" if len(choices) > 1 else shown
        case {"const": value}:
            return json.dumps(value)
        case {"type": str(name)}:
            return name + _limits(schema)
        case _:
            return "anything"


def _limits(schema: Json) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f", {low:,g} to {high:,g}" if abs(high) < 1e15 else f", from {low:,g}"
    return "" if low is None else f", from {low:,g}"


def _about(schema: Json) -> str:
    about = schema.get("description", "")
    if "default" in schema and not isinstance(schema["default"], dict | list):
        default = json.dumps(schema["default"], ensure_ascii=False)
        about = f"{about}{'. ' if about else ''}Default `{default}`"
    return about


def _operation(schema: Json, method: str, path: str, operation: Json) -> Operation:
    body = operation.get("requestBody")
    return Operation(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        about=operation.get("description", ""),
        parameters=[
            Member(
                given["name"],
                type_of(given["schema"]),
                given.get("description") or _about(given["schema"]),
                given["in"],
                given.get("required", False),
            )
            for given in operation.get("parameters", ())
        ],
        body=None if body is None else _content(body),
        examples=_examples(schema, body),
        answers=[
            _content(answer, _named(status))
            for status, answer in sorted(operation["responses"].items())
            if not _is_error(answer)
        ],
        errors=[
            _named(status) for status, answer in sorted(operation["responses"].items()) if _is_error(answer)
        ],
    )


def _named(status: str) -> str:
    return f"{status} {HTTPStatus(int(status)).phrase}"


def _is_error(answer: Json) -> bool:
    return "ErrorAnswer" in str(answer.get("content"))


def _content(given: Json, status: str = "") -> Content:
    content: Json = given.get("content", {})
    kind = type_of(next(iter(content.values())).get("schema", {})) if content else []
    return Content(given.get("description", ""), kind, list(content), status)


def _examples(schema: Json, body: Json | None) -> list[str]:
    """Those of the body's model, as JSON."""
    if body is None:
        return []
    given: Json = next(iter(body["content"].values()))["schema"]
    reference = given.get("$ref", "").removeprefix(REFERENCE)
    model: Json = schema["components"]["schemas"].get(reference, {})
    return [json.dumps(example, ensure_ascii=False) for example in model.get("examples", ())]
