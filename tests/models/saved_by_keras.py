"""What Keras itself writes of an experiment: the oracle of `models.keras_file`."""

from pathlib import Path
from typing import Any

from models import reference
from models.backend import keras
from models.experiment import Experiment
from models.packing import Arrays


def _portable(model: Any, experiment: Experiment) -> Any:
    """The same network of parts that Keras can load: a sine becomes an operation of a functional model."""
    if "sine" not in experiment.activations:
        return model
    entry = keras.Input((len(experiment.features),))
    h: Any = entry
    for layer in model.layers:
        is_sine = getattr(layer, "activation", None) is reference.sine
        config = layer.get_config()
        h = layer.__class__.from_config({**config, "activation": "linear"} if is_sine else config)(h)
        h = keras.ops.sin(h) if is_sine else h
    functional = keras.Model(entry, h)
    functional.set_weights(model.get_weights())
    return functional


def save(experiment: Experiment, weights: Arrays, path: Path) -> None:
    """Write the experiment's model, without metrics, which may be of no class that Keras has."""
    model = reference.build(experiment)
    model.set_weights(weights)
    model = _portable(model, experiment)
    reference.compile_model(model, experiment, [])
    model.save(path)
