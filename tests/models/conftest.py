"""Sets TensorFlow up before a test module imports it."""

import pytest

from models import host


def pytest_configure(config: pytest.Config) -> None:
    """The processor alone, and XLA's cache on disk: a program is compiled once for many runs of the tests."""
    assert config.cache is not None
    host.set_up({"device": "cpu", "cache_dir": str(config.cache.mkdir("xla"))})
