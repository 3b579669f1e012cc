"""`python -m benchmarks.soak --students 100 --minutes 60`: a class that does whatever it likes, for long.

Students join a server of their own, play, change things, pause, step, rewind, leave, come back, and go
without a goodbye. Printed is every minute what they saw and what memory the server's processes take; in
the end whether anything went wrong, memory went on growing after ten minutes, or the server still holds the
networks of students who have left.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from benchmarks import machine
from benchmarks.changes import changed
from benchmarks.memory import WARM_MINUTES, Memory, growth, is_flat, memory
from benchmarks.seen import Durations
from benchmarks.student import PATIENCE, Student
from models import catalogue
from models.experiment import Experiment
from tests.support.server import Server, running_server

PAUSE = (0.5, 7.5)  # seconds between two things that a student does
AWAY = (0.2, 10.0)  # seconds until a student who left comes back
SAMPLE_SECONDS = 60.0
GRACE_MARGIN = 20.0  # seconds after `session_grace` in which the last networks are to be gone


@dataclass
class Verdict:
    """What came of it. Memory in megabytes at those minutes."""

    errors: Counter[str] = field(default_factory=Counter[str])
    done: Counter[str] = field(default_factory=Counter[str])
    frames: int = 0
    lost: int = 0
    left: int = 0
    minutes: list[float] = field(default_factory=list[float])
    web: list[float] = field(default_factory=list[float])
    host: list[float] = field(default_factory=list[float])

    @property
    def passed(self) -> bool:
        """Whether nothing went wrong; memory that was not watched for long enough counts as flat."""
        grew = False in (is_flat(self.minutes, self.web), is_flat(self.minutes, self.host))
        return not (self.errors or self.lost or self.left or grew)


class Crowd:
    """Students who come, act at random and go, until they are told to stop; seeded."""

    def __init__(self, url: str, seed: int) -> None:
        self.tokens: set[str] = set()  # of all sessions that there were
        self.changes = Durations()
        self.ages = Durations()
        self.errors: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.frames = self.lost = 0
        self._url = url
        self._seed = seed
        self._students: set[Student] = set()
        self._stopping = asyncio.Event()

    @property
    def connected(self) -> int:
        return sum(student.connected for student in self._students)

    def stop(self) -> None:
        """Everybody finishes what is under way, and leaves."""
        self._stopping.set()

    async def visit(self, number: int) -> None:
        """One place in the class: a student, and when that one has gone for good, the next."""
        dice = random.Random(f"{self._seed} {number}")
        while not self._stopping.is_set():
            experiment = Experiment(seed=dice.randrange(2**32))
            student = Student(self._url, experiment)
            self._students.add(student)
            try:
                await self._attend(student, dice)
            except (ConnectionClosed, OSError, TimeoutError) as error:
                self.errors[f"{type(error).__name__}: {error}"] += 1
            await student.leave()
            self._students.discard(student)
            self._count(student)

    async def _attend(self, student: Student, dice: random.Random) -> None:
        await student.come_back()
        self._note(student)
        await student.play()
        names, weights = list(ACTIONS), [weight for weight, _ in ACTIONS.values()]
        while await self._pause(dice, PAUSE):
            (name,) = dice.choices(names, weights)
            self.done[name] += 1
            if name == "go":
                if dice.random() < 0.5:
                    await student.vanish()
                return
            await ACTIONS[name][1](student, dice)
            if not student.connected:
                await self._pause(dice, AWAY)
                await student.come_back()
                self._note(student)

    async def _pause(self, dice: random.Random, seconds: tuple[float, float]) -> bool:
        """Wait; false if it is time to stop."""
        try:
            async with asyncio.timeout(dice.uniform(*seconds)):
                await self._stopping.wait()
        except TimeoutError:
            return True
        return False

    def _note(self, student: Student) -> None:
        assert student.token is not None
        self.tokens.add(student.token)

    def _count(self, student: Student) -> None:
        self.frames += student.frames
        self.lost += student.epochs.lost
        self.errors.update(student.errors)
        self.errors.update({f"notice {code}": times for code, times in student.notices.items()})
        self.changes.include(student.changes)
        self.ages.include(student.ages)

    def seen(self) -> tuple[int, Durations, Durations]:
        """Frames, changes and ages so far, of those who are still here, too."""
        changes, ages = Durations(), Durations()
        for source in (self, *self._students):
            changes.include(source.changes)
            ages.include(source.ages)
        return self.frames + sum(student.frames for student in self._students), changes, ages


async def _change(student: Student, dice: random.Random) -> None:
    _, experiment = changed(student.experiment, dice)
    await student.applied(await student.change(experiment))


async def _play(student: Student, dice: random.Random) -> None:
    await student.play()


async def _pause(student: Student, dice: random.Random) -> None:
    await student.pause()


async def _speed(student: Student, dice: random.Random) -> None:
    await student.play(dice.choice(catalogue.names(catalogue.SPEEDS)))


async def _step(student: Student, dice: random.Random) -> None:
    student.playing = False
    await student.send("step", unit=dice.choice(("epoch", "batch")), count=dice.randint(1, 20))


async def _rewind(student: Student, dice: random.Random) -> None:
    await student.applied(await student.send("rewind"))


async def _leave(student: Student, dice: random.Random) -> None:
    await student.leave()


async def _vanish(student: Student, dice: random.Random) -> None:
    await student.vanish()


Action = Callable[[Student, random.Random], Awaitable[None]]
# How likely each is, and what it is. `go` is for good.
ACTIONS: dict[str, tuple[float, Action]] = {
    "change": (8.0, _change),
    "play": (4.0, _play),
    "pause": (2.0, _pause),
    "speed": (2.0, _speed),
    "step": (1.0, _step),
    "rewind": (1.0, _rewind),
    "leave": (0.7, _leave),
    "vanish": (0.7, _vanish),
    "go": (0.3, _leave),
}


async def soak(
    server: Server,
    students: int,
    seconds: float,
    *,
    grace: float,
    seed: int = 7,
    sample: float = SAMPLE_SECONDS,
    tell: Callable[[str], None] = lambda text: None,
) -> Verdict:
    """Let students do what they like on a server whose `session_grace` is given."""
    crowd = Crowd(server.url, seed)
    verdict = Verdict()
    visits = [asyncio.create_task(crowd.visit(number)) for number in range(students)]
    begun = time.monotonic()
    before, then = 0, begun
    while time.monotonic() < begun + seconds:
        await asyncio.sleep(min(sample, begun + seconds - time.monotonic()))
        now, taken = time.monotonic(), await asyncio.to_thread(_memory, server)
        frames, changes, ages = crowd.seen()
        line = f"{(now - begun) / 60:6.1f} min  {crowd.connected:4} connected"
        line += f"  {(frames - before) / (now - then) / students:5.1f} frames/s"
        line += f"  change to frame {changes.percentile(0.95):5.0f} ms, age {ages.percentile(0.95):5.0f} ms"
        if taken is not None:
            verdict.minutes.append((now - begun) / 60)
            verdict.web.append(taken.web)
            verdict.host.append(taken.host)
            line += f"  web {taken.web:6.1f} MB  host {taken.host:7.1f} MB"
        tell(f"{line}  errors {sum(crowd.errors.values())}")
        before, then = frames, now
    crowd.stop()
    await asyncio.gather(*visits)
    verdict.errors, verdict.done = crowd.errors, crowd.done
    verdict.frames, verdict.lost = crowd.frames, crowd.lost
    verdict.left = await left_behind(server.url, crowd.tokens, grace + GRACE_MARGIN)
    return verdict


def _memory(server: Server) -> Memory | None:
    try:
        return memory(server.process.pid)
    except (OSError, RuntimeError):
        return None


async def left_behind(url: str, tokens: set[str], seconds: float) -> int:
    """How many of these sessions the server still holds after so many seconds."""
    left = set(tokens)
    deadline = time.monotonic() + seconds
    while left and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        left = {token for token in left if await asyncio.to_thread(is_held, url, token)}
    return len(left)


def is_held(url: str, token: str) -> bool:
    """Whether the server still has this session."""
    request = urllib.request.Request(url + "/api/runs/record", b"", {"X-Session": token})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE):
            return True
    except urllib.error.HTTPError as error:
        return error.code != 403


def report(verdict: Verdict, tell: Callable[[str], None]) -> None:
    """Say what came of it."""
    tell("done: " + ", ".join(f"{times} {name}" for name, times in verdict.done.most_common()))
    tell(f"frames: {verdict.frames}")
    tell(f"errors: {sum(verdict.errors.values())}")
    for text, times in verdict.errors.most_common(20):
        tell(f"  {times} x {text}")
    tell(f"history rows lost: {verdict.lost}")
    tell(f"networks left behind: {verdict.left}")
    for name, values in (("web process", verdict.web), ("training process", verdict.host)):
        flat, grown = is_flat(verdict.minutes, values), growth(verdict.minutes, values)
        if flat is None or grown is None:
            tell(f"memory of the {name}: not watched for long enough beyond {WARM_MINUTES:g} minutes")
        else:
            says = "flat" if flat else "GROWS"
            tell(f"memory of the {name}: {says} ({grown:+.1f} MB after the first {WARM_MINUTES:g} minutes)")
    tell("passed" if verdict.passed else "FAILED")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a soak on a server of its own; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--cache", type=Path, help="compiled programs of an earlier run, to begin as a server that ran before"
    )
    parser.add_argument("--grace", type=float, default=60.0, help="the server's session_grace in seconds")
    options = parser.parse_args(arguments)

    def tell(text: str) -> None:
        print(text, flush=True)

    tell(machine.description())
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        settings = {"session_grace": str(options.grace)}
        with running_server(log, options.cache or Path(folder) / "cache", settings) as server:
            verdict = asyncio.run(
                soak(
                    server,
                    options.students,
                    60.0 * options.minutes,
                    grace=options.grace,
                    seed=options.seed,
                    tell=tell,
                )
            )
            report(verdict, tell)
            tell(f"the server's log:\n{server.tail(20)}")
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    sys.exit(main())
