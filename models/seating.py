"""Which lane sits in which cohort.

Only where a lane's numbers are held and how many it shares a program with is decided here; since neither
changes a bit of them, it may be decided by load. Only lanes that train need a seat.
"""

from collections.abc import Iterable

from models.bucket import LANES, WHOLE, Bucket
from models.cohort import Cohort
from models.lane import Lane
from models.programs import Programs

PATIENCE = 200  # rounds of scheduling for which a cohort may be larger than it needs to be


class Seating:
    """All cohorts of a host."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._cohorts: dict[Bucket, list[Cohort]] = {}
        self._seat: dict[str, Cohort] = {}
        self._roomy: dict[Bucket, int] = {}

    def cohort_of(self, lane: Lane) -> Cohort | None:
        return self._seat.get(lane.name)

    def cohorts(self) -> list[Cohort]:
        return [cohort for cohorts in self._cohorts.values() for cohort in cohorts]

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
        """Seat all these lanes, in as few and small cohorts as are compiled."""
        wanted: dict[Bucket, list[Lane]] = {}
        for lane in training:
            bucket = lane.bucket
            if not self._available(bucket):
                self._programs.request(bucket, LANES[0])
                bucket = WHOLE
            wanted.setdefault(bucket, []).append(lane)
        for bucket in [*self._cohorts, *(bucket for bucket in wanted if bucket not in self._cohorts)]:
            self._arrange(bucket, wanted.get(bucket, []))

    def _available(self, bucket: Bucket) -> list[int]:
        """The sizes of cohort that are compiled for a bucket."""
        return [lanes for lanes in LANES if self._programs.advance(bucket, lanes) is not None]

    def _sizes(self, bucket: Bucket, lanes: int) -> list[int]:
        """The cohorts that hold so many lanes best, of those compiled; asks for what would be better."""
        best = next((size for size in LANES if size >= lanes), LANES[-1])
        self._programs.request(bucket, best)
        sizes = self._available(bucket)
        plan: list[int] = []
        while lanes > 0:
            fitting = [size for size in sizes if size >= lanes]
            plan.append(fitting[0] if fitting else sizes[-1])
            lanes -= plan[-1]
        return plan

    def _arrange(self, bucket: Bucket, lanes: list[Lane]) -> None:
        cohorts = self._cohorts.setdefault(bucket, [])
        names = {lane.name for lane in lanes}
        unseated = [lane for lane in lanes if self._seat.get(lane.name) not in cohorts]
        plan = self._sizes(bucket, len(lanes))
        roomy = sum(len(cohort.seats) for cohort in cohorts) > sum(plan)
        self._roomy[bucket] = self._roomy.get(bucket, 0) + 1 if roomy else 0
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
        old = {len(cohort.seats): cohort for cohort in self._cohorts[bucket]}
        cohorts: list[Cohort] = []
        for size in plan:
            known = old.pop(size, None)
            cohorts.append(known or Cohort(bucket, size, self._programs.advance(bucket, size)))
        self._cohorts[bucket] = cohorts
        if not cohorts:
            del self._cohorts[bucket], self._roomy[bucket]
        for lane in lanes:
            self._sit(lane, next(cohort for cohort in cohorts if None in cohort.seats))

    def _sit(self, lane: Lane, cohort: Cohort) -> None:
        self.park(lane)  # it may sit in another bucket's cohort
        cohort.seat(lane)
        self._seat[lane.name] = cohort
        if cohort.bucket != lane.bucket:
            lane.exact = False
