"""One life of the host: a spawned process, its pipe, and the two threads that serve the pipe."""

import asyncio
import importlib
import logging
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from app import host_output, logs
from models.end_with_parent import end_with_parent

logger = logging.getLogger(__name__)

HostMessage = tuple[Any, ...]


def run_host(
    target: str,
    connection: "Connection[Any, Any]",
    options: Mapping[str, Any],
    output: "Connection[Any, Any] | None" = None,
) -> None:
    """Runs in the spawned process: `target` is "module:function", imported there and nowhere else.

    What this process writes goes into `output`, if there is one.
    """
    if output is not None:
        host_output.write_to(output)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    parent = multiprocessing.parent_process()
    if sys.platform == "linux" and parent is not None and os.getppid() != parent.pid:
        os._exit(1)  # it has ended already
    logs.set_up(options.get("log_format", "text"), options.get("log_level", "warning"))
    module, _, function = target.partition(":")
    try:
        getattr(importlib.import_module(module), function)(connection, dict(options))
    except Exception:
        logger.exception("the training process failed")
        raise SystemExit(1) from None


@contextmanager
def _interrupts_held() -> Generator[None]:
    """Ctrl-C reaches every process of a terminal, but only the server ends the host, in order.

    What is started in here never gets that signal; the server gets it a little later.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # a start of its own would let interrupts through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class HostProcess:
    """Messages go in by `send` and come out as calls of `receive` in the event loop; `died` comes last.

    Through the pipe go lists of messages: all that there is to say, at once.
    """

    def __init__(
        self,
        target: str,
        options: Mapping[str, Any],
        *,
        receive: Callable[[HostMessage], None],
        died: Callable[["HostProcess"], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._died = died
        self._outbox: queue.SimpleQueue[HostMessage | None] = queue.SimpleQueue()
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        # On Windows a pipe is no file that a process could write its output to.
        objects = options.get("log_format") == "json" and sys.platform != "win32"
        written, output = context.Pipe(duplex=False) if objects else (None, None)
        self._process = context.Process(
            target=run_host,
            args=(target, theirs, dict(options), output),
            name="neural-playground-host",
            daemon=True,
        )
        with _interrupts_held():
            self._process.start()
        theirs.close()  # so that the pipe ends when the host does
        self._output: threading.Thread | None = None
        if written is not None and output is not None:
            output.close()
            self._output = host_output.log_from(written)
        self._reader = threading.Thread(target=self._read, name="host-reader", daemon=True)
        self._writer = threading.Thread(target=self._write, name="host-writer", daemon=True)
        self._reader.start()
        self._writer.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def send(self, message: HostMessage) -> None:
        """Hands a message to the writer; what a dead host no longer takes is dropped."""
        self._outbox.put(message)

    def kill(self) -> None:
        """Ends the host at once; `died` is called as if it had ended by itself."""
        self._process.kill()

    def end(self, timeout: float) -> int | None:
        """Asks the host to stop, makes it after `timeout` seconds; blocks. Returns its exit code."""
        self.send(("stop",))
        self._outbox.put(None)
        for force in (lambda: None, self._process.terminate, self._process.kill):
            force()
            self._process.join(timeout)
            if self._process.exitcode is not None:
                break
        self._reader.join(timeout)
        self._writer.join(timeout)
        if self._output is not None:
            self._output.join(timeout)  # its last words
        if not self._reader.is_alive():
            self._connection.close()
        return self._process.exitcode

    def _read(self) -> None:
        try:
            while True:
                self._call(self._received, self._connection.recv())
        except (EOFError, OSError):
            pass
        except Exception:
            logger.exception("the host sent something that cannot be read")
        self._call(self._died, self)

    def _received(self, messages: list[HostMessage]) -> None:
        for message in messages:
            self._receive(message)

    def _write(self) -> None:
        while (message := self._outbox.get()) is not None:
            messages = [message]
            last = False
            while not last and not self._outbox.empty():  # nobody else takes out
                following = self._outbox.get()
                if following is None:
                    last = True
                else:
                    messages.append(following)
            try:
                self._connection.send(messages)
            except OSError:
                return  # the reader sees the end of the pipe and tells
            if last:
                return

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            logger.debug("the event loop has closed before the host")
