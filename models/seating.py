"""Which lane sits in which cohort.

Only where a lane's numbers are held and how many it shares a program with is decided here; where neither
changes a bit of them, it may be decided by load, and where it does, the lane says so. Only lanes that train
need a seat.
"""

import math
import time
from collections.abc import Iterable, Sequence

from models.bucket import LANES, WHOLE, Bucket
from models.cohort import Cohort
from models.detail import FEW
from models.lane import Lane
from models.programs import Programs
from models.solo_cohort import SoloCohort
from models.structure import Structure

# Of a tick, by the cohort's size. Sixteen seats take 3.5 times as long as two, and make as many steps as the
# fastest of their lanes is to make; a pair makes no more than its own.
COSTS: dict[int, float] = dict(zip(LANES, (1.0, 4.2, 5.0), strict=True))
SCATTERED = 3  # times as many cohorts as would do: each costs a call a tick, however few lanes it has
PATIENCE = 200  # rounds of scheduling for which a cohort may be larger than it needs to be
ALONE_SECONDS = 1.0  # for which a lane must have been alone at full speed before it gets a program of its own


def fewest(lanes: int, sizes: Sequence[int]) -> list[int]:
    """The sizes of the cohorts, of these, that train so many lanes for the least; largest first."""
    plan: list[int] = []
    while lanes > 0 and sizes:
        size = max(sizes)
        if lanes < size:
            size = min(sizes, key=lambda size: (math.ceil(lanes / size) * COSTS[size], -size))
        plan.append(size)
        lanes -= size
    return plan


class Seating:
    """All cohorts of a host."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._cohorts: dict[Bucket, list[Cohort]] = {}
        self._seat: dict[str, Cohort | SoloCohort] = {}
        self._roomy: dict[Bucket, int] = {}
        self._solo: SoloCohort | None = None
        self._asks: tuple[str, Structure] | None = None  # who is alone at full speed
        self._since = 0.0
        self._step_seconds: dict[tuple[Bucket, int], float] = {}  # of the latest cohort of a size

    def cohort_of(self, lane: Lane) -> Cohort | SoloCohort | None:
        return self._seat.get(lane.name)

    def is_shared(self, lane: Lane) -> bool:
        """Whether others sit beside it."""
        cohort = self._seat.get(lane.name)
        return cohort is not None and cohort.is_shared

    def cohorts(self) -> Sequence[Cohort | SoloCohort]:
        shared = [cohort for cohorts in self._cohorts.values() for cohort in cohorts]
        return [*shared, self._solo] if self._solo is not None else shared

    def drop(self, lane: Lane) -> None:
        """The lane leaves, or begins afresh: its numbers in the cohort are of no use any more."""
        cohort = self._seat.pop(lane.name, None)
        if cohort is not None:
            cohort.free(lane)

    def park(self, lane: Lane) -> None:
        """The lane gives up its seat and keeps its numbers."""
        cohort = self._seat.pop(lane.name, None)
        if cohort is not None:
            cohort.unseat(lane)

    def pull(self, lane: Lane) -> None:
        """Bring a lane's numbers up to date wherever it is."""
        cohort = self._seat.get(lane.name)
        if cohort is not None:
            cohort.pull(lane)

    def pull_weights(self, lane: Lane) -> None:
        cohort = self._seat.get(lane.name)
        if cohort is not None:
            cohort.weights(lane)

    def arrange(self, training: Iterable[Lane]) -> None:
        """Seat all these lanes: one alone at full speed in its own program, once there is one, the others in
        as few and small cohorts as are compiled."""
        training = list(training)
        own = self._alone(training)
        wanted: dict[Bucket, list[Lane]] = {}
        for lane in training:
            if lane is own:
                continue
            bucket = lane.bucket
            if not self._available(bucket):
                self._programs.request(bucket, LANES[0])
                bucket = WHOLE
            wanted.setdefault(bucket, []).append(lane)
        for bucket in [*self._cohorts, *(bucket for bucket in wanted if bucket not in self._cohorts)]:
            self._arrange(bucket, wanted.get(bucket, []))

    def _alone(self, training: list[Lane]) -> Lane | None:
        """The lane that trains in a program of its own, in its seat there, if one does."""
        free = [lane for lane in training if lane.pace() is None]
        # Somebody's step or epoch takes a moment only: it drives nobody out.
        asking = [lane for lane in free if lane.goal is None] or free
        if len(asking) != 1 or asking[0].structure is None:
            self._asks = None
            return None
        (lane,) = asking
        asks = (lane.name, asking[0].structure)
        now = time.monotonic()
        if asks != self._asks:
            self._asks, self._since = asks, now
        if self._solo is not None and self._solo.seats == [lane] and self._solo.made_for(lane):
            return lane
        if len(training) > FEW:  # of a class somebody is always the only one; each would get another program
            return None
        if now - self._since < ALONE_SECONDS or (program := self._programs.solo(asks[1])) is None:
            return None
        if self._solo is not None:
            for other in self._solo.lanes:
                self.park(other)
        self.park(lane)
        self._solo = SoloCohort(asks[1], program)
        self._sit(lane, self._solo)
        return lane

    def _available(self, bucket: Bucket) -> list[int]:
        """The sizes of cohort that are compiled for a bucket."""
        return [lanes for lanes in LANES if self._programs.advance(bucket, lanes) is not None]

    def _sizes(self, bucket: Bucket, lanes: int, guests: int) -> list[int]:
        """The cohorts that hold so many lanes best, of those compiled; asks for what would be better.

        guests: lanes that wait here for programs of their own bucket. For these no larger one is made: what
        holds every network takes longest to make and to run, and they will be gone.
        """
        for size in dict.fromkeys(fewest(lanes - guests, LANES)):
            self._programs.request(bucket, size)
        return fewest(lanes, self._available(bucket))

    def _arrange(self, bucket: Bucket, lanes: list[Lane]) -> None:
        cohorts = self._cohorts.setdefault(bucket, [])
        names = {lane.name for lane in lanes}
        unseated = [lane for lane in lanes if self._seat.get(lane.name) not in cohorts]
        plan = self._sizes(bucket, len(lanes), sum(lane.bucket != bucket for lane in lanes))
        roomy = sum(len(cohort.seats) for cohort in cohorts) > sum(plan) or len(cohorts) > len(plan)
        self._roomy[bucket] = self._roomy.get(bucket, 0) + 1 if roomy else 0
        if plan and len(cohorts) >= SCATTERED * len(plan):
            self._roomy[bucket] = PATIENCE  # a program that holds them all has come
        if not unseated and self._roomy[bucket] < PATIENCE:
            return
        for cohort in cohorts:
            for lane in cohort.lanes:
                if lane.name not in names and (unseated or roomy):
                    self.park(lane)
        free = sum(cohort.seats.count(None) for cohort in cohorts)
        if len(unseated) > free or self._roomy[bucket] >= PATIENCE:
            self._rebuild(bucket, plan, lanes)
            return
        for lane in unseated:
            self._sit(lane, next(cohort for cohort in cohorts if None in cohort.seats))

    def _rebuild(self, bucket: Bucket, plan: list[int], lanes: list[Lane]) -> None:
        self._roomy[bucket] = 0
        for lane in lanes:
            self.park(lane)
        for cohort in self._cohorts[bucket]:
            self._step_seconds[bucket, len(cohort.seats)] = cohort.step_seconds
        old = {len(cohort.seats): cohort for cohort in self._cohorts[bucket]}
        cohorts: list[Cohort] = []
        for size in plan:
            known = old.pop(size, None)
            cohorts.append(known or self._new(bucket, size))
        self._cohorts[bucket] = cohorts
        if not cohorts:
            del self._cohorts[bucket], self._roomy[bucket]
        for lane in lanes:
            self._sit(lane, next(cohort for cohort in cohorts if None in cohort.seats))

    def _new(self, bucket: Bucket, size: int) -> Cohort:
        """An empty cohort, whose steps are expected to take as long as those of the last one of that size."""
        cohort = Cohort(bucket, size, self._programs.advance(bucket, size))
        cohort.step_seconds = self._step_seconds.get((bucket, size), cohort.step_seconds)
        return cohort

    def _sit(self, lane: Lane, cohort: Cohort | SoloCohort) -> None:
        self.park(lane)  # it may sit in another bucket's cohort
        cohort.seat(lane)
        self._seat[lane.name] = cohort
        if not cohort.is_exact(lane):
            lane.exact = False
