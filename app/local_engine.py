"""The engine of one machine: a spawned host process, started again when it dies."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from app.engine import (
    KEY_FRAME,
    EngineBusy,
    EngineError,
    EngineEvent,
    LaneGone,
    LaneId,
    LaneLost,
    LaneReopened,
    Status,
)
from app.host_process import HostMessage, HostProcess
from app.lane_record import Answer, LaneRecord, Request

logger = logging.getLogger(__name__)

RESTART_DELAYS = (0.0, 1.0, 2.0, 5.0, 30.0)  # seconds before the first, second, ... start in a row
STEADY_SECONDS = 10.0  # a host that was ready for so long did not die of its start
STRIKES = 2  # a request at which the host died so often is not tried again


def _failure(code: str, message: str, expected: str) -> EngineError:
    if code == "busy":
        return EngineBusy(message, expected)
    if code == "lane_lost":
        return LaneLost(message, expected)
    return EngineError(code, message, expected)


class LocalEngine:
    """Implements `app.engine.Engine`. Everything but the pipe's two threads happens in the event loop.

    When the host dies, every lane is opened again from its last blob, and the commands that this blob does
    not contain are carried out again in their order; so no command is lost, and at most the training since
    the blob is repeated.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        *,
        target: str = "models.host:main",
        restart_delays: Sequence[float] = RESTART_DELAYS,
        stop_timeout: float = 1.0,
    ) -> None:
        self._options = options
        self._target = target
        self._restart_delays = restart_delays
        self._stop_timeout = stop_timeout
        self._host: HostProcess | None = None
        self._recovery: asyncio.Task[None] | None = None
        self._stopping = False
        self._deaths = 0  # in a row
        self._ready_since: float | None = None
        self._status = Status("warming", "The engine has not been started.")
        self._listeners: list[Callable[[EngineEvent], None]] = []
        self._lanes: dict[LaneId, LaneRecord] = {}
        self._numbers = itertools.count(1)
        self._pending: dict[int, Request] = {}  # sent to this host and not answered, oldest first

    @property
    def status(self) -> Status:
        return self._status

    @property
    def host_pid(self) -> int | None:
        """The host's process id, while there is one."""
        return self._host.pid if self._host else None

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    async def start(self) -> None:
        self._tell(Status("warming", "The training process is starting."))
        self._launch()

    async def stop(self) -> None:
        self._stopping = True
        if self._recovery:
            self._recovery.cancel()
            with suppress(asyncio.CancelledError):
                await self._recovery
        if self._host:
            host, self._host = self._host, None
            await asyncio.to_thread(host.end, self._stop_timeout)
        error = EngineError("internal", "the server is stopping", "another try later")
        for lane in list(self._lanes.values()):
            self._forget(lane, error)
        pending, self._pending = list(self._pending.values()), {}
        for request in pending:
            request.done(error)

    async def open(
        self, lane_id: LaneId, experiment: Mapping[str, Any], blob: bytes | None = None
    ) -> Mapping[str, Any]:
        lane = self._lanes.get(lane_id)
        if lane is None:
            lane = self._lanes[lane_id] = LaneRecord(lane_id, experiment, blob, opened=self._opened)
            self._open(lane)
        return await asyncio.shield(lane.answer)

    async def command(self, lane_id: LaneId, command_id: int, command: Mapping[str, Any]) -> None:
        lane = self._lane(lane_id)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        request = lane.add_command(command_id, command, answer)
        if lane.live:
            self._send(request)
        await self._result(answer)

    async def frames(self, after: Mapping[LaneId, int], max_wait: float) -> dict[LaneId, tuple[int, bytes]]:
        lanes = [self._lane(lane_id) for lane_id in after]
        for lane in lanes:
            if lane.want(after[lane.lane_id]):
                self._send_want(lane)
        found = self._take(after)
        if found:
            return found
        news = asyncio.Event()
        for lane in lanes:
            lane.waiting.add(news)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(max_wait):
                    while not found:
                        await news.wait()
                        news.clear()
                        found = self._take(after)
        finally:
            for lane in lanes:
                lane.waiting.discard(news)
        return found

    def _take(self, after: Mapping[LaneId, int]) -> dict[LaneId, tuple[int, bytes]]:
        """The frames that have come; LaneLost if there are none and a lane is lost."""
        lanes = [self._lanes[lane_id] for lane_id in after if lane_id in self._lanes]
        found = {lane.lane_id: frame for lane in lanes if (frame := lane.take_frame(after[lane.lane_id]))}
        if not found:
            for lane_id in after:
                self._lane(lane_id)
        return found

    async def snapshot(self, lane_id: LaneId) -> bytes:
        lane = self._lane(lane_id)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        request = lane.add_snapshot(answer)
        if lane.live:
            self._send(request)
        return (await self._result(answer))["blob"]

    async def close(self, lane_id: LaneId) -> None:
        lane = self._lanes.get(lane_id)
        if lane is None:
            return
        self._forget(lane, LaneLost("the lane was closed"))
        if self._host:
            answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            self._send(Request(("close", lane_id), answer.set_result))
            await self._result(answer)

    async def _result(self, answer: asyncio.Future[Answer]) -> Mapping[str, Any]:
        # A caller that gives up does not undo what the host is doing.
        result = await asyncio.shield(answer)
        if isinstance(result, EngineError):
            raise result
        return result

    def _lane(self, lane_id: LaneId) -> LaneRecord:
        lane = self._lanes.get(lane_id)
        if lane is None:
            raise LaneLost(f"there is no lane {lane_id}")
        return lane

    # Towards the host

    def _send(self, request: Request) -> None:
        """Without a host nothing happens: what is not answered is sent to the next one."""
        if self._host:
            number = next(self._numbers)
            self._pending[number] = request
            request.answered = False
            kind, *rest = request.message
            self._host.send((kind, number, *rest))

    def _send_want(self, lane: LaneRecord) -> None:
        if self._host and lane.live and lane.wanted is not None:
            # A new host has sent this lane no frame that the next one could continue.
            self._host.send(("want", lane.lane_id, KEY_FRAME if lane.fresh else lane.wanted))
            lane.fresh = False

    def _open(self, lane: LaneRecord) -> None:
        self._send(lane.opening())

    def _opened(self, lane: LaneRecord, answer: Answer) -> None:
        if self._lanes.get(lane.lane_id) is not lane:
            return  # closed meanwhile
        again = lane.answer.done()
        if isinstance(answer, EngineError):
            if again and lane.blob is not None:
                logger.warning("lane %s cannot be restored: %s", lane.lane_id, answer.message)
                lane.give_up_blob()
                self._open(lane)
            else:
                self._forget(lane, answer)
                if again:
                    self._announce(LaneGone(lane.lane_id, answer.message))
            return
        lane.live = True
        for request in lane.to_send():
            self._send(request)
        self._send_want(lane)
        if again:
            self._announce(LaneReopened(lane.lane_id, restored=not lane.damaged))
            lane.damaged = False
        else:
            lane.answer.set_result(answer)

    def _forget(self, lane: LaneRecord, error: EngineError) -> None:
        del self._lanes[lane.lane_id]
        lane.end(error)

    # From the host

    def _received(self, message: HostMessage) -> None:
        match message:
            case ("reply", int(number), result):
                self._answered(number, result)
            case ("failure", int(number), str(code), str(text), str(expected)):
                self._answered(number, _failure(code, text, expected))
            case ("frame", str(lane_id), int(seq), bytes(data)):
                if lane := self._lanes.get(lane_id):
                    lane.receive_frame(seq, data)
            case ("blob", str(lane_id), bytes(blob)):
                if lane := self._lanes.get(lane_id):
                    lane.receive_blob(blob)
            case ("status", {"state": state, "message": text, "progress": progress, **more}):
                self._host_status(Status(state, text, progress, more.get("device", self._status.device)))
            case _:
                logger.error("the host sent a message that nobody knows: %.80r", message)

    def _answered(self, number: int, answer: Answer) -> None:
        if request := self._pending.pop(number, None):
            request.strikes = 0
            request.done(answer)

    def _host_status(self, status: Status) -> None:
        if status.state == "ready":
            self._ready_since = asyncio.get_running_loop().time()
        elif self._deaths:
            status = Status("restarting", status.message, status.progress, status.device)
        self._tell(status)

    def _tell(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            self._announce(status)

    def _announce(self, event: EngineEvent) -> None:
        for listener in list(self._listeners):
            listener(event)

    # The host's life

    def _launch(self) -> None:
        self._host = HostProcess(self._target, self._options, receive=self._received, died=self._host_died)
        for lane in self._lanes.values():
            self._open(lane)

    def _host_died(self, host: HostProcess) -> None:
        if self._stopping or host is not self._host:
            return
        self._host = None
        now = asyncio.get_running_loop().time()
        if self._ready_since is not None and now - self._ready_since >= STEADY_SECONDS:
            self._deaths = 0
        self._ready_since = None
        self._deaths += 1
        for lane in self._lanes.values():
            lane.live = False
        pending, self._pending = list(self._pending.values()), {}
        self._blame(pending)
        delay = self._restart_delays[min(self._deaths, len(self._restart_delays)) - 1]
        text = "The training process stopped and is started again."
        if delay >= STEADY_SECONDS:
            text = f"The training process stopped {self._deaths} times in a row; next try in {delay:g} s."
        self._tell(Status("restarting", text, 0.0, self._status.device))
        self._recovery = asyncio.get_running_loop().create_task(self._recover(host, delay))

    def _blame(self, pending: list[Request]) -> None:
        """The host works in order, so the oldest request is the one that it died at, if it was any."""
        for request in pending:
            if request.message[0] == "close":
                request.done({})
        if pending and pending[0].message[0] != "close":
            pending[0].strikes += 1
            if pending[0].strikes >= STRIKES:
                pending[0].strikes = 0
                text = "the training process stopped twice while carrying this out"
                pending[0].done(EngineError("internal", text, "something else"))

    async def _recover(self, host: HostProcess, delay: float) -> None:
        exit_code = await asyncio.to_thread(host.end, self._stop_timeout)
        logger.warning("the host ended with exit code %s; the next one starts in %g s", exit_code, delay)
        while True:
            await asyncio.sleep(delay)
            try:
                self._launch()
                return
            except OSError:
                delay = self._restart_delays[-1]
                logger.exception("the host cannot be started; the next try is in %g s", delay)
