"""What of a run can be taken away as a file."""

from dataclasses import dataclass
from typing import Any

from models.catalogue.row import Row


@dataclass(frozen=True)
class Export(Row):
    """`file`: the name that it is saved by."""

    media_type: str = "application/octet-stream"
    file: str = ""

    def public(self) -> dict[str, Any]:
        return {**super().public(), "media_type": self.media_type, "file": self.file}


EXPORTS: tuple[Export, ...] = (
    Export(
        "keras",
        "Keras model",
        help="Opens in Keras, compiled; opened here again, the run goes on where it was.",
        media_type="application/zip",
        file="model.keras",
    ),
    Export(
        "experiment_json",
        "Experiment",
        help="All settings. Opened here again, it is the same experiment.",
        media_type="application/json",
        file="experiment.json",
    ),
    Export(
        "weights_json",
        "Weights (JSON)",
        help="Every weight with the layer, and from where to where it leads.",
        media_type="application/json",
        file="weights.json",
    ),
    Export(
        "weights_csv",
        "Weights (CSV)",
        help="The same as a table.",
        media_type="text/csv",
        file="weights.csv",
    ),
    Export(
        "history_csv",
        "Training curve (CSV)",
        help="Loss and accuracy after every epoch.",
        media_type="text/csv",
        file="history.csv",
    ),
    Export(
        "data_csv",
        "Data (CSV)",
        help="All points, with their part of the split.",
        media_type="text/csv",
        file="data.csv",
    ),
)
