"""Students in a class, for tests."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from benchmarks.student import Student
from models.experiment import Experiment

PATIENCE = 300.0  # seconds
# All in the bucket of the default, whose programs are ready when the server is.
NETWORKS = ((4, 2), (8,), (3, 3, 3), (6, 5))
OPTIMIZERS = ("sgd", "adam", "rmsprop")


def experiment(number: int) -> Experiment:
    """No two alike."""
    layers = NETWORKS[number % len(NETWORKS)]
    return Experiment.model_validate(
        {
            "network": {"hidden": [{"neurons": neurons} for neurons in layers]},
            "training": {"optimizer": OPTIMIZERS[number % len(OPTIMIZERS)]},
            "seed": number,
        }
    )


@asynccontextmanager
async def attending(url: str, count: int, *, saves: bool = False) -> AsyncGenerator[list[Student]]:
    """So many students whose networks train."""
    students = [Student(url, experiment(number), saves=saves) for number in range(count)]
    try:
        await asyncio.gather(*(student.come_back() for student in students))
        await asyncio.gather(*(student.play() for student in students))
        yield students
    finally:
        await asyncio.gather(*(student.leave() for student in students))


async def all_of(students: list[Student], condition: Callable[[Student], bool]) -> None:
    """Wait until it holds of each."""
    await asyncio.gather(*(student.until(lambda s=student: condition(s), PATIENCE) for student in students))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does, of which there is no event."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - as it says
            await asyncio.sleep(0.05)
