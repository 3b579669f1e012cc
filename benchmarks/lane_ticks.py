"""How fast lanes train in their cohorts, ticked in turn as the host does it at full speed."""

import time

from benchmarks.worker import Answers
from models.experiment import Experiment


def make() -> Answers:
    """Answers (experiments of one bucket, seconds) with (lane-steps a second, epochs of the slowest lane)."""
    from models import device
    from models.bucket import LANES
    from models.cohort import Cohort
    from models.lane import Lane, Mode
    from models.pacing import TICK_SECONDS
    from models.programs import make_advance
    from models.seating import fewest

    device.choose("auto")
    seated_before: dict[tuple[Experiment, ...], list[Cohort]] = {}

    def seated(experiments: tuple[Experiment, ...]) -> list[Cohort]:
        lanes = [Lane(str(number), experiment) for number, experiment in enumerate(experiments)]
        bucket = lanes[0].bucket
        sizes = fewest(len(lanes), LANES)
        programs = {size: make_advance(bucket, size) for size in set(sizes)}
        cohorts = [Cohort(bucket, size, programs[size]) for size in sizes]
        for lane in lanes:
            lane.mode = Mode.PLAYING
            next(cohort for cohort in cohorts if None in cohort.seats).seat(lane)
        return cohorts

    def train(cohorts: list[Cohort], seconds: float) -> tuple[float, int]:
        lanes = [lane for cohort in cohorts for lane in cohort.lanes]
        steps = sum(lane.step for lane in lanes)
        rows = [lane.epoch for lane in lanes]
        began = time.perf_counter()
        while (elapsed := time.perf_counter() - began) < seconds:
            for cohort in cohorts:
                most = max(1, int(TICK_SECONDS / cohort.step_seconds))
                cohort.tick({lane.name: most for lane in cohort.lanes})
            for lane, before in zip(lanes, rows, strict=True):
                # Every epoch's row was made, test loss included, and is handed on as to a frame.
                made = lane.history.take_new()
                if len(made) and int(made[-1][0]) != lane.epoch:
                    raise RuntimeError(f"lane {lane.name} has no row of epoch {lane.epoch}")
                assert lane.epoch >= before
        steps = sum(lane.step for lane in lanes) - steps
        epochs = min(lane.epoch - before for lane, before in zip(lanes, rows, strict=True))
        return steps / elapsed, epochs

    def answer(question: tuple[tuple[Experiment, ...], float]) -> tuple[float, int]:
        experiments, seconds = question
        cohorts = seated_before.get(experiments)
        if cohorts is None:
            cohorts = seated_before[experiments] = seated(experiments)
            train(cohorts, 1.0)  # the estimate of a step's time settles
        return train(cohorts, seconds)

    return answer
