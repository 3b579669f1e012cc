"""Several hosts: lanes spread over them, move without losing anything, and outlive any one of them."""

import asyncio
import json
import os
import random
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.engine import LaneReopened
from app.local_engine import LocalEngine
from tests.app.client import PATIENCE, settle
from tests.app.test_local_engine import Recorder, frame


@asynccontextmanager
async def running(hosts: int, lanes_each: int, **options: Any) -> AsyncGenerator[Recorder]:
    engine = LocalEngine(
        {"device": "CPU", **options},
        hosts=hosts,
        lanes_each=lanes_each,
        target="tests.app.fake_host:main",
        restart_delays=(0.0,),
        stop_timeout=PATIENCE,
    )
    recorder = Recorder(engine)
    await engine.start()
    await recorder.until(lambda: engine.status.state == "ready")
    try:
        yield recorder
    finally:
        await engine.stop()


def spread(engine: LocalEngine) -> list[int]:
    """How many lanes each host has, fewest first."""
    return sorted(len(engine.lanes_of(pid)) for pid in engine.host_pids)


async def until_spread(engine: LocalEngine, expected: list[int]) -> None:
    async with asyncio.timeout(PATIENCE):
        while spread(engine) != expected:
            await asyncio.gather(
                *(engine.snapshot(lane) for pid in engine.host_pids for lane in engine.lanes_of(pid))
            )


async def done(engine: LocalEngine, lane: str) -> list[Any]:
    """The commands that a lane has carried out, by its own account."""
    return [command["n"] for command in json.loads(await engine.snapshot(lane)) if "n" in command]


async def test_another_host_starts_when_there_are_many_lanes() -> None:
    async with running(hosts=2, lanes_each=4, max_lanes=99) as recorder:
        engine = recorder.engine
        for number in range(4):
            await engine.open(str(number), {"seed": number})
            await engine.command(str(number), 1, {"type": "play", "n": 0})
        assert len(engine.host_pids) == 1
        await engine.open("4", {"seed": 4})
        await engine.command("4", 1, {"type": "play", "n": 0})
        assert len(engine.host_pids) == 2
        await until_spread(engine, [2, 3])
        for number in range(5):
            assert await done(engine, str(number)) == [0]
            assert (await frame(engine, str(number)))[1]["seed"] == number
        assert recorder.states == ["warming", "warming", "ready"], "the second one's start is no news"
        assert recorder.of(LaneReopened) == [], "who moves does not notice"
        for number in range(5, 40):
            await engine.open(str(number), {})
            assert len(engine.host_pids) == 2, "no more than allowed"


async def test_one_host_on_a_gpu() -> None:
    async with running(hosts=4, lanes_each=1, max_lanes=99, device="GPU") as recorder:
        for number in range(9):
            await recorder.engine.open(str(number), {})
        assert len(recorder.engine.host_pids) == 1


async def test_hosts_are_filled_evenly_and_evened_out() -> None:
    async with running(hosts=2, lanes_each=1, max_lanes=99) as recorder:
        engine = recorder.engine
        await asyncio.gather(*(engine.open(str(number), {}) for number in range(12)))
        await until_spread(engine, [6, 6])
        first = engine.lanes_of(engine.host_pids[0])
        await asyncio.gather(*(engine.close(lane) for lane in first))
        await until_spread(engine, [3, 3])


async def test_few_lanes_share_one_host_again() -> None:
    async with running(hosts=2, lanes_each=8, max_lanes=99) as recorder:
        engine = recorder.engine
        for number in range(12):
            await engine.open(str(number), {"seed": number})
            await engine.command(str(number), 1, {"type": "play", "n": number})
        await until_spread(engine, [6, 6])
        for number in range(5):
            await engine.close(str(number))
        assert min(spread(engine)) > 0, "one host could have them, but soon might not"
        await engine.close("5")
        await until_spread(engine, [0, 6])
        await engine.open("new", {})
        await until_spread(engine, [0, 7])
        for number in range(6, 12):
            assert await done(engine, str(number)) == [number]
        assert recorder.of(LaneReopened) == []
        for number in range(20, 22):
            await engine.open(str(number), {})
        await until_spread(engine, [4, 5])


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_lost_while_lanes_move(seed: int) -> None:
    """Commands, frames and blobs at random while hosts fill up, lanes leave and the rest is evened out."""
    random_ = random.Random(seed)
    async with running(hosts=3, lanes_each=3, max_lanes=99) as recorder:
        engine = recorder.engine
        given: dict[str, list[int]] = {str(number): [] for number in range(24)}
        closed: set[str] = set()

        async def student(name: str) -> None:
            await engine.open(name, {"seed": int(name)})
            seq = -1
            enough = random_.randint(5, 25)
            id = 0
            while id < enough or len(engine.host_pids) < 3 or spread(engine)[0] == 0:
                id += 1
                given[name].append(id)
                kind = random_.choice(["play", "save"])
                await engine.command(name, id, {"type": kind, "n": id})
                if random_.random() < 0.5:
                    seq, content = await frame(engine, name, seq)
                    assert content["applied"] == id
                    assert content["seed"] == int(name)
                if random_.random() < 0.3:
                    assert await done(engine, name) == given[name]
                await settle()
            if random_.random() < 0.4:
                closed.add(name)
                await engine.close(name)

        await asyncio.gather(*(student(name) for name in given))
        for name in given.keys() - closed:
            assert await done(engine, name) == given[name]
        assert len(engine.host_pids) == 3
        assert sum(spread(engine)) == len(given) - len(closed)
        assert recorder.of(LaneReopened) == []


async def test_a_dead_hosts_lanes_go_on_in_the_other() -> None:
    async with running(hosts=2, lanes_each=2) as recorder:
        engine = recorder.engine
        for number in range(6):
            await engine.open(str(number), {"seed": number})
            await engine.command(str(number), 1, {"type": "play", "n": number})
        await until_spread(engine, [3, 3])
        victim = engine.host_pids[0]
        lost = engine.lanes_of(victim)
        os.kill(victim, signal.SIGKILL)
        await recorder.reopened(3)
        assert {
            event.lane_id for event in recorder.of(LaneReopened) if isinstance(event, LaneReopened)
        } == set(lost)
        assert "restarting" not in recorder.states
        for number in range(6):
            assert await done(engine, str(number)) == [number]
        await until_spread(engine, [3, 3])
        assert len(recorder.of(LaneReopened)) == 3, "evening out again is no news"


async def test_what_kills_a_host_does_not_kill_the_other(tmp_path: Path) -> None:
    async with running(hosts=2, lanes_each=2) as recorder:
        engine = recorder.engine
        for number in range(6):
            await engine.open(str(number), {})
        await until_spread(engine, [3, 3])
        deadly, *_ = engine.lanes_of(engine.host_pids[0])
        healthy = engine.host_pids[1]
        death = {"type": "die", "times": 1, "counter": str(tmp_path / "deaths"), "n": 1}
        await engine.command(deadly, 1, death)
        assert healthy in engine.host_pids
        assert await done(engine, deadly) == [1]


async def test_a_lane_whose_new_host_has_no_room_stays() -> None:
    async with running(hosts=2, lanes_each=2, max_lanes=4) as recorder:
        engine = recorder.engine
        for number in range(4):
            await engine.open(str(number), {})
        await until_spread(engine, [2, 2])
        for number in range(4):
            await engine.command(str(number), 1, {"type": "play", "n": 7})
            assert await done(engine, str(number)) == [7]
