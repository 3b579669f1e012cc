"""The styles in which an experiment's network can be written down as code."""

from dataclasses import dataclass
from typing import Any

from models.catalogue.row import Row


@dataclass(frozen=True)
class CodeStyle(Row):
    """`trains`: whether the code trains the network; one that does not needs the weights."""

    trains: bool = True

    def public(self) -> dict[str, Any]:
        return {**super().public(), "trains": self.trains}


CODE_STYLES: tuple[CodeStyle, ...] = (
    CodeStyle("sequential", "Sequential", help="Keras, one layer after the other: the shortest way."),
    CodeStyle(
        "functional",
        "Functional",
        help="Keras, each layer called on what the one before gives: for any graph.",
    ),
    CodeStyle(
        "subclassing", "Subclassing", help="Keras, a class of your own that says what happens to inputs."
    ),
    CodeStyle("numpy", "NumPy", help="The forward pass alone, with the weights as arrays.", trains=False),
)
