"""What one point, or the lane's next batch, makes of the network: loss, slopes, and the optimizer's update.

Blocks of the weights' size are in the order of a frame's `weights`; those of the neurons' go layer by layer.
Of layers with batch normalization, in their order, blocks `scale…` have scale and shift, all units' scales
first; such blocks are there only if there are such layers.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models import catalogue, frame, reference
from models.extras import kept_in_numpy
from models.features import inputs
from models.inside import Floats, Passed, Slopes, backward, forward, layers_of, scored
from models.lane import Lane, Look
from models.packing import flat
from models.step_rule import Rule, schedule_factor

Blocks = dict[str, frame.Block]


def number(value: float) -> float | None:
    """For a header, in which there is no NaN and no infinity."""
    return float(value) if np.isfinite(value) else None


def row_of(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
    """All values in one row, array after array; a float32 has room for what is not infinite."""
    return flat([array.astype(np.float32) for array in arrays])


def _rate(lane: Lane) -> float:
    """The learning rate in force."""
    return lane.experiment.training.learning_rate * schedule_factor(lane.experiment, lane.step)


def _updates(lane: Lane, slopes: Sequence[Slopes]) -> Blocks:
    """Gradients without and with the penalty, and the update that the optimizer makes of the latter."""
    rule = Rule.of(lane)
    plain: list[Floats] = []
    penalized: list[Floats] = []
    update: list[Floats] = []
    scale_slopes: list[Floats] = []
    scale_update: list[Floats] = []
    variables = [
        [array.astype(np.float64) for array in arrays] for arrays in (lane.weights, lane.first, lane.second)
    ]
    for place, of_layer in enumerate(slopes):
        for part, g in enumerate((of_layer.kernel, of_layer.bias)):
            is_kernel = part == 0
            w, m, v = (arrays[2 * place + part] for arrays in variables)
            whole = rule.penalized(w, g) if is_kernel else g
            plain.append(g)
            penalized.append(whole)
            update.append(rule.update(w, m, v, whole, is_kernel))
        if of_layer.scales is not None:
            scale_slopes.append(of_layer.scales)
            pairs = (lane.scales[place], lane.first_scales[place], lane.second_scales[place])
            for which, g in enumerate(of_layer.scales):  # the scale and the shift are a variable each
                w, m, v = (pair[which].astype(np.float64) for pair in pairs)
                scale_update.append(rule.update(w, m, v, g, is_kernel=False))
    blocks: Blocks = {
        "gradient": row_of(plain),
        "gradient_with_penalty": row_of(penalized),
        "update": row_of(update),
    }
    if scale_slopes:
        blocks |= {"scale_gradient": row_of(scale_slopes), "scale_update": row_of(scale_update)}
    return blocks


def _forward_blocks(lane: Lane, passed: Sequence[Passed]) -> Blocks:
    blocks: Blocks = {
        "inputs": row_of([passed[0].into]),
        "z": row_of([layer.z for layer in passed]),
        "normalized": row_of([layer.y for layer in passed]),
        "a": row_of([layer.a for layer in passed]),
    }
    normal = [numbers for numbers in lane.normalization if numbers is not None]
    return {**blocks, "normalization": row_of(normal)} if normal else blocks


def _target(lane: Lane, label: float) -> float | None:
    """What a label is compared with, as a number; None for a class that there is not."""
    experiment = lane.experiment
    classes = experiment.classes
    known = (-1.0, 1.0) if classes == 2 else tuple(map(float, range(classes)))
    if classes and label not in known:
        return None
    return float(reference.targets(experiment, np.array([label], np.float32))[0])


# Numbers may overflow, as they may in training.
@np.errstate(all="ignore")
def point(lane: Lane, asked: catalogue.AskedPoint) -> Look:
    """One point's way through the network as in inference, and back if it has a target.

    None for other numbers than the data have columns, or a class that there is not.
    """
    if len(asked.at) != lane.points.position.shape[1]:
        return None
    target = None if asked.target is None else _target(lane, asked.target)
    if target is None and asked.target is not None:
        return None
    layers = layers_of(lane)
    x = inputs(np.array([asked.at], np.float32), lane.experiment.features).astype(np.float64)
    passed = forward(layers, x, training=False)
    blocks = _forward_blocks(lane, passed)
    loss = None
    if target is not None:
        score = scored(lane.experiment, passed[-1], np.array([target]))
        slopes = backward(layers, passed, score, training=False)
        loss = number(score.loss[0])
        blocks |= {
            "by_a": row_of([layer.by_a for layer in slopes]),
            "by_normalized": row_of([layer.by_y for layer in slopes]),
            "by_z": row_of([layer.by_z for layer in slopes]),
            **_updates(lane, slopes),
        }
    said = {
        "loss": loss,
        "penalty": number(lane.penalty()),
        "target": None if target is None else number(target),
        "outputs": [number(value) for value in passed[-1].a[0]],
        "rate": _rate(lane),
    }
    return said, blocks


def next_points(lane: Lane) -> npt.NDArray[np.int32]:
    """The numbers of the next batch's points; an epoch's last batch may be short."""
    size = min(lane.batch_size, lane.points.train - lane.offset)
    return lane.next_batches(1, lane.batch_size)[0, :size]


def masks(lane: Lane, rows: int) -> list[Floats]:
    """What dropout will multiply each hidden layer's activations by in the next step, (rows, units)."""
    return [
        kept_in_numpy(layer.dropout, lane.mask_seed, lane.step, place, rows, layer.neurons).astype(np.float64)
        for place, layer in enumerate(lane.experiment.network.hidden)
    ]


@np.errstate(all="ignore")
def batch(lane: Lane) -> Look:
    """The lane's next step before it is made, as in training: by the batch's statistics, with its dropout."""
    numbers = next_points(lane)
    experiment, layers = lane.experiment, layers_of(lane)
    x = inputs(lane.points.position[numbers], experiment.features).astype(np.float64)
    target = reference.targets(experiment, lane.points.label[numbers]).astype(np.float64)
    passed = forward(layers, x, training=True, kept=masks(lane, len(numbers)))
    score = scored(experiment, passed[-1], target)
    slopes = backward(layers, passed, score, training=True)
    said = {
        "loss": number(score.loss.mean()),
        "penalty": number(lane.penalty()),
        "points": len(numbers),
        "rate": _rate(lane),
    }
    blocks: Blocks = {
        "points": numbers.astype(np.float32),
        "losses": row_of([score.loss]),
        **_updates(lane, slopes),
    }
    return said, blocks
