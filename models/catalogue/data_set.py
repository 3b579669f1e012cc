"""What a data set's row holds."""

from dataclasses import dataclass
from typing import Any, Literal

from models.catalogue.row import Row

Problem = Literal["classification", "regression"]
Kind = Literal["plane", "curve", "real", "own", "drawn"]


@dataclass(frozen=True)
class DataSet(Row):
    """A data set: points of a plane, a curve over one column, a real table, the learner's own, or drawn ones.

    Generators are in `models.datasets` under the same name. `points`: how many unless chosen otherwise;
    `several`: whether the learner chooses how many classes. Of a real table's `columns` up to MAX_INPUTS are
    used, the `first` ones unless others are chosen; `class_names`, `target` and `source` are of a real one.
    """

    problem: Problem = "classification"
    points: int = 500
    several: bool = False
    kind: Kind = "plane"
    columns: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    target: str = ""
    source: str = ""

    @property
    def is_table(self) -> bool:
        """Whether its columns have names, and are chosen."""
        return self.kind in ("real", "own")

    def public(self) -> dict[str, Any]:
        return {
            **super().public(),
            "problem": self.problem,
            "points": self.points,
            "several": self.several,
            "kind": self.kind,
            "columns": list(self.columns),
            "first": list(self.first),
            "class_names": list(self.class_names),
            "target": self.target,
            "source": self.source,
        }
