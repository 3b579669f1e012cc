"""Waiting for a lane: who comes in, in which order, and what those who wait are told."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.connection import TRY_AGAIN_LATER, HangUp
from app.room import RETRY_AFTER, Full
from app.session import SERVICE_RESTART, Session
from app.sessions import Sessions
from app.waiting import Queue, QueueFull
from models.experiment import Experiment
from tests.app.client import Client, Json, Server, settle


async def waits(page: Client, **members: Any) -> Json:
    """Opens a session on a server that has no room; what the page is told."""
    id = page.send(type="open", **members)
    waiting = await page.event("waiting")
    assert waiting["id"] == id
    return waiting


async def let_in(page: Client) -> Json:
    """The welcome, with what follows it."""
    welcome = await page.event("welcome")
    page.token = welcome["session"]
    await page.event("status")
    assert (await page.frame())["key"]
    return welcome


async def test_newcomers_wait_and_come_in_by_themselves() -> None:
    server = Server(max_lanes=2, session_grace=60)
    inside = [server.client() for _ in range(2)]
    for page in inside:
        await page.open()
    first, second = server.client(), server.client()
    assert await waits(first, experiment={"seed": 5}) == {
        "type": "waiting",
        "id": 1,
        "place": 1,
        "reason": "lanes",
        "message": "all 2 places of this server are taken",
    }
    assert (await waits(second))["place"] == 2
    inside[0].connection.disconnected()
    server.sleep(59.9)  # it might come back
    assert server.sessions.waiting == 2
    server.sleep(0.1)
    welcome = await let_in(first)
    assert not welcome["resumed"]
    assert (await second.event("waiting"))["place"] == 1
    first.send(type="play")
    await settle()
    # The lane was given back before the next one was asked for.
    kinds = [call[0] for call in server.engine.calls if call[0] in ("open", "close")]
    assert kinds == ["open", "open", "close", "open"]
    assert server.engine.asked("open")[-1][1]["seed"] == 5
    assert [command["type"] for _, _, command in server.engine.asked("command")][-1] == "play"
    inside[1].connection.disconnected()
    server.sleep(60)
    await let_in(second)
    assert server.sessions.waiting == 0
    assert len(server.engine.lanes) == 2


async def test_who_leaves_the_queue_frees_a_place() -> None:
    server = Server(max_lanes=1)
    await server.client().open()
    pages = [server.client() for _ in range(4)]
    for place, page in enumerate(pages, 1):
        assert (await waits(page))["place"] == place
    pages[1].connection.disconnected()
    assert (await pages[2].event("waiting"))["place"] == 2
    assert (await pages[3].event("waiting"))["place"] == 3
    pages[0].connection.disconnected()
    pages[2].connection.disconnected()
    # Who did not read meanwhile is told the latest place alone.
    assert (await pages[3].event("waiting"))["place"] == 1
    assert server.sessions.waiting == 1
    await settle()
    assert len(server.engine.asked("open")) == 1


async def test_a_page_that_holds_a_lane_goes_straight_in() -> None:
    server = Server(max_lanes=1)
    holder, other, again = server.client(), server.client(), server.client()
    await holder.open()
    await waits(other)
    holder.connection.disconnected()
    assert (await again.open(session=holder.token))["resumed"]
    assert server.sessions.waiting == 1


async def test_a_page_whose_lane_is_gone_waits_like_everybody() -> None:
    server = Server(max_lanes=1, session_grace=60)
    holder, other, again = server.client(), server.client(), server.client()
    await holder.open()
    await waits(other)
    holder.connection.disconnected()
    server.sleep(60)
    await let_in(other)
    assert (await waits(again, session=holder.token, experiment={"seed": 6}))["place"] == 1
    other.connection.disconnected()
    server.sleep(60)
    assert not (await let_in(again))["resumed"]
    assert server.engine.lane.experiment["seed"] == 6


async def test_nothing_is_carried_out_before_the_welcome() -> None:
    server = Server(max_lanes=1)
    await server.client().open()
    page = server.client()
    await waits(page)
    await settle()
    calls = list(server.engine.calls)
    commands: tuple[Json, ...] = ({"type": "play"}, {"type": "open"}, {"type": "set", "experiment": {}})
    for command in commands:
        id = page.send(**command)
        error = await page.event("error")
        assert (error["id"], error["code"]) == (id, "illegal")
        assert "welcome" in error["message"]
    page.ack(1)
    assert (await page.event("error"))["code"] == "illegal"
    await settle()
    assert server.engine.calls == calls


@pytest.mark.parametrize("most", [0, 1, 3])
async def test_the_queue_is_bounded(most: int) -> None:
    server = Server(max_lanes=1, max_waiting=most)
    await server.client().open()
    for place in range(1, most + 1):
        assert (await waits(server.client()))["place"] == place
    one_too_many = server.client()
    one_too_many.send(type="open")
    refused = await one_too_many.event("refused")
    assert (refused["reason"], refused["retry_after"]) == ("queue", RETRY_AFTER)
    hang_up = await one_too_many.next()
    assert isinstance(hang_up, HangUp)
    assert hang_up.code == TRY_AGAIN_LATER
    assert server.sessions.waiting == most


async def test_an_address_that_has_enough_is_passed_by_others() -> None:
    server = Server(max_lanes=4, max_lanes_per_address=2, session_grace=60)
    greedy = [server.client("10.0.0.1") for _ in range(4)]
    for page in greedy[:2]:
        await page.open()
    for place, page in enumerate(greedy[2:], 1):
        waiting = await waits(page)
        assert (waiting["place"], waiting["reason"]) == (place, "address")
        assert "2 networks" in waiting["message"]
    for _ in range(2):
        await server.client("10.0.0.2").open()
    other = server.client("10.0.0.3")
    assert (await waits(other))["reason"] == "lanes"
    for page in greedy[2:]:
        assert (await page.event("waiting"))["reason"] == "lanes"
    greedy[0].connection.disconnected()
    server.sleep(60)
    await let_in(greedy[2])


async def test_programs_do_not_pass_who_waits() -> None:
    server = Server(max_lanes=2, session_grace=60)
    pages = [server.client() for _ in range(3)]
    for page in pages[:2]:
        await page.open()
    await waits(pages[2])
    with pytest.raises(Full, match="all 2 places"):
        server.sessions.open(None, Experiment())
    pages[0].connection.disconnected()
    server.sleep(60)
    with pytest.raises(Full):
        server.sessions.open(None, Experiment())
    await let_in(pages[2])
    # A program's run takes a place like a page.
    pages[1].connection.disconnected()
    server.sleep(60)
    server.sessions.open(None, Experiment())
    assert (await waits(server.client()))["place"] == 1


async def test_nobody_is_let_in_while_the_server_stops() -> None:
    server = Server(max_lanes=1)
    inside, page = server.client(), server.client()
    await inside.open()
    await waits(page)
    await settle()
    inside.connection.is_closed()
    await server.sessions.say_goodbye(1.0)
    assert (await page.event("notice"))["code"] == "server_stopping"
    hang_up = await page.next()
    assert isinstance(hang_up, HangUp)
    assert hang_up.code == SERVICE_RESTART
    await server.sessions.close()
    assert len(server.sessions) == server.sessions.waiting == 0
    server.sleep(1000)
    await settle()
    assert len(server.engine.asked("open")) == 1


MEGABYTE = 1_000_000


async def test_while_memory_is_short_newcomers_wait() -> None:
    server = Server(max_memory_mb=100, session_grace=60)
    server.used = 99 * MEGABYTE
    pages = [server.client() for _ in range(5)]
    await pages[0].open()
    server.used = 100 * MEGABYTE  # as much as it may
    server.sleep(1)
    await pages[1].open()
    server.used += 1
    server.sleep(1)
    waiting = await waits(pages[2])
    assert (waiting["place"], waiting["reason"]) == (1, "memory")
    assert "100 MB" in waiting["message"]
    await waits(pages[3])
    with pytest.raises(Full, match="memory"):
        server.sessions.open(None, Experiment())
    # Those that are there go on.
    pages[0].send(type="play")
    await settle()
    assert [command["type"] for _, _, command in server.engine.asked("command")][-1] == "play"
    # What a lane leaves behind is the next one's.
    pages[0].connection.disconnected()
    server.sleep(60)
    await let_in(pages[2])
    assert (await pages[3].event("waiting"))["place"] == 1
    server.used = 100 * MEGABYTE
    server.sleep(10)  # nobody has to leave: it is looked at
    await let_in(pages[3])
    await pages[4].open()


async def test_memory_is_measured_seldom_and_not_without_a_limit() -> None:
    server = Server(max_memory_mb=100)
    for _ in range(50):
        await server.client().open()
    assert server.looks == 1
    server.sleep(1)
    await server.client().open()
    assert server.looks == 2
    server.sleep(1000)
    assert server.looks == 2  # nobody waits for it
    unlimited = Server()
    unlimited.used = 10**15
    await unlimited.client().open()
    assert unlimited.looks == 0


async def test_one_lane_there_may_always_be() -> None:
    server = Server(max_memory_mb=1, session_grace=60)
    server.used = 500 * MEGABYTE
    for _ in range(2):
        first, second = server.client(), server.client()
        await first.open()
        assert (await waits(second))["reason"] == "memory"
        first.connection.disconnected()
        second.connection.disconnected()
        server.sleep(60)


async def test_who_is_told_something_may_leave_for_it() -> None:
    """A guest that goes when it is spoken to, as one does whose answers nobody reads."""

    @dataclass(eq=False)
    class Guest:
        address: str = ""
        told: list[int] = field(default_factory=list[int])
        admitted: bool = False

        def admit(self) -> None:
            self.admitted = True
            room[0] -= 1

        def say_goodbye(self) -> None: ...

        def tell_place(self, place: int, reason: str) -> None:
            self.told.append(place)
            if self is shy and len(self.told) > 1:
                queue.leave(self)

    room = [0]
    queue = Queue(3, lambda address: None if room[0] else "lanes")
    first, shy, third = Guest(), Guest(), Guest()
    for guest in (first, shy, third):
        queue.join(guest)
    with pytest.raises(QueueFull):
        queue.join(Guest())
    room[0] = 1
    queue.move()
    assert first.admitted
    assert not shy.admitted
    assert third.told[-1] == 1
    assert len(queue) == 1


class Pupil:
    """A page that comes, waits, works and goes. Implements `app.waiting.Guest` and `app.session.Page`."""

    def __init__(self, sessions: Sessions, address: str) -> None:
        self.sessions = sessions
        self.address = address
        self.session: Session | None = None
        self.place: int | None = None

    def admit(self) -> None:
        assert self.session is None
        self.take(self.sessions.create(EXPERIMENT, self.address))

    def take(self, session: Session) -> None:
        self.session = session
        self.place = None
        session.attach(self, 1)

    def tell_place(self, place: int, reason: str) -> None:
        assert self.session is None
        assert self.place is None or place <= self.place  # nobody is put back
        self.place = place

    def send(self, event: object) -> None: ...
    def keep(self, blob: bytes) -> None: ...
    async def closed(self) -> None: ...
    def say_goodbye(self) -> None: ...
    def lost(self, session: Session) -> None: ...
    def hang_up(self, code: int, reason: str) -> None: ...


EXPERIMENT = Experiment()
ADDRESSES = ("10.0.0.1", "10.0.0.2", "2001:db8::/64")
LANES, PER_ADDRESS, MOST_WAITING, GRACE = 4, 3, 5, 60.0
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(("come", "come", "come", "go", "go", "give up", "return", "program", "minute")),
        st.integers(0, 11),
    ),
    min_size=30,  # a class is full after some ten have come
    max_size=60,
)


class Class:
    """A full server, and a model of it as plain as can be: who holds a lane, who waits."""

    def __init__(self) -> None:
        self.server = Server(
            max_lanes=LANES,
            max_lanes_per_address=PER_ADDRESS,
            max_waiting=MOST_WAITING,
            session_grace=GRACE,
        )
        self.sessions = self.server.sessions
        self.holders: list[Pupil] = []
        self.queue: list[Pupil] = []
        self.away: list[tuple[float, Pupil]] = []  # until when its lane is kept
        self.programs: list[str] = []  # addresses
        self.turned_away = 0

    def has_room_for(self, address: str) -> bool:
        held = [pupil.address for pupil in [*self.holders, *(pupil for _, pupil in self.away)]]
        held += self.programs
        return len(held) < LANES and held.count(address) < PER_ADDRESS

    def happen(self, what: str, number: int) -> None:
        match what:
            case "come":
                self.come(Pupil(self.sessions, ADDRESSES[number % len(ADDRESSES)]))
            case "go" if self.holders:
                pupil = self.holders.pop(number % len(self.holders))
                assert pupil.session is not None
                self.sessions.detach(pupil.session, pupil)
                self.away.append((self.server.time + GRACE, pupil))
            case "give up" if self.queue:
                self.sessions.leave(self.queue.pop(number % len(self.queue)))
            case "return" if self.away:
                _, pupil = self.away.pop(number % len(self.away))
                assert pupil.session is not None
                session = self.sessions.resume(pupil.session.token)
                assert session is not None
                assert session is pupil.session
                pupil.take(session)
                self.holders.append(pupil)
            case "program":
                self.start_a_program(ADDRESSES[number % len(ADDRESSES)])
            case "minute":
                self.server.sleep(10 * number)
                self.away = [(until, pupil) for until, pupil in self.away if until > self.server.time]
            case _:
                pass
        self.let_in()

    def come(self, pupil: Pupil) -> None:
        room, waiting = self.has_room_for(pupil.address), len(self.queue)
        try:
            self.sessions.wait(pupil)
        except QueueFull:
            assert not room
            assert waiting == MOST_WAITING
            self.turned_away += 1
        else:
            assert room or waiting < MOST_WAITING
            self.queue.append(pupil)

    def start_a_program(self, address: str) -> None:
        room = self.has_room_for(address)
        try:
            session, _ = self.sessions.open(None, EXPERIMENT, address)
        except Full:
            assert not room
        else:
            assert room
            session.attach(Pupil(self.sessions, address), 1)
            self.programs.append(address)

    def let_in(self) -> None:
        """Who waits comes in as there is room, in order."""
        waiting = self.queue
        self.queue = []
        for pupil in waiting:
            (self.holders if self.has_room_for(pupil.address) else self.queue).append(pupil)

    def check(self) -> None:
        assert [pupil.place for pupil in self.queue] == list(range(1, len(self.queue) + 1))
        assert all(pupil.session is None for pupil in self.queue)
        assert self.sessions.waiting == len(self.queue)
        held = [pupil.session for pupil in self.holders]
        assert all(session is not None for session in held)
        assert len({session.lane_id for session in held if session}) == len(held)
        assert len(self.sessions) == len(held) + len(self.away) + len(self.programs)


@settings(max_examples=30, deadline=None)
@given(HAPPENINGS)
def test_any_class_is_let_in_in_order_and_leaves_no_lane_behind(happenings: list[tuple[str, int]]) -> None:
    async def scenario() -> None:
        pupils = Class()
        for what, number in happenings:
            pupils.happen(what, number)
            pupils.check()
        await settle()
        engine = pupils.server.engine
        assert len(engine.lanes) == len(pupils.sessions)
        lanes = {lane_id for lane_id, _ in engine.asked("open")}
        assert len(lanes) == len(engine.asked("open"))  # each was opened once
        for pupil in pupils.queue:
            pupils.sessions.leave(pupil)
        for pupil in pupils.holders:
            assert pupil.session is not None
            pupils.sessions.detach(pupil.session, pupil)
        pupils.server.sleep(GRACE)
        await settle()
        assert len(engine.lanes) == len(pupils.sessions) == len(pupils.programs)

    asyncio.run(scenario())
