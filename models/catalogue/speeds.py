"""Speeds."""

from dataclasses import dataclass

from models.catalogue.row import Row


@dataclass(frozen=True)
class Speed(Row):
    """How fast a playing lane goes: so many steps or epochs a second, or as fast as possible."""

    steps: float = 0.0
    epochs: float = 0.0


SPEEDS: tuple[Speed, ...] = (
    Speed("slow", "1 batch/s", help="Slow motion: one optimizer step a second.", steps=1.0),
    Speed("batches", "10 batches/s", steps=10.0),
    Speed("epoch", "1 epoch/s", epochs=1.0),
    Speed("epochs", "10 epochs/s", epochs=10.0),
    Speed("fast", "30 epochs/s", epochs=30.0),
    Speed("faster", "100 epochs/s", epochs=100.0),
    Speed("full", "As fast as possible"),
)
DEFAULT_SPEED = "fast"
