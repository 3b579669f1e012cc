"""What programs ask over HTTP: health, catalogue, experiments, QR codes."""

import io
from typing import Any
from urllib.parse import parse_qsl

import segno
from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.engine import Engine
from models import menu, spelling
from models.experiment import explain

router = APIRouter()

QR_CHARACTERS = 2000
# What a page's link says beside the experiment, as static/view_link.js reads and writes it.
VIEW_NAMES = (
    *("show_test", "discretize", "log_scale", "present", "speed"),
    *("stop_epochs", "stop_loss", "stop_accuracy", "patience", "hide"),
)


def failure(status: int, message: str, expected: str) -> JSONResponse:
    """The one form that errors of the API have."""
    return JSONResponse({"error": {"message": message, "expected": expected}}, status)


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@router.get("/readyz")
async def readiness(request: Request) -> JSONResponse:
    """200 if networks can be trained now, 503 while the engine is warming up or started again."""
    engine: Engine = request.app.state.engine
    status = engine.status
    body = {
        "state": status.state,
        "message": status.message,
        "progress": status.progress,
        "device": status.device,
    }
    return JSONResponse(body, 200 if status.state == "ready" else 503)


@router.get("/api/catalogue")
async def public_catalogue() -> dict[str, Any]:
    """Everything that can be chosen, with limits and defaults."""
    return menu.public()


@router.get("/api/experiment")
async def experiment(request: Request) -> JSONResponse:
    """The experiment that the query spells, as JSON and in its shortest spelling; 422 if it spells none.

    It may be what a page's link has behind its #: settings of the page alone are passed over.
    """
    given = parse_qsl(request.url.query, keep_blank_values=True)
    try:
        found = spelling.parse({name: text for name, text in given if name not in VIEW_NAMES})
    except ValidationError as error:
        return failure(422, *explain(error))
    except ValueError as error:
        message, _, expected = str(error).partition("; expected ")
        return failure(422, message, expected)
    return JSONResponse({"experiment": found.model_dump(mode="json"), "query": spelling.to_query(found)})


# Not a coroutine, so it is drawn beside the event loop: a long text takes a tenth of a second.
@router.get("/api/qr.svg")
def qr(text: str = "") -> Response:
    """The address as a QR code; 422 if it is none, or too long."""
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
