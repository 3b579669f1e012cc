"""Data sets as files, read back."""

from pathlib import Path

import numpy as np
import pytest

from models import drawing, own_data, table, tables
from models.data_file import text_of
from models.datasets import draw
from models.experiment import Data


@pytest.mark.parametrize(
    "data",
    [
        Data(name="iris", inputs=("petal width (cm)", "sepal width (cm)", "sepal length (cm)"), seed=3),
        Data(name="breast_cancer", train_share=0.8),
        Data(name="diabetes"),
        Data(name="blobs", classes=5, train_share=0.3, noise=0.2),
        Data(name="moons"),
        Data(name="sine", points=40, noise=0.2),
        Data(name="plane", train_share=1.0),
        Data(
            name="drawn", drawn=drawing.encode([(0, -3.0, 2.0), (1, 3.0, -2.0), (1, 1.0, 1.0), (0, 0.5, 5.0)])
        ),
    ],
    ids=lambda data: data.name,
)
def test_a_file_holds_what_is_drawn(data: Data) -> None:
    points = draw(data.model_copy(update={"standardize": False}))
    read = table.read(text_of(data).encode())
    *columns, target, split = (read.column(name) for name in read.names)
    assert read.names[-1] == "split"
    assert np.array_equal(np.array(columns, np.float32).T, points.position)
    assert split == ("train",) * points.train + ("test",) * points.test
    if data.problem == "regression":
        assert np.array_equal(np.array(target, np.float32), points.label)
        return
    names = data.row.class_names or tuple(sorted(set(target), key=int))
    numbers = (points.label + 1) / 2 if data.class_count == 2 else points.label
    assert [names.index(name) for name in target] == numbers.tolist()


def test_a_learners_own_table_keeps_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tables.FOLDER, str(tmp_path))
    digest, _ = tables.keep(b"width;<b>kind</b>\n1,5;ja\n2,5;nein\n3,5;ja\n4,5;nein\n")
    data = Data(name="own", table=digest, inputs=("width",), target="<b>kind</b>", labels=("ja", "nein"))
    head, *rows = text_of(data).splitlines()
    assert head == "width,<b>kind</b>,split"
    assert sorted(row.rpartition(",")[0] for row in rows) == ["1.5,ja", "2.5,nein", "3.5,ja", "4.5,nein"]
    assert sorted(row.rpartition(",")[2] for row in rows) == ["test", "test", "train", "train"]


def test_a_file_can_be_brought_again() -> None:
    data = Data(name="wine", inputs=("alcohol", "hue"), seed=1)
    again = table.read(text_of(data).encode())
    chosen = own_data.choose(again, own_data.Choice(("alcohol", "hue"), "cultivar", None, standardize=False))
    assert chosen.classes == data.row.class_names
    assert np.array_equal(chosen.inputs, draw(data.model_copy(update={"standardize": False})).position)
