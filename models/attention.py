"""What a lane owes to its pace and to the page that watches it."""

from dataclasses import dataclass, field

from models.detail import STILL, Detail
from models.experiment import Experiment


@dataclass(frozen=True)
class View:
    """What a page can show: whether anything, how finely, and which neurons' pictures of that run."""

    visible: bool = True
    detail: Detail = STILL
    pictures: tuple[int, ...] | None = None  # None for all
    run: int = -1

    def pictured(self, run: int) -> tuple[int, ...] | None:
        """Those to show of a run: of another one, which may have other neurons, all."""
        return self.pictures if run == self.run else None


@dataclass
class Attention:
    """Of one lane. `frame_due` is 0 when a page should see a change at once."""

    phase: float  # where between two frames of others its own are due, 0 to 1
    view: View = field(default_factory=View)
    owed: float = 0.0  # steps
    paced: float = 0.0  # when it was last paced
    seq: int = 0
    wanted: bool = False
    key: bool = True
    shown_version: int = -1
    shown_run: int = -1
    shown_experiment: Experiment | None = None
    frame_due: float = 0.0
    blob_due: float = 0.0
    blob_version: int = -1

    @property
    def waits(self) -> bool:
        """Whether a page waits for a frame that it would show."""
        return self.wanted and self.view.visible
