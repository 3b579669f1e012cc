"""`python -m benchmarks.peers.serve NAME`: a peer in a process of its own, asked by lines of JSON.

A question is `[what, *arguments]`, of the methods of `benchmarks.peers.measured.Measured`; the answer has its
`value` and the `pid` of the process that trains. serve.js is the same for Node.
"""

import importlib
import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TextIO

QUESTIONS = ("losses", "first", "rate")
MODULES = {
    "numpy": "numpy_loop",
    "torch": "torch_eager",
    "fit": "keras_fit",
    "compiled": "compiled_loop",
}
TENSORFLOW = ("fit", "compiled")
LANES = {"lane": 1, "lanes": 64}


@contextmanager
def peer(name: str) -> Generator[tuple[Any, int]]:
    """What answers, and the process that trains."""
    if name in LANES:
        from benchmarks.peers.ours import Ours

        ours = Ours(LANES[name])
        try:
            yield ours, ours.pid
        finally:
            ours.close()
    else:
        from benchmarks.peers.measured import Measured

        if name in TENSORFLOW:
            from models import device

            device.choose("cpu")  # as many threads as the host has
        module = importlib.import_module(f"benchmarks.peers.{MODULES[name]}")
        yield Measured(module.prepare, module.Trainer), os.getpid()


def main(name: str, questions: TextIO, answers: TextIO) -> None:
    """Answer until there are no more questions."""
    with peer(name) as (asked, pid):
        for line in questions:
            what, *arguments = json.loads(line)
            if what not in QUESTIONS:
                raise ValueError(f"no question {what!r}; expected one of {', '.join(QUESTIONS)}")
            value = getattr(asked, what)(*arguments)
            print(json.dumps({"value": value, "pid": pid}), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin, sys.stdout)
