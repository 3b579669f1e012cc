"""What programs ask over HTTP: health, catalogue, experiments, QR codes."""

import io
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import segno
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.answers import failure, failure_of
from app.engine import Engine
from app.openapi import errors, experiment_query, file
from models import menu, spelling
from models.experiment import Experiment, explain
from models.table import TableError

router = APIRouter()

QR_CHARACTERS = 2000
ADDRESS: dict[str, Any] = {"pattern": "^https?://", "maxLength": QR_CHARACTERS}  # the answers say it in words
# What a page's link says beside the experiment, as static/view_link.js reads and writes it.
VIEW_NAMES = (
    *("show_test", "discretize", "residuals", "log_scale", "present", "chart", "alone", "held"),
    *("speed", "stop_epochs", "stop_loss", "stop_accuracy", "patience", "hide"),
)


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """What the training process is doing."""

    state: Literal["warming", "ready", "restarting", "stopping"]
    message: str = Field(description="why it is not ready, in a sentence")
    progress: float = Field(description="of warming up, 0 to 1")
    device: str = Field(description="what trains; empty until it is known")


class Spelled(BaseModel):
    """An experiment in its two spellings."""

    experiment: Experiment
    query: str = Field(description="the shortest spelling: what a page's link has behind its #")


@router.get("/healthz", response_model=Health, tags=["server"])
async def health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Readiness,
    tags=["server"],
    responses={503: {"model": Readiness, "description": "It is warming up, started again, or stopped."}},
)
async def readiness(request: Request) -> JSONResponse:
    """Whether networks can be trained now."""
    engine: Engine = request.app.state.engine
    status = engine.status
    state, message = status.state, status.message
    if request.app.state.sessions.stopping:
        state, message = "stopping", "The server is being stopped."
    body = {"state": state, "message": message, "progress": status.progress, "device": status.device}
    return JSONResponse(body, 200 if state == "ready" else 503)


@router.get("/api/catalogue", tags=["experiments"])
async def public_catalogue() -> dict[str, Any]:
    """Everything that can be chosen, with limits and defaults."""
    return menu.public()


@router.get(
    "/api/experiment",
    response_model=Spelled,
    tags=["experiments"],
    responses=errors(422),
    openapi_extra=experiment_query(),
)
async def experiment(request: Request) -> Response:
    """The experiment that the query spells, as JSON and in its shortest spelling.

    It may be what a page's link has behind its #: settings of the page alone are passed over.
    """
    found = spelled(request)
    if isinstance(found, Response):
        return found
    return JSONResponse({"experiment": found.model_dump(mode="json"), "query": spelling.to_query(found)})


def experiment_of_query(query: str, others: tuple[str, ...] = ()) -> Experiment:
    """The experiment that a query or a page's link spells; ValueError as `spelling.parse`."""
    given = parse_qsl(query, keep_blank_values=True)
    passed = (*VIEW_NAMES, *others)
    return spelling.parse({name: text for name, text in given if name not in passed})


def spelled(request: Request, others: tuple[str, ...] = ()) -> Experiment | JSONResponse:
    """The experiment of a request's query, or what is wrong with it; `others` name more than experiments."""
    try:
        return experiment_of_query(request.url.query, others)
    except ValidationError as error:
        return failure(422, *explain(error))
    except ValueError as error:
        return failure_of(422, error)


@router.get(
    "/api/data.csv",
    tags=["experiments"],
    responses={**file("Its points.", "text/csv"), **errors(404, 422)},
    openapi_extra=experiment_query(),
)
def data(request: Request) -> Response:
    """The data of the experiment that the query spells as a CSV file, with the split as its last column."""
    from models import data_file  # with numpy, which the server need not wait for when it starts

    found = spelled(request)
    if isinstance(found, Response):
        return found
    try:
        text = data_file.text_of(found.data)
    except TableError as error:
        return failure(404, f"{error.message}.", error.expected)
    disposition = f'attachment; filename="{found.data.name}.csv"'
    return Response(text, media_type="text/csv", headers={"Content-Disposition": disposition})


# Not a coroutine, so it is drawn beside the event loop: a long text takes a tenth of a second.
@router.get(
    "/api/qr.svg", tags=["server"], responses={**file("The drawing.", "image/svg+xml"), **errors(422)}
)
def qr(text: Annotated[str, Query(json_schema_extra=ADDRESS)]) -> Response:
    """A web address (`text`) as a QR code."""
    if len(text) > QR_CHARACTERS:
        return failure(422, "The text is too long for a QR code.", f"at most {QR_CHARACTERS:,} characters")
    if not text.startswith(("http://", "https://")):
        return failure(422, "The text is no web address.", "text=http://... or text=https://...")
    drawing = io.BytesIO()
    try:
        segno.make_qr(text).save(drawing, kind="svg", light="#fff", omitsize=True)
    except segno.DataOverflowError:  # letters beyond ASCII take several bytes
        return failure(422, "The text is too long for a QR code.", "fewer characters beyond ASCII")
    return Response(drawing.getvalue(), media_type="image/svg+xml")
