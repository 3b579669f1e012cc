"""A playground server of the tests' own: the real command in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY_WITHIN = 180.0  # seconds; far above what a slow machine with an empty cache of programs needs
STOP_WITHIN = 20.0


@dataclass(frozen=True)
class Server:
    """A server that listens: its address, its process, and the file that it logs to."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def answers(self, path: str) -> bool:
        """Whether a GET of the path is answered with a 2xx status."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as response:
                return response.status < 300
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def wait_until_listening(self) -> None:
        """Return when pages are served, whatever the engine does; RuntimeError as below."""
        self._wait_for("/healthz")

    def wait_until_ready(self) -> None:
        """Return when the engine trains; RuntimeError with the log when the server ends or takes too long."""
        self._wait_for("/readyz")

    def _wait_for(self, path: str) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self.answers(path):
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server was not ready after {READY_WITHIN:g} s:\n{self.tail()}")
            time.sleep(0.1)  # another process answers or does not: there is no event to wait for

    def tail(self, lines: int = 60) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(
    log: Path,
    cache_dir: Path,
    settings: Mapping[str, str] | None = None,
    *,
    ready: bool = True,
    port: int | None = None,
    module: str = "app",
    environment: Mapping[str, str] | None = None,
    through: Sequence[str] = (),
) -> Generator[Server]:
    """Start a server, stop it at the end. `settings` are environment variables without their prefix.

    With `ready=False` it may still be warming up, or not even listen yet. `module` is run with the
    command's arguments. `environment`: further variables; `through`: a command that runs what follows it.
    """
    port = port or free_port()
    own = {"cache_dir": str(cache_dir), **(settings or {})}
    variables = {f"NEURAL_PLAYGROUND_{name.upper()}": text for name, text in own.items()}
    command = [*through, sys.executable, "-m", module, "serve", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **variables, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        if ready:
            server.wait_until_ready()
        yield server
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and what it started: asked first, then without asking."""
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its session is its own, so the group is the server's alone
