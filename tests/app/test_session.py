"""Sessions outlive connections: coming back, taking over, expiring."""

import asyncio

import pytest

from app.connection import HangUp
from app.engine import EngineBusy
from app.session import TAKEN_OVER_CLOSE, IllegalTransition, Session, SessionState
from models.experiment import Experiment
from tests.app.client import PATIENCE, Server, settle
from tests.app.fake_engine import FakeEngine


async def test_a_page_that_comes_back_finds_its_lane() -> None:
    server = Server()
    page = server.client()
    await page.open(experiment={"seed": 3})
    page.ack((await page.frame())["seq"])
    for _ in range(7):
        page.send(type="play")
    await settle()
    assert server.engine.lane.applied == 8
    page.connection.disconnected()
    await settle()
    assert not server.engine.lane.watched

    again = server.client()
    welcome = await again.open(session=page.token, experiment={"seed": 4})
    assert welcome["resumed"]
    assert again.token == page.token
    frame = await again.frame()
    assert frame["key"]
    assert frame["applied"] == 1  # ids belong to a connection
    assert server.engine.lane.watched
    assert len(server.engine.asked("open")) == 1
    assert server.engine.lane.experiment["seed"] == 3


async def test_ids_of_an_earlier_connection_do_not_count() -> None:
    server = Server()
    page = server.client()
    await page.open()
    page.send(type="play", id=500)
    await settle()
    page.connection.disconnected()
    again = server.client()
    await again.open(session=page.token)
    id = again.send(type="pause")
    await settle()
    assert server.engine.asked("command")[-1][1:] == (id, {"type": "pause"})
    assert [(id, command) for _, id, command in server.engine.asked("command")[2:4]] == [
        (500, {"type": "watch", "watched": False}),
        (1, {"type": "watch", "watched": True}),
    ]


async def test_a_refusal_does_not_reach_a_later_connection() -> None:
    server = Server()
    page = server.client()
    await page.open()
    await page.frame()
    server.engine.open_gate.clear()
    server.engine.refusal = EngineBusy("no")
    page.send(type="play")
    await settle()
    page.connection.disconnected()
    again = server.client()
    await again.open(session=page.token)
    server.engine.open_gate.set()
    assert (await again.frame())["key"]


async def test_an_unknown_token_opens_a_new_session() -> None:
    server = Server()
    page = server.client()
    welcome = await page.open(session="never heard of", experiment={"seed": 8})
    assert not welcome["resumed"]
    assert page.token != "never heard of"
    await page.frame()
    assert server.engine.lane.experiment["seed"] == 8


async def test_a_second_page_takes_the_session_over() -> None:
    server = Server()
    first, second = server.client(), server.client()
    await first.open()
    await first.frame()
    await second.open(session=first.token)
    assert (await first.event("notice"))["code"] == "taken_over"
    hang_up = await first.next()
    assert isinstance(hang_up, HangUp)
    assert hang_up.code == TAKEN_OVER_CLOSE
    assert (await second.frame())["key"]
    first.say('{"type": "pause", "id": 2}')
    first.connection.disconnected()
    await settle()
    commands = [command for _, _, command in server.engine.asked("command")]
    assert commands == [{"type": "watch", "watched": True}] * 2
    assert server.engine.lane.watched
    second.send(type="play")
    server.engine.publish()
    assert (await second.frame())["applied"] == 2


async def test_a_session_that_nobody_comes_back_to_is_closed() -> None:
    server = Server(session_grace=60)
    page = server.client()
    await page.open()
    await page.frame()
    server.sleep(1000)
    page.connection.disconnected()
    server.sleep(59.9)
    await settle()
    assert len(server.sessions) == len(server.engine.lanes) == 1
    server.sleep(0.1)
    await settle()
    assert server.engine.lanes == {}
    assert len(server.sessions) == 0
    again = server.client()
    assert not (await again.open(session=page.token))["resumed"]


async def test_a_session_is_kept_while_somebody_is_there() -> None:
    server = Server(session_grace=60)
    page = server.client()
    await page.open()
    await page.frame()
    for _ in range(3):
        page.connection.disconnected()
        server.sleep(59)
        token, page = page.token, server.client()
        assert (await page.open(session=token))["resumed"]
        await page.frame()
    server.sleep(1000)
    await settle()
    assert server.engine.asked("close") == []


async def test_closing_ends_what_is_under_way() -> None:
    server = Server()
    server.engine.open_gate.clear()
    page = server.client()
    await page.open()
    page.send(type="play")
    page.connection.disconnected()
    await server.engine.stop()
    async with asyncio.timeout(PATIENCE):
        await server.sessions.close()
    assert len(server.sessions) == 0


class Nobody:
    """A page that only counts."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self.kept: list[bytes] = []

    def send(self, event: object) -> None:
        self.events.append(event)

    def lost(self, session: Session) -> None:
        self.events.append(session)

    def keep(self, blob: bytes) -> None:
        self.kept.append(blob)

    async def closed(self) -> None:
        pass

    def hang_up(self, code: int, reason: str) -> None:
        self.events.append(code)


async def test_a_closed_session_refuses_everything() -> None:
    session = Session(FakeEngine(), Experiment())
    page = Nobody()
    session.attach(page, 1)
    session.close()
    with pytest.raises(IllegalTransition, match=r"attach.* attached or detached.* closed"):
        session.attach(page, 2)
    with pytest.raises(IllegalTransition, match=r"acknowledgement.* attached.* closed"):
        session.acknowledge(1)
    assert not session.detach(page)
    session.close()
    await session.finish()
    assert session.state is SessionState.CLOSED
    assert page.events == []
