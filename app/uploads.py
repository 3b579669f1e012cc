"""Files that a page sends: whose they are, and how long they may be."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import Request
from starlette.responses import Response

from app import logs
from app.answers import Failure, failure
from app.memory import Memory
from app.room import RETRY_AFTER
from app.sessions import Sessions

MOST_DISCARDED = 64_000_000  # bytes


async def body_of(request: Request, most: int) -> bytes | None:
    """The request's body, None if it is longer than that; Failure if nothing more comes for `body_timeout`.

    Some of what is too long is read all the same: a browser that is cut off while it sends sees no answer.
    """
    parts: list[bytes] = []
    length = 0
    async for part in _parts(request):
        length += len(part)
        if length <= most:
            parts.append(part)
        elif length > MOST_DISCARDED:
            return None
    return b"".join(parts) if length <= most else None


async def _parts(request: Request) -> AsyncGenerator[bytes]:
    seconds: float = request.app.state.settings.body_timeout
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(seconds):
                part = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            found = f"Nothing more of the request came for {seconds:g} s."
            raise Failure(408, found, "all of it", {"Connection": "close"}) from None
        yield part


def token_of(request: Request) -> str | None:
    """The session that asks; None if it is not open."""
    sessions: Sessions = request.app.state.sessions
    session = sessions.find(request.headers.get("x-session", ""))
    if session is None:
        return None
    logs.LANE_ID.set(session.lane_id)
    return session.token


def no_session() -> Response:
    """What is answered to whoever has none."""
    return failure(403, "No session brought this file.", "X-Session: the token of a session that is open")


def no_memory(request: Request) -> Response | None:
    """What is answered while memory is short; None if it is not."""
    memory: Memory = request.app.state.memory
    if not memory.exceeded:
        return None
    again = {"Retry-After": str(RETRY_AFTER)}
    message = "The server is short of memory."
    return Failure(503, message, "another try when somebody has left", again).answer()
