"""The engine with the host's loop in this very process: nothing happens but when it is given a turn."""

import asyncio
import pickle
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import pytest

from app.engine import EngineError, EngineEvent, Figures, LaneId, LaneReopened, Status
from models import cohort, loop, panels
from models.bucket import Bucket
from models.programs import NEEDED
from tests.models.crowd import Ready

Answer = asyncio.Future[Any]


class Clock:
    """The time in which a loop lives: it goes on when it is told to, and a little whenever it is asked."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        self.now += 20e-6
        return self.now

    perf_counter = thread_time = monotonic


class Pipe:
    """What a loop has of its pipe. Messages are pickled, as they would be."""

    def __init__(self) -> None:
        self.down: deque[bytes] = deque()
        self.up: deque[Any] = deque()

    def poll(self, timeout: float = 0.0) -> bool:
        return bool(self.down)

    def recv(self) -> Any:
        return pickle.loads(self.down.popleft())

    def send(self, messages: list[Any]) -> None:
        self.up.extend(pickle.loads(pickle.dumps(messages)))


class _Needed(Ready):
    """The programs without which nobody is let in, and no others."""

    def advance(self, bucket: Bucket, lanes: int) -> Any | None:
        return super().advance(bucket, lanes) if (bucket, lanes) in NEEDED else None


def _needed(*_: Any, **__: Any) -> _Needed:
    return _Needed(2)


class InProcess:
    """Implements `app.engine.Engine`. `faults`: what may never be, as a refusal that changed something."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        for module in (loop, panels, cohort):
            patch.setattr(module, "time", self.clock)
        patch.setattr(loop, "Programs", _needed)
        self.faults: list[str] = []
        self.refused: list[EngineError] = []
        self._listeners: list[Callable[[EngineEvent], None]] = []
        self._numbers = count(1)
        self._applied: dict[LaneId, tuple[int, bool]] = {}  # the last command's id, and whether it is watched
        self._begin()

    def _begin(self) -> None:
        self._pipe = Pipe()
        connection: Any = self._pipe
        self._loop = loop.Loop(connection, {"device": "cpu", "max_lanes": 8})
        self._answers: dict[int, Answer] = {}
        self._frames: dict[LaneId, Answer] = {}

    # --- the engine

    @property
    def status(self) -> Status:
        return Status("ready", "Ready.", 1.0, "CPU")

    @property
    def figures(self) -> Figures:
        return Figures()

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def open(
        self, lane_id: LaneId, experiment: Mapping[str, Any], blob: bytes | None = None
    ) -> Mapping[str, Any]:
        return await self._ask("open", lane_id, dict(experiment), blob)

    def wish(self, lane_id: LaneId, command: Mapping[str, Any]) -> Answer:
        """A command that nobody looks at; its answer."""
        return self._ask("command", lane_id, 0, dict(command))

    async def command(self, lane_id: LaneId, command_id: int, command: Mapping[str, Any]) -> None:
        """Between two looks at the lane: what is refused must not change it."""
        before = self._ask("snapshot", lane_id)
        done = self._ask("command", lane_id, command_id, dict(command))
        after = self._ask("snapshot", lane_id)
        results = await asyncio.gather(before, done, after, return_exceptions=True)
        if isinstance(refusal := results[1], EngineError):
            self.refused.append(refusal)
            if isinstance(results[0], dict) and results[0] != results[2]:
                self.faults.append(f"{command} was refused ({refusal}) and changed the lane")
            raise refusal
        watched = command["watched"] if command["type"] == "watch" else self._watched(lane_id)
        self._applied[lane_id] = (command_id, watched)

    async def frames(self, after: Mapping[LaneId, int], max_wait: float) -> dict[LaneId, tuple[int, bytes]]:
        ((lane_id, seq),) = after.items()
        waiting = self._frames[lane_id] = asyncio.get_running_loop().create_future()
        self._put("want", lane_id, seq)
        return {lane_id: await waiting}

    async def snapshot(self, lane_id: LaneId) -> bytes:
        return (await self._ask("snapshot", lane_id))["blob"]

    async def close(self, lane_id: LaneId) -> None:
        await self._ask("close", lane_id)

    # --- what the tests do

    def turn(self, seconds: float = 0.0) -> None:
        """One turn of the host, after so much time, and what it says of it."""
        self.clock.now += seconds
        self._loop.turn()
        while self._pipe.up:
            match self._pipe.up.popleft():
                case ("reply", int(number), result):
                    self._answers.pop(number).set_result(result)
                case ("failure", int(number), code, message, expected):
                    self._answers.pop(number).set_exception(EngineError(code, message, expected))
                case ("frame", str(lane), int(seq), bytes(data)):
                    if (waiting := self._frames.pop(lane, None)) is not None and not waiting.done():
                        waiting.set_result((seq, data))
                case ("blob", str(), bytes()) | ("figures", dict()):
                    pass
                case other:
                    self.faults.append(f"the host says {other!r:.200}")

    async def replace_host(self, lanes: Mapping[LaneId, bytes]) -> None:
        """Another host in place of this one, with these lanes from their blobs (see `app.lane_record`)."""
        wanted, self._frames = self._frames, {}
        self._begin()
        for lane_id, blob in lanes.items():
            number, watched = self._applied.get(lane_id, (0, True))
            opened = self._ask("open", lane_id, {}, blob)
            self._ask("command", lane_id, number, {"type": "watch", "watched": watched})
            if lane_id in wanted:
                self._frames[lane_id] = wanted[lane_id]
                self._put("want", lane_id, -1)
            self.turn()
            assert opened.result() == {"lane": lane_id}
            for listener in list(self._listeners):
                listener(LaneReopened(lane_id, restored=True))

    def _ask(self, *message: Any) -> Answer:
        kind, *arguments = message
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._put(kind, number, *arguments)
        return answer

    def _watched(self, lane_id: LaneId) -> bool:
        return self._applied.get(lane_id, (0, True))[1]

    def _put(self, *message: Any) -> None:
        self._pipe.down.append(pickle.dumps([message]))
