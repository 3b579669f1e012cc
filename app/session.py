"""The state machine of one page's hold on one lane."""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from enum import Enum
from typing import Any, Protocol, TypeVar, get_args

from app.engine import KEY_FRAME, Engine, EngineBusy, EngineError, LaneGone, LaneReopened
from app.frame_times import FrameTimes
from app.protocol import ErrorCode, ErrorEvent, Event, LaneCommand, Notice, ProtocolError
from models.experiment import Experiment

logger = logging.getLogger(__name__)

T = TypeVar("T")

FRAME_CREDITS = 2  # frames on their way to the page, or shown there, that it has not acknowledged
MOST_COMMANDS_UNDER_WAY = 64  # everybody's commands wait in one line, where nobody is to take all the room
MOST_COMMANDS_BEFORE_READY = 512  # they are kept until there is somebody to carry them out
FRAME_WAIT = 30.0  # seconds
RETRY_PAUSE = 1.0  # seconds before frames of a lane in trouble are asked for again
TAKEN_OVER_CLOSE = 4001  # WebSocket close code: the page must not come back by itself
SERVICE_RESTART = 1012  # WebSocket close code

RESTORED = "The training process stopped and was started again. Your run goes on from its last saved state."
BEGUN_AGAIN = "The training process stopped and your run could not be restored. It begins again."
STOPPING = "The server is being restarted. This page keeps your run and goes on when the server is back."
TAKEN_OVER = "This network is now shown in another window."


class SessionState(Enum):
    """Who holds the session."""

    DETACHED = "detached"  # nobody is connected: the lane rests
    ATTACHED = "attached"
    CLOSED = "closed"


class IllegalTransition(Exception):
    """A session was asked for what its state does not allow."""

    def __init__(self, action: str, expected: set[SessionState], received: SessionState) -> None:
        names = " or ".join(sorted(state.value for state in expected))
        super().__init__(f"{action} needs a session that is {names}; this one is {received.value}")


class Page(Protocol):
    """The connection that is attached to a session."""

    def send(self, event: Event) -> None: ...

    def keep(self, blob: bytes) -> None:
        """Sends the run's blob, for the page to come back with."""
        ...

    def lost(self, session: "Session") -> None:
        """The engine has no lane for this session."""
        ...

    def hang_up(self, code: int, reason: str) -> None:
        """Sends what is to be sent and closes the connection."""
        ...

    async def closed(self) -> None:
        """Waits until that is done."""
        ...


class Held(Protocol):
    """What outlives no session that uses it: learners' tables."""

    def use(self, token: str, experiment: Experiment) -> None:
        """The session goes on with this experiment."""
        ...

    def leave(self, token: str) -> None:
        """The session is over."""
        ...


class Session:
    """One lane of the engine, and the page that watches it, if there is one."""

    def __init__(
        self,
        engine: Engine,
        experiment: Experiment,
        held: Held | None = None,
        times: FrameTimes | None = None,
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.lane_id = secrets.token_hex(8)
        self.state = SessionState.DETACHED
        self._engine = engine
        self._held = held
        self._times = times
        self._take(experiment)
        self._page: Page | None = None
        self._last_id = 0  # of the present connection
        self._watching: asyncio.Task[None] | None = None
        self._after = KEY_FRAME
        self._unacknowledged: deque[int] = deque()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._opened = False

    def attach(self, page: Page, open_id: int) -> None:
        """A page takes the session, from another one if need be. Command ids begin anew with `open_id`."""
        self._require("attach", SessionState.DETACHED, SessionState.ATTACHED)
        before, self._page = self._page, page
        self.state = SessionState.ATTACHED
        self._last_id = open_id
        self._after = KEY_FRAME
        self._unacknowledged.clear()
        if self._times is not None:
            self._times.begin()
        self._begin()
        if before is not None:
            before.send(Notice(code="taken_over", message=TAKEN_OVER))
            before.hang_up(TAKEN_OVER_CLOSE, TAKEN_OVER)

    def detach(self, page: Page) -> bool:
        """This page went away. False if another one has taken the session already."""
        if self._page is not page or self.state is not SessionState.ATTACHED:
            return False
        self.state = SessionState.DETACHED
        self._page = None
        self._run(self._watch(self._last_id, watched=False))
        return True

    def carry_out(self, command: LaneCommand) -> None:
        """Hands a command to the engine; ProtocolError if it is out of order."""
        self._require("a command", SessionState.ATTACHED)
        if command.id <= self._last_id:
            raise ProtocolError(
                "illegal",
                f"id {command.id} does not grow",
                f"an id above {self._last_id}, the last one",
                command.id,
            )
        if self._has_enough_to_do:
            raise ProtocolError(
                "busy", "too many commands wait to be carried out", "a pause until some are", command.id
            )
        self._last_id = command.id
        if self._times is not None:
            self._times.commanded(command.type, command.id)
        if command.type == "set":
            self._take(command.experiment)
        self._run(self._command(command, self._page))

    @property
    def _has_enough_to_do(self) -> bool:
        ready = self._engine.status.state == "ready"
        return len(self._tasks) >= (MOST_COMMANDS_UNDER_WAY if ready else MOST_COMMANDS_BEFORE_READY)

    @property
    def experiment(self) -> Experiment:
        """The one that was last asked for."""
        return self._experiment

    async def load(
        self, experiment: Experiment, blob: bytes | None = None, weights: Mapping[str, Any] | None = None
    ) -> None:
        """Has the lane go on with a run of a file, as the engine's `load` does; EngineError."""
        await self._take_up(experiment, {"type": "load", "blob": blob, "weights": weights})

    async def change(self, experiment: Experiment, *, keep_weights: bool) -> None:
        """The protocol's `set`, waited for; EngineError."""
        await self._take_up(experiment, {"type": "set", "keep_weights": keep_weights})

    async def ask(self, command: Mapping[str, Any]) -> None:
        """Has a command of the engine carried out, of any but those that bring an experiment; EngineError."""
        self._require("a command", SessionState.ATTACHED, SessionState.DETACHED)
        if self._has_enough_to_do:
            raise EngineBusy("too many commands wait to be carried out", "a pause until some are")
        # It is no command of the page's own, so that the last of these remains what frames show as applied.
        failed = await asyncio.shield(self._run(self._tried(self._last_id, command)))
        if failed is not None:
            raise failed

    async def _take_up(self, experiment: Experiment, command: Mapping[str, Any]) -> None:
        before = self._experiment
        self._take(experiment)
        try:
            await self.ask({**command, "experiment": experiment.model_dump(mode="json")})
        except EngineError:
            if self._experiment is experiment:
                self._take(before)
            raise

    async def snapshot(self) -> bytes:
        """The lane's blob; EngineError."""
        return await self._engine.snapshot(self.lane_id)

    def saved(self) -> bytes | None:
        """The lane's blob as it came last; None before the first."""
        return self._engine.saved(self.lane_id)

    async def _tried(self, command_id: int, command: Mapping[str, Any]) -> EngineError | None:
        try:
            await self._engine.command(self.lane_id, command_id, command)
        except EngineError as error:
            return error
        return None

    def _take(self, experiment: Experiment) -> None:
        self._experiment = experiment
        if self._held is not None:
            self._held.use(self.token, experiment)

    def acknowledge(self, seq: int) -> None:
        """The page has shown this frame and those before it; ProtocolError if it was sent no such frame."""
        self._require("an acknowledgement", SessionState.ATTACHED)
        if seq not in self._unacknowledged:
            waiting = " or ".join(map(str, self._unacknowledged))
            expected = f"seq {waiting}" if waiting else "no ack before the next frame"
            raise ProtocolError("illegal", f"no frame {seq} waits to be acknowledged", expected)
        while self._unacknowledged.popleft() != seq:
            pass
        if self._times is not None:
            self._times.shown(seq)

    def awaits(self, seq: int) -> bool:
        """Whether this frame was sent and not acknowledged."""
        return seq in self._unacknowledged

    @property
    def has_credit(self) -> bool:
        """Whether the page may be sent another frame."""
        return self.state is SessionState.ATTACHED and len(self._unacknowledged) < FRAME_CREDITS

    async def frame(self) -> bytes | None:
        """The next frame, made for the page that is attached; None if there is none for a while."""
        watching = self._watching
        if watching is None:
            return None
        # What the host sends until then may still be meant for an earlier connection.
        await asyncio.shield(watching)
        try:
            found = await self._engine.frames({self.lane_id: self._after}, FRAME_WAIT)
        except EngineError as error:
            logger.debug("no frame of lane %s: %s", self.lane_id, error)
            await asyncio.sleep(RETRY_PAUSE)
            return None
        if self._watching is not watching or self.lane_id not in found:
            return None
        seq, data = found[self.lane_id]
        self._after = seq
        self._unacknowledged.append(seq)
        if self._times is not None:
            self._times.sent(seq, data)
        return data

    def tell(self, event: Event) -> None:
        """Sends an event to the page, if one is attached."""
        if self._page is not None:
            self._page.send(event)

    def reopened(self, event: LaneReopened) -> None:
        """The engine opened the lane on a new host."""
        if event.restored:
            self.tell(Notice(code="host_restarted", message=RESTORED))
        else:
            self.tell(Notice(code="run_lost", message=BEGUN_AGAIN))

    def gone(self, event: LaneGone) -> None:
        """The engine lost the lane: it is opened anew with the experiment that was in force."""
        if self.state is SessionState.CLOSED:
            return
        logger.warning("lane %s is gone: %s", self.lane_id, event.message)
        self._opened = False
        if self.state is SessionState.ATTACHED:
            self._after = KEY_FRAME
            self._begin()
        self.tell(Notice(code="run_lost", message=BEGUN_AGAIN))

    async def say_goodbye(self, seconds: float) -> None:
        """The server stops: the page is told, gets its run, and is hung up on.

        Half of the time is for the engine to say how the run is, or else it is as it was last saved, and half
        for the page to hear it.
        """
        page = self._page
        if page is None:
            return
        page.send(Notice(code="server_stopping", message=STOPPING))
        blob = self.saved()
        with suppress(EngineError, TimeoutError):
            async with asyncio.timeout(seconds / 2):
                blob = await self.snapshot()
        if page is not self._page:
            return
        if blob is not None:
            page.keep(blob)
        page.hang_up(SERVICE_RESTART, STOPPING)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds / 2):
                await page.closed()

    def close(self) -> None:
        """Gives the lane up. Nothing more happens in a closed session."""
        if self.state is not SessionState.CLOSED:
            self.abandon()
            self._run(self._close())

    def abandon(self) -> None:
        """Closes the session and leaves the lane to the engine, which is being stopped."""
        self.state = SessionState.CLOSED
        self._page = None

    async def finish(self) -> None:
        """Waits until everything under way is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self) -> None:
        """Has the lane opened, unless it is, and watched by the page that is attached."""
        if not self._opened:
            self._opened = True
            self._run(self._open(self._experiment, self._last_id))
        self._watching = self._run(self._watch(self._last_id, watched=True))

    async def _open(self, experiment: Experiment, open_id: int) -> None:
        try:
            await self._engine.open(self.lane_id, experiment.model_dump(mode="json"))
        except EngineError as error:
            self._opened = False
            if self._page is not None:
                self._report(error, open_id)
                self._page.lost(self)

    async def _watch(self, command_id: int, *, watched: bool) -> None:
        try:
            await self._engine.command(self.lane_id, command_id, {"type": "watch", "watched": watched})
        except EngineError as error:
            logger.debug("lane %s is not watched: %s", self.lane_id, error)

    async def _command(self, command: LaneCommand, page: Page | None) -> None:
        try:
            await self._engine.command(
                self.lane_id, command.id, command.model_dump(mode="json", exclude={"id"})
            )
        except EngineError as error:
            if page is self._page:  # otherwise this id means nothing, or something else, to whoever is there
                self._report(error, command.id)

    async def _close(self) -> None:
        try:
            await self._engine.close(self.lane_id)
        except EngineError as error:
            logger.debug("lane %s cannot be closed: %s", self.lane_id, error)

    def _report(self, error: EngineError, id: int) -> None:
        code: Any = error.code if error.code in get_args(ErrorCode) else "internal"
        self.tell(ErrorEvent(id=id, code=code, message=error.message, expected=error.expected))

    def _run(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        # Tasks begin in the order in which they are made, so the engine is called in that order.
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _require(self, action: str, *expected: SessionState) -> None:
        if self.state not in expected:
            raise IllegalTransition(action, set(expected), self.state)
