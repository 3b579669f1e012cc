"""What a lane is told to do: commands, checked and carried out."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from models import catalogue
from models.experiment import Experiment, explain
from models.lane import Goal, Lane, Mode
from models.seating import Seating
from models.snapshot import measured
from models.stops import Conditions

CONDITIONS = tuple(field.name for field in fields(Conditions))


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
                self._set(lane, experiment_of(experiment), bool(command.get("keep_weights")))
            case {"type": "weight", "layer": int(layer), "source": source, "unit": int(unit), "value": value}:
                self._edit(lane, layer, source, unit, float(value))
            case {"type": "stop"}:
                conditions = Conditions(**{name: command[name] for name in CONDITIONS})
                lane.stops.change(conditions, lane.history.newest)
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

    def _edit(self, lane: Lane, layer: int, source: int | None, unit: int, value: float) -> None:
        units = lane.experiment.units
        if not 1 <= layer < len(units):
            raise Refused("invalid", f"there is no layer {layer}", f"layer: 1 to {len(units) - 1}")
        if not 0 <= unit < units[layer]:
            raise Refused("invalid", f"there is no unit {unit}", f"unit: 0 to {units[layer] - 1}")
        if source is not None and not 0 <= source < units[layer - 1]:
            last = units[layer - 1] - 1
            raise Refused("invalid", f"there is no source {source}", f"source: 0 to {last}, or null")
        hidden = lane.experiment.network.hidden[layer - 1 : layer]
        if source is None and any(row.batch_normalization for row in hidden):
            raise Refused(
                "invalid",
                f"layer {layer} has batch normalization, whose shift takes the bias's place",
                "a bias of a layer without it",
            )
        low, high = catalogue.WEIGHT
        if not low <= value <= high:
            raise Refused("invalid", f"value is {value:g}", f"value: {low:g} to {high:g}")
        self._seating.pull(lane)
        place = (unit,) if source is None else (source, unit)
        array = lane.weights[2 * layer - 1 if source is None else 2 * layer - 2].copy()
        array[place] = value
        lane.weights[2 * layer - 1 if source is None else 2 * layer - 2] = array
        self._touched(lane)
        lane.recover()
        if (seat := self._seating.cohort_of(lane)) is not None:
            seat.reload(lane)

    def _touched(self, lane: Lane) -> None:
        """Its weights are not what training made of the experiment; this is how good they are."""
        lane.touched = True
        row = [float(value) if math.isfinite(value) else None for value in measured(lane)]
        if lane.experiment.problem == "regression":
            row[2] = row[5] = None
        lane.measured = row[1:6]

    def _set(self, lane: Lane, experiment: Experiment, keep_weights: bool) -> None:
        seat = self._seating.cohort_of(lane)
        self._seating.pull(lane)
        if keep_weights and lane.keeps_weights(experiment):
            lane.move(experiment)
            self._touched(lane)
            lane.stops.forget(lane.epoch)
            self._seating.drop(lane)  # it sits down again with its new points
        elif lane.change(experiment):
            self._seating.drop(lane)
            self._begin(lane)
        elif seat is not None:
            if seat.bucket == lane.bucket:
                seat.refresh(lane)
            else:
                self._seating.park(lane)

    def _play(self, lane: Lane, goal: Goal | None) -> None:
        if goal is None and (lane.mode is not Mode.PLAYING or lane.goal is not None):
            lane.stops.arm(lane.history.newest)
        lane.mode, lane.goal, lane.stopped = Mode.PLAYING, goal, None

    def _pause(self, lane: Lane) -> None:
        lane.goal = None
        if lane.mode is Mode.PLAYING:
            lane.mode = Mode.PAUSED


def _under_way(lane: Lane) -> Goal:
    """Where the lane is going to pause; steps that are asked for meanwhile come on top."""
    return lane.goal if lane.goal is not None and lane.mode is Mode.PLAYING else Goal()


def _from(now: int, goal: int | None) -> int:
    return now if goal is None else max(now, goal)
