"""What is said of the next batch is what the lane then does."""

from typing import Any

import numpy as np
import pytest

from models import catalogue, reference
from models.features import inputs
from models.lane import Lane
from models.next_update import batch, masks, next_points
from models.step_rule import Rule
from tests.models import tape
from tests.models.test_inside import stirred
from tests.models.training import cohort_of, make, train_to

SOME: dict[str, object] = {"hidden": "4,3", "batch_size": 10, "learning_rate": 0.01}
CASES: dict[str, dict[str, object]] = {
    **{name: {"optimizer": name} for name in catalogue.names(catalogue.OPTIMIZERS)},
    "batch normalization": {
        "batch_normalization": "true,false",
        "optimizer": "adam",
        "regularization": "l2",
        "regularization_rate": 0.01,
    },
    "dropout": {"dropout": "0.5,0.2", "activation": "relu", "optimizer": "momentum"},
    "both": {"dropout": "0.3", "batch_normalization": "true", "optimizer": "adamw", "clip_norm": 0.1},
    "L1": {"regularization": "l1", "regularization_rate": 0.01},
    "L1 and L2, max-norm": {
        "regularization": "l1_l2",
        "regularization_rate": 0.01,
        "max_norm": 0.8,
        "optimizer": "nesterov",
    },
    "schedule": {"schedule": "cosine", "decay_steps": 1000, "optimizer": "nadam"},
    "several classes": {"data": "blobs", "classes": 5, "optimizer": "adam"},
    "regression": {"data": "plane", "loss": "huber", "optimizer": "rmsprop"},
    "hinge": {"loss": "hinge", "optimizer": "adagrad"},
}


def numbers(lane: Lane) -> dict[str, Any]:
    """Its weights in a row, and the scales of its normalized layers."""
    normal = [layer.batch_normalization for layer in lane.experiment.network.hidden]
    scales = [pair.ravel() for pair, on in zip(lane.scales, normal, strict=True) if on]
    return {
        "update": np.concatenate([array.ravel() for array in lane.weights]).astype(np.float64),
        "scale_update": np.concatenate([np.zeros(0), *scales]),
    }


@pytest.mark.parametrize("case", CASES)
def test_the_next_step_is_the_one_that_was_shown(case: str) -> None:
    """In a cohort: with empty slots, with used ones, and with a short last batch (250 points, 10 at a time,
    and then 7)."""
    for size in (10, 7):
        lane = Lane("x", make(**{**SOME, **CASES[case], "batch_size": size}))
        cohort = cohort_of(lane.bucket)
        cohort.seat(lane)
        for steps in (0, 11, lane.steps_an_epoch - 1):
            train_to(cohort, {"x": steps})
            cohort.pull(lane)
            look = batch(lane)
            assert look is not None
            said, blocks = look
            before, sums = numbers(lane), lane.sums.copy()
            train_to(cohort, {"x": steps + 1})
            cohort.pull(lane)
            for name, values in numbers(lane).items():
                if len(values):
                    np.testing.assert_allclose(blocks[name], values - before[name], rtol=1e-4, atol=1e-6)
                else:
                    assert name not in blocks
            if lane.offset:  # the sums are of the epoch under way
                loss, _, penalty, points = lane.sums - sums
                assert points == said["points"]
                assert said["loss"] + said["penalty"] == pytest.approx(loss / points, rel=1e-4)
                assert said["penalty"] == pytest.approx(penalty / points, rel=1e-4, abs=1e-6)
            else:
                assert said["points"] == (250 % size or size)
            assert np.abs(blocks["update"]).max() > 0.0


@pytest.mark.parametrize("case", CASES)
def test_the_gradients_are_the_tapes_for_the_batch_that_comes(case: str) -> None:
    """GradientTape's on the reference: a batch within an epoch, and the short one at its end."""
    with tape.float64():
        lane = stirred(Lane("x", make(**{**SOME, **CASES[case], "batch_size": 7})), 3)
        (points, _), _ = reference.data(lane.experiment)
        order = reference.batch_order(lane.experiment.seed, 0, len(points))
        for lane.offset in (14, len(points) - len(points) % 7):
            comes = order[lane.offset :][:7]
            x = inputs(lane.points.position[comes], lane.experiment.features)
            y = tape.one_hot(lane, reference.targets(lane.experiment, lane.points.label[comes]))
            found = tape.passes(lane, tape.model_of(lane), x, y, True, masks(lane, len(comes)))
            look = batch(lane)
            assert look is not None
            said, blocks = look
            for name, gradients in (
                ("gradient", found.plain),
                ("gradient_with_penalty", found.penalized),
                ("scale_gradient", found.scales),
            ):
                if gradients:
                    np.testing.assert_allclose(
                        blocks[name], tape.row(gradients), rtol=1e-5, atol=1e-7, err_msg=name
                    )
                else:
                    assert name not in blocks
            assert said["points"] == len(comes)
            assert said["penalty"] == pytest.approx(found.penalty, rel=1e-5)
            penalized = np.abs(blocks["gradient_with_penalty"] - blocks["gradient"]).max() > 1e-3
            assert penalized == (lane.experiment.training.regularization != "none")


def test_points_and_losses_are_those_of_the_batch() -> None:
    lane = Lane("x", make(batch_size=7))
    lane.offset = 245
    order = reference.batch_order(0, 0, 250)
    assert next_points(lane).tolist() == order[245:].tolist()
    look = batch(lane)
    assert look is not None
    said, blocks = look
    assert blocks["points"].tolist() == order[245:].tolist()
    (x, y), _ = reference.data(lane.experiment)
    loss = reference.build(lane.experiment).evaluate(x[order[245:]], y[order[245:]], verbose=0)[0]
    assert said["loss"] == pytest.approx(loss, rel=1e-5)
    assert blocks["losses"].mean() == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(("most", "length"), [(0.0, 5.0), (4.0, 4.0), (4.99, 4.99), (5.01, 5.0), (50.0, 5.0)])
def test_a_gradient_is_clipped_where_it_is_longer(most: float, length: float) -> None:
    rule = Rule.of(Lane("x", make(clip_norm=most)))
    clipped = rule.clipped(np.array([[3.0], [-4.0]]))
    assert np.linalg.norm(clipped) == pytest.approx(length)
    assert clipped[:, 0] / length == pytest.approx([0.6, -0.8])
