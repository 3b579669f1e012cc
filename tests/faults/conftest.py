"""A real server that these tests may harm."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.processes import children
from tests.support.server import Server, running_server

CLOCK = Path(__file__).parent / "jumping_clock"
GRACE = 2.0  # seconds
SETTINGS = {
    "compile_ahead": "false",
    "session_grace": str(GRACE),
    "max_training_processes": "1",  # however many lanes hostile clients open
    "save_seconds": "0.5",
    "host_timeout": "12",
    "ping_interval": "1",
    "ping_timeout": "8",
}


class Harmed:
    """A server that can be killed and started again at its address. Its wall clock jumps all the time."""

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        self._folder = folder
        self._cache_dir = cache_dir
        self._stack = ExitStack()
        self._starts = 0
        self.server = self._start(None)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def host(self) -> int:
        """The process that trains; there must be one."""
        (host,) = hosts(self.server.process.pid)
        return host

    def log(self) -> str:
        return self.server.log.read_text(errors="replace")

    def kill(self) -> None:
        """Kill the web process, and nothing else."""
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.wait()

    def start(self) -> None:
        """Start it again where it was; it need not be ready yet."""
        self.server = self._start(int(self.url.rpartition(":")[2]))

    def close(self) -> None:
        self._stack.close()

    def _start(self, port: int | None) -> Server:
        self._starts += 1
        log = self._folder / f"log-{self._starts}"
        paths = [str(CLOCK), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {"PYTHONPATH": os.pathsep.join(paths)}
        return self._stack.enter_context(
            running_server(
                log, self._cache_dir, SETTINGS, ready=port is None, port=port, environment=environment
            )
        )


def hosts(web: int) -> list[int]:
    """The training processes of this web process."""
    return [pid for pid, line in children(web).items() if "spawn_main" in line]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs them all, so that there is one such server."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture(scope="package")
def harmed(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Iterator[Harmed]:
    server = Harmed(tmp_path_factory.mktemp("harmed"), cache_dir)
    try:
        yield server
    finally:
        server.close()
