"""How many steps each lane makes now: by its pace, by who sits beside it, and by what fits into a tick."""

from collections.abc import Mapping

from models import pacing
from models.attention import Attention
from models.cohort import Cohort
from models.lane import Lane
from models.seating import Seating
from models.solo_cohort import SoloCohort

UNLIMITED = 1 << 20  # steps, more than any tick makes


class Paces:
    """Of a host. `interval`: seconds between two frames of a lane, as long as the load makes it."""

    def __init__(self, seating: Seating, frame_seconds: float) -> None:
        self._seating = seating
        self._frame_seconds = frame_seconds
        self.interval = frame_seconds
        self._paced = False  # whether a lane with a pace trains
        self._behind = False  # and waits for its steps

    def plan(self, training: Mapping[str, Lane], attention: Mapping[str, Attention]) -> None:
        """Before a round of ticks: see whether those who train get what their pace asks for."""
        seconds = pacing.portion_seconds(self.interval)
        self._paced = self._behind = False
        for name, lane in training.items():
            if (pace := lane.pace()) is not None:
                self._paced = True
                late = pacing.LATE_PORTIONS * pacing.portion(pace, seconds)
                slower = self.interval > self._frame_seconds
                self._behind = self._behind or slower or attention[name].owed > late

    def due(self, lane: Lane, attention: Attention, now: float) -> int | None:
        """How many steps a lane may make now; None if it does not train."""
        wants, pace = lane.wants(), lane.pace()
        if wants == 0:
            attention.paced = now
            attention.owed = self._portion(lane, pace or 1.0)  # when it plays, it begins at once
            return None
        most = UNLIMITED
        if pace is not None:
            portion = self._portion(lane, pace)
            attention.owed = pacing.owed(attention.owed, now - attention.paced, pace, portion)
            comes = attention.owed >= pacing.COMES_ALONG * portion
            most = int(max(attention.owed, portion)) if comes else 0
        attention.paced = now
        return most if wants is None else min(most, wants)

    def seconds_left(self, lane: Lane, attention: Attention) -> float:
        """From when it was last paced until a tick for the sake of this lane; 0 or less: now."""
        pace = lane.pace()
        return 0.0 if pace is None else (self._portion(lane, pace) - attention.owed) / pace

    def budget(
        self, cohort: Cohort | SoloCohort, attention: Mapping[str, Attention], now: float
    ) -> dict[str, int]:
        """The steps of a cohort's lanes in its tick, by name; none when it is not time for one.

        A tick costs what its longest lane does, however many come along: together they need the fewest.
        """
        wanted = {
            lane: steps for lane in cohort.lanes if (steps := self.due(lane, attention[lane.name], now))
        }
        if all(self.seconds_left(lane, attention[lane.name]) > 0.0 for lane in wanted):
            return {}
        others = [other.step_seconds for other in self._seating.cohorts() if other.lanes]
        seconds = pacing.round_seconds(self.interval, self._paced)
        most = pacing.most_steps(cohort.step_seconds, others, seconds)
        eager = {lane for lane in wanted if lane.pace() is None and lane.goal is None}
        paced = max((steps for lane, steps in wanted.items() if lane not in eager), default=0)
        free = pacing.at_full_speed(most, min(most, paced), self._behind)
        budget: dict[str, int] = {}
        for lane, steps in wanted.items():
            fit = free if lane in eager else most
            budget[lane.name] = (
                pacing.in_a_tick(steps, fit, lane.steps_to_end, lane.steps_an_epoch)
                if cohort.is_shared
                else min(steps, fit)
            )
        return budget

    def made(self, lane: Lane, attention: Attention, steps: int) -> None:
        """It has made so many steps."""
        attention.owed = 0.0 if lane.pace() is None else attention.owed - steps

    def _portion(self, lane: Lane, pace: float) -> float:
        """Steps that a lane with this pace makes at once."""
        if self._seating.is_shared(lane):
            return pacing.even_portion(pace, self.interval, lane.steps_to_end, lane.steps_an_epoch)
        return pacing.portion(pace, pacing.portion_seconds(self.interval))
