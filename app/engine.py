"""The seam between serving and learning: what a session asks of whatever trains its network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

LaneId = str
EngineState = Literal["warming", "ready", "restarting"]

KEY_FRAME = -1  # as `after`: a frame that stands alone


@dataclass(frozen=True)
class Status:
    """What the engine is doing. `progress` is 0 to 1; `device` is empty until it is known."""

    state: EngineState
    message: str
    progress: float = 0.0
    device: str = ""


@dataclass(frozen=True)
class Figures:
    """What the engine counts. Times are in seconds.

    All but `restarts` and `process_ids` is as the training processes told it some seconds ago, since their
    start.

    `lanes`: how many there are, by state. `programs`: by how they were made (`compile`, by the process that
    compiles ahead; `load`, by the training process itself), how many and how long it took.
    """

    lanes: Mapping[str, int] = field(default_factory=dict[str, int])
    ticks: int = 0
    tick_seconds: float = 0.0
    steps: int = 0
    frames: int = 0
    frame_seconds: float = 0.0
    programs: Mapping[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])
    restarts: int = 0
    process_ids: tuple[int, ...] = ()

    def __add__(self, other: "Figures") -> "Figures":
        """Of two training processes together."""
        states = {**self.lanes, **other.lanes}
        programs = dict(self.programs)
        for how, (number, seconds) in other.programs.items():
            before = programs.get(how, (0, 0.0))
            programs[how] = (before[0] + number, before[1] + seconds)
        return Figures(
            {state: self.lanes.get(state, 0) + other.lanes.get(state, 0) for state in states},
            self.ticks + other.ticks,
            self.tick_seconds + other.tick_seconds,
            self.steps + other.steps,
            self.frames + other.frames,
            self.frame_seconds + other.frame_seconds,
            programs,
            self.restarts + other.restarts,
            self.process_ids + other.process_ids,
        )


@dataclass(frozen=True)
class LaneReopened:
    """The host died and this lane goes on: from its last blob if `restored`, else from its experiment."""

    lane_id: LaneId
    restored: bool


@dataclass(frozen=True)
class LaneGone:
    """The host died and this lane could not be opened again."""

    lane_id: LaneId
    message: str


EngineEvent = Status | LaneReopened | LaneGone


class EngineError(Exception):
    """What was asked was not done. `code` is one of the protocol's error codes."""

    def __init__(self, code: str, message: str, expected: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.expected = expected


class EngineBusy(EngineError):
    """There is no room for another lane."""

    def __init__(self, message: str, expected: str = "another try later") -> None:
        super().__init__("busy", message, expected)


class LaneLost(EngineError):
    """There is no such lane (any more)."""

    def __init__(self, message: str, expected: str = "open, with an experiment") -> None:
        super().__init__("illegal", message, expected)


class Engine(Protocol):
    """Trains lanes. Calls for a lane take effect in the order in which they were made, also without awaiting
    one before the next. All methods raise EngineError.
    """

    @property
    def status(self) -> Status: ...

    @property
    def figures(self) -> Figures: ...

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Tells `listener` of everything that happens from now on; call the result to end it."""
        ...

    async def start(self) -> None:
        """Begins to warm up; does not wait until ready."""
        ...

    async def stop(self) -> None: ...

    async def open(
        self, lane_id: LaneId, experiment: Mapping[str, Any], blob: bytes | None = None
    ) -> Mapping[str, Any]:
        """Makes a lane of an experiment (as JSON), or restores it from a blob. Idempotent."""
        ...

    async def command(self, lane_id: LaneId, command_id: int, command: Mapping[str, Any]) -> None:
        """Carries out a command of the protocol, without its `id`, or one that no page sends:

        `{"type": "watch", "watched": bool}` and `{"type": "load", "experiment": …, "blob": …, "weights": …}`.
        With `load` the lane goes on, paused, with the run of the blob, or, where that is None, with a fresh
        run of the experiment. Its weights, unless they are None, are lists of arrays: `weights` (kernel and
        bias of every layer), `scales` (scale and shift of every hidden one) and `moving` (mean and variance).

        Frames show the id of the lane's latest command as `applied`; so a `watch` with the id of a new
        connection's first command begins the count again. An unwatched lane rests.
        """
        ...

    async def frames(self, after: Mapping[LaneId, int], max_wait: float) -> dict[LaneId, tuple[int, bytes]]:
        """The lanes' newest frames as `(seq, bytes)`, for lanes that have one newer than the given `seq`.

        Waits until there is at least one, at most `max_wait` seconds, then returns what there is.
        """
        ...

    async def snapshot(self, lane_id: LaneId) -> bytes:
        """A blob from which `open` restores the lane."""
        ...

    def saved(self, lane_id: LaneId) -> bytes | None:
        """The blob that came last, without asking for one; None if none came or there is no such lane."""
        ...

    async def close(self, lane_id: LaneId) -> None:
        """Forgets the lane; not an error if there is none."""
        ...
