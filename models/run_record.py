"""What a run can be checked by: its numbers, and a digest of its experiment and weights. No TensorFlow."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from models import frame
from models.experiment import Experiment
from models.history import COLUMNS
from models.packing import Floats
from models.saved_lane import SavedLane

MOST_ROWS = 600  # of a record's history; a chart is not wider


def digest_of(experiment: Experiment, weights: Iterable[Floats]) -> str:
    """SHA-256 over an experiment's JSON, members sorted, and its weights in the order of `get_weights`.

    Arrays count as float32, little-endian, row-major; the same bits give the same 64 hexadecimal digits.
    """
    text = json.dumps(experiment.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode())
    for array in weights:
        digest.update(np.ascontiguousarray(array, "<f4").tobytes())
    return digest.hexdigest()


def record(blob: bytes) -> dict[str, Any]:
    """A lane's run for a report: `columns` and `history` (null where there is no figure), and the digest.

    Whether its experiment gives these very numbers again: `touched` says that weights were edited or kept,
    `exact` that it trained in its own program, `offset` how far an epoch is that is under way.
    """
    lane = SavedLane.of(blob)
    header, _ = frame.decode(blob)
    return {
        "experiment": lane.experiment.model_dump(mode="json"),
        "epoch": lane.epoch,
        "step": lane.step,
        "offset": header["offset"],
        "touched": bool(header["touched"]),
        "exact": bool(header["exact"]),
        "digest": digest_of(lane.experiment, lane.keras_weights),
        "columns": list(COLUMNS),
        "history": [_numbers(row) for row in _thinned(lane.history)],
    }


def _thinned(rows: Floats) -> Floats:
    """At most `MOST_ROWS` of them, evenly, with the first and the last."""
    places = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).round().astype(int))
    return rows[places]


def _numbers(row: Floats) -> list[float | None]:
    """Shortest decimal numbers that are these float32; null for what is not finite."""
    return [float(str(number)) if np.isfinite(number) else None for number in row]
