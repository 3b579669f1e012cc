"""One connection's conversation, without the socket: messages go in, what is to be sent comes out."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from app import __version__, logs
from app.metrics import Metrics
from app.protocol import (
    Ack,
    ErrorEvent,
    Event,
    Notice,
    Open,
    ProtocolError,
    Reason,
    Refused,
    Waiting,
    Welcome,
    decode,
    encode,
)
from app.rate import TokenBucket
from app.room import RETRY_AFTER
from app.session import SERVICE_RESTART, STOPPING, Session
from app.sessions import Sessions, status_event
from app.settings import Settings
from app.waiting import QueueFull

logger = logging.getLogger(__name__)

MOST_EVENTS_WAITING = 4096  # a client that sends so much and reads nothing is hung up on
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
LONGEST_ACK = 64  # bytes
SAVED_BYTES_A_SECOND = 10_000  # what keeping its run may cost a page: a long history is sent less often


class ConnectionState(Enum):
    """How far a conversation has come."""

    AWAITING_OPEN = "awaiting open"
    WAITING = "waiting"  # for a lane
    OPEN = "open"
    HUNG_UP = "hung up"


@dataclass(frozen=True)
class HangUp:
    """The last thing to be sent: a WebSocket close with this code and reason."""

    code: int
    reason: str


class Connection:
    """Implements `app.session.Page` and `app.waiting.Guest`.

    `receive` never raises: what is wrong becomes an event. `address` is the client's, as limits count it.
    """

    def __init__(
        self,
        sessions: Sessions,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        metrics: Metrics | None = None,
        *,
        address: str = "",
    ) -> None:
        self.lane_id = ""  # of the session that it has or had
        self._metrics = metrics
        self.state = ConnectionState.AWAITING_OPEN
        self.address = address
        self._sessions = sessions
        self._max_bytes = settings.max_message_bytes
        self._rate = settings.max_messages_per_second
        self._bucket = TokenBucket(self._rate, settings.message_burst, clock)
        self._refusals = TokenBucket(self._rate, settings.message_burst, clock)
        self._asked: Open | None = None  # what waits for a lane
        self._context = copy_context()  # in which it was asked
        self._session: Session | None = None
        self._events: deque[Event | bytes] = deque()
        self._hang_up: HangUp | None = None
        self._pulling: asyncio.Task[bytes | None] | None = None
        self._awake = asyncio.Event()
        self._closed = asyncio.Event()
        self._keeps = False  # whether the page keeps its run
        self._save_seconds = settings.save_seconds
        self._saving: asyncio.TimerHandle | None = None
        self._saved: bytes | None = None  # the run as the page got it last
        self._save: bytes | None = None  # the run that the page gets next

    def receive(self, message: str | bytes) -> None:
        """Carries out what a message says, or answers it with one error event."""
        logs.LANE_ID.set(self.lane_id)
        try:
            self._check(message)
            self._carry_out(message)
        except ProtocolError as error:
            self.send(error.event())
        except Exception:
            logger.exception("a message could not be handled")
            self.send(ProtocolError("internal", "the server failed", "another try").event())

    async def next(self) -> str | bytes | HangUp:
        """What to send next: events first, then a frame if the page has credit for one."""
        while True:
            self._awake.clear()
            if self._events:
                event = self._events.popleft()
                return event if isinstance(event, bytes) else encode(event)
            if self._hang_up is not None:
                return self._hang_up
            if self._save is not None:
                save, self._save = self._save, None
                return save
            if self._pulling is not None and self._pulling.done():
                pulled, self._pulling = self._pulling, None
                if (frame := pulled.result()) is not None:
                    return frame
            if self._pulling is None and self._session is not None and self._session.has_credit:
                self._pulling = asyncio.get_running_loop().create_task(self._session.frame())
                self._pulling.add_done_callback(lambda task: self._awake.set())
            await self._awake.wait()

    def disconnected(self) -> None:
        """The other end is gone."""
        if self.state is ConnectionState.WAITING:
            self._sessions.leave(self)
        self.state = ConnectionState.HUNG_UP
        session = self._leave()
        if session is not None:
            self._sessions.detach(session, self)

    def send(self, event: Event) -> None:
        if self._metrics is not None and isinstance(event, ErrorEvent):
            self._metrics.errors.labels(event.code).inc()
        self._queue(event)

    def keep(self, blob: bytes) -> None:
        if self._keeps:
            self._queue(blob)

    def _queue(self, event: Event | bytes) -> None:
        if self._hang_up is None:
            self._events.append(event)
            self._awake.set()
            if len(self._events) > MOST_EVENTS_WAITING:
                self.hang_up(POLICY_VIOLATION, "too many answers wait to be read")

    def lost(self, session: Session) -> None:
        if session is self._session:
            self._leave()
            self.state = ConnectionState.AWAITING_OPEN
        self._sessions.drop(session)

    def admit(self) -> None:
        assert self._asked is not None
        command, self._asked = self._asked, None
        session = self._sessions.create(command.experiment, self.address)
        # Whoever made room is none of this connection's business, in logs neither.
        self._context.run(self._enter, command, session, resumed=False)

    def tell_place(self, place: int, reason: Reason) -> None:
        assert self._asked is not None
        if self._events and isinstance(self._events[-1], Waiting):
            self._events.pop()  # who reads slowly needs the latest place alone
        message = self._sessions.full(reason).message
        self.send(Waiting(id=self._asked.id, place=place, reason=reason, message=message))

    def say_goodbye(self) -> None:
        """The server stops, and there is no run to keep."""
        self.send(Notice(code="server_stopping", message=STOPPING))
        self.hang_up(SERVICE_RESTART, STOPPING)

    def hang_up(self, code: int, reason: str) -> None:
        self._hang_up = HangUp(code, reason)
        self.disconnected()
        self._awake.set()

    async def closed(self) -> None:
        await self._closed.wait()

    def is_closed(self) -> None:
        """Everything was sent that can be, and the socket is closed."""
        self._closed.set()

    def _check(self, message: str | bytes) -> None:
        if not self._bucket.take() and not self._is_due_ack(message):
            if not self._refusals.take():
                self.hang_up(POLICY_VIOLATION, "far too many messages")
            raise ProtocolError(
                "too_fast", "too many messages in too short a time", f"at most {self._rate:g} a second"
            )
        size = len(message if isinstance(message, bytes) else message.encode("utf-8", "surrogatepass"))
        if size > self._max_bytes:
            raise ProtocolError(
                "too_large", f"the message has {size} bytes", f"at most {self._max_bytes} bytes"
            )

    def _is_due_ack(self, message: str | bytes) -> bool:
        """A page that asked too much would see no more frames if those it has shown were not noted."""
        if self._session is None or len(message) > LONGEST_ACK:
            return False
        try:
            command = decode(message)
        except ProtocolError:
            return False
        return isinstance(command, Ack) and self._session.awaits(command.seq)

    def _carry_out(self, message: str | bytes) -> None:
        command = decode(message)
        match self.state:
            case ConnectionState.AWAITING_OPEN:
                if not isinstance(command, Open):
                    id = None if isinstance(command, Ack) else command.id
                    raise ProtocolError(
                        "illegal", f"{command.type} before open", "open, the first command", id
                    )
                self._open(command)
            case ConnectionState.OPEN:
                if isinstance(command, Open):
                    raise ProtocolError(
                        "illegal", "the session is open already", "any command but open", command.id
                    )
                assert self._session is not None
                if isinstance(command, Ack):
                    self._session.acknowledge(command.seq)
                    self._awake.set()
                else:
                    self._session.carry_out(command)
            case ConnectionState.WAITING:
                id = None if isinstance(command, Ack) else command.id
                raise ProtocolError("illegal", f"{command.type} before the welcome", "a little patience", id)
            case ConnectionState.HUNG_UP:
                pass  # what was under way when the server hung up
            case _:
                assert_never(self.state)

    def _open(self, command: Open) -> None:
        if self._sessions.stopping:
            self.say_goodbye()
            return
        session = self._sessions.resume(command.session)
        if session is not None:
            self._enter(command, session, resumed=True)
            return
        self._asked, self._context = command, copy_context()
        self.state = ConnectionState.WAITING
        try:
            self._sessions.wait(self)
        except QueueFull:
            message = "all places of this server are taken, and those to wait for one too"
            self.send(Refused(reason="queue", retry_after=RETRY_AFTER, message=message))
            self.hang_up(TRY_AGAIN_LATER, "the server is full")

    def _enter(self, command: Open, session: Session, *, resumed: bool) -> None:
        status = self._sessions.status
        self.send(
            Welcome(
                id=command.id,
                session=session.token,
                resumed=resumed,
                device=status.device,
                version=__version__,
            )
        )
        self.send(status_event(status))
        self.state = ConnectionState.OPEN
        self._session = session
        self.lane_id = session.lane_id
        logs.LANE_ID.set(session.lane_id)
        session.attach(self, command.id)
        self._keeps = command.save
        if self._keeps:
            self._save_after(self._save_seconds)
        self._awake.set()

    def _save_after(self, seconds: float) -> None:
        self._saving = asyncio.get_running_loop().call_later(seconds, self._save_now)

    def _save_now(self) -> None:
        """Has the page get its run, if it takes what it is sent and has not got this one yet."""
        assert self._session is not None
        seconds = self._save_seconds
        run = self._session.saved()
        if run is not None and run is not self._saved and self._session.has_credit:
            self._saved = self._save = run
            self._awake.set()
            seconds = max(seconds, len(run) / SAVED_BYTES_A_SECOND)
        self._save_after(seconds)

    def _leave(self) -> Session | None:
        session, self._session = self._session, None
        if self._pulling is not None:
            self._pulling.cancel()
            self._pulling = None
        if self._saving is not None:
            self._saving.cancel()
            self._saving = self._save = None
        return session
