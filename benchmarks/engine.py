"""Lanes against `keras.Model.fit` on the same experiments, in turn within one run."""

from dataclasses import dataclass
from statistics import median

from benchmarks import keras_fit, lane_ticks
from benchmarks.figure import Bar, Figure
from benchmarks.worker import Worker, worker
from models import catalogue
from models.experiment import Experiment

ROUNDS = 4
SECONDS = 4.0  # a measurement


@dataclass(frozen=True)
class Case:
    """Lanes to be trained together, and how many times as fast as one `fit` they should be."""

    name: str
    experiments: tuple[Experiment, ...]
    bar: Bar


def largest(seed: int) -> Experiment:
    """7-8-8-8-8-8-8-1, the largest network of the TensorFlow Playground."""
    return Experiment.model_validate(
        {
            "features": [row.name for row in catalogue.FEATURES if row.columns <= 2][:7],
            "network": {"hidden": [{"neurons": 8, "activation": "tanh"}] * 6},
            "seed": seed,
        }
    )


def cases() -> tuple[Case, ...]:
    """What the engine is held to."""
    return (
        Case("one lane of 2-4-2-1", (Experiment(),), Bar(50, at_least=True)),
        Case(
            "64 lanes of 7-8-8-8-8-8-8-1",
            tuple(largest(seed) for seed in range(64)),
            Bar(100, at_least=True),
        ),
    )


def _compare(case: Case, lanes: Worker, keras: Worker, quick: bool) -> list[Figure]:
    seconds, rounds = (1.0, 2) if quick else (SECONDS, ROUNDS)
    ours: list[float] = []
    theirs: dict[str, list[float]] = {variant: [] for variant in keras_fit.VARIANTS}
    for _ in range(rounds):
        ours.append(lanes.ask((case.experiments, seconds))[0])
        for variant, rates in theirs.items():
            rates.append(keras.ask((case.experiments[0], variant, seconds))[0])
    fit = {variant: median(rates) for variant, rates in theirs.items()}
    return [
        Figure(f"{case.name}: lane-steps a second", median(ours), "/s"),
        *(Figure(f"model.fit {variant}: steps a second", rate, "/s") for variant, rate in fit.items()),
        Figure(f"{case.name} against the faster fit", median(ours) / max(fit.values()), "×", case.bar),
    ]


def run(quick: bool) -> list[Figure]:
    """Measure; the median of several turns each."""
    figures: list[Figure] = []
    with worker(lane_ticks.make) as lanes, worker(keras_fit.make) as keras:
        for case in cases():
            figures += _compare(case, lanes, keras, quick)
    return figures
