"""An engine that trains nothing: it records what it is asked and makes small frames when told to."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.engine import KEY_FRAME, EngineError, EngineEvent, Figures, LaneId, LaneLost, Status

READY = Status("ready", "Ready.", 1.0, "CPU")


@dataclass
class FakeLane:
    experiment: Mapping[str, Any]
    applied: int = 0
    watched: bool = False
    seq: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)


class FakeEngine:
    """Implements `app.engine.Engine`. With `open_gate` cleared, no lane is opened until it is set."""

    def __init__(self, status: Status = READY) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.lanes: dict[LaneId, FakeLane] = {}
        self.refusal: EngineError | None = None  # of the next open or command but watch
        self.blob: bytes | None = None  # of every lane, as saved and as snapshot
        self.open_gate = asyncio.Event()
        self.open_gate.set()
        self.closed = asyncio.Event()
        self.figures = Figures()
        self._status = status
        self._listeners: list[Callable[[EngineEvent], None]] = []

    @property
    def status(self) -> Status:
        return self._status

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    def announce(self, event: EngineEvent) -> None:
        if isinstance(event, Status):
            self._status = event
        for listener in list(self._listeners):
            listener(event)

    def asked(self, kind: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == kind]

    def publish(self) -> None:
        """Every lane has something new to show."""
        for lane in self.lanes.values():
            lane.news.set()

    @property
    def lane(self) -> FakeLane:
        (lane,) = self.lanes.values()
        return lane

    async def start(self) -> None:
        self.calls.append(("start",))

    async def stop(self) -> None:
        self.calls.append(("stop",))
        self.open_gate.set()

    async def open(
        self, lane_id: LaneId, experiment: Mapping[str, Any], blob: bytes | None = None
    ) -> Mapping[str, Any]:
        self.calls.append(("open", lane_id, experiment))
        self._refuse()
        self.lanes[lane_id] = FakeLane(experiment)
        await self.open_gate.wait()
        return {"lane": lane_id}

    async def command(self, lane_id: LaneId, command_id: int, command: Mapping[str, Any]) -> None:
        self.calls.append(("command", lane_id, command_id, command))
        await self.open_gate.wait()
        lane = self._lane(lane_id)
        if command["type"] == "watch":
            lane.watched = command["watched"]
        else:
            self._refuse()
        lane.applied = command_id

    async def frames(self, after: Mapping[LaneId, int], max_wait: float) -> dict[LaneId, tuple[int, bytes]]:
        self.calls.append(("frames", dict(after)))
        ((lane_id, seq),) = after.items()
        lane = self._lane(lane_id)
        if seq != KEY_FRAME:
            await lane.news.wait()
        lane.news.clear()
        lane.seq += 1
        header = {"seq": lane.seq, "key": seq == KEY_FRAME, "applied": lane.applied}
        return {lane_id: (lane.seq, json.dumps(header).encode())}

    async def snapshot(self, lane_id: LaneId) -> bytes:
        lane = self._lane(lane_id)
        return self.blob or json.dumps(lane.experiment).encode()

    def saved(self, lane_id: LaneId) -> bytes | None:
        self.calls.append(("saved", lane_id))
        return self.blob

    async def close(self, lane_id: LaneId) -> None:
        self.calls.append(("close", lane_id))
        self.lanes.pop(lane_id, None)
        self.closed.set()

    def _lane(self, lane_id: LaneId) -> FakeLane:
        if lane_id not in self.lanes:
            raise LaneLost(f"there is no lane {lane_id}")
        return self.lanes[lane_id]

    def _refuse(self) -> None:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
