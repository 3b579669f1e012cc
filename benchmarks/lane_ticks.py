"""How fast lanes train in a cohort, ticked as the host ticks it at full speed."""

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

    device.choose("auto")
    cohorts: dict[tuple[Experiment, ...], Cohort] = {}

    def seated(experiments: tuple[Experiment, ...]) -> Cohort:
        lanes = [Lane(str(number), experiment) for number, experiment in enumerate(experiments)]
        seats = next(size for size in LANES if size >= len(lanes))
        cohort = Cohort(lanes[0].bucket, seats, make_advance(lanes[0].bucket, seats))
        for lane in lanes:
            lane.mode = Mode.PLAYING
            cohort.seat(lane)
        return cohort

    def train(cohort: Cohort, seconds: float) -> tuple[float, int]:
        steps = sum(lane.step for lane in cohort.lanes)
        rows = [lane.epoch for lane in cohort.lanes]
        began = time.perf_counter()
        while (elapsed := time.perf_counter() - began) < seconds:
            most = max(1, int(TICK_SECONDS / cohort.step_seconds))
            cohort.tick({lane.name: most for lane in cohort.lanes})
            for lane, before in zip(cohort.lanes, rows, strict=True):
                # Every epoch's row was made, test loss included, and is handed on as to a frame.
                made = lane.history.take_new()
                if len(made) and int(made[-1][0]) != lane.epoch:
                    raise RuntimeError(f"lane {lane.name} has no row of epoch {lane.epoch}")
                assert lane.epoch >= before
        steps = sum(lane.step for lane in cohort.lanes) - steps
        epochs = min(lane.epoch - before for lane, before in zip(cohort.lanes, rows, strict=True))
        return steps / elapsed, epochs

    def answer(question: tuple[tuple[Experiment, ...], float]) -> tuple[float, int]:
        experiments, seconds = question
        cohort = cohorts.get(experiments)
        if cohort is None:
            cohort = cohorts[experiments] = seated(experiments)
            train(cohort, 1.0)  # the estimate of a step's time settles
        return train(cohort, seconds)

    return answer
