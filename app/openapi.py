"""The API's description: what routes say of what FastAPI cannot see, and the schema of them all."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from models.spelling import FIELDS

ABOUT = (
    "Everything that the page does without a page: start runs, read them, change them, take files away. "
    "Bodies and answers are JSON unless something else is said. What will not do is answered by "
    '`{"error": {"message": …, "expected": …}}`. There are no accounts: whoever knows its id has a run.'
)
TAGS = (
    ("runs", "Networks that train without a page. A run that nobody asks about for a while is gone."),
    ("experiments", "What can be chosen, and experiments in their two spellings."),
    ("code", "An experiment as a Python script or a notebook, which need nothing of this server."),
    ("data", "Tables of your own. `X-Session` is the id of a run, or a page's token."),
    ("files", "The run of a page or a program as files, and files as its run."),
    ("live", "Pages that show a notebook's own model while it trains: what the Keras callback sends."),
    ("server", "Whether the server lives and can train."),
)


class Wrong(BaseModel):
    """What is wrong, and what would do."""

    message: str
    expected: str


class ErrorAnswer(BaseModel):
    """The one form that errors have."""

    error: Wrong = Field(
        examples=[{"message": "training.learning_rate: 99.0 will not do", "expected": "less than 10"}]
    )


WHY = {
    400: "The request cannot be read.",
    403: "`X-Session` or the token names nothing that is open, or a page of another site asks.",
    404: "There is no such thing here, or not any more.",
    408: "Nothing more of the body came.",
    409: "Not in this state.",
    413: "The body is too long.",
    415: "The body is no JSON by its `Content-Type`.",
    422: "Something will not do; it is named.",
    429: "Too many: an address holds so many runs, and a notebook may write so often.",
    502: "The source did not answer, or sent something else.",
    503: "The server has no room, or cannot train yet.",
    507: "The server has no room for the file.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that can answer with these; a body that may be too long may stop halfway."""
    known = sorted({*statuses, 408} if 413 in statuses else statuses)
    return {status: {"model": ErrorAnswer, "description": WHY[status]} for status in known}


_BYTES = {"type": "string", "contentMediaType": "application/octet-stream"}
_JSON = {"type": "object"}


def file(description: str, *media_types: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that answers with a file."""
    content = {name: {"schema": _JSON if name.endswith("json") else _BYTES} for name in media_types}
    return {200: {"description": description, "content": content}}


def body(description: str, *media_types: str, model: type[BaseModel] | None = None) -> dict[str, Any]:
    """`openapi_extra` of a route that reads its body itself; `model` must be one of `MODELS`' too."""
    schema = _BYTES if model is None else {"$ref": f"#/components/schemas/{model.__name__}"}
    content = {name: {"schema": schema} for name in media_types}
    return {"requestBody": {"description": description, "required": True, "content": content}}


def parameter(name: str, place: str, description: str, **schema: Any) -> dict[str, Any]:
    """A parameter that a route reads itself; it may be left out unless it is a header."""
    return {
        "name": name,
        "in": place,
        "required": place == "header",
        "description": description,
        "schema": {"type": "string", **schema},
    }


SESSION = parameter("X-Session", "header", "the id of a run, or the token of a page's session")


def experiment_query(*others: dict[str, Any]) -> dict[str, Any]:
    """`openapi_extra` of a route whose query spells an experiment, with other parameters beside it."""
    spelled = [
        parameter(
            field.name,
            "query",
            field.help,
            **({"enum": list(field.choices)} if field.kind in ("name", "switch") else {}),
        )
        for field in FIELDS
    ]
    return {"parameters": [*spelled, *others]}


def describe(app: FastAPI, *read_by_hand: type[BaseModel]) -> None:
    """Has the application answer with this schema. `read_by_hand`: models of bodies given to `body`."""

    def schema() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app, read_by_hand)
        return app.openapi_schema

    app.openapi = schema


def _schema(app: FastAPI, read_by_hand: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS],
        separate_input_output_schemas=False,
    )
    schemas: dict[str, Any] = made["components"]["schemas"]
    _, more = models_json_schema(
        [(model, "validation") for model in read_by_hand], ref_template="#/components/schemas/{model}"
    )
    for name, model in more.get("$defs", {}).items():
        schemas.setdefault(name, model)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operations in made["paths"].values():
        for operation in operations.values():
            _put_right(operation)
    _explain_members(schemas)
    return made


def _put_right(operation: dict[str, Any]) -> None:
    """What FastAPI supposes and is otherwise here."""
    summary, _, rest = operation.pop("description").partition("\n\n")
    operation["summary"] = " ".join(summary.split()).removesuffix(".")
    if rest:
        operation["description"] = rest
    answers: dict[str, dict[str, Any]] = operation["responses"]
    for answer in answers.values():
        if answer["description"] == "Successful Response":
            answer["description"] = "As asked."
        content = answer.get("content", {})
        if len(content) > 1 and content.get("application/json") == {"schema": {}}:  # of a file
            del content["application/json"]
    sent: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    for content in sent.values():
        content["schema"].pop("default", None)
    # What cannot be read is answered in the house's form; and every text will do as a part of a path.
    if "HTTPValidationError" in str(answers.get("422")):
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
        answers["422"] = {"description": WHY[422], "content": content}
        kinds = {given["schema"].get("type") for given in operation.get("parameters", ())}
        if not sent and kinds <= {"string"}:
            del answers["422"]


def _explain_members(schemas: dict[str, Any]) -> None:
    """Gives an experiment's members the help and the choices that the catalogue has of them."""
    parts = {"data": "Data", "network": "Network", "training": "Training"}
    for field in FIELDS:
        part, _, name = field.path.rpartition(".")
        members = schemas[parts[part] if part else "Experiment"]["properties"]
        if name == "hidden":  # the flat spelling has its lists side by side
            name, members = {"hidden": "neurons"}.get(field.name, field.name), schemas["Layer"]["properties"]
        # A list or null, where a text would have commas or be empty.
        help = (
            field.help.replace(", with commas", "").replace("empty:", "null:").replace("; empty for none", "")
        )
        members[name].setdefault("description", help)
        if field.kind in ("name", "activations"):
            members[name].setdefault("enum", list(field.choices))
        elif field.kind == "names":
            members[name]["items"].setdefault("enum", list(field.choices))
    change = schemas["Change"]["properties"]["experiment"]
    schemas["Change"]["properties"]["experiment"] = {
        "$ref": "#/components/schemas/Experiment",
        "description": change["description"],
    }
