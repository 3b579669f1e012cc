"""A session's run as files, and files as a session's run."""

import asyncio
import logging
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import __version__, openapi
from app.answers import Failure, failure
from app.engine import EngineError
from app.room import RETRY_AFTER
from app.session import Session
from app.settings import Settings
from app.uploads import body_of, no_session, token_of
from models import catalogue
from models.experiment import Experiment
from models.file_error import FileError
from models.table import TableError

logger = logging.getLogger(__name__)
router = APIRouter(tags=["files"])

STATUS = {"invalid": 422, "busy": 503, "illegal": 409}  # of an engine's error codes; 503 for any other


FILE = openapi.body(
    "a .keras file, or the JSON of an experiment or of a Keras model",
    *("application/zip", "application/json", "application/octet-stream"),
)


class Imported(BaseModel):
    """What became of a file."""

    kind: Literal["run", "network", "experiment"] = Field(
        description="run: everything as it was saved; network: the file's weights on the data in force, at "
        "epoch 0; experiment: a fresh run"
    )
    experiment: Experiment
    epoch: int
    notes: list[str] = Field(description="sentences on what of the file was not taken over")


# A POST, although it changes nothing: a link cannot send the session's token but in its address, where logs
# and histories would keep it.
@router.post(
    "/api/exports/{kind}",
    responses={
        **openapi.file("The file.", *sorted({row.media_type for row in catalogue.EXPORTS})),
        **openapi.errors(403, 404, 409, 503),
    },
    openapi_extra={"parameters": [openapi.SESSION]},
)
async def export(request: Request, kind: str) -> Response:
    """The session's run as the file of that name in the catalogue's `exports`."""
    if kind not in catalogue.names(catalogue.EXPORTS):
        known = ", ".join(catalogue.names(catalogue.EXPORTS))
        return failure(404, f"There is no export {kind!r}.", f"one of {known}")
    if (session := _session(request)) is None:
        return no_session()
    return await exported(kind, session)


async def exported(kind: str, session: Session) -> Response:
    """The session's run as that export."""
    row = catalogue.row(catalogue.EXPORTS, kind)
    try:
        blob = await session.snapshot()
        content = await asyncio.to_thread(_made, kind, blob)
    except EngineError as error:
        return refused(error)
    except TableError as error:
        return failure(404, f"{error.message}.", error.expected)
    disposition = f'attachment; filename="{row.file}"'
    return Response(content, media_type=row.media_type, headers={"Content-Disposition": disposition})


class Record(BaseModel):
    """A run as numbers to check it by."""

    version: str = Field(description="of the program")
    experiment: Experiment
    epoch: int
    step: int
    offset: int = Field(description="how many points of the epoch under way are done")
    touched: bool = Field(description="whether weights were edited or kept over new data")
    exact: bool = Field(description="whether it trained in its own program throughout")
    digest: str = Field(description="SHA-256 of the experiment and the weights")
    columns: list[str] = Field(description="what the numbers of a row are")
    history: list[list[float | None]] = Field(description="rows, at most 600, evenly taken")


@router.post(
    "/api/runs/record",
    response_model=Record,
    responses=openapi.errors(403, 503),
    openapi_extra={"parameters": [openapi.SESSION]},
)
async def record(request: Request) -> Response:
    """The session's run as numbers to check it by, with the program's version."""
    if (session := _session(request)) is None:
        return no_session()
    try:
        found = await asyncio.to_thread(_recorded, await session.snapshot())
    except EngineError as error:
        return refused(error)
    return JSONResponse({"version": __version__, **found})


@router.post(
    "/api/runs/import",
    response_model=Imported,
    responses=openapi.errors(403, 409, 413, 422, 503, 507),
    openapi_extra={"parameters": [openapi.SESSION], **FILE},
)
async def load(request: Request) -> Response:
    """The session's lane goes on with the file in the body, paused."""
    session = _session(request)
    return no_session() if session is None else await loaded(request, session)


async def loaded(request: Request, session: Session) -> Response:
    """The session's lane goes on with the file in the body."""
    settings: Settings = request.app.state.settings
    raw = await body_of(request, settings.max_model_bytes)
    if raw is None:
        most = f"at most {settings.max_model_bytes:,} bytes"
        return failure(413, "The file is too large.", most)
    try:
        # In a thread: to unpack a large file takes as long as many a frame.
        imported = await asyncio.to_thread(_read, raw, session.experiment, settings)
    except (FileError, OSError) as error:
        return _unread(error)
    if request.app.state.sessions.find(session.token) is not session:
        # It ended meanwhile, so that nobody would delete the table.
        request.app.state.own_tables.abandon(imported.experiment.data.table)
        return no_session()
    try:
        await session.load(imported.experiment, imported.blob, imported.weights)
    except EngineError as error:
        return refused(error)
    answer = Imported(
        kind=imported.kind, experiment=imported.experiment, epoch=imported.epoch, notes=imported.notes
    )
    return JSONResponse(answer.model_dump(mode="json"))


def _session(request: Request) -> Session | None:
    token = token_of(request)
    return None if token is None else request.app.state.sessions.find(token)


def refused(error: EngineError) -> Response:
    """What is answered when the engine has not done it."""
    status = STATUS.get(error.code, 503)
    again = {"Retry-After": str(RETRY_AFTER)} if error.code == "busy" else None
    return Failure(status, f"{error.message}.", error.expected, again).answer()


def _unread(error: FileError | OSError) -> Response:
    if isinstance(error, FileError):
        return failure(422, f"{error.message[:1].upper()}{error.message[1:]}.", error.expected)
    logger.error("a file's table could not be kept", exc_info=error)
    return failure(507, "The server has no room for the file.", "another try later")


def _made(kind: str, blob: bytes) -> bytes:
    from models import exports  # with numpy, which the server need not wait for when it starts

    return exports.make(kind, blob)


def _recorded(blob: bytes) -> dict[str, Any]:
    from models import run_record

    return run_record.record(blob)


def _read(raw: bytes, in_force: Experiment, settings: Settings) -> Any:
    from models import imports, weight_store

    limits = imports.TableLimits(settings.max_upload_bytes, settings.max_upload_rows)
    return imports.read(raw, in_force, weight_store.read_apart, limits)
