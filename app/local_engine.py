"""The engine of one machine: spawned host processes, started again when they die."""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from app.engine import (
    KEY_FRAME,
    EngineError,
    EngineEvent,
    Figures,
    LaneGone,
    LaneId,
    LaneLost,
    LaneReopened,
    Status,
)
from app.host_process import HostMessage
from app.host_slot import HostSlot
from app.lane_record import Answer, LaneRecord, Request

logger = logging.getLogger(__name__)

RESTART_DELAYS = (0.0, 1.0, 2.0, 5.0, 30.0)  # seconds before the first, second, ... start in a row
HOST_TIMEOUT = 30.0  # seconds without an answer after which a host that was ready is taken to hang
LANES_EACH = 40  # with more than so many to a host, another one is started
SPARE = 0.75  # of what the hosts without the last one may have: with no more lanes it is not needed
UNEVEN = 4  # lanes that a host may have more than another before some move


class LocalEngine:
    """Implements `app.engine.Engine`. Everything but the pipes' threads happens in the event loop.

    One host trains until its lanes are many; then others are started, at most `hosts` in all, and lanes move
    to them, and back when they are few again. When a host dies, each of its lanes is opened again from its
    last blob, and the commands that the blob does not contain are carried out again in their order: no
    command is lost, and at most the training since the blob is repeated.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        *,
        hosts: int = 1,
        lanes_each: int = LANES_EACH,
        target: str = "models.host:main",
        restart_delays: Sequence[float] = RESTART_DELAYS,
        stop_timeout: float = 1.0,
        host_timeout: float = HOST_TIMEOUT,
    ) -> None:
        self._hosts = hosts
        self._lanes_each = lanes_each
        self._new_slot = partial(
            HostSlot,
            self,
            target,
            restart_delays=restart_delays,
            stop_timeout=stop_timeout,
            host_timeout=host_timeout,
        )
        self._options = options
        self._slots: list[HostSlot] = []
        self._stopping = False
        self._status = Status("warming", "The engine has not been started.")
        self._listeners: list[Callable[[EngineEvent], None]] = []
        self._lanes: dict[LaneId, LaneRecord] = {}
        self._used = 1  # hosts that are to have lanes
        self._evening: asyncio.Task[None] | None = None

    @property
    def status(self) -> Status:
        return self._status

    @property
    def figures(self) -> Figures:
        return sum((slot.figures for slot in self._slots), Figures())

    @property
    def host_pids(self) -> list[int]:
        """The process ids of the hosts that there are."""
        return [slot.pid for slot in self._slots if slot.pid is not None]

    def lanes_of(self, pid: int) -> list[LaneId]:
        """The lanes that the host of this process id trains, or is about to."""
        return [lane.lane_id for lane in self._lanes.values() if lane.slot.pid == pid]

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    async def start(self) -> None:
        self._add_slot(self._options)

    async def stop(self) -> None:
        self._stopping = True
        if self._evening:
            self._evening.cancel()
            with suppress(asyncio.CancelledError):
                await self._evening
        unanswered = await asyncio.gather(*(slot.stop() for slot in self._slots))
        error = EngineError("internal", "the server is stopping", "another try later")
        for lane in list(self._lanes.values()):
            self._forget(lane, error)
        for request in (request for requests in unanswered for request in requests):
            request.done(error)

    async def open(
        self, lane_id: LaneId, experiment: Mapping[str, Any], blob: bytes | None = None
    ) -> Mapping[str, Any]:
        lane = self._lanes.get(lane_id)
        if lane is None:
            slot = self._emptiest()
            lane = LaneRecord(lane_id, experiment, blob, opened=self._opened, slot=slot)
            self._lanes[lane_id] = lane
            slot.ask(lane.opening())
            self._grow()
            self._even_out()
        return await asyncio.shield(lane.answer)

    async def command(self, lane_id: LaneId, command_id: int, command: Mapping[str, Any]) -> None:
        lane = self._lane(lane_id)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        request = lane.add_command(command_id, command, answer)
        if lane.live:
            lane.slot.ask(request)
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
            lane.slot.ask(request)
        return (await self._result(answer))["blob"]

    def saved(self, lane_id: LaneId) -> bytes | None:
        lane = self._lanes.get(lane_id)
        return None if lane is None else lane.blob

    async def close(self, lane_id: LaneId) -> None:
        lane = self._lanes.get(lane_id)
        if lane is None:
            return
        self._forget(lane, LaneLost("the lane was closed"))
        if lane.slot.pid is not None:
            answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            lane.slot.ask(Request(("close", lane_id), answer.set_result, leaving=True))
            with suppress(LaneLost):  # it was just moving to another host
                await self._result(answer)
        self._even_out()

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

    def _send_want(self, lane: LaneRecord) -> None:
        if lane.live and lane.wanted is not None and lane.slot.pid is not None:
            # A new host has sent this lane no frame that the next one could continue.
            lane.slot.tell(("want", lane.lane_id, KEY_FRAME if lane.fresh else lane.wanted))
            lane.fresh = False

    def _opened(self, lane: LaneRecord, answer: Answer) -> None:
        if self._lanes.get(lane.lane_id) is not lane:
            return  # closed meanwhile
        again = lane.answer.done()
        home, lane.home = lane.home, None
        if isinstance(answer, EngineError):
            if home is not None:
                lane.slot = home
                home.ask(lane.opening())
            elif again and lane.blob is not None:
                logger.warning("lane %s cannot be restored: %s", lane.lane_id, answer.message)
                lane.give_up_blob()
                lane.slot.ask(lane.opening())
            else:
                self._forget(lane, answer)
                if again:
                    self._announce(LaneGone(lane.lane_id, answer.message))
            return
        lane.live = True
        for request in lane.to_send():
            lane.slot.ask(request)
        self._send_want(lane)
        if not again:
            lane.answer.set_result(answer)
        elif home is None:
            self._announce(LaneReopened(lane.lane_id, restored=not lane.damaged))
            lane.damaged = False

    def _forget(self, lane: LaneRecord, error: EngineError) -> None:
        del self._lanes[lane.lane_id]
        lane.end(error)

    # What the hosts tell: `app.host_slot.Owner`

    def host_launched(self, slot: HostSlot) -> None:
        for lane in self._lanes.values():
            if lane.slot is slot:
                slot.ask(lane.opening())

    def host_died(self, slot: HostSlot, blamed: Request | None) -> None:
        """Another host takes over its lanes; only the one that it may have died of waits for the next."""
        others = [other for other in self._slots if other is not slot and other.ready]
        for lane in list(self._lanes.values()):
            if lane.slot is slot:
                lane.live = False
                lane.home = None
                if others and (blamed is None or blamed.message[1] != lane.lane_id):
                    lane.slot = self._emptiest()
                    lane.slot.ask(lane.opening())

    def host_status(self, slot: HostSlot) -> None:
        status = next((slot.status for slot in self._slots if slot.ready), self._slots[0].status)
        if status != self._status:
            self._status = status
            self._announce(status)
        if slot.ready:
            self._grow()
            self._even_out()

    def host_said(self, message: HostMessage) -> None:
        match message:
            case ("frame", str(lane_id), int(seq), bytes(data)):
                if lane := self._lanes.get(lane_id):
                    lane.receive_frame(seq, data)
            case ("blob", str(lane_id), bytes(blob)):
                if lane := self._lanes.get(lane_id):
                    lane.receive_blob(blob)
            case _:
                logger.error("the host sent a message that nobody knows: %.80r", message)

    def _announce(self, event: EngineEvent) -> None:
        for listener in list(self._listeners):
            listener(event)

    # Which host trains which lane

    def _add_slot(self, options: Mapping[str, Any]) -> None:
        slot = self._new_slot(options)
        self._slots.append(slot)
        self.host_status(slot)
        slot.launch()

    def _counts(self) -> Counter[HostSlot]:
        return Counter(lane.slot for lane in self._lanes.values())

    def _in_use(self) -> list[HostSlot]:
        """The hosts that are ready, and no more of them than these lanes need.

        Each trains lanes of all kinds, and so few of one kind cost as much as many.
        """
        lanes = len(self._lanes)
        if lanes > self._lanes_each * self._used:
            self._used = math.ceil(lanes / self._lanes_each)
        elif lanes <= SPARE * self._lanes_each * (self._used - 1):
            self._used = max(1, math.ceil(lanes / (SPARE * self._lanes_each)))
        return [slot for slot in self._slots if slot.ready][: self._used]

    def _emptiest(self) -> HostSlot:
        counts = self._counts()
        return min(self._in_use() or self._slots[:1], key=lambda slot: counts[slot])

    def _grow(self) -> None:
        """Starts another host when those that there are have much to do."""
        slots = self._slots
        if (
            len(slots) < self._hosts
            and all(slot.ready for slot in slots)
            and len(self._lanes) > self._lanes_each * len(slots)
            and self._status.device.startswith("CPU")  # hosts cannot share the memory of a GPU
        ):
            # The first one compiles ahead for all: they share the cache on disk. Until this one has loaded
            # what many lanes ask for, the others train them better.
            self._add_slot({**self._options, "compile_ahead": False, "for_class": True})

    def _even_out(self) -> None:
        """Moves lanes until every host has as many, once the difference is worth it."""
        if self._stopping or (self._evening is not None and not self._evening.done()):
            return
        if self._next_move(UNEVEN) is not None:
            self._evening = asyncio.get_running_loop().create_task(self._move_lanes())

    def _next_move(self, difference: int) -> tuple[LaneRecord, HostSlot] | None:
        """A lane that should move and where to, if a host has so many more than another, or is not needed."""
        in_use = self._in_use()
        if not in_use:
            return None
        counts = self._counts()
        spare = [slot for slot in self._slots if slot.ready and slot not in in_use and counts[slot]]
        fullest = max(spare or in_use, key=lambda slot: counts[slot])
        emptiest = min(in_use, key=lambda slot: counts[slot])
        if not spare and counts[fullest] - counts[emptiest] < difference:
            return None
        movable = [lane for lane in self._lanes.values() if lane.slot is fullest and lane.live]
        return (movable[-1], emptiest) if movable else None

    async def _move_lanes(self) -> None:
        while (move := self._next_move(2)) is not None:
            await self._move(*move)

    async def _move(self, lane: LaneRecord, to: HostSlot) -> None:
        """One host gives the lane up with all its numbers, the other one goes on with them."""
        lane.live = False  # commands wait in the journal
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        lane.slot.ask(Request(("leave", lane.lane_id), answer.set_result, leaving=True))
        result = await asyncio.shield(answer)  # which still comes when the server stops meanwhile
        if self._lanes.get(lane.lane_id) is not lane or isinstance(result, EngineError) or not result:
            return  # closed meanwhile, or the host died, which has its own consequences
        lane.receive_blob(result["blob"])
        lane.home = lane.slot
        lane.slot = to if to.ready else lane.home
        lane.slot.ask(lane.opening())
