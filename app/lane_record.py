"""What is needed to open a lane again on a new host: its last blob and the commands since."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from app.engine import EngineError, LaneId
from app.host_process import HostMessage

if TYPE_CHECKING:
    from app.host_slot import HostSlot

Answer = Mapping[str, Any] | EngineError


@dataclass(eq=False)
class Request:
    """Something asked of the host. `message` lacks the request id; `strikes` counts hosts that died at it."""

    message: HostMessage
    done: Callable[[Answer], None]
    strikes: int = 0
    answered: bool = False
    leaving: bool = False  # takes a lane away: a host that is dead has done so


class LaneRecord:
    """A lane as seen from outside its host, that of `slot`.

    `live`: this host has opened it. `home`: the host that it comes from, while it moves to another.
    """

    def __init__(
        self,
        lane_id: LaneId,
        experiment: Mapping[str, Any],
        blob: bytes | None,
        opened: Callable[["LaneRecord", Answer], None],
        slot: "HostSlot",
    ) -> None:
        self.lane_id = lane_id
        self.slot = slot
        self.home: HostSlot | None = None
        self.blob = blob
        self.live = False
        self.damaged = False
        self.answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self.waiting: set[asyncio.Event] = set()
        self.wanted: int | None = None  # `after` of the frame that the host was asked for
        self.frame: tuple[int, bytes] | None = None  # the answer to it
        self.fresh = True  # the present host was asked for no frame yet
        self._experiment = experiment  # as of the blob
        self._watched = True  # as of the blob
        self._applied = 0  # id of the last command that the blob contains
        self._open = Request((), partial(opened, self))
        self._journal: list[Request] = []  # commands that the blob does not contain, in order
        self._snapshots: list[Request] = []

    # Opening

    def opening(self) -> Request:
        """The request that opens the lane on a new host."""
        self.live = False
        self.fresh = True
        self._open.message = ("open", self.lane_id, dict(self._experiment), self.blob)
        return self._open

    def give_up_blob(self) -> None:
        """The blob will not do: the run begins again from its experiment."""
        self.blob = None
        self.damaged = True

    def to_send(self) -> list[Request]:
        """All that an opened lane needs to be where it was, and what is still waiting for an answer."""
        requests = [*self._journal, *self._snapshots]
        if self._applied:
            watch = {"type": "watch", "watched": self._watched}
            requests.insert(0, Request(("command", self.lane_id, self._applied, watch), lambda answer: None))
        return requests

    def end(self, error: EngineError) -> None:
        """Answers everybody who waits for something of this lane."""
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # known to everybody who asked, so not worth a warning
        for request in [*self._journal, *self._snapshots]:
            request.done(error)
        self._wake()

    # Commands

    def add_command(
        self, command_id: int, command: Mapping[str, Any], answer: asyncio.Future[Answer]
    ) -> Request:
        """Enters a command into the journal; `answer` gets its first answer."""

        def done(result: Answer) -> None:
            request.answered = not isinstance(result, EngineError)
            if not request.answered and request in self._journal:
                self._journal.remove(request)
            if not answer.done():
                answer.set_result(result)

        if command["type"] == "watch":
            # Frames that were asked for until now belong to another connection.
            self.wanted = self.frame = None
        request = Request(("command", self.lane_id, command_id, dict(command)), done)
        self._journal.append(request)
        return request

    def add_snapshot(self, answer: asyncio.Future[Answer]) -> Request:
        """Enters the wish for a blob."""

        def done(result: Answer) -> None:
            if request in self._snapshots:
                self._snapshots.remove(request)
            if not answer.done():
                answer.set_result(result)

        request = Request(("snapshot", self.lane_id), done)
        self._snapshots.append(request)
        return request

    def receive_blob(self, blob: bytes) -> None:
        """A blob contains every command that was answered before it came."""
        self.blob = blob
        for request in self._journal:
            if request.answered:
                _, _, self._applied, command = request.message
                if command["type"] in ("set", "load"):
                    self._experiment = command["experiment"]
                elif command["type"] == "watch":
                    self._watched = command["watched"]
        self._journal = [request for request in self._journal if not request.answered]

    # Frames

    def want(self, after: int) -> bool:
        """Notes that a frame newer than `after` is wanted; True if the host must be asked for it."""
        if self.wanted == after:
            return False
        self.wanted, self.frame = after, None
        return True

    def receive_frame(self, seq: int, data: bytes) -> None:
        """Keeps a frame that was asked for, and drops any other."""
        if self.wanted is not None:
            self.frame = (seq, data)
            self._wake()

    def take_frame(self, after: int) -> tuple[int, bytes] | None:
        """The frame newer than `after`, if this is the one that was asked for and it came."""
        if self.frame is None or self.wanted != after:
            return None
        frame, self.wanted, self.frame = self.frame, None, None
        return frame

    def _wake(self) -> None:
        for event in self.waiting:
            event.set()
