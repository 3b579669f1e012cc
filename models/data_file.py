"""Any data set as a CSV file."""

from models.datasets import draw
from models.experiment import Data
from models.own_data import to_csv


def text_of(data: Data) -> str:
    """The points in the order in which they are split: columns as they are, the target, train or test.

    Classes have their names; those that have none are -1 and 1, or, of more than two, numbers from 1 on.
    TableError if the data are of a table that is not here.
    """
    points = draw(data.model_copy(update={"standardize": False}))
    names = [axis.name for axis in points.axes]
    classes = data.labels or data.row.class_names
    if data.problem == "regression":
        target = [str(value) for value in points.label]
    else:
        numbers: list[int] = points.label.astype(int).tolist()
        two = data.class_count == 2
        places = [(number + 1) // 2 if two else number for number in numbers]
        shown = numbers if two else [number + 1 for number in numbers]
        target = [classes[place] for place in places] if classes else [str(number) for number in shown]
    return to_csv([*names, data.target or data.row.target or "class"], points.position, target, points.train)
