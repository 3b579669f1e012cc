"""What a lane is told to do: commands, checked and carried out."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from models import catalogue
from models.experiment import Experiment, explain
from models.lane import Goal, Lane, Mode
from models.seating import Seating
from models.snapshot import measured


class Refused(Exception):
    """A command that cannot be carried out; nothing was changed."""

    def __init__(self, code: str, message: str, expected: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.expected = code, message, expected


def experiment_of(given: Any) -> Experiment:
    """A validated experiment, or Refused."""
    try:
        return Experiment.model_validate(given)
    except ValidationError as error:
        message, expected = explain(error)
        raise Refused("invalid", message, expected) from error


class Desk:
    """Carries commands out on lanes, wherever they sit."""

    def __init__(self, seating: Seating) -> None:
        self._seating = seating

    def open(self, name: str, experiment: Any, blob: bytes | None) -> Lane:
        """A new lane, or one restored from its blob."""
        if blob is not None:
            try:
                return Lane.restored(name, blob)
            except (ValueError, KeyError, TypeError) as error:
                raise Refused(
                    "invalid", f"the saved lane cannot be read: {error}", "a lane's blob"
                ) from error
        lane = Lane(name, experiment_of(experiment))
        self._begin(lane)
        return lane

    def _begin(self, lane: Lane) -> None:
        """Row 0 of a fresh run: the untrained network."""
        lane.add_row(measured(lane))

    def carry_out(self, lane: Lane, command: Mapping[str, Any]) -> None:
        """One command, in the words of docs/protocol.md; Refused if it will not do."""
        match command:
            case {"type": "set", "experiment": experiment}:
                self._set(lane, experiment_of(experiment))
            case {"type": "play"}:
                self._play(lane, None)
            case {"type": "pause"}:
                self._pause(lane)
            case {"type": "step", "unit": "batch", "count": int(count)}:
                self._play(lane, Goal(step=_from(lane.step, _under_way(lane).step) + count))
            case {"type": "step", "unit": "epoch", "count": int(count)}:
                self._play(lane, Goal(epoch=_from(lane.epoch, _under_way(lane).epoch) + count))
            case {"type": "rewind"}:
                self._seating.drop(lane)
                lane.restart()
                self._begin(lane)
            case {"type": "speed", "speed": name} if name in catalogue.names(catalogue.SPEEDS):
                lane.speed = catalogue.row(catalogue.SPEEDS, name)
            case {"type": "watch", "watched": bool(watched)}:
                lane.watched = watched
            case _:
                raise Refused("unknown_command", f"no such command: {dict(command)!r:.80}", "a known command")

    def _set(self, lane: Lane, experiment: Experiment) -> None:
        seat = self._seating.cohort_of(lane)
        self._seating.pull(lane)
        if lane.change(experiment):
            self._seating.drop(lane)
            self._begin(lane)
        elif seat is not None:
            if seat.bucket == lane.bucket:
                seat.refresh(lane)
            else:
                self._seating.park(lane)

    def _play(self, lane: Lane, goal: Goal | None) -> None:
        lane.mode, lane.goal = Mode.PLAYING, goal

    def _pause(self, lane: Lane) -> None:
        lane.goal = None
        if lane.mode is Mode.PLAYING:
            lane.mode = Mode.PAUSED


def _under_way(lane: Lane) -> Goal:
    """Where the lane is going to pause; steps that are asked for meanwhile come on top."""
    return lane.goal if lane.goal is not None and lane.mode is Mode.PLAYING else Goal()


def _from(now: int, goal: int | None) -> int:
    return now if goal is None else max(now, goal)
