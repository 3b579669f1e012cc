"""What everybody trains: four networks, each with two batch sizes, on the same points."""

import json
from dataclasses import dataclass
from pathlib import Path

from models import catalogue, reference
from models.experiment import Experiment
from models.seeds import batch_order

POINTS = 320  # whole batches of 10 and of 32: ConvNetJS knows no short one
EPOCHS = 16  # whose batches are laid out; then they come again
BATCHES = (10, 32)
LEARNING_RATE = 0.03
HIDDEN = {"2-4-2-1": (4, 2), "2-8-8-1": (8, 8), "7-8x6-1": (8,) * 6, "2-32-32-1": (32, 32)}
SMALLEST = "2-4-2-1"
DEEPEST = "7-8x6-1"
WIDEST = "2-32-32-1"


@dataclass(frozen=True)
class Task:
    """A network and a batch size."""

    network: str
    batch: int

    @property
    def name(self) -> str:
        return f"{self.network}, batch {self.batch}"

    def experiment(self, seed: int = 0) -> Experiment:
        """With only training points, so that all of them train and nobody tests."""
        columns = [row.name for row in catalogue.FEATURES if row.columns <= 2]
        return Experiment.model_validate(
            {
                "data": {"name": "circle", "points": POINTS, "noise": 0.1, "train_share": 1.0},
                "features": columns[: int(self.network[0])],
                "network": {
                    "hidden": [{"neurons": n, "activation": "tanh"} for n in HIDDEN[self.network]],
                    "output_activation": "linear",
                },
                "training": {
                    "loss": "half_squared_error",
                    "optimizer": "sgd",
                    "learning_rate": LEARNING_RATE,
                    "batch_size": self.batch,
                },
                "seed": seed,
            }
        )

    def write(self, folder: Path) -> Path:
        """The file that a peer reads (`benchmarks.peers.given`)."""
        experiment = self.experiment()
        (x, y), _ = reference.data(experiment)
        orders = [batch_order(experiment.seed, epoch, len(y)).tolist() for epoch in range(EPOCHS)]
        path = folder / f"{self.network}-{self.batch}.json"
        path.write_text(
            json.dumps(
                {
                    "name": self.name,
                    "experiment": experiment.model_dump(mode="json"),
                    "learning_rate": LEARNING_RATE,
                    "batch": self.batch,
                    "x": x.tolist(),
                    "y": y.tolist(),
                    "orders": orders,
                    "weights": [array.tolist() for array in reference.initial_weights(experiment)],
                }
            ),
            encoding="utf-8",
        )
        return path


TASKS = tuple(Task(network, batch) for network in HIDDEN for batch in BATCHES)
