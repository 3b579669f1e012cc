"""A notebook's model on the server: who may write, what is too much, what viewers are sent."""

import asyncio
import json
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.websockets import WebSocket, WebSocketState

from app import live
from app.live_shows import BURST, Show
from tests.app.client import PATIENCE, settle
from tests.app.live_messages import Json, begun, decoded, first, later, served, write


async def test_a_page_is_made_and_written_to_with_its_token() -> None:
    async with served(root_path="/learn") as (app, http):
        made = (await http.post("/learn/api/live")).json()
        assert made["link"] == f"/learn/live/{made['id']}"
        assert made["token"].startswith(made["id"] + "-")
        page = await http.get(made["link"], headers={"accept-language": "de"})
        assert (page.status_code, 'src="/learn/live.js"' in page.text) == (200, True)
        assert made["token"] not in page.text
        answer = await http.post(
            f"/learn/api/live/{made['id']}/frames",
            content=first(),
            headers={"authorization": f"Bearer {made['token']}"},
        )
        assert (answer.status_code, answer.content) == (204, b"")
        assert app.state.shows.find(made["id"]).about.model == "mine"


@pytest.mark.parametrize(
    "token", ["", "Bearer", "Bearer wrong", "Basic {token}", "Bearer {token}0", "{token}"]
)
async def test_a_wrong_token_is_refused_and_changes_nothing(token: str) -> None:
    async with served() as (app, http):
        made = await begun(http)
        answer = await write(http, made, first(), authorization=token.format(**made))
        assert answer.status_code == 403
        assert answer.json()["error"]["message"] == "The token is not the one of this page."
        assert app.state.shows.find(made["id"]).state == "waiting"


async def test_anothers_token_does_not_do() -> None:
    async with served() as (_, http):
        made, other = await begun(http), await begun(http)
        assert (await write(http, {**made, "token": other["token"]}, first())).status_code == 403


async def test_what_is_not_there_is_said_in_the_readers_language() -> None:
    async with served() as (_, http):
        answer = await http.post("/api/live/0123/frames", content=first())
        assert answer.status_code == 404
        assert "Code and files" in answer.json()["error"]["expected"]
        for code, said in (("en", "This page is over"), ("de", "Diese Seite gibt es nicht mehr")):
            page = await http.get("/live/0123", headers={"accept-language": code})
            assert (page.status_code, said in page.text) == (404, True)
            assert "live.js" not in page.text


async def test_limits_at_and_above() -> None:
    body = first()
    async with served(max_live_bytes=len(body)) as (_, http):
        made = await begun(http)
        assert (await write(http, made, body)).status_code == 204
        above = await write(http, made, body + b"\0")
        assert (above.status_code, f"{len(body):,}" in above.json()["error"]["expected"]) == (413, True)


async def test_too_many_messages_in_too_short_a_time() -> None:
    async with served(live_frames_per_second=1e-6) as (_, http):
        made = await begun(http)
        statuses = [(await write(http, made, first())).status_code for _ in range(BURST + 1)]
        assert statuses == [204] * BURST + [429]


async def test_too_many_pages() -> None:
    async with served(live_shows=2) as (_, http):
        await begun(http)
        await begun(http)
        answer = await http.post("/api/live")
        assert (answer.status_code, answer.json()["error"]["expected"]) == (503, "another try later")


async def test_the_callback_is_handed_out() -> None:
    async with served() as (_, http):
        answer = await http.get("/neural_playground_live.py")
    assert answer.text == live.CALLBACK.read_text(encoding="utf-8")
    assert "class Live(" in answer.text


class Viewer:
    """A WebSocket by hand: what the server sends, and what a page answers."""

    def __init__(self, app: FastAPI, id: str, origin: str | None = None) -> None:
        self.sent: asyncio.Queue[Json] = asyncio.Queue()
        self.said: asyncio.Queue[Json] = asyncio.Queue()
        self.said.put_nowait({"type": "websocket.connect"})
        headers = [(b"host", b"np")] + ([(b"origin", origin.encode())] if origin else [])
        scope = {"type": "websocket", "app": app, "path": "/", "headers": headers, "query_string": b""}
        self.socket = WebSocket(scope, self.said.get, self._send)
        self.task = asyncio.create_task(live.watch(self.socket, id))

    async def _send(self, message: Any) -> None:
        self.sent.put_nowait(message)

    async def next(self) -> Json:
        async with asyncio.timeout(PATIENCE):
            return await self.sent.get()

    async def frame(self) -> Json:
        return decoded((await self.next())["bytes"])[0]

    def ack(self) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text": "shown"})

    async def leave(self) -> None:
        self.said.put_nowait({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(PATIENCE):
            await self.task


async def test_viewers_see_it_learn() -> None:
    async with served() as (app, http):
        made = await begun(http)
        show: Show = app.state.shows.find(made["id"])
        viewers = [Viewer(app, made["id"]) for _ in range(2)]
        for viewer in viewers:
            assert (await viewer.next())["type"] == "websocket.accept"
            assert json.loads((await viewer.next())["text"]) == {"type": "state", "state": "waiting"}
        assert show.viewers == 2
        await write(http, made, first())
        for viewer in viewers:
            assert json.loads((await viewer.next())["text"])["state"] == "learning"
            assert (await viewer.frame())["key"]
        await write(http, made, later(1))
        await settle()
        assert viewers[0].sent.empty()  # the first one was not shown yet
        viewers[0].ack()
        assert (await viewers[0].frame())["seq"] == 2
        await write(http, made, later(2))
        viewers[1].ack()
        assert (await viewers[1].frame())["key"]  # it missed one
        for viewer in viewers:
            await viewer.leave()
        assert show.viewers == 0


async def test_viewers_of_what_is_over_are_told() -> None:
    async with served() as (app, _):
        viewer = Viewer(app, "0123")
        assert (await viewer.next())["type"] == "websocket.accept"
        closed = await viewer.next()
        assert (closed["type"], closed["code"]) == ("websocket.close", live.OVER)
        await viewer.task


async def test_another_sites_page_may_not_look() -> None:
    async with served() as (app, http):
        made = await begun(http)
        viewer = Viewer(app, made["id"], origin="http://elsewhere")
        assert (await viewer.next())["type"] == "websocket.close"
        await viewer.task
        assert viewer.socket.application_state is WebSocketState.DISCONNECTED
