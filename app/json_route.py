"""Routes whose JSON is looked at before FastAPI reads it: how long it is, and whether it is JSON."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.answers import Failure
from app.uploads import body_of
from models import strict_json


class JsonRoute(APIRoute):
    """Takes bodies of at most `max_request_bytes`; answers each `Failure` in the house's form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        reads = self.body_field is not None

        async def handled(request: Request) -> Response:
            try:
                return await handle(await _with_json(request) if reads else request)
            except Failure as wrong:
                return wrong.answer()

        return handled


async def _with_json(request: Request) -> Request:
    """The request, its body having been read: not too long, and JSON as the standard has it."""
    most: int = request.app.state.settings.max_request_bytes
    raw = await body_of(request, most)
    if raw is None:
        raise Failure(413, "The request is too large.", f"at most {most:,} bytes")
    if raw:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Failure(415, f"The Content-Type is {kind or 'missing'}.", "Content-Type: application/json")
        try:
            strict_json.parse(raw)
        except ValueError as error:
            raise Failure(422, f"The body is not JSON: {error}.", "an object in JSON") from None

    async def again() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    return Request(request.scope, again)
