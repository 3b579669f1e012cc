"""One connection's conversation, without the socket: messages go in, what is to be sent comes out."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from app import __version__
from app.protocol import Ack, Event, Open, ProtocolError, Welcome, decode, encode
from app.rate import TokenBucket
from app.session import Session
from app.sessions import Sessions, status_event
from app.settings import Settings

logger = logging.getLogger(__name__)

MOST_EVENTS_WAITING = 4096  # a client that sends so much and reads nothing is hung up on
POLICY_VIOLATION = 1008


class ConnectionState(Enum):
    """How far a conversation has come."""

    AWAITING_OPEN = "awaiting open"
    OPEN = "open"
    HUNG_UP = "hung up"


@dataclass(frozen=True)
class HangUp:
    """The last thing to be sent: a WebSocket close with this code and reason."""

    code: int
    reason: str


class Connection:
    """Implements `app.session.Page`. `receive` never raises: what is wrong becomes an event."""

    def __init__(
        self, sessions: Sessions, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.state = ConnectionState.AWAITING_OPEN
        self._sessions = sessions
        self._max_bytes = settings.max_message_bytes
        self._rate = settings.max_messages_per_second
        self._bucket = TokenBucket(self._rate, settings.message_burst, clock)
        self._session: Session | None = None
        self._events: deque[Event] = deque()
        self._hang_up: HangUp | None = None
        self._pulling: asyncio.Task[bytes | None] | None = None
        self._awake = asyncio.Event()

    def receive(self, message: str | bytes) -> None:
        """Carries out what a message says, or answers it with one error event."""
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
                return encode(self._events.popleft())
            if self._hang_up is not None:
                return self._hang_up
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
        self.state = ConnectionState.HUNG_UP
        session = self._leave()
        if session is not None:
            self._sessions.detach(session, self)

    def send(self, event: Event) -> None:
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

    def hang_up(self, code: int, reason: str) -> None:
        self._hang_up = HangUp(code, reason)
        self.disconnected()
        self._awake.set()

    def _check(self, message: str | bytes) -> None:
        if not self._bucket.take():
            raise ProtocolError(
                "too_fast", "too many messages in too short a time", f"at most {self._rate:g} a second"
            )
        size = len(message if isinstance(message, bytes) else message.encode("utf-8", "surrogatepass"))
        if size > self._max_bytes:
            raise ProtocolError(
                "too_large", f"the message has {size} bytes", f"at most {self._max_bytes} bytes"
            )

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
            case ConnectionState.HUNG_UP:
                pass  # what was under way when the server hung up
            case _:
                assert_never(self.state)

    def _open(self, command: Open) -> None:
        try:
            session, resumed = self._sessions.open(command.session, command.experiment)
        except ProtocolError as error:
            raise ProtocolError(error.code, error.message, error.expected, command.id) from None
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
        session.attach(self, command.id)
        self._awake.set()

    def _leave(self) -> Session | None:
        session, self._session = self._session, None
        if self._pulling is not None:
            self._pulling.cancel()
            self._pulling = None
        return session
