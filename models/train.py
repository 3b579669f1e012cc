"""The command `neural-playground train`: an experiment without a page, in a lane or in plain Keras."""

import argparse
import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from models import spelling
from models.experiment import Experiment, explain

Numbers = dict[str, float]
NAMES = {"loss": 1, "accuracy": 2, "val_loss": 4, "val_accuracy": 5}  # Keras's names and our history columns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `train`: one for each field of an experiment, and how to run it."""
    defaults = spelling.flat(Experiment())
    for field in spelling.FIELDS:
        default = "that of the seed" if field.name == "data_seed" else repr(defaults[field.name])
        choices = f"; one of {', '.join(field.choices)}" if field.kind == "name" else ""
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            dest=field.name,
            metavar=field.name.upper(),
            help=f"{field.help}{choices} (default {default})".replace("%", "%%"),
        )
    parser.add_argument(
        "--experiment", type=Path, metavar="FILE", help="take the experiment from a JSON file"
    )
    parser.add_argument("--epochs", type=_positive, default=100, help="epochs to train (default 100)")
    parser.add_argument(
        "--engine", choices=("lanes", "keras"), default="lanes", help="what trains (default lanes)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line an epoch")
    parser.add_argument(
        "--save", type=Path, metavar="DIR", help="write experiment.json and model.keras there"
    )


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of epochs; expected a whole number from 1 on"
        )
    return int(text)


def experiment_of(options: argparse.Namespace) -> Experiment:
    """The experiment that the options describe; ValueError with a message for people if they do not."""
    given = {
        field.name: getattr(options, field.name)
        for field in spelling.FIELDS
        if getattr(options, field.name) is not None
    }
    try:
        if options.experiment is not None:
            if given:
                raise ValueError(f"--experiment stands alone, but --{next(iter(given))} was given too")
            return Experiment.model_validate_json(options.experiment.read_text(encoding="utf-8"))
        if "seed" in given:
            given.setdefault("data_seed", given["seed"])
        return spelling.parse(given)
    except ValidationError as error:
        message, expected = explain(error)
        raise ValueError(f"{message}; expected {expected}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read the experiment: {error}") from error


def in_a_lane(experiment: Experiment, epochs: int, each: Callable[[Numbers], None]) -> list[np.ndarray]:
    """Train in a lane of its own; the trained weights."""
    from models import program, reference
    from models.bucket import LANES
    from models.cohort import Cohort
    from models.lane import Goal, Lane, Mode

    lane = Lane("train", experiment)
    lane.mode, lane.goal = Mode.PLAYING, Goal(epoch=epochs)
    cohort = Cohort(lane.bucket, LANES[0], program.compiled(lane.bucket, LANES[0]))
    cohort.seat(lane)
    while (steps := lane.wants()) != 0:
        cohort.tick({lane.name: steps or 0})
        for row in lane.history.take_new():
            numbers = {name: float(row[column]) for name, column in NAMES.items()}
            each({"epoch": int(row[0]), **{k: v for k, v in numbers.items() if not np.isnan(v)}})
    if lane.diverged:
        raise FloatingPointError(
            f"the numbers overflowed in epoch {lane.epoch + 1}: the learning rate "
            f"{experiment.training.learning_rate:g} is probably too large"
        )
    cohort.pull(lane)
    return reference.arranged(experiment, lane.weights, [*lane.scales], [*lane.moving])


def in_keras(experiment: Experiment, epochs: int, each: Callable[[Numbers], None]) -> list[np.ndarray]:
    """Train the reference; the trained weights."""
    from models import reference

    return reference.train(experiment, epochs, each).get_weights()


@contextmanager
def _report(as_json: bool, epochs: int) -> Generator[Callable[[Numbers], None]]:
    """Where an epoch's numbers go: JSON lines, or a progress bar with the latest."""
    if as_json:
        yield lambda numbers: print(json.dumps(numbers), flush=True)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("", total=epochs)

        def show(numbers: Numbers) -> None:
            text = "  ".join(f"{name} {value:.4f}" for name, value in numbers.items() if name != "epoch")
            progress.update(task, completed=numbers["epoch"], description=text)

        yield show


def run(options: argparse.Namespace) -> int:
    """Carry out the command: 0 if it went well, 2 for options that will not do, 1 if training diverged."""
    try:
        experiment = experiment_of(options)
    except ValueError as error:
        print(f"neural-playground train: {error}", file=sys.stderr)
        return 2
    train = in_keras if options.engine == "keras" else in_a_lane
    try:
        with _report(options.json, options.epochs) as each:
            weights = train(experiment, options.epochs, each)
    except FloatingPointError as error:
        print(f"neural-playground train: {error}", file=sys.stderr)
        return 1
    if options.save is not None:
        from models import reference

        options.save.mkdir(parents=True, exist_ok=True)
        text = experiment.model_dump_json(indent=2) + "\n"
        (options.save / "experiment.json").write_text(text, encoding="utf-8")
        reference.save(experiment, weights, options.save / "model.keras")
    return 0
