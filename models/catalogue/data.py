"""The data sets and the problems that they pose."""

from models.catalogue.data_set import DataSet
from models.catalogue.real import REAL
from models.catalogue.row import Row


def _curve(name: str, label: str, formula: str, help: str, points: int = 300) -> DataSet:
    return DataSet(name, label, formula, help, problem="regression", points=points, kind="curve", target="y")


SYNTHETIC: tuple[DataSet, ...] = (
    DataSet("circle", "Circle", help="A disc inside a ring."),
    DataSet("xor", "Exclusive or", help="Four quarters; opposite quarters belong together."),
    DataSet("gauss", "Two Gaussians", help="Two clouds that one straight line separates."),
    DataSet("spiral", "Spiral", help="Two arms wound around each other: the hard one."),
    DataSet("moons", "Moons", help="Two half moons, one in the arms of the other."),
    DataSet("checkerboard", "Checkerboard", help="Sixteen squares of two classes by turns."),
    DataSet("smiley", "Smiley", help="Two eyes and a mouth in a face."),
    DataSet("blobs", "Blobs", help="A cloud for each class.", several=True),
    DataSet("rings", "Rings", help="A ring around a ring, one for each class.", several=True),
    DataSet("arms", "Arms", help="A spiral with an arm for each class.", several=True),
    DataSet("plane", "Plane", "(x₁ + x₂) / 10", help="A tilted plane.", problem="regression", points=1200),
    DataSet(
        "multi_gauss", "Multi Gaussian", help="Six hills and valleys.", problem="regression", points=1200
    ),
    _curve("line", "Line", "0.16 x₁", "A straight line; noise moves y."),
    _curve("sine", "Sine", "0.8 sin(x₁)", "A wave; noise moves y."),
    _curve("step", "Step", "±0.7 by the sign of x₁", "A jump, which smooth functions can only approach."),
    _curve(
        "growing_noise",
        "Growing noise",
        "0.8 sin(x₁)",
        "A wave whose noise grows from none on the left to twice the others' on the right.",
    ),
    _curve(
        "sparse",
        "Few points",
        "0.8 sin(x₁)",
        "A wave with few points and always a little noise: easy to overfit.",
        points=24,
    ),
    _curve(
        "gap",
        "Gap",
        "0.8 sin(x₁)",
        "A wave without points in the middle: what does a network say of what it never saw?",
        points=60,
    ),
)

OWN = DataSet("own", "Own data", help="A table that you brought.", kind="own", points=0)
DRAWN = DataSet("drawn", "Own points", help="Points that you drew.", kind="drawn", points=0)
DATA_SETS: tuple[DataSet, ...] = (*SYNTHETIC, *REAL, OWN, DRAWN)

PROBLEMS: tuple[Row, ...] = (Row("classification", "Classification"), Row("regression", "Regression"))
