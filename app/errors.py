"""What a browser or a program sees when there is nothing to see, or something broke. Never a stack trace."""

import logging
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from app import logs, request_log
from app.answers import Failure, failure
from app.security import HEADERS
from models.experiment import explained

logger = logging.getLogger(__name__)

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title} - Neural Playground</title></head>
<body><main><h1>{title}</h1><p>{message}</p><p><a href="{home}">To the playground</a></p></main></body>
</html>
"""


def _answer(request: Request, status: int, message: str, expected: str) -> Response:
    path: str = request.scope["path"]
    if path.removeprefix(request.scope.get("root_path", "")).startswith("/api/"):
        return failure(status, message, expected)
    home = escape(request.scope.get("root_path", "") + "/")
    page = _PAGE.format(title=HTTPStatus(status).phrase, message=escape(message), home=home)
    return HTMLResponse(page, status)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    expected = "an address from the documentation"
    message = "There is nothing at this address." if error.status_code == 404 else str(error.detail)
    response = _answer(request, error.status_code, message, expected)
    response.headers.update(error.headers or {})
    return response


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: Mapping[str, Any] = error.errors()[0]
    where, *place = first["loc"]
    if first["type"] == "missing":
        missing = ".".join(map(str, place)) or f"the {where}"
        return _answer(request, 422, f"{missing} is missing", "what the documentation names")
    return _answer(request, 422, *explained({**first, "loc": place}))


async def _server_error(request: Request, error: Exception) -> Response:
    logger.error("a request failed", exc_info=error)
    response = _answer(request, 500, "The server failed to answer. Its log says more.", "another try")
    # This answer is made outside of all middleware.
    response.headers.update(HEADERS | {request_log.HEADER: logs.REQUEST_ID.get()})
    return response


async def _gone(request: Request, error: Exception) -> Response:
    """Whoever sent the body went away in the midst of it: nobody hears this, and nothing has failed here."""
    return Response(status_code=400)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, Failure)
    return error.answer()


def add_error_handlers(app: FastAPI) -> None:
    """Gives the application these answers."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Failure, _failed)
    app.add_exception_handler(Exception, _server_error)
