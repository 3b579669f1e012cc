"""When a run pauses by itself: conditions that are looked at after every epoch."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from models import catalogue

Row = npt.NDArray[np.float32]  # of a history
Reason = Literal["epochs", "test_loss", "test_accuracy", "patience"]


@dataclass(frozen=True)
class Conditions:
    """None: not for that reason. Without a test set the training figures count.

    epochs: so many from the start of the run. test_loss: that low, or lower. test_accuracy: that high, or
    higher, as a fraction. patience: epochs without a test loss that is lower by `catalogue.MIN_DELTA`.
    """

    epochs: int | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    patience: int | None = None

    @property
    def on_values(self) -> bool:
        """Whether a row's numbers decide, so that every epoch must be looked at before the next."""
        return (self.test_loss, self.test_accuracy, self.patience) != (None, None, None)


NOTHING = Conditions()


def _figures(row: Row) -> tuple[int, float, float]:
    """Epoch, loss and accuracy that count, of a history row."""
    epoch, loss, accuracy, _, test_loss, test_accuracy, _ = (float(value) for value in row)
    return int(epoch), *((loss, accuracy) if math.isnan(test_loss) else (test_loss, test_accuracy))


@dataclass
class Stops:
    """The conditions of a lane, and what must be remembered to check them."""

    conditions: Conditions = field(default_factory=Conditions)
    ignored: list[Reason] = field(default_factory=list[Reason])  # were met already when Play was pressed
    lowest: float | None = None
    since: int = 0  # the epoch of the lowest loss, or of Play

    def begin(self) -> None:
        """A fresh run: nothing is met yet."""
        self.ignored, self.lowest, self.since = [], None, 0

    def arm(self, newest: Row) -> None:
        """Play was pressed at this row: what it meets is no reason to pause."""
        epoch, loss, _ = _figures(newest)
        self._count_from(epoch, loss)
        self.ignored = [reason for reason in self._met(newest) if reason != "patience"]

    def change(self, conditions: Conditions, newest: Row) -> None:
        """Other conditions, perhaps while the lane plays."""
        epoch, loss, _ = _figures(newest)
        self.conditions = conditions
        self.ignored = ["epochs"] if "epochs" in self._met(newest) else []
        self._count_from(epoch, loss)

    def forget(self, epoch: int) -> None:
        """Other data: losses from now on are compared with each other, not with those before."""
        self.lowest, self.since = None, epoch

    def reason(self, row: Row) -> Reason | None:
        """Why to pause after this row, or None."""
        if self.conditions == NOTHING:
            return None  # the lowest loss is looked for from the moment when a condition is set
        epoch, loss, _ = _figures(row)
        if self.lowest is None or loss <= self.lowest - catalogue.MIN_DELTA:
            self._count_from(epoch, loss)
        return next((reason for reason in self._met(row) if reason not in self.ignored), None)

    def _count_from(self, epoch: int, loss: float) -> None:
        self.lowest, self.since = loss if math.isfinite(loss) else None, epoch

    def _met(self, row: Row) -> list[Reason]:
        epoch, loss, accuracy = _figures(row)
        wanted = self.conditions
        met: dict[Reason, bool] = {
            "epochs": wanted.epochs is not None and epoch >= wanted.epochs,
            "test_loss": wanted.test_loss is not None and loss <= wanted.test_loss,
            "test_accuracy": wanted.test_accuracy is not None and accuracy >= wanted.test_accuracy,
            "patience": wanted.patience is not None and epoch - self.since >= wanted.patience,
        }
        return [reason for reason, holds in met.items() if holds]

    def epochs_left(self, epoch: int) -> int | None:
        """How many epochs may pass before the conditions must be looked at again; None for any number."""
        if self.conditions.on_values:
            return 1
        if self.conditions.epochs is None or "epochs" in self.ignored:
            return None
        return max(1, self.conditions.epochs - epoch)

    def saved(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)

    @classmethod
    def restored(cls, saved: dict[str, Any]) -> "Stops":
        return cls(Conditions(**saved["conditions"]), saved["ignored"], saved["lowest"], saved["since"])
