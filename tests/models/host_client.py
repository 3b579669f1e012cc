"""The other end of a host's pipe."""

from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

from models import frame
from models.host import main

PATIENCE = 120.0  # seconds until a host that says nothing counts as hanging

Header = dict[str, Any]
Blocks = dict[str, frame.Block]


class Failure(Exception):
    """What a host refused."""

    def __init__(self, code: str, message: str, expected: str) -> None:
        super().__init__(f"{code}: {message}; expected {expected}")
        self.code, self.message, self.expected = code, message, expected


class HostClient:
    """A spawned host. Requests wait for their answer; what comes meanwhile is kept."""

    def __init__(self, **options: Any) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=main, args=(theirs, options))
        self._process.start()
        theirs.close()
        self._requests = 0
        self._commands = 0
        self._seen: dict[str, int] = {}  # lane -> seq of its last frame
        self._kept: list[tuple[Any, ...]] = []

    def receive(self, wanted: Callable[[tuple[Any, ...]], bool]) -> tuple[Any, ...]:
        """The first message that is wanted, among the kept ones or to come."""
        for place, message in enumerate(self._kept):
            if wanted(message):
                return self._kept.pop(place)
        while True:
            assert self._pipe.poll(PATIENCE), "the host says nothing"
            came = self._pipe.recv()
            found = next((place for place, message in enumerate(came) if wanted(message)), None)
            self._kept += [message for place, message in enumerate(came) if place != found]
            if found is not None:
                return came[found]

    def kept(self, kind: str) -> list[tuple[Any, ...]]:
        """Take the kept messages of a kind."""
        found = [message for message in self._kept if message[0] == kind]
        self._kept = [message for message in self._kept if message[0] != kind]
        return found

    def send(self, *message: Any) -> None:
        self._pipe.send([message])

    def request(self, kind: str, *arguments: Any) -> dict[str, Any]:
        self._requests += 1
        number = self._requests
        self.send(kind, number, *arguments)
        answer = self.receive(lambda message: message[0] in ("reply", "failure") and message[1] == number)
        if answer[0] == "failure":
            raise Failure(*answer[2:])
        return answer[2]

    def open(self, lane: str, experiment: dict[str, Any] | None = None, blob: bytes | None = None) -> None:
        assert self.request("open", lane, experiment or {}, blob) == {"lane": lane}

    def command(self, lane: str, kind: str, **members: Any) -> int:
        """Carry out a command; its number."""
        self._commands += 1
        assert self.request("command", lane, self._commands, {"type": kind, **members}) == {}
        return self._commands

    def want(self, lane: str, after: int | None = None) -> None:
        self.send("want", lane, self._seen.get(lane, -1) if after is None else after)

    def frame(self, lane: str, after: int | None = None) -> tuple[Header, Blocks]:
        """The next frame of a lane, as it is or when there is news."""
        self.want(lane, after)
        return self.coming_frame(lane)

    def coming_frame(self, lane: str) -> tuple[Header, Blocks]:
        _, _, seq, data = self.receive(lambda message: message[:2] == ("frame", lane))
        self._seen[lane] = seq
        header, blocks = frame.decode(data)
        assert header["seq"] == seq
        return header, blocks

    def frame_when(self, lane: str, condition: Callable[[Header], bool]) -> tuple[Header, Blocks]:
        """The first frame of which that is true."""
        while True:
            header, blocks = self.frame(lane)
            if condition(header):
                return header, blocks

    def snapshot(self, lane: str) -> bytes:
        return self.request("snapshot", lane)["blob"]

    def close(self, lane: str) -> None:
        assert self.request("close", lane) == {}
        self._seen.pop(lane, None)
        self._kept = [
            message for message in self._kept if message[:2] not in (("frame", lane), ("blob", lane))
        ]

    def hang_up(self) -> int | None:
        """Close the pipe, as a web process that dies; the host's exit code."""
        self._pipe.close()
        self._process.join(PATIENCE)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
