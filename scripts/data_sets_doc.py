"""Writes docs/data_sets.md: every data set with a sensible network, trained by lanes and by Keras.

    python -m scripts.data_sets_doc

takes some minutes, nearly all of them Keras's.
"""

import os
from pathlib import Path

from models import catalogue, train
from models.experiment import Experiment
from models.spelling import parse, to_query

PAGE = Path(__file__).parent.parent / "docs" / "data_sets.md"
EPOCHS = 100
SEED = "1"

# What differs from the default experiment; Adam and batches of 16, so that a hundred epochs are enough.
COMMON = {"optimizer": "adam", "learning_rate": "0.01", "batch_size": "16", "seed": SEED, "data_seed": SEED}
NETWORKS: dict[str, dict[str, str]] = {
    "circle": {"hidden": "4,2"},
    "xor": {"hidden": "4,2"},
    "gauss": {"hidden": ""},
    "spiral": {"hidden": "16,16,8"},
    "moons": {"hidden": "6,4"},
    "checkerboard": {"hidden": "32,16,8", "activation": "relu"},
    "smiley": {"hidden": "24,12", "activation": "relu"},
    "blobs": {"hidden": "6"},
    "rings": {"hidden": "12,8"},
    "arms": {"hidden": "16,8"},
    "plane": {"hidden": ""},
    "multi_gauss": {"hidden": "16,8"},
    "line": {"hidden": ""},
    "sine": {"hidden": "8,8"},
    "step": {"hidden": "8,4"},
    "growing_noise": {"hidden": "8,8", "noise": "0.2"},
    "sparse": {"hidden": "8,8"},
    "gap": {"hidden": "8,8"},
    "iris": {"hidden": "6"},
    "wine": {"hidden": "6"},
    "breast_cancer": {"hidden": "4"},
    "digits": {
        "hidden": "24,16",
        "inputs": "pixel 1 2,pixel 2 2,pixel 2 5,pixel 3 3,pixel 4 4,pixel 5 2,pixel 5 5,pixel 6 5",
    },
    "diabetes": {"hidden": "4"},
}

OPENING = f"""# Every data set, by lanes and by Keras

The same experiment, with the same first weights, data and batches, trained for {EPOCHS} epochs in a lane and
by `keras.Model.fit`: the figure reached on the test half of the points, accuracy for classes and mean
squared error for numbers. The numbers to predict of a real set run from -1 to 1. This page is made by

```sh
python -m scripts.data_sets_doc
```

"""


def experiment_of(name: str) -> Experiment:
    """The data set with its network."""
    return parse({"data": name, **COMMON, **NETWORKS[name]})


def reached(experiment: Experiment, engine: str) -> float:
    """Test accuracy, or test loss of a regression, after the last epoch."""
    numbers: dict[str, float] = {}
    run = train.in_keras if engine == "keras" else train.in_a_lane
    run(experiment, EPOCHS, numbers.update)
    return numbers["val_loss" if experiment.problem == "regression" else "val_accuracy"]


def row(name: str) -> str:
    """A row of the table."""
    experiment = experiment_of(name)
    data = catalogue.row(catalogue.DATA_SETS, name)
    lanes, keras = (reached(experiment, engine) for engine in ("lanes", "keras"))
    figure = "loss" if experiment.problem == "regression" else "accuracy"
    shape = "-".join(map(str, experiment.units))
    link = f"[{shape}](http://127.0.0.1:8000/#{to_query(experiment)})"
    form = ".3g" if experiment.problem == "regression" else ".4f"
    return f"| {data.label} | {link} | {figure} | {lanes:{form}} | {keras:{form}} |"


def main() -> None:
    """Train them all and write the page."""
    names = [name for name in catalogue.names(catalogue.DATA_SETS) if name in NETWORKS]
    head = (
        "| data set | network, as a link to a running server | figure | lane | Keras |\n" + 5 * "|---" + "|\n"
    )
    rows: list[str] = []
    for name in names:
        rows.append(row(name))
        print(rows[-1], flush=True)
    PAGE.write_text(OPENING + head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
