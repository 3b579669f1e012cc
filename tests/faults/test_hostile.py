"""Clients that fail or attack: the server ends them, and nobody else sees a bit of it."""

import asyncio
import itertools
import threading
import time

import pytest
from websockets.frames import Opcode

from benchmarks.memory import memory
from benchmarks.soak import is_held
from benchmarks.student import Student
from models.experiment import Experiment
from tests.conftest import Measured
from tests.faults.attacks import ATTACKS, attacked
from tests.faults.attending import PATIENCE, attending, experiment, until
from tests.faults.conftest import Harmed
from tests.faults.raw_page import RawPage, masked, raw_page

STEPS = 1500
VICTIMS = 3
MEGABYTES = 30.0  # that clients who read nothing may cost


async def _trained(url: str, wanted: Experiment) -> tuple[bytes, dict[int, bytes]]:
    """A network's weights and history after `STEPS` steps, as its page was told."""
    student = Student(url, wanted)
    await student.come_back()
    number = await student.send("step", unit="batch", count=STEPS)
    await student.until(
        lambda: student.header["applied"] >= number and student.header["state"] == "paused", PATIENCE
    )
    header = student.header
    assert (header["step"], header["exact"], student.errors, student.epochs.lost) == (STEPS, True, {}, 0)
    await student.leave()
    return student.weights, student.epochs.rows


@pytest.mark.timeout(900)  # on processors that others use, too, attackers and victims share what is left
async def test_an_attack_changes_no_bit_of_what_others_see(harmed: Harmed, measured: Measured) -> None:
    host = harmed.host
    wanted = [experiment(number) for number in range(VICTIMS)]
    alone = [await _trained(harmed.url, one) for one in wanted]
    with attacked(harmed.url) as attack:
        await until(lambda: attack.rounds.keys() == ATTACKS.keys() or bool(attack.failures))
        begun = time.monotonic()
        beside = await asyncio.gather(*(_trained(harmed.url, one) for one in wanted))
        measured(f"attack: until all {VICTIMS} victims had {STEPS} steps", time.monotonic() - begun, "s")
    assert attack.failures == []
    measured("attack: rounds of the six kinds together", attack.rounds.total(), "")
    assert beside == alone
    assert len({weights for weights, _ in alone}) == VICTIMS
    assert harmed.host == host
    assert "Traceback" not in harmed.log()


async def test_who_reads_nothing_is_dropped_and_forgotten(harmed: Harmed, measured: Measured) -> None:
    async with attending(harmed.url, 1) as [neighbour]:
        before = memory(harmed.server.process.pid)
        with raw_page(harmed.url) as silent, raw_page(harmed.url) as full:
            tokens: list[str] = []
            for page in (silent, full):
                page.say(type="open", id=1)
                tokens.append(page.hear()["session"])
            full.say(type="speed", id=2, speed="full")
            full.say(type="play", id=3)
            assert all([await asyncio.to_thread(is_held, harmed.url, token) for token in tokens])
            shown = neighbour.frames
            # One says nothing more, as if its cable were cut; the other says that it saw what it never read.
            writing = threading.Thread(target=_acknowledge_unread, args=(full,), daemon=True)
            writing.start()
            silenced = time.monotonic()
            await asyncio.gather(asyncio.to_thread(silent.wait_until_closed), asyncio.to_thread(writing.join))
            measured("nothing read: until both were dropped", time.monotonic() - silenced, "s")
            await neighbour.until(lambda: neighbour.frames >= shown + 30)
            for token in tokens:
                await until(lambda token=token: not is_held(harmed.url, token))
        taken = memory(harmed.server.process.pid).web - before.web
        measured("nothing read: memory that it took from the web process", taken, "MB")
        assert taken < MEGABYTES
        assert neighbour.connections == 1


def _acknowledge_unread(page: RawPage) -> None:
    for seq in itertools.count(1):
        try:
            page.say(type="ack", seq=seq)
        except ConnectionError:
            return  # the server has ended it
        time.sleep(1 / 25)


@pytest.mark.parametrize(
    "endless",
    [masked(Opcode.PING, b"x" * 100), masked(Opcode.PONG, b""), masked(Opcode.CONT, b"", fin=False)],
    ids=["pings", "pongs", "empty parts"],
)
async def test_what_is_no_message_is_limited_too(
    harmed: Harmed, endless: bytes, request: pytest.FixtureRequest, measured: Measured
) -> None:
    def send() -> None:
        with raw_page(harmed.url) as page:
            page.write(masked(Opcode.TEXT, b"", fin=False) + 900 * endless)
            for _ in range(10_000):
                try:
                    page.write(200 * endless)
                except ConnectionError:
                    return
            raise AssertionError("two million of them were taken")

    begun = time.monotonic()
    await asyncio.to_thread(send)
    measured(
        f"endless {request.node.callspec.id}: until their connection ended", time.monotonic() - begun, "s"
    )
