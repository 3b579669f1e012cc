"""The WebSocket: one reader, one writer. No other file knows of it."""

import asyncio
import logging
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from app import logs
from app.addresses import Connections, client_address
from app.connection import TRY_AGAIN_LATER, Connection, ConnectionState, HangUp
from app.metrics import Metrics
from app.protocol import Refused, encode
from app.room import RETRY_AFTER
from app.sessions import Sessions
from app.settings import Settings

logger = logging.getLogger(__name__)

POLICY_VIOLATION = 1008
LAST_WORDS = 5.0  # seconds in which a page that is hung up on has to read what was to be said


def origin_allowed(origin: str | None, host: str | None, allowed: tuple[str, ...]) -> bool:
    """Whether a page of this origin may connect: one of this host, one that is allowed, or no page at all."""
    if origin is None:
        return True  # no browser leaves it out, so no other site's page is behind it
    return "*" in allowed or origin in allowed or urlsplit(origin).netloc.lower() == (host or "").lower()


async def serve_page(websocket: WebSocket, sessions: Sessions, settings: Settings, metrics: Metrics) -> None:
    """Serves one connection until either end closes it."""
    headers = websocket.headers
    if not origin_allowed(headers.get("origin"), headers.get("host"), settings.allowed_origins):
        await websocket.close(POLICY_VIOLATION, "this origin may not connect")
        return
    # A page is told why only when it is connected: what a browser says of a handshake that failed is nothing.
    await websocket.accept()
    address = client_address(websocket.scope)
    connections: Connections = websocket.app.state.connections
    with connections.hold(address) as held:
        if held:
            connection = Connection(sessions, settings, metrics=metrics, address=address)
            await _converse(websocket, connection, metrics)
        else:
            await turn_away(websocket, connections.most)


async def turn_away(websocket: WebSocket, most: int) -> None:
    """Says to one connection too many of an address that it is."""
    message = f"this address has {most} connections, as many as it may"
    refused = Refused(reason="connections", retry_after=RETRY_AFTER, message=message)
    with suppress(WebSocketDisconnect):
        await websocket.send_text(encode(refused))
        await websocket.close(TRY_AGAIN_LATER, "too many connections")


async def _converse(websocket: WebSocket, connection: Connection, metrics: Metrics) -> None:
    tasks = [
        asyncio.create_task(_read(websocket, connection)),
        asyncio.create_task(_write(websocket, connection, metrics)),
    ]
    metrics.connections.labels("page").inc()
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        metrics.connections.labels("page").dec()
        logs.LANE_ID.set(connection.lane_id)
        connection.disconnected()
        for task in tasks:
            task.cancel()
        connection.is_closed()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                metrics.errors.labels("connection").inc()
                logger.error("a connection failed", exc_info=outcome)


async def _read(websocket: WebSocket, connection: Connection) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        connection.receive(text if text is not None else message["bytes"])
        # Thousands of messages may have come at once: the other connections take their turns in between.
        await asyncio.sleep(0)
        if connection.state is ConnectionState.HUNG_UP:
            await asyncio.sleep(LAST_WORDS)
            return


async def _write(websocket: WebSocket, connection: Connection, metrics: Metrics) -> None:
    text_bytes, binary_bytes = metrics.sent_bytes.labels("text"), metrics.sent_bytes.labels("binary")
    while True:
        outgoing = await connection.next()
        match outgoing:
            case str():
                await websocket.send_text(outgoing)
                text_bytes.inc(len(outgoing))
            case bytes():
                await websocket.send_bytes(outgoing)
                binary_bytes.inc(len(outgoing))
            case HangUp():
                await websocket.close(outgoing.code, outgoing.reason)
                return
