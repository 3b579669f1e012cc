"""What the training process counts of itself, for whoever watches over it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from models.lane import Lane, Mode

EVERY_SECONDS = 2.0  # how often it is told


@dataclass
class Figures:
    """Counts since the process started; times in seconds."""

    ticks: int = 0
    tick_seconds: float = 0.0
    steps: int = 0
    frames: int = 0
    frame_seconds: float = 0.0
    due: float = field(default=0.0)  # when they are told next

    def tick(self, seconds: float, steps: int) -> None:
        """A cohort has trained: so many steps, of all its lanes together."""
        self.ticks += 1
        self.tick_seconds += seconds
        self.steps += steps

    def frame(self, seconds: float) -> None:
        """A frame was made."""
        self.frames += 1
        self.frame_seconds += seconds

    def told(self, lanes: Iterable[Lane], programs: dict[str, tuple[int, float]]) -> dict[str, Any]:
        """The members of `app.engine.Figures` that this process knows. A lane that nobody watches rests."""
        states = Counter(
            "resting" if lane.mode is Mode.PLAYING and not lane.watched else lane.mode.value for lane in lanes
        )
        return {
            "lanes": {name: states[name] for name in ("playing", "paused", "resting", "diverged")},
            "ticks": self.ticks,
            "tick_seconds": self.tick_seconds,
            "steps": self.steps,
            "frames": self.frames,
            "frame_seconds": self.frame_seconds,
            "programs": programs,
        }
