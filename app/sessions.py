"""All sessions of a server: opened, found again, expired."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Set
from functools import partial
from typing import Protocol

from app.engine import Engine, EngineEvent, LaneGone, LaneReopened, Status
from app.frame_times import FrameTimes
from app.metrics import Metrics
from app.protocol import ProtocolError, Reason, StatusEvent
from app.room import Full, Room
from app.session import Held, Page, Session, SessionState
from app.waiting import Guest, Queue
from models.experiment import Experiment

logger = logging.getLogger(__name__)


def status_event(status: Status) -> StatusEvent:
    """The engine's status as the page gets it."""
    return StatusEvent(
        state=status.state, message=status.message, progress=status.progress, device=status.device
    )


class Timer(Protocol):
    """Something that will be called."""

    def cancel(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Timer]


def call_later(delay: float, call: Callable[[], None]) -> Timer:
    """Calls something after so many seconds, which no change of the clock on the wall makes longer."""
    return asyncio.get_running_loop().call_later(delay, call)


MEMORY_LOOK = 5.0  # seconds between looks whether those who wait for memory can be let in


class Sessions:
    """As many sessions as there is `room` for, and a queue of `most_waiting` pages.

    A session that nobody is attached to is closed after `grace` seconds. `held` is told what sessions use,
    and when one is over.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        room: Room,
        most_waiting: int,
        grace: float,
        held: Held | None = None,
        metrics: Metrics | None = None,
        later: Later = call_later,
    ) -> None:
        self.stopping = False
        self._metrics = metrics
        self._engine = engine
        self._room = room
        self._grace = grace
        self._held = held
        self._later = later
        self._by_token: dict[str, Session] = {}
        self._by_lane: dict[str, Session] = {}
        self._addresses: dict[Session, str] = {}  # who opened it
        self._of_address: Counter[str] = Counter()
        self._expiries: dict[Session, Timer] = {}  # of detached sessions
        self._queue = Queue(most_waiting, self._obstacle)
        self._look: Timer | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._unsubscribe = engine.subscribe(self._engine_event)

    def __len__(self) -> int:
        return len(self._by_token)

    @property
    def tokens(self) -> Set[str]:
        """Of the sessions that are held."""
        return self._by_token.keys()

    def find(self, token: str) -> Session | None:
        """The session of that token, if it is held."""
        return self._by_token.get(token)

    @property
    def status(self) -> Status:
        """The engine's."""
        return self._engine.status

    @property
    def waiting(self) -> int:
        """How many pages wait for a lane."""
        return len(self._queue)

    def resume(self, token: str | None) -> Session | None:
        """The session of that token, if it is held; it is kept from now on."""
        session = self._by_token.get(token) if token else None
        if session is not None:
            self._cancel_expiry(session)
        return session

    def open(self, token: str | None, experiment: Experiment, address: str = "") -> tuple[Session, bool]:
        """The session of the token and True, or a new one and False; Full if there is no room.

        Nobody who waits is passed by.
        """
        session = self.resume(token)
        if session is not None:
            return session, True
        if self.stopping:
            raise ProtocolError("busy", "the server is being restarted", "another try when it is back")
        self._queue.move()
        if (reason := self._obstacle(address)) is not None:
            raise self._room.error(reason)
        return self.create(experiment, address), False

    def create(self, experiment: Experiment, address: str) -> Session:
        """A new session, for whom there is room."""
        counted = self._metrics
        times = counted and FrameTimes(counted.frames_sent, counted.frame_age, counted.change_to_frame)
        session = Session(self._engine, experiment, self._held, times)
        self._by_token[session.token] = session
        self._by_lane[session.lane_id] = session
        self._addresses[session] = address
        self._of_address[address] += 1
        return session

    def wait(self, guest: Guest) -> None:
        """Admits the guest as soon as there is room, which may be at once; QueueFull."""
        self._queue.join(guest)
        self._look_again()

    def leave(self, guest: Guest) -> None:
        """The guest does not wait any more."""
        self._queue.leave(guest)

    def full(self, reason: Reason) -> Full:
        """Why there is no room, in words."""
        return self._room.error(reason)

    def detach(self, session: Session, page: Page) -> None:
        """The page went away; its session waits for it for a while."""
        if session.state is SessionState.ATTACHED and session.detach(page):
            self._expiries[session] = self._later(self._grace, partial(self.drop, session))

    def drop(self, session: Session) -> None:
        """Closes the session and forgets it."""
        self._cancel_expiry(session)
        if self._by_token.pop(session.token, None) is None:
            return
        del self._by_lane[session.lane_id]
        address = self._addresses.pop(session)
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]
        if self._held is not None:
            self._held.leave(session.token)
        session.close()
        task = asyncio.get_running_loop().create_task(session.finish())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        self._queue.move()  # after the lane was given back: the engine does things in their order

    async def say_goodbye(self, seconds: float) -> None:
        """The server stops: pages are told, get their runs, are hung up on. No session is opened any more."""
        self.stopping = True
        self._queue.close()
        goodbyes = (session.say_goodbye(seconds) for session in self._by_token.values())
        for outcome in await asyncio.gather(*goodbyes, return_exceptions=True):
            if isinstance(outcome, Exception):
                logger.error("a page was not told", exc_info=outcome)

    async def close(self) -> None:
        """Ends all sessions, without a word to the engine: it is stopped as well."""
        self.stopping = True
        self._unsubscribe()
        if self._look is not None:
            self._look.cancel()
        for session in list(self._expiries):
            self._cancel_expiry(session)
        sessions, self._by_token = list(self._by_token.values()), {}
        self._by_lane.clear()
        self._addresses.clear()
        self._of_address.clear()
        for session in sessions:
            session.abandon()
        await asyncio.gather(*(session.finish() for session in sessions), *self._ending)

    def _obstacle(self, address: str) -> Reason | None:
        if self.stopping:
            return "lanes"  # of which there will be none
        return self._room.obstacle(len(self), self._of_address[address])

    def _look_again(self) -> None:
        """Memory gets less without a word: as long as somebody waits, it is looked at now and then."""
        if self._room.memory.limit and len(self._queue) and self._look is None and not self.stopping:
            self._look = self._later(MEMORY_LOOK, self._looked)

    def _looked(self) -> None:
        self._look = None
        self._queue.move()
        self._look_again()

    def _cancel_expiry(self, session: Session) -> None:
        if handle := self._expiries.pop(session, None):
            handle.cancel()

    def _engine_event(self, event: EngineEvent) -> None:
        match event:
            case Status():
                for session in self._by_token.values():
                    session.tell(status_event(event))
            case LaneReopened():
                if session := self._by_lane.get(event.lane_id):
                    session.reopened(event)
            case LaneGone():
                if session := self._by_lane.get(event.lane_id):
                    session.gone(event)
