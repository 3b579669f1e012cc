"""A process that measures when it is asked to, so that what is compared shares neither threads nor caches."""

import multiprocessing
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

Answers = Callable[[Any], Any]


def _serve(connection: "Connection[Any, Any]", make: Callable[[], Answers]) -> None:
    answers = make()
    while (question := connection.recv()) is not None:
        connection.send(answers(question))


class Worker:
    """The other end of such a process."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection

    def ask(self, question: Any) -> Any:
        """Wait for the answer; EOFError if the process failed, which then has said why."""
        self._connection.send(question)
        return self._connection.recv()


@contextmanager
def worker(make: Callable[[], Answers]) -> Generator[Worker]:
    """Run `make` in a new process, and what it returns for every question."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, make), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Worker(ours)
        ours.send(None)
        process.join(10)
    finally:
        if process.is_alive():
            process.kill()
            process.join()
        ours.close()
