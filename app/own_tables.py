"""Learners' tables over HTTP: brought with a session, gone with it."""

import asyncio
import logging
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import downloads, openapi
from app.answers import failure
from app.json_route import JsonRoute
from app.settings import Settings
from app.uploads import body_of, no_memory, no_session, token_of
from models import catalogue, tables
from models.experiment import Data, Experiment
from models.table import Table, TableError

logger = logging.getLogger(__name__)
router = APIRouter(tags=["data"], route_class=JsonRoute)

PREVIEW_ROWS = 6
MOST_TABLES = 4  # of a session; the one that it brought first goes


class OwnTables:
    """Which session brought or uses which table. The files are in a folder that goes with the server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tables.use(folder)
        self._brought: dict[str, list[str]] = {}  # digests by session token, oldest first

    def note(self, token: str, digest: str) -> None:
        """The session has brought this table."""
        brought = self._brought.setdefault(token, [])
        if digest in brought:
            brought.remove(digest)
        brought.append(digest)
        for old in brought[:-MOST_TABLES]:
            brought.remove(old)
            self.abandon(old)

    def use(self, token: str, experiment: Experiment) -> None:
        """The session learns from this experiment's table, if it has one that is here: it is kept for it."""
        if (digest := experiment.data.table) and tables.is_kept(digest):
            self.note(token, digest)

    def leave(self, token: str) -> None:
        """The session is over: what only it has brought is deleted."""
        for digest in self._brought.pop(token, []):
            self.abandon(digest)

    def abandon(self, digest: str) -> None:
        """Delete a table, unless a session brought or uses it."""
        if not any(digest in brought for brought in self._brought.values()):
            tables.forget(digest)


class Choice(BaseModel):
    """Which columns of a table are learnt from."""

    model_config = ConfigDict(extra="forbid", strict=True)

    inputs: list[str] = Field(max_length=catalogue.MAX_INPUTS)
    target: str
    task: Literal["classification", "regression"] | None = None
    standardize: bool = True


class Described(BaseModel):
    """What is in a table, and how it was read."""

    table: str = Field(description="its digest, by which an experiment's `data.table` names it")
    names: list[str] = Field(description="of its columns")
    rows: int
    preview: list[list[str]]
    columns: list[dict[str, Any]] = Field(description="what kind of values each has, and which")
    delimiter: str
    decimal: str
    encoding: str
    has_header: bool
    choice: Choice = Field(description="columns to begin with")


class Chosen(BaseModel):
    """What to learn."""

    data: Data = Field(description="members that the experiment needs")
    problem: Literal["classification", "regression"]


def _described(digest: str, table: Table) -> dict[str, Any]:
    from models import own_data  # with numpy, which the server need not wait for when it starts

    first = own_data.suggest(table)
    return {
        "table": digest,
        "names": list(table.names),
        "rows": len(table.rows),
        "preview": [list(row) for row in table.rows[:PREVIEW_ROWS]],
        "columns": own_data.describe(table),
        "delimiter": table.delimiter,
        "decimal": table.decimal,
        "encoding": table.encoding,
        "has_header": table.has_header,
        "choice": {
            "inputs": list(first.inputs),
            "target": first.target,
            "task": first.task,
            "standardize": first.standardize,
        },
    }


@router.post(
    "/api/tables",
    response_model=Described,
    responses=openapi.errors(403, 413, 422, 503, 507),
    openapi_extra={"parameters": [openapi.SESSION], **openapi.body("the CSV file", "text/csv")},
)
async def bring(request: Request) -> Response:
    """Takes a CSV file (the request's body) for the session of the header X-Session; says what is in it."""
    settings: Settings = request.app.state.settings
    if token_of(request) is None:
        return no_session()
    if (refusal := no_memory(request)) is not None:
        return refusal
    raw = await body_of(request, settings.max_upload_bytes)
    if raw is None:
        most = f"at most {settings.max_upload_bytes:,} bytes"
        return failure(413, "The file is too large.", most)
    return await _taken(request, raw)


@router.post(
    "/api/downloads/{name}",
    response_model=Described,
    responses=openapi.errors(403, 404, 422, 502, 503, 507),
    openapi_extra={"parameters": [openapi.SESSION]},
)
async def download(request: Request, name: str) -> Response:
    """As if the session of the header X-Session had brought that row of the catalogue's downloads."""
    settings: Settings = request.app.state.settings
    if name not in catalogue.names(catalogue.DOWNLOADS):
        known = ", ".join(catalogue.names(catalogue.DOWNLOADS))
        return failure(404, f"There is no download {name!r}.", f"one of {known}")
    if token_of(request) is None:
        return no_session()
    if (refusal := no_memory(request)) is not None:
        return refusal
    row = catalogue.row(catalogue.DOWNLOADS, name)
    try:
        raw = await asyncio.to_thread(downloads.table, row, settings.cache_dir / "downloads")
    except downloads.DownloadError as error:
        return failure(502, f"{error.message}.", error.expected)
    return await _taken(request, raw)


async def _taken(request: Request, raw: bytes) -> Response:
    """What is in the table, which is kept for the session from now on."""
    settings: Settings = request.app.state.settings
    try:
        # In a thread: a large table takes as long as many a frame.
        found = await asyncio.to_thread(_kept, raw, settings)
    except TableError as error:
        return failure(422, f"{error.message}.", error.expected)
    except OSError:
        logger.exception("a table could not be kept")
        return failure(507, "The server has no room for the file.", "another try later")
    if (token := token_of(request)) is None:  # it ended meanwhile, so that nobody would delete the table
        request.app.state.own_tables.abandon(found["table"])
        return no_session()
    request.app.state.own_tables.note(token, found["table"])
    return JSONResponse(found)


def _kept(raw: bytes, settings: Settings) -> dict[str, Any]:
    limits = {"max_bytes": settings.max_upload_bytes, "max_rows": settings.max_upload_rows}
    return _described(*tables.keep(raw, **limits))


@router.get("/api/tables/{digest}", response_model=Described, responses=openapi.errors(404))
def described(digest: str) -> Response:
    """What is in a table that somebody has brought."""
    try:
        return JSONResponse(_described(digest, tables.find(digest)))
    except TableError as error:
        return failure(404, f"{error.message}.", error.expected)


@router.post("/api/tables/{digest}", response_model=Chosen, responses=openapi.errors(413, 415, 422))
def choose(digest: str, choice: Choice) -> Response:
    """What an experiment's `data` must hold to learn from these columns."""
    from models import own_data

    inputs = tuple(choice.inputs)
    try:
        table = tables.find(digest)
        chosen = own_data.choose(table, own_data.Choice(inputs, choice.target, choice.task, False))
    except TableError as error:
        return failure(422, f"{error.message}.", error.expected)
    data = Data(
        name=catalogue.OWN.name,
        table=digest,
        inputs=inputs,
        target=choice.target,
        labels=chosen.classes,
        standardize=choice.standardize,
    )
    members = {"name", "table", "inputs", "target", "labels", "standardize"}
    described = data.model_dump(mode="json", include=members)
    return JSONResponse({"data": described, "problem": data.problem})
