"""Confusion matrices and R² against scikit-learn's, and of lanes against Keras's own answers."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics  # pyright: ignore[reportMissingTypeStubs]

from models import reference
from models.lane import Lane
from models.verdict import confusion, explained, verdict
from tests.models.training import make

sklearn: Any = metrics


@pytest.mark.parametrize("classes", [2, 3, 8])
def test_the_confusion_matrix_is_scikit_learns(classes: int) -> None:
    draw = np.random.default_rng(classes)
    truth, answer = draw.integers(0, classes, (2, 300))
    expected = sklearn.confusion_matrix(truth, answer, labels=range(classes))
    assert confusion(truth, answer, classes) == expected.tolist()


def test_r2_is_scikit_learns() -> None:
    draw = np.random.default_rng(1)
    for spread in (0.1, 1.0, 10.0):
        truth = draw.normal(size=200).astype(np.float32)
        answer = (truth + spread * draw.normal(size=200)).astype(np.float32)
        assert explained(truth, answer) == pytest.approx(sklearn.r2_score(truth, answer))


def test_where_there_is_nothing_to_explain_there_is_no_r2() -> None:
    same, none = np.ones(5, np.float32), np.zeros(0, np.float32)
    assert explained(same, same) is None
    assert explained(none, none) is None
    assert explained(np.array([1, 2], np.float32), np.array([np.inf, 0], np.float32)) is None


@pytest.mark.parametrize(
    "texts",
    [
        {"data": "circle"},
        {"data": "circle", "loss": "categorical_crossentropy"},
        {"data": "spiral", "loss": "hinge"},
        {"data": "blobs", "classes": "5", "noise": "0.4"},
        {"data": "iris"},
        {"data": "plane"},
        {"data": "sine", "train_share": "1"},
    ],
    ids=lambda texts: " ".join(texts.values()),
)
def test_a_lanes_verdict_is_that_of_keras(texts: dict[str, str]) -> None:
    experiment = make(**texts)
    lane = Lane("judged", experiment)
    model = reference.build(experiment)
    for name, (x, y) in zip(("train", "test"), reference.data(experiment), strict=True):
        found = verdict(lane)[name]
        if not len(x):
            assert found is None
            continue
        output = model.predict(x, verbose=0)
        if experiment.problem == "regression":
            assert found == pytest.approx(sklearn.r2_score(y, output), abs=1e-4)
            continue
        if output.shape[1] > 1:
            truth, answer = y.argmax(1), output.argmax(1)
        else:
            middle = reference.threshold(experiment)
            truth, answer = (y[:, 0] > middle).astype(int), (output[:, 0] > middle).astype(int)
        assert found == sklearn.confusion_matrix(truth, answer, labels=range(experiment.classes)).tolist()
