"""Points drawn by hand: as a text, split, trained on."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models import drawing
from models.datasets import draw
from models.experiment import Data, Experiment
from models.lane import Lane
from tests.models.experiments import DRAWN_POINTS

STEP = 12 / 16383


@given(DRAWN_POINTS)
def test_points_come_back_to_half_a_step(points: list[drawing.Drawn]) -> None:
    text = drawing.encode(points)
    found = drawing.decode(text)
    assert [kind for kind, _, _ in found] == [kind for kind, _, _ in points]
    np.testing.assert_allclose(np.array(found)[:, 1:], np.array(points)[:, 1:], atol=0.51 * STEP)
    assert drawing.encode(found) == text


def test_the_form_by_hand() -> None:
    # Class 1 at (-6, 6) is 0001, fourteen zeros, fourteen ones; class 0 at (6, -6).
    raw = bytes.fromhex("10003fff0fffc000")
    text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    points = [(1, -6.0, 6.0), (0, 6.0, -6.0)]
    assert drawing.encode(points) == text
    assert list(drawing.decode(text)) == points


@pytest.mark.parametrize("text", ["A", "EAA", "EAA__w", "!!!!", "EAA__w" + "A" * 4, "-" * 11])
def test_what_is_no_text_of_points_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="expected"):
        Data(name="drawn", drawn=text)


def test_too_many_are_refused() -> None:
    most = drawing.encode([(0, 0.0, 0.0)] * drawing.MOST)
    assert len(most) <= drawing.LONGEST
    Data(name="drawn", drawn=most)
    with pytest.raises(ValidationError):
        Data(name="drawn", drawn=drawing.encode([(0, 0.0, 0.0)] * (drawing.MOST + 1)))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.floats(0.1, 1.0))
def test_every_class_is_split_and_a_new_point_moves_no_other(kinds: list[int], share: float) -> None:
    chosen = drawing.is_training(kinds, share)
    assert drawing.is_training([*kinds, 0], share)[: len(kinds)] == chosen
    for kind in set(kinds):
        of_it = [one for one, k in zip(chosen, kinds, strict=True) if k == kind]
        assert of_it[0]
        assert abs(sum(of_it) - share * len(of_it)) <= 1


def test_two_classes_and_three() -> None:
    points = [(0, 1.0, 2.0), (1, -1.0, -2.0), (1, 3.0, 3.0), (0, 4.0, 4.0)]
    two = Data(name="drawn", drawn=drawing.encode(points), train_share=1.0)
    found = draw(two)
    assert (two.class_count, found.train, found.test) == (2, 4, 0)
    assert found.label.tolist() == [-1, 1, 1, -1]
    np.testing.assert_allclose(found.position, np.array(points)[:, 1:], atol=STEP)
    three = Data(name="drawn", drawn=drawing.encode([*points, (2, 0.0, 0.0)]), train_share=0.5)
    assert three.class_count == 3
    assert draw(three).label.tolist() == [0, 1, 2, 1, 0]
    assert Experiment.model_validate({"data": three.model_dump()}).training.loss == "categorical_crossentropy"


def test_weights_are_kept_while_points_are_added_but_not_over_a_new_class() -> None:
    points = [(0, 1.0, 2.0), (1, -1.0, -2.0)]
    lane = Lane("drawn", Experiment(data=Data(name="drawn", drawn=drawing.encode(points))))

    def now(*more: drawing.Drawn) -> Experiment:
        return Experiment(data=Data(name="drawn", drawn=drawing.encode([*points, *more])))

    assert lane.keeps_weights(now((1, 5.0, 5.0)))
    several = Experiment.model_validate(
        {"data": {"name": "drawn", "drawn": drawing.encode([*points, (2, 5.0, 5.0)])}}
    )
    assert not lane.keeps_weights(several)
