"""Processes are killed and hang while a class trains: every run goes on, and loses no row of its history."""

import asyncio
import os
import random
import signal
import sys
import time

from benchmarks.student import Student
from models import frame
from tests.conftest import Measured
from tests.faults.attending import all_of, attending, until
from tests.faults.conftest import Harmed, hosts
from tests.support.processes import is_running

EPOCHS_A_SECOND = 30  # at the default speed
LOST_EPOCHS = 5 * EPOCHS_A_SECOND  # of training that is repeated at most


def _faultless(student: Student) -> None:
    assert student.errors == {}
    # What was trained twice has the very same rows, and none is missing.
    assert (student.epochs.lost, student.epochs.differing) == (0, 0)


async def test_a_class_outlives_its_training_process(harmed: Harmed, measured: Measured) -> None:
    dice = random.Random(11)
    async with attending(harmed.url, 5) as students:
        runs = [student.header["run"] for student in students]

        async def kill() -> int:
            await asyncio.sleep(dice.uniform(0.1, 1.5))
            await until(lambda: len(hosts(harmed.server.process.pid)) == 1)
            victim = harmed.host
            os.kill(victim, signal.SIGKILL)
            return victim

        await all_of(students, lambda student: student.header["epoch"] >= 20)
        reached = {student: student.header["epoch"] for student in students}
        await kill()
        await kill()  # perhaps while the next one still starts
        number = await students[0].send("speed", speed="faster")  # which waits for a training process
        await all_of(students, lambda student: student.notices["host_restarted"] == 1)
        await all_of(students, lambda student: student.header["epoch"] > reached[student])
        await students[0].applied(number)
        repeated = {student: student.epochs.repeated for student in students}
        last = await kill()
        killed = time.monotonic()
        await all_of(students, lambda student: student.notices["host_restarted"] == 2)
        reached = {student: student.epochs.last for student in students}
        await all_of(students, lambda student: student.header["epoch"] > reached[student] + 5)
        measured("training process killed: until all five had new epochs", time.monotonic() - killed, "s")
        back = max(student.epochs.repeated - repeated[student] for student in students[1:])
        measured("training process killed: training repeated, at most", back / EPOCHS_A_SECOND, "s")
        assert harmed.host != last
        assert [student.header["run"] for student in students] == runs
        for student in students:
            _faultless(student)
            assert student.connections == 1
            assert student.epochs.repeated <= 2 * LOST_EPOCHS * (4 if student is students[0] else 1)


async def test_a_training_process_that_hangs_is_started_again(harmed: Harmed, measured: Measured) -> None:
    async with attending(harmed.url, 3) as students:
        await all_of(students, lambda student: student.header["epoch"] >= 5)
        hung = harmed.host
        os.kill(hung, signal.SIGSTOP)
        stopped = time.monotonic()
        await all_of(students, lambda student: student.notices["host_restarted"] == 1)
        assert not is_running(hung)
        reached = {student: student.epochs.last for student in students}
        await all_of(students, lambda student: student.header["epoch"] > reached[student])
        measured("training process hung: until all three had new epochs", time.monotonic() - stopped, "s")
        for student in students:
            _faultless(student)
    assert "has not answered for 12 s" in harmed.log()


async def test_pages_give_their_runs_to_a_web_process_started_again(
    harmed: Harmed, measured: Measured
) -> None:
    async with attending(harmed.url, 4, saves=True) as students:
        await all_of(students, lambda student: student.saved is not None and _saved_epoch(student) >= 10)
        orphan = harmed.host
        if sys.platform == "linux":
            os.kill(orphan, signal.SIGSTOP)  # even one that hangs does not stay behind
        harmed.kill()
        before = {student: student.epochs.rows for student in students}
        saved = {student: _saved_epoch(student) for student in students}
        killed = time.monotonic()
        await until(lambda: not is_running(orphan))
        measured("web process killed: until its training process was gone", time.monotonic() - killed, "s")
        harmed.start()
        started = time.monotonic()
        await asyncio.gather(*(student.come_back() for student in students))
        for student in students:
            assert (student.restored, student.resumed, student.errors) == (1, 0, {})
            assert student.header["epoch"] >= saved[student]
        # The very same run goes on: what was shown before the end is trained to the same bits again.
        await all_of(students, lambda student: student.header["epoch"] >= max(before[student]))
        measured("web process started again: until all four were as far", time.monotonic() - started, "s")
        back = max(max(before[student]) - saved[student] for student in students)
        measured("web process killed: training repeated, at most", back / EPOCHS_A_SECOND, "s")
        for student in students:
            _faultless(student)
            after = student.epochs.rows
            assert all(after[epoch] == row for epoch, row in before[student].items())


def _saved_epoch(student: Student) -> int:
    assert student.saved is not None
    return int(frame.decode(student.saved[1])[0]["epoch"])
