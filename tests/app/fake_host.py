"""A host that trains nothing and dies on request. It speaks the pipe protocol of `models.host`.

A lane's state is the list of its commands; a blob is that list as JSON. Beside the protocol's commands it
knows `{"type": "die", "times": n, "counter": path}`, at which the first n hosts end without an answer,
`{"type": "save"}`, after which a blob is sent, and `{"type": "refuse"}`.
"""

import json
import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Message = tuple[Any, ...]


def count(path: str) -> int:
    """How often this was called for the path, over all hosts."""
    file = Path(path)
    number = int(file.read_text()) + 1 if file.exists() else 1
    file.write_text(str(number))
    return number


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Lane:
    def __init__(self, experiment: dict[str, Any], blob: bytes | None) -> None:
        self.experiment = experiment
        self.done: list[dict[str, Any]] = json.loads(blob) if blob else []
        self.restored = blob is not None
        self.applied = 0
        self.seq = -1
        self.want: int | None = None
        self.shown = -1


class Host:
    def __init__(self, connection: "Connection[Any, Any]", options: dict[str, Any]) -> None:
        self.connection = connection
        self.lanes: dict[str, Lane] = {}
        self.options = options
        self.device = options.get("device", "fake")

    def send(self, *message: Any) -> None:
        self.connection.send([message])

    def status(self, state: str, progress: float) -> None:
        self.send("status", {"state": state, "message": state, "progress": progress, "device": self.device})

    def serve(self) -> None:
        if "starts" in self.options and count(self.options["starts"]) <= self.options["dies_at_start"]:
            die()
        self.status("warming", 0.5)
        self.send("figures", {"ticks": 3, "lanes": {"playing": 2}})
        self.status("ready", 1.0)
        while True:
            for message in self.connection.recv():
                if message[0] != "stop":
                    self.handle(message)
                elif self.options.get("stubborn"):
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                else:
                    return

    def handle(self, message: Message) -> None:
        match message:
            case ("open", number, lane_id, experiment, blob):
                self.open(number, lane_id, experiment, blob)
            case ("ping", number):
                self.send("reply", number, {})
            case ("close", number, lane_id):
                self.lanes.pop(lane_id, None)
                self.send("reply", number, {})
            case ("leave", number, lane_id):
                self.send("reply", number, {"blob": json.dumps(self.lanes.pop(lane_id).done).encode()})
            case ("want", lane_id, after):
                if lane := self.lanes.get(lane_id):
                    lane.want = after
                    self.show(lane_id, lane)
            case (_, number, lane_id, *_) if lane_id not in self.lanes:
                self.send("failure", number, "lane_lost", f"there is no lane {lane_id}", "open")
            case ("snapshot", number, lane_id):
                self.send("reply", number, {"blob": json.dumps(self.lanes[lane_id].done).encode()})
            case ("command", number, lane_id, command_id, command):
                self.command(number, lane_id, command_id, command)
            case _:
                raise AssertionError(message)

    def open(self, number: int, lane_id: str, experiment: dict[str, Any], blob: bytes | None) -> None:
        if experiment.get("poison") or blob == b"poison":
            die()
        if blob == b"broken":
            self.send("failure", number, "invalid", "the blob is broken", "another")
        elif len(self.lanes) >= self.options.get("max_lanes", 10):
            self.send("failure", number, "busy", "full", "fewer lanes")
        else:
            self.lanes[lane_id] = Lane(experiment, blob)
            self.send("reply", number, {"lane": lane_id})

    def command(self, number: int, lane_id: str, command_id: int, command: dict[str, Any]) -> None:
        lane = self.lanes[lane_id]
        if command["type"] == "die" and count(command["counter"]) <= command["times"]:
            die()
        if command["type"] == "refuse":
            self.send("failure", number, "invalid", "refused", "something else")
            return
        lane.applied = command_id
        if command["type"] == "watch":
            lane.want = None
        else:
            lane.done.append(command)
        self.send("reply", number, {})
        if command["type"] == "save":
            self.send("blob", lane_id, command.get("blob") or json.dumps(lane.done).encode())
        self.show(lane_id, lane)

    def show(self, lane_id: str, lane: Lane) -> None:
        """Sends the frame that is wanted, if there is news."""
        if lane.want is None or (lane.want == lane.seq and lane.shown == len(lane.done)):
            return
        lane.seq += 1
        frame = {
            "key": lane.want != lane.seq - 1 or lane.want == -1,
            "applied": lane.applied,
            "restored": lane.restored,
            "done": [command["type"] for command in lane.done],
            "seed": lane.experiment.get("seed"),
        }
        lane.want = None
        lane.shown = len(lane.done)
        self.send("frame", lane_id, lane.seq, json.dumps(frame).encode())


def main(connection: "Connection[Any, Any]", options: dict[str, Any]) -> None:
    if words := options.get("says"):
        os.write(2, f"{words}\n".encode())  # as native code does, past Python
    with suppress(EOFError):
        Host(connection, options).serve()


def broken(connection: "Connection[Any, Any]", options: dict[str, Any]) -> None:
    """A host that cannot start."""
    raise SystemExit(3)
