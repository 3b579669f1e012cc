"""The WebSocket: one reader, one writer. No other file knows of it."""

import asyncio
import logging
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.connection import Connection, HangUp
from app.sessions import Sessions
from app.settings import Settings

logger = logging.getLogger(__name__)

POLICY_VIOLATION = 1008


def origin_allowed(origin: str | None, host: str | None, allowed: tuple[str, ...]) -> bool:
    """Whether a page of this origin may connect: one of this host, one that is allowed, or no page at all."""
    if origin is None:
        return True  # no browser leaves it out, so no other site's page is behind it
    return "*" in allowed or origin in allowed or urlsplit(origin).netloc.lower() == (host or "").lower()


async def serve_page(websocket: WebSocket, sessions: Sessions, settings: Settings) -> None:
    """Serves one connection until either end closes it."""
    headers = websocket.headers
    if not origin_allowed(headers.get("origin"), headers.get("host"), settings.allowed_origins):
        await websocket.close(POLICY_VIOLATION, "this origin may not connect")
        return
    await websocket.accept()
    connection = Connection(sessions, settings)
    tasks = [
        asyncio.create_task(_read(websocket, connection)),
        asyncio.create_task(_write(websocket, connection)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        connection.disconnected()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                logger.error("a connection failed", exc_info=outcome)


async def _read(websocket: WebSocket, connection: Connection) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        connection.receive(text if text is not None else message["bytes"])


async def _write(websocket: WebSocket, connection: Connection) -> None:
    while True:
        outgoing = await connection.next()
        match outgoing:
            case str():
                await websocket.send_text(outgoing)
            case bytes():
                await websocket.send_bytes(outgoing)
            case HangUp():
                await websocket.close(outgoing.code, outgoing.reason)
                return
