"""What is set about TensorFlow where it is imported."""

import logging

import pytest

from models.backend import tf


class Program:
    def __init__(self, number: int) -> None:
        self.number = number

    def advance(self, x: float) -> float:
        return x + self.number


def test_many_programs_are_not_taken_for_a_mistake(caplog: pytest.LogCaptureFixture) -> None:
    logger = tf.get_logger()
    logger.addHandler(caplog.handler)
    try:
        for number in range(12):
            tf.function(Program(number).advance)(1.0)
        logger.warning("something else")
    finally:
        logger.removeHandler(caplog.handler)
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert set(said) == {"something else"}
