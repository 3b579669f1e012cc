"""The command `neural-playground train`: an experiment without a page, in a lane or in plain Keras."""

import argparse
import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pydantic import ValidationError

from models import catalogue, own_data, spelling, tables
from models.experiment import Experiment, explain
from models.own_data import Task

Numbers = dict[str, float]
NAMES = {"loss": 1, "accuracy": 2, "val_loss": 4, "val_accuracy": 5}  # Keras's names and our history columns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `train`: one for each field of an experiment, and how to run it."""
    defaults = spelling.flat(Experiment())
    for field in spelling.FIELDS:
        default = "that of the seed" if field.name == "data_seed" else repr(defaults[field.name])
        choices = f"; one of {', '.join(field.choices)}" if field.kind == "name" else ""
        file = ", or the path of a CSV file" if field.name == "data" else ""
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            dest=field.name,
            metavar=field.name.upper(),
            help=f"{field.help}{choices}{file} (default {default})".replace("%", "%%"),
        )
    parser.add_argument(
        "--task", choices=("classification", "regression"), help="what to learn of a CSV file's target"
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
        if (data := given.get("data", "")) and data not in catalogue.names(catalogue.DATA_SETS):
            given |= _of_file(data, given, options.task)
        elif options.task is not None:
            raise ValueError("--task is for a CSV file; expected --data with the path of one")
        return spelling.parse(given)
    except ValidationError as error:
        message, expected = explain(error)
        raise ValueError(f"{message}; expected {expected}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read the experiment: {error}") from error


def _of_file(name: str, given: dict[str, str], task: Task | None) -> dict[str, str]:
    """The texts that say which of a CSV file's columns an experiment uses; ValueError if it will not do."""
    known = ", ".join(row.name for row in catalogue.DATA_SETS if row.kind not in ("own", "drawn"))
    if not name.lower().endswith((".csv", ".tsv", ".txt")):
        raise ValueError(
            f"data: {name!r} is no data set; expected the path of a .csv file, or one of {known}"
        )
    try:
        digest, table = tables.keep(Path(name).read_bytes())
    except OSError as error:
        raise ValueError(f"cannot read {name}: {error.strerror}; expected a CSV file") from error
    first = own_data.suggest(table, given.get("target"))
    inputs = tuple(spelling.texts_of(given.get("inputs", ""))) or first.inputs
    chosen = own_data.choose(table, own_data.Choice(inputs, first.target, task or first.task, False))
    return {
        "data": catalogue.OWN.name,
        "table": digest,
        "inputs": spelling.text_of_texts(inputs),
        "target": first.target,
        "labels": spelling.text_of_texts(chosen.classes),
    }


def in_a_lane(experiment: Experiment, epochs: int, each: Callable[[Numbers], None]) -> list[np.ndarray]:
    """Train in a lane of its own; the trained weights."""
    from models import packing, program
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
    return packing.arranged(experiment, lane.weights, [*lane.scales], [*lane.moving])


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
    with TemporaryDirectory(prefix="neural-playground-") as folder:
        tables.use(Path(folder))
        return _run(options)


def _run(options: argparse.Namespace) -> int:
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
    if options.engine == "lanes":
        from models.run_record import digest_of

        print(f"digest {digest_of(experiment, weights)}", file=sys.stderr)
    if options.save is not None:
        from models import keras_file

        options.save.mkdir(parents=True, exist_ok=True)
        text = experiment.model_dump_json(indent=2) + "\n"
        (options.save / "experiment.json").write_text(text, encoding="utf-8")
        (options.save / "model.keras").write_bytes(keras_file.write(experiment, weights))
    return 0
