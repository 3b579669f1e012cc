"""The real data sets: their columns, what they are about, where they come from."""

from models.catalogue.data_set import DataSet

_CELL = (
    *("radius", "texture", "perimeter", "area", "smoothness", "compactness"),
    *("concavity", "concave points", "symmetry", "fractal dimension"),
)

REAL: tuple[DataSet, ...] = (
    DataSet(
        "iris",
        "Iris",
        help="Three kinds of irises by the size of their sepals and petals.",
        points=150,
        kind="real",
        columns=("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
        first=("petal length (cm)", "petal width (cm)"),
        class_names=("setosa", "versicolor", "virginica"),
        target="species",
        source="R. A. Fisher (1936), https://archive.ics.uci.edu/dataset/53/iris",
    ),
    DataSet(
        "wine",
        "Wine",
        help="Three cultivars by a chemical analysis of their wines.",
        points=178,
        kind="real",
        columns=(
            *("alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols"),
            *("flavanoids", "nonflavanoid phenols", "proanthocyanins", "color intensity", "hue"),
            *("od280/od315 of diluted wines", "proline"),
        ),
        first=("flavanoids", "color intensity"),
        class_names=("class 0", "class 1", "class 2"),
        target="cultivar",
        source="S. Aeberhard and M. Forina (1992), https://archive.ics.uci.edu/dataset/109/wine",
    ),
    DataSet(
        "breast_cancer",
        "Breast cancer",
        help="Malignant or benign, by the cell nuclei in pictures of a tissue sample.",
        points=569,
        kind="real",
        columns=(
            *(f"mean {name}" for name in _CELL),
            *(f"{name} error" for name in _CELL),
            *(f"worst {name}" for name in _CELL),
        ),
        first=("worst radius", "worst concave points"),
        class_names=("malignant", "benign"),
        target="diagnosis",
        source="W. Wolberg et al. (1993), "
        "https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic",
    ),
    DataSet(
        "digits",
        "Digits",
        help="Handwritten digits from 0 to 7, of 8 × 8 pixels; 8 and 9 are left out, since a network here "
        "tells at most eight classes apart.",
        points=1443,
        kind="real",
        columns=tuple(f"pixel {row} {column}" for row in range(8) for column in range(8)),
        first=("pixel 1 2", "pixel 7 5"),
        class_names=tuple(str(digit) for digit in range(8)),
        target="digit",
        source="E. Alpaydin and C. Kaynak (1998), "
        "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
    ),
    DataSet(
        "diabetes",
        "Diabetes",
        help="How diabetes progressed within a year; from 25 to 346.",
        problem="regression",
        points=442,
        kind="real",
        columns=(
            *("age", "sex", "bmi", "blood pressure", "total cholesterol", "ldl", "hdl"),
            *("cholesterol to hdl", "log triglycerides", "blood sugar"),
        ),
        first=("bmi", "log triglycerides"),
        target="progression",
        source="B. Efron et al. (2004), https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
    ),
)
