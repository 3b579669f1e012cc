"""The host's loop: one thread owns lanes, cohorts and pipe; programs are compiled in another.

In turn it takes what came through the pipe, trains the cohorts a little, and makes the frames that are due.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from models import device, panels
from models.cohort import Cohort
from models.desk import Desk, Refused
from models.experiment import Experiment
from models.lane import Lane, Mode
from models.maker import Made, Maker, fingerprint
from models.programs import Programs
from models.seating import Seating
from models.snapshot import snapshot

TICK_SECONDS = 0.012  # how long a tick should take: a command waits no longer than that
PORTION_SECONDS = 0.02  # of training that a lane with a pace is given at once: less than a frame shows
FRAME_SHARE = 0.4  # of the host's time that frames may take before they come less often
FRAMES_SECONDS = 0.02  # how long the frames of one turn may take
BLOB_SECONDS = 2.0  # how much of a run a fault may cost
LATE_SECONDS = 0.25  # a lane that fell behind its pace for longer does not make up for it
IDLE_SECONDS = 1.0
SWITCH_SECONDS = 0.0001


@dataclass
class Attention:
    """What a lane owes to pace and page."""

    owed: float = 0.0  # steps
    paced: float = 0.0  # when it was last paced
    seq: int = 0
    wanted: bool = False
    key: bool = True
    shown_version: int = -1
    shown_run: int = -1
    shown_experiment: Experiment | None = None
    frame_due: float = 0.0
    blob_due: float = 0.0
    blob_version: int = -1


def _portion(pace: float) -> float:
    """Steps that a lane saves up before it trains: a call costs as much as some thirty steps of one lane."""
    return max(1.0, pace * PORTION_SECONDS)


class Loop:
    """Runs until the pipe ends or says stop."""

    def __init__(self, connection: "Connection[Any, Any]", options: Mapping[str, Any]) -> None:
        self._pipe = connection
        self._max_lanes = int(options.get("max_lanes", 256))
        self._frame_seconds = 1.0 / float(options.get("frames_per_second", 30))
        self._device = device.choose(options.get("device", "auto"))
        made = Made(options.get("cache_dir"), fingerprint(self._device))
        self._programs = Programs(Maker(options), made, ahead=bool(options.get("compile_ahead", True)))
        self._seating = Seating(self._programs)
        self._desk = Desk(self._seating)
        self._lanes: dict[str, Lane] = {}
        self._attention: dict[str, Attention] = {}
        self._frame_cost = 0.002  # seconds a frame, an estimate
        self._stopped = False

    # --- the turn

    def run(self) -> None:
        """Warm up, then turn until told to stop."""
        self._programs.warm(lambda message, progress: self._status("warming", message, progress))
        self._status("ready", "", 1.0)
        # Tracing a program in the background holds the interpreter; a tick takes it back some fifty times, so
        # with Python's 5 ms between switches one tick would take a quarter of a second.
        sys.setswitchinterval(SWITCH_SECONDS)
        self._programs.start()
        try:
            while not self._stopped:
                self._receive()
                busy = self._train()
                self._show()
                self._save()
                if not busy:
                    self._pipe.poll(self._rest())
        finally:
            self._programs.stop()

    def _status(self, state: str, message: str, progress: float) -> None:
        self._pipe.send(
            ("status", {"state": state, "message": message, "progress": progress, "device": self._device})
        )

    def _rest(self) -> float:
        """Seconds until something is due."""
        now = time.monotonic()
        due = [now + IDLE_SECONDS]
        for name, attention in self._attention.items():
            lane = self._lanes[name]
            if attention.wanted and self._has_news(lane, attention):
                due.append(attention.frame_due)
            elif attention.wanted and (wait := panels.due(lane, now)) is not None:
                due.append(max(attention.frame_due, now + wait))
            if (wants := lane.wants()) is None or wants > 0:
                pace = lane.pace()
                due.append(now if pace is None else now + (_portion(pace) - attention.owed) / pace)
            if attention.blob_version != lane.version:
                due.append(attention.blob_due)
        return max(0.0, min(due) - now)

    # --- pipe

    def _receive(self) -> None:
        while not self._stopped and self._pipe.poll(0):
            match self._pipe.recv():
                case ("want", str(name), int(after)):
                    self._want(name, after)
                case ("stop",):
                    self._stopped = True
                case (str(kind), int(request), *arguments):
                    self._answer(kind, request, arguments)
                case other:
                    raise ValueError(f"not a message of the pipe: {other!r:.80}")

    def _answer(self, kind: str, request: int, arguments: list[Any]) -> None:
        try:
            result = self._carry_out(kind, arguments)
        except Refused as refused:
            self._pipe.send(("failure", request, refused.code, refused.message, refused.expected))
        else:
            self._pipe.send(("reply", request, result))

    def _carry_out(self, kind: str, arguments: list[Any]) -> dict[str, Any]:
        match kind, arguments:
            case "open", [str(name), experiment, blob]:
                if name not in self._lanes:
                    self._open(name, experiment, blob)
                return {"lane": name}
            case "command", [str(name), int(number), command]:
                lane = self._lane(name)
                self._desk.carry_out(lane, command)
                lane.applied = number
                if command["type"] == "watch":  # another page, or none: it asks anew
                    self._attention[name].wanted = False
                    self._attention[name].key = True
                elif command["type"] == "hold":
                    self._attention[name].key = True  # the inputs' pictures change, too
                self._touch(lane)
                return {}
            case "snapshot", [str(name)]:
                lane = self._lane(name)
                self._seating.pull(lane)
                return {"blob": lane.blob()}
            case "close", [str(name)]:
                lane = self._lane(name)
                self._seating.drop(lane)
                del self._lanes[name], self._attention[name]
                return {}
            case _:
                raise Refused("internal", f"not a request of the pipe: {kind}")

    def _lane(self, name: str) -> Lane:
        lane = self._lanes.get(name)
        if lane is None:
            raise Refused("lane_lost", "this lane is not here", "a lane that was opened")
        return lane

    def _open(self, name: str, experiment: Any, blob: bytes | None) -> None:
        if len(self._lanes) >= self._max_lanes:
            raise Refused(
                "busy",
                f"all {self._max_lanes} places are taken",
                "a free place: try again when somebody has left",
            )
        self._lanes[name] = self._desk.open(name, experiment, blob)
        self._attention[name] = Attention()

    def _touch(self, lane: Lane) -> None:
        """A page should see a change at once."""
        lane.version += 1
        self._attention[lane.name].frame_due = 0.0

    # --- training

    def _train(self) -> bool:
        """One tick of every cohort that has work; false if none had."""
        now = time.monotonic()
        budget: dict[str, int] = {}
        training: list[Lane] = []
        for name, lane in self._lanes.items():
            attention = self._attention[name]
            steps = self._steps_due(lane, attention, now)
            if steps is not None:
                training.append(lane)
                budget[name] = steps
        self._seating.arrange(training)
        busy = False
        for cohort in self._seating.cohorts():
            if any(budget.get(lane.name) for lane in cohort.lanes):
                self._tick(cohort, budget)
                busy = True
        return busy

    def _steps_due(self, lane: Lane, attention: Attention, now: float) -> int | None:
        """How many steps a lane may make now; None if it does not train."""
        wants = lane.wants()
        if wants == 0:
            pace = lane.pace() or 1.0
            attention.paced, attention.owed = now, _portion(pace)  # when it plays, it begins at once
            if lane.goal is not None and lane.mode is Mode.PLAYING and lane.watched:
                self._reach(lane)
            return None
        most = 1 << 20
        pace = lane.pace()
        if pace is not None:
            owed = attention.owed + (now - attention.paced) * pace
            attention.owed = min(owed, max(_portion(pace), LATE_SECONDS * pace))
            most = int(attention.owed) if attention.owed >= _portion(pace) else 0
        attention.paced = now
        return most if wants is None else min(most, wants)

    def _reach(self, lane: Lane) -> None:
        lane.goal, lane.mode = None, Mode.PAUSED
        self._touch(lane)

    def _tick(self, cohort: Cohort, budget: Mapping[str, int]) -> None:
        most = max(1, int(TICK_SECONDS / cohort.step_seconds))
        before = {lane.name: lane.step for lane in cohort.lanes}
        cohort.tick({name: min(most, steps) for name, steps in budget.items()})
        for lane in cohort.lanes:
            made = lane.step - before[lane.name]
            attention = self._attention[lane.name]
            attention.owed = max(0.0, attention.owed - made)
            if lane.mode is Mode.DIVERGED:
                self._seating.park(lane)
                self._touch(lane)
            elif made and lane.wants() == 0:
                self._reach(lane)

    # --- frames and blobs

    def _want(self, name: str, after: int) -> None:
        attention = self._attention.get(name)
        if attention is not None:
            attention.wanted = True
            attention.key = attention.key or after != attention.seq

    def _has_news(self, lane: Lane, attention: Attention) -> bool:
        stale = panels.due(lane, time.monotonic())
        return attention.key or attention.shown_version != lane.version or stale == 0.0

    def _show(self) -> None:
        now = time.monotonic()
        due = [
            lane
            for name, lane in self._lanes.items()
            if (attention := self._attention[name]).wanted
            and attention.frame_due <= now
            and self._has_news(lane, attention)
        ]
        due.sort(key=lambda lane: self._attention[lane.name].frame_due)  # changes first: they are due at 0
        playing = sum(1 for lane in self._lanes.values() if lane.watched and lane.mode is Mode.PLAYING)
        for lane in due:
            attention = self._attention[lane.name]
            started = time.monotonic()
            if started - now > FRAMES_SECONDS:
                break  # the rest in the next turn, after a look at the pipe
            self._send_frame(lane, attention)
            self._frame_cost += 0.1 * (time.monotonic() - started - self._frame_cost)
            attention.frame_due = started + max(self._frame_seconds, playing * self._frame_cost / FRAME_SHARE)

    def _send_frame(self, lane: Lane, attention: Attention) -> None:
        before = attention.shown_experiment
        key = (
            attention.key
            or attention.shown_run != lane.run
            or not before
            or before.data != lane.experiment.data
        )
        shown = panels.wanted(lane, key)
        if panels.need_slots(shown):
            self._seating.pull(lane)
        else:
            self._seating.pull_weights(lane)
        changed = before is not lane.experiment
        attention.seq += 1
        data = snapshot(lane, attention.seq, key, changed, shown)
        attention.wanted = attention.key = False
        attention.shown_version, attention.shown_run = lane.version, lane.run
        attention.shown_experiment = lane.experiment
        self._pipe.send(("frame", lane.name, attention.seq, data))

    def _save(self) -> None:
        now = time.monotonic()
        for name, lane in self._lanes.items():
            attention = self._attention[name]
            if attention.blob_version != lane.version and attention.blob_due <= now:
                self._seating.pull(lane)
                self._pipe.send(("blob", name, lane.blob()))
                attention.blob_version, attention.blob_due = lane.version, now + BLOB_SECONDS
