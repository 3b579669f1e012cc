"""How fast `keras.Model.fit` trains an experiment: the reference as it is, and compiled as Keras chooses."""

import time
from typing import Any

from benchmarks.worker import Answers
from models.experiment import Experiment

VARIANTS = ("as the reference", "with jit_compile='auto'")


def make() -> Answers:
    """Answers (experiment, variant, seconds) with (steps a second, epochs)."""
    from models import reference  # imports TensorFlow, which gets its default threads here

    models: dict[tuple[Experiment, str], Any] = {}

    def built(experiment: Experiment, variant: str) -> Any:
        model = reference.build(experiment)
        if variant != VARIANTS[0]:
            model.compile(
                optimizer=reference.optimizer(experiment),
                loss=experiment.training.loss,
                metrics=[reference.accuracy(reference.threshold(experiment))],
                jit_compile="auto",
            )
        return model

    def answer(question: tuple[Experiment, str, float]) -> tuple[float, int]:
        experiment, variant, seconds = question
        (x, y), test = reference.data(experiment)
        size = experiment.training.batch_size

        def fit(model: Any, epochs: int) -> float:
            began = time.perf_counter()
            model.fit(
                x,
                y,
                batch_size=size,
                epochs=epochs,
                validation_data=tuple(test),
                validation_batch_size=len(test[1]),  # Keras's default, the batch size, is slower
                verbose=0,
            )
            return time.perf_counter() - began

        model = models.get((experiment, variant))
        if model is None:
            model = models[experiment, variant] = built(experiment, variant)
            fit(model, 3)  # traces and compiles
        epochs = max(5, round(seconds / (fit(model, 5) / 5)))
        elapsed = fit(model, epochs)
        return epochs * -(-len(y) // size) / elapsed, epochs

    return answer
