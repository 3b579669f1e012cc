"""A model of a student's own notebook on a page: HTTP for the notebook, a socket for viewers."""

import asyncio
from contextlib import suppress
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from app import live_message, openapi, pages
from app.addresses import Connections, client_address
from app.answers import failure
from app.assets import ROOT
from app.live_message import MessageError
from app.live_shows import Show, Shows
from app.settings import Settings
from app.socket import POLICY_VIOLATION, origin_allowed, turn_away
from app.uploads import body_of, no_memory

router = APIRouter(tags=["live"])

CALLBACK = ROOT / "models" / "neural_playground_live.py"
OVER = 4404  # closes a viewer's socket: there is no such show (any more)
LOOK_EVERY = 1.0  # seconds after which a viewer is told that a notebook went quiet


@router.get("/neural_playground_live.py", include_in_schema=False)
async def callback() -> Response:
    """The Keras callback, to be put beside a notebook."""
    return FileResponse(CALLBACK, media_type="text/x-python", headers={"Cache-Control": "no-cache"})


class Begun(BaseModel):
    """A page for a notebook's model."""

    id: str
    token: str = Field(description="with which the notebook writes; nobody else should have it")
    link: str = Field(description="path of the page to look at")


@router.post("/api/live", status_code=201, response_model=Begun, responses=openapi.errors(503))
async def begin(request: Request) -> Response:
    """Makes a page for a notebook's model: its id and path, and the token with which the notebook writes."""
    if (refusal := no_memory(request)) is not None:
        return refusal
    show = _shows(request).open()
    if show is None:
        return failure(503, "The server shows as many notebooks as it may.", "another try later")
    link = f"{request.scope.get('root_path', '')}/live/{show.id}"
    return JSONResponse({"id": show.id, "token": show.token, "link": link}, 201)


@router.post(
    "/api/live/{id}/frames",
    status_code=204,
    responses=openapi.errors(403, 404, 413, 422, 429),
    openapi_extra={
        "parameters": [openapi.parameter("Authorization", "header", "`Bearer` and the page's token")],
        **openapi.body("a message as docs/live.md describes it", "application/octet-stream"),
    },
)
async def write(request: Request, id: str) -> Response:
    """Takes a message of the notebook whose token is in the header Authorization (docs/live.md)."""
    settings: Settings = request.app.state.settings
    show = _shows(request).find(id)
    if show is None:
        return failure(404, "This page is not on the server (any more).", "a new token, from Code and files")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not show.allows(token.strip()):
        return failure(403, "The token is not the one of this page.", "the token that the page was made with")
    if not show.bucket.take():
        rate = f"at most {settings.live_frames_per_second:g} a second"
        return failure(429, "These are too many messages in too short a time.", rate)
    body = await body_of(request, settings.max_live_bytes)
    if body is None:
        return failure(413, "The message is too large.", f"at most {settings.max_live_bytes:,} bytes")
    async with show.writing:
        try:
            message = await asyncio.to_thread(live_message.read, body, show.about)
        except MessageError as error:
            return failure(422, error.message, error.expected)
        show.take(message)
    return Response(status_code=204)


@router.get("/live/{id}", include_in_schema=False)
async def page(request: Request, id: str) -> Response:
    """The page of a show, or that there is none, in the reader's language."""
    return pages.live(request, id if _shows(request).find(id) is not None else None)


@router.websocket("/api/live/{id}/events")
async def watch(websocket: WebSocket, id: str) -> None:
    """Shows it to one viewer: a state as text whenever it changes, frames as bytes, one at a time."""
    settings: Settings = websocket.app.state.settings
    headers = websocket.headers
    if not origin_allowed(headers.get("origin"), headers.get("host"), settings.allowed_origins):
        await websocket.close(POLICY_VIOLATION, "this origin may not connect")
        return
    await websocket.accept()
    connections: Connections = websocket.app.state.connections
    with connections.hold(client_address(websocket.scope)) as held:
        if held:
            await _watched(websocket, id)
        else:
            await turn_away(websocket, connections.most)


async def _watched(websocket: WebSocket, id: str) -> None:
    shows: Shows = websocket.app.state.shows
    show = shows.find(id)
    with suppress(WebSocketDisconnect):
        if show is not None:
            viewers = websocket.app.state.metrics.connections.labels("viewer")
            viewers.inc()
            show.viewers += 1
            try:
                await _show(websocket, shows, show)
            finally:
                show.viewers -= 1
                viewers.dec()
        await websocket.close(OVER, "there is no such page any more")


async def _show(websocket: WebSocket, shows: Shows, show: Show) -> None:
    """Until the show is over or the viewer goes. The next frame waits until the last one was shown."""
    told, seq = "", 0
    acknowledged = asyncio.Event()
    acknowledged.set()
    reading = asyncio.create_task(_read(websocket, acknowledged))
    try:
        while shows.find(show.id) is show and not reading.done():
            if show.state != told:
                told = show.state
                await websocket.send_json({"type": "state", "state": told})
            if acknowledged.is_set() and (frame := show.since(seq)) is not None:
                seq = show.seq
                acknowledged.clear()
                await websocket.send_bytes(frame)
            news = show.changed() if acknowledged.is_set() else acknowledged.wait()
            waiting = asyncio.ensure_future(news)
            await asyncio.wait([reading, waiting], timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
    finally:
        reading.cancel()
    if reading.done() and not reading.cancelled():
        reading.result()


async def _read(websocket: WebSocket, acknowledged: asyncio.Event) -> None:
    """All that a viewer says is that it has shown a frame; WebSocketDisconnect when it goes."""
    while True:
        message: Any = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1000)
        acknowledged.set()


def _shows(request: Request) -> Shows:
    return request.app.state.shows
