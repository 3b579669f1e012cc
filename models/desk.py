"""What a lane is told to do: commands, checked and carried out."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from models import catalogue, columns
from models.collapse import collapsed
from models.experiment import Experiment, explain
from models.lane import Goal, Lane, Mode
from models.seating import Seating
from models.snapshot import measured
from models.stops import Conditions
from models.table import TableError

CONDITIONS = tuple(field.name for field in fields(Conditions))


class Refused(Exception):
    """A command that cannot be carried out; nothing was changed."""

    def __init__(self, code: str, message: str, expected: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.expected = code, message, expected


def experiment_of(given: Any) -> Experiment:
    """A validated experiment whose data can be drawn, or Refused."""
    try:
        experiment = Experiment.model_validate(given)
        if experiment.data.row.is_table:
            columns.chosen(experiment.data)
    except ValidationError as error:
        message, expected = explain(error)
        raise Refused("invalid", message, expected) from error
    except TableError as error:
        raise Refused("invalid", error.message, error.expected) from error
    return experiment


class Desk:
    """Carries commands out on lanes, wherever they sit."""

    def __init__(self, seating: Seating) -> None:
        self._seating = seating

    def open(self, name: str, experiment: Any, blob: bytes | None) -> Lane:
        """A new lane, or one restored from its blob."""
        if blob is not None:
            return _restored(name, blob)
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
            case {"type": "load", "experiment": experiment, "blob": blob, "weights": weights}:
                self._load(lane, experiment_of(experiment), blob, weights)
            case {"type": "weight", "layer": int(layer), "source": source, "unit": int(unit), "value": value}:
                self._edit(lane, layer, source, unit, float(value))
            case {"type": "collapse"}:
                self._collapse(lane)
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
            case _:
                self._look(lane, command)

    def _look(self, lane: Lane, command: Mapping[str, Any]) -> None:
        """What is shown of the lane, and to whom; none of it touches the training."""
        match command:
            case {"type": "hold", "column": str(column), "value": value}:
                self._hold(lane, column, float(value))
            case {"type": "panels", "open": opened}:
                self._open_panels(lane, opened)
            case {"type": "watch", "watched": bool(watched)}:
                lane.watched = watched
            case _:
                raise Refused("unknown_command", f"no such command: {dict(command)!r:.80}", "a known command")

    def _open_panels(self, lane: Lane, opened: Mapping[str, Any]) -> None:
        try:
            lane.open_panels(opened)
        except KeyError as error:
            known = ", ".join(catalogue.names(catalogue.PANELS))
            raise Refused("invalid", f"there is no panel {error}", f"panels of {known}") from error
        except ValidationError as error:
            message, expected = explain(error)
            raise Refused("invalid", message, expected) from error

    def _hold(self, lane: Lane, column: str, value: float) -> None:
        held = {axis.name: axis for axis in lane.points.axes[2:]}
        if column not in held:
            expected = f"column: one of {', '.join(held)}" if held else "data of more than two columns"
            raise Refused("invalid", f"{column} is not held", expected)
        axis = held[column]
        low, high = axis.in_units(axis.low), axis.in_units(axis.high)
        if not low <= value <= high:
            raise Refused("invalid", f"value is {value:g}", f"value: {low:g} to {high:g}")
        lane.held = {**{name: lane.held[name] for name in held if name in lane.held}, column: value}

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
            if seat.made_for(lane):
                seat.refresh(lane)
            else:
                self._seating.park(lane)

    def _collapse(self, lane: Lane) -> None:
        """A fresh run of the single layer that computes what the linear layers do."""
        self._seating.pull(lane)
        try:
            experiment, weights = collapsed(lane.experiment, lane.weights)
        except ValueError as error:
            raise Refused(
                "invalid", str(error), "hidden layers, all linear and without batch normalization"
            ) from error
        lane.change(experiment)
        self._seating.drop(lane)
        lane.weights = weights
        lane.touched = True
        self._begin(lane)

    def _load(
        self, lane: Lane, experiment: Experiment, blob: bytes | None, weights: Mapping[str, Any] | None
    ) -> None:
        """A run from elsewhere: a saved one, or a network with these weights, or a fresh one."""
        loaded = Lane(lane.name, experiment) if blob is None else _restored(lane.name, blob)
        if weights is not None:
            try:
                loaded.put(weights["weights"], weights["scales"], weights["moving"])
            except ValueError as error:
                raise Refused("invalid", str(error), "arrays as the network has them") from error
        self._seating.drop(lane)
        lane.become(loaded)
        if not len(lane.history):
            self._begin(lane)
        elif lane.measured is not None:
            self._touched(lane)  # what it says of itself is not taken on trust

    def _play(self, lane: Lane, goal: Goal | None) -> None:
        if goal is None and (lane.mode is not Mode.PLAYING or lane.goal is not None):
            lane.stops.arm(lane.history.newest)
        lane.mode, lane.goal, lane.stopped = Mode.PLAYING, goal, None

    def _pause(self, lane: Lane) -> None:
        lane.goal = None
        if lane.mode is Mode.PLAYING:
            lane.mode = Mode.PAUSED


def _restored(name: str, blob: bytes) -> Lane:
    try:
        return Lane.restored(name, blob)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("invalid", f"the saved lane cannot be read: {error}", "a lane's blob") from error


def _under_way(lane: Lane) -> Goal:
    """Where the lane is going to pause; steps that are asked for meanwhile come on top."""
    return lane.goal if lane.goal is not None and lane.mode is Mode.PLAYING else Goal()


def _from(now: int, goal: int | None) -> int:
    return now if goal is None else max(now, goal)
