"""A host's place: one host process after the other, started again when it dies."""

import asyncio
import itertools
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from app.engine import EngineBusy, EngineError, Figures, LaneLost, Status
from app.host_process import HostMessage, HostProcess
from app.lane_record import Answer, Request

logger = logging.getLogger(__name__)

STEADY_SECONDS = 10.0  # a host that was ready for so long did not die of its start
LOOKS = 3  # in a timeout: a server that was stopped itself, as a closed laptop, finds its first look late
PING = ("ping",)
STRIKES = 2  # a request at which the host died so often is not tried again


def _failure(code: str, message: str, expected: str) -> EngineError:
    if code == "busy":
        return EngineBusy(message, expected)
    if code == "lane_lost":
        return LaneLost(message, expected)
    return EngineError(code, message, expected)


class Owner(Protocol):
    """Who is told what becomes of a slot's host."""

    def host_launched(self, slot: "HostSlot") -> None:
        """There is a new host, which knows no lane."""
        ...

    def host_died(self, slot: "HostSlot", blamed: Request | None) -> None:
        """It is gone, perhaps of this request; another one will come."""
        ...

    def host_status(self, slot: "HostSlot") -> None:
        """The slot's status has changed."""
        ...

    def host_said(self, message: HostMessage) -> None:
        """What it sent without being asked: a frame, a blob."""
        ...


class HostSlot:
    """Keeps a host process alive, and what it was asked and has not answered."""

    def __init__(
        self,
        owner: Owner,
        target: str,
        options: Mapping[str, Any],
        restart_delays: Sequence[float],
        stop_timeout: float,
        host_timeout: float,
    ) -> None:
        self._owner = owner
        self._target = target
        self._options = options
        self._restart_delays = restart_delays
        self._stop_timeout = stop_timeout
        self._host_timeout = host_timeout
        self._host: HostProcess | None = None
        self._recovery: asyncio.Task[None] | None = None
        self._watchdog: asyncio.Task[None] | None = None
        self._stopping = False
        self._deaths = 0  # in a row
        self._heard = 0  # messages of hosts
        self._ready_since: float | None = None
        self._numbers = itertools.count(1)
        self._pending: dict[int, Request] = {}  # sent to this host and not answered, oldest first
        self._figures = Figures()  # as the host told them
        self._restarts = 0
        self.status = Status("warming", "The training process is starting.")

    @property
    def pid(self) -> int | None:
        """The host's process id, while there is one."""
        return self._host.pid if self._host else None

    @property
    def figures(self) -> Figures:
        ids = () if self.pid is None else (self.pid,)
        return replace(self._figures, restarts=self._restarts, process_ids=ids)

    @property
    def ready(self) -> bool:
        return self.status.state == "ready"

    def launch(self) -> None:
        self._host = HostProcess(self._target, self._options, receive=self._received, died=self._host_died)
        self._owner.host_launched(self)

    async def stop(self) -> list[Request]:
        """Ends the host for good; returns what it has not answered."""
        self._stopping = True
        for task in (self._recovery, self._watchdog):
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        if self._host:
            host, self._host = self._host, None
            await asyncio.to_thread(host.end, self._stop_timeout)
        pending, self._pending = list(self._pending.values()), {}
        return pending

    # Towards the host; without one nothing happens: what is not answered is sent to the next one

    def ask(self, request: Request) -> None:
        if self._host:
            number = next(self._numbers)
            self._pending[number] = request
            request.answered = False
            kind, *rest = request.message
            self._host.send((kind, number, *rest))

    def tell(self, message: HostMessage) -> None:
        """Something that has no answer."""
        if self._host:
            self._host.send(message)

    # From the host

    def _received(self, message: HostMessage) -> None:
        self._heard += 1
        match message:
            case ("reply", int(number), result):
                self._answered(number, result)
            case ("failure", int(number), str(code), str(text), str(expected)):
                self._answered(number, _failure(code, text, expected))
            case ("status", {"state": state, "message": text, "progress": progress, **more}):
                self._said(Status(state, text, progress, more.get("device", self.status.device)))
            case ("figures", {**figures}):
                self._figures = Figures(**figures)
            case _:
                self._owner.host_said(message)

    def _answered(self, number: int, answer: Answer) -> None:
        if request := self._pending.pop(number, None):
            request.strikes = 0
            request.done(answer)

    def _said(self, status: Status) -> None:
        if status.state == "ready":
            self._ready_since = asyncio.get_running_loop().time()
            if self._host and self._watchdog is None:
                self._watchdog = asyncio.get_running_loop().create_task(self._watch(self._host))
        elif self._deaths:
            status = Status("restarting", status.message, status.progress, status.device)
        self._set(status)

    def _set(self, status: Status) -> None:
        self.status = status
        self._owner.host_status(self)

    # The host's end

    def _host_died(self, host: HostProcess) -> None:
        if self._stopping or host is not self._host:
            return
        self._host = None
        if self._watchdog:
            self._watchdog.cancel()
            self._watchdog = None
        now = asyncio.get_running_loop().time()
        if self._ready_since is not None and now - self._ready_since >= STEADY_SECONDS:
            self._deaths = 0
        self._ready_since = None
        self._deaths += 1
        pending, self._pending = list(self._pending.values()), {}
        delay = self._restart_delays[min(self._deaths, len(self._restart_delays)) - 1]
        text = "The training process stopped and is started again."
        if delay >= STEADY_SECONDS:
            text = f"The training process stopped {self._deaths} times in a row; next try in {delay:g} s."
        self.status = Status("restarting", text, 0.0, self.status.device)
        self._owner.host_died(self, self._blame(pending))
        self._owner.host_status(self)
        self._recovery = asyncio.get_running_loop().create_task(self._recover(host, delay))

    async def _watch(self, host: HostProcess) -> None:
        """Ends a host that is silent, which is then started again as one that died by itself."""
        while await self._is_heard():
            pass
        logger.error("the host has not answered for %g s and is ended", self._host_timeout)
        host.kill()

    async def _is_heard(self) -> bool:
        """Asks for an answer; whatever comes will do, as this one waits behind all that was asked before."""
        before = self._heard
        self.ask(Request(PING, lambda answer: None))
        for _ in range(LOOKS):
            await asyncio.sleep(self._host_timeout / LOOKS)
            if self._heard != before:
                return True
        return False

    def _blame(self, pending: list[Request]) -> Request | None:
        """The host works in order, so the oldest request is the one that it died at, if it was any.

        A ping before it may have been answered: what a turn has to say is said at its end.
        """
        for request in pending:
            if request.leaving:
                request.done({})
        pending = [request for request in pending if request.message != PING]
        if not pending or pending[0].leaving:
            return None
        oldest = pending[0]
        oldest.strikes += 1
        if oldest.strikes >= STRIKES:
            oldest.strikes = 0
            text = "the training process stopped twice while carrying this out"
            oldest.done(EngineError("internal", text, "something else"))
        return oldest

    async def _recover(self, host: HostProcess, delay: float) -> None:
        exit_code = await asyncio.to_thread(host.end, self._stop_timeout)
        logger.warning("the host ended with exit code %s; the next one starts in %g s", exit_code, delay)
        while True:
            await asyncio.sleep(delay)
            try:
                self.launch()
                self._restarts += 1
                return
            except OSError:
                delay = self._restart_delays[-1]
                logger.exception("the host cannot be started; the next try is in %g s", delay)
