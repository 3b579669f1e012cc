"""What programs ask over HTTP: health, catalogue, experiments."""

from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from app.engine import Engine
from models import menu, spelling
from models.experiment import explain

router = APIRouter()


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
    """The experiment that the query spells, as JSON and in its shortest spelling; 422 if it spells none."""
    try:
        found = spelling.from_query(request.url.query)
    except ValidationError as error:
        return failure(422, *explain(error))
    except ValueError as error:
        message, _, expected = str(error).partition("; expected ")
        return failure(422, message, expected)
    return JSONResponse({"experiment": found.model_dump(mode="json"), "query": spelling.to_query(found)})
