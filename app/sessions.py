"""All sessions of a server: opened, found again, expired."""

import asyncio
from collections.abc import Set

from app.engine import Engine, EngineEvent, LaneGone, LaneReopened, Status
from app.protocol import ProtocolError, StatusEvent
from app.session import Held, Page, Session, SessionState
from models.experiment import Experiment


def status_event(status: Status) -> StatusEvent:
    """The engine's status as the page gets it."""
    return StatusEvent(
        state=status.state, message=status.message, progress=status.progress, device=status.device
    )


class Sessions:
    """At most `max_lanes` sessions; one that nobody is attached to is closed after `grace` seconds.

    `held` is told what sessions use, and when one is over.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        max_lanes: int,
        grace: float,
        held: Held | None = None,
    ) -> None:
        self._engine = engine
        self._max_lanes = max_lanes
        self._grace = grace
        self._held = held
        self._by_token: dict[str, Session] = {}
        self._by_lane: dict[str, Session] = {}
        self._expiries: dict[
            Session, asyncio.TimerHandle
        ] = {}  # of detached sessions, longest detached first
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

    def open(self, token: str | None, experiment: Experiment) -> tuple[Session, bool]:
        """The session of the token and True, or a new one and False; ProtocolError if there is no room."""
        session = self._by_token.get(token) if token else None
        if session is not None:
            self._cancel_expiry(session)
            return session, True
        if len(self) >= self._max_lanes:
            if not self._expiries:
                raise ProtocolError(
                    "busy",
                    f"all {self._max_lanes} places of this server are taken",
                    "another try when somebody has left",
                )
            self.drop(next(iter(self._expiries)))
        session = Session(self._engine, experiment, self._held)
        self._by_token[session.token] = session
        self._by_lane[session.lane_id] = session
        return session, False

    def detach(self, session: Session, page: Page) -> None:
        """The page went away; its session waits for it for a while."""
        if session.state is SessionState.ATTACHED and session.detach(page):
            loop = asyncio.get_running_loop()
            self._expiries[session] = loop.call_later(self._grace, self.drop, session)

    def drop(self, session: Session) -> None:
        """Closes the session and forgets it."""
        self._cancel_expiry(session)
        if self._by_token.pop(session.token, None) is None:
            return
        del self._by_lane[session.lane_id]
        if self._held is not None:
            self._held.leave(session.token)
        session.close()
        task = asyncio.get_running_loop().create_task(session.finish())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Ends all sessions, without a word to the engine: it is stopped as well."""
        self._unsubscribe()
        for session in list(self._expiries):
            self._cancel_expiry(session)
        sessions, self._by_token = list(self._by_token.values()), {}
        self._by_lane.clear()
        for session in sessions:
            session.abandon()
        await asyncio.gather(*(session.finish() for session in sessions), *self._ending)

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
