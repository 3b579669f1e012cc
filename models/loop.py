"""The host's loop: one thread owns lanes, cohorts and pipe; programs are compiled in another.

In turn it takes what came through the pipe, makes the frames that are due, and trains one cohort a little.
"""

import sys
import time
from collections import deque
from collections.abc import Mapping
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

from models import detail, device, pacing, panels
from models.attention import Attention, View
from models.cohort import Cohort
from models.desk import Desk, Refused
from models.detail import Detail
from models.figures import EVERY_SECONDS, Figures
from models.lane import Lane, Mode
from models.maker import Made, Maker, fingerprint
from models.paces import Paces
from models.programs import Programs
from models.seating import Seating
from models.snapshot import snapshot
from models.solo_cohort import SoloCohort

MESSAGES_SECONDS = 0.02  # how long the messages of one turn may take: a class that joins takes longer
FRAMES_SECONDS = 0.02  # how long the frames of one turn may take
BLOB_SECONDS = 2.0  # how much of a run a fault may cost
BLOBS_SECONDS = 0.004  # how long the blobs of one turn may take
LEVEL_SECONDS = 1.0  # between two looks at how fine pictures should be
IDLE_SECONDS = 1.0
SWITCH_SECONDS = 0.0001


class Loop:
    """Runs until the pipe ends or says stop."""

    def __init__(self, connection: "Connection[Any, Any]", options: Mapping[str, Any]) -> None:
        self._pipe = connection
        self._max_lanes = int(options.get("max_lanes", 256))
        self._frame_seconds = 1.0 / float(options.get("frames_per_second", 30))
        self._for_class = bool(options.get("for_class", False))
        self._device = device.choose(options.get("device", "auto"))
        made = Made(options.get("cache_dir"), fingerprint(self._device))
        ahead = bool(options.get("compile_ahead", True) and options.get("cache_dir"))
        self._programs = Programs(Maker(options), made, ahead=ahead)
        self._seating = Seating(self._programs)
        self._desk = Desk(self._seating)
        self._paces = Paces(self._seating, self._frame_seconds)
        self._lanes: dict[str, Lane] = {}
        self._attention: dict[str, Attention] = {}
        self._figures = Figures()
        self._numbers = count()
        self._inbox: deque[tuple[Any, ...]] = deque()
        self._outbox: list[tuple[Any, ...]] = []
        self._round: deque[Cohort | SoloCohort] = deque()  # that have not had their tick yet
        self._frame_cost = 0.0005  # seconds of this thread that a frame takes, an estimate
        self._level = 0  # of detail
        self._level_due = 0.0
        self._stopped = False

    # --- the turn

    def run(self) -> None:
        """Warm up, then turn until told to stop."""
        self._programs.warm(
            lambda message, progress: self._status("warming", message, progress), for_class=self._for_class
        )
        self._status("ready", "", 1.0)
        # Tracing a program in the background holds the interpreter; a tick takes it back some fifty times, so
        # with Python's 5 ms between switches one tick would take a quarter of a second.
        sys.setswitchinterval(SWITCH_SECONDS)
        self._programs.start()
        try:
            while not self._stopped:
                if not self.turn() and not self._inbox:
                    self._pipe.poll(self._rest())
        finally:
            self._programs.stop()

    def turn(self) -> bool:
        """Take what came, train a little, make what is due; false if nobody trained."""
        self._receive()
        self._show()
        self._save()
        self._report()
        self._send()
        return self._train()

    def _status(self, state: str, message: str, progress: float) -> None:
        status = {"state": state, "message": message, "progress": progress, "device": self._device}
        self._outbox.append(("status", status))
        self._send()

    def _send(self) -> None:
        """All that a turn has to say, at once: a message costs the other process as much as its size does."""
        if self._outbox:
            self._pipe.send(self._outbox)
            self._outbox = []

    def _report(self) -> None:
        """What there is to count, now and then."""
        now = time.monotonic()
        if self._figures.due <= now:
            self._figures.due = now + EVERY_SECONDS
            told = self._figures.told(self._lanes.values(), self._programs.figures)
            self._outbox.append(("figures", told))

    def _rest(self) -> float:
        """Seconds until something is due."""
        now = time.monotonic()
        due = [now + IDLE_SECONDS]
        for name, attention in self._attention.items():
            lane = self._lanes[name]
            if attention.waits and self._has_news(lane, attention):
                due.append(attention.frame_due)
            elif attention.waits and (wait := panels.due(lane, now)) is not None:
                due.append(max(attention.frame_due, now + wait))
            if lane.wants() != 0:
                due.append(now + self._paces.seconds_left(lane, attention))
            if attention.blob_version != lane.version:
                due.append(attention.blob_due)
        return max(0.0, min(due) - now)

    # --- pipe

    def _receive(self) -> None:
        # However much is asked, those who only train and look have their turns.
        until = time.monotonic() + MESSAGES_SECONDS
        while self._pipe.poll(0) and time.monotonic() < until:
            self._inbox.extend(self._pipe.recv())
        until = time.monotonic() + MESSAGES_SECONDS
        while self._inbox and not self._stopped and time.monotonic() < until:
            self._take(self._inbox.popleft())

    def _take(self, message: tuple[Any, ...]) -> None:
        match message:
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
            self._outbox.append(("failure", request, refused.code, refused.message, refused.expected))
        else:
            self._outbox.append(("reply", request, result))

    def _carry_out(self, kind: str, arguments: list[Any]) -> dict[str, Any]:
        match kind, arguments:
            case "open", [str(name), experiment, blob]:
                if name not in self._lanes:
                    self._open(name, experiment, blob)
                return {"lane": name}
            case "command", [str(name), int(number), command]:
                lane = self._lane(name)
                attention = self._attention[name]
                match command:
                    case {"type": "view", "visible": visible, "boundary": cells, "neurons": small, **more}:
                        some = None if more["pictures"] is None else tuple(more["pictures"])
                        attention.view = View(visible, Detail(cells, small), some, lane.run)
                    case _:
                        self._desk.carry_out(lane, command)
                lane.applied = number
                if command["type"] == "watch":  # another page, or none: it asks anew
                    attention.wanted = False
                    attention.key = True
                    attention.view = View()
                elif command["type"] == "hold":
                    attention.key = True  # the inputs' pictures change, too
                self._touch(lane)
                return {}
            case "snapshot", [str(name)]:
                lane = self._lane(name)
                self._seating.pull(lane)
                return {"blob": lane.blob()}
            case "ping", []:
                return {}
            case "close", [str(name)]:
                self._close(self._lane(name))
                return {}
            case "leave", [str(name)]:
                lane = self._lane(name)
                self._seating.pull(lane)
                blob = lane.blob()
                self._close(lane)
                return {"blob": blob}
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
        self._attention[name] = Attention(pacing.phase(next(self._numbers)))

    def _close(self, lane: Lane) -> None:
        self._seating.drop(lane)
        del self._lanes[lane.name], self._attention[lane.name]

    def _touch(self, lane: Lane) -> None:
        """A page should see a change at once."""
        lane.version += 1
        self._attention[lane.name].frame_due = 0.0

    # --- training

    def _train(self) -> bool:
        """A tick of the cohort whose turn it is; false if none has work."""
        planned = False
        while True:
            if not self._round:
                if planned:
                    return False
                self._plan()
                planned = True
                if not self._round:
                    return False
            cohort = self._round.popleft()
            if self._tick(cohort):
                return True

    def _plan(self) -> None:
        """Seats for all that train; then each cohort has its turn."""
        now = time.monotonic()
        training: dict[str, Lane] = {}
        for name, lane in self._lanes.items():
            if self._paces.due(lane, self._attention[name], now) is not None:
                training[name] = lane
            elif lane.goal is not None and lane.mode is Mode.PLAYING and lane.watched:
                self._reach(lane)
        self._paces.plan(training, self._attention)
        self._programs.hold(len(training) > detail.FEW)
        self._seating.arrange(training.values())
        self._round.extend(self._seating.cohorts())

    def _reach(self, lane: Lane) -> None:
        lane.goal, lane.mode = None, Mode.PAUSED
        self._touch(lane)

    def _tick(self, cohort: Cohort | SoloCohort) -> bool:
        """False if none of its lanes is to make a step now."""
        budget = self._paces.budget(cohort, self._attention, time.monotonic())
        if not budget:
            return False
        before = {lane.name: lane.step for lane in cohort.lanes}
        started = time.monotonic()
        cohort.tick(budget)
        steps = sum(lane.step - before[lane.name] for lane in cohort.lanes)
        self._figures.tick(time.monotonic() - started, steps)
        for lane in cohort.lanes:
            made = lane.step - before[lane.name]
            self._paces.made(lane, self._attention[lane.name], made)
            if lane.mode is Mode.DIVERGED:
                self._seating.park(lane)
                self._touch(lane)
            elif made and lane.wants() == 0:
                self._reach(lane)
        return True

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
            if (attention := self._attention[name]).waits
            and attention.frame_due <= now
            and self._has_news(lane, attention)
        ]
        self._adapt(now)
        due.sort(key=lambda lane: self._attention[lane.name].frame_due)  # changes first: they are due at 0
        for lane in due:
            attention = self._attention[lane.name]
            started = time.monotonic()
            if started - now > FRAMES_SECONDS:
                break  # the rest in the next turn, after a look at the pipe
            # Of this thread's own time: that others have the cores makes frames late, but no dearer.
            before = time.thread_time()
            self._make_frame(lane, attention)
            self._frame_cost += 0.05 * (time.thread_time() - before - self._frame_cost)
            self._figures.frame(time.monotonic() - started)
            attention.frame_due = pacing.next_due(started, self._paces.interval, attention.phase)

    def _adapt(self, now: float) -> None:
        """How often frames are made and how fine, by the load."""
        playing = sum(
            1
            for name, lane in self._lanes.items()
            if lane.mode is Mode.PLAYING and lane.watched and self._attention[name].view.visible
        )
        self._paces.interval = pacing.interval(self._frame_seconds, playing, self._frame_cost)
        if now >= self._level_due:
            self._level = detail.level(self._level, playing, self._frame_seconds, self._frame_cost)
            self._level_due = now + LEVEL_SECONDS

    def _make_frame(self, lane: Lane, attention: Attention) -> None:
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
        fine = detail.LEVELS[self._level] if lane.mode is Mode.PLAYING else detail.STILL
        view = attention.view
        fine = fine.within(view.detail)
        data = snapshot(lane, attention.seq, key, changed, shown, fine, view.pictured(lane.run))
        attention.wanted = attention.key = False
        attention.shown_version, attention.shown_run = lane.version, lane.run
        attention.shown_experiment = lane.experiment
        self._outbox.append(("frame", lane.name, attention.seq, data))

    def _save(self) -> None:
        now = time.monotonic()
        stale = [
            name
            for name, lane in self._lanes.items()
            if (attention := self._attention[name]).blob_version != lane.version and attention.blob_due <= now
        ]
        stale.sort(key=lambda name: self._attention[name].blob_due)
        for name in stale:
            if time.monotonic() - now > BLOBS_SECONDS:
                break  # the rest in the next turn
            lane, attention = self._lanes[name], self._attention[name]
            self._seating.pull(lane)
            self._outbox.append(("blob", name, lane.blob()))
            attention.blob_version, attention.blob_due = lane.version, now + BLOB_SECONDS
