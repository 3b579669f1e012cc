"""The local engine against a host that dies on request: no command is lost, and no lane."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.engine import EngineBusy, EngineError, EngineEvent, LaneGone, LaneLost, LaneReopened, Status
from app.local_engine import LocalEngine
from tests.app.client import PATIENCE

Frame = dict[str, Any]


class Recorder:
    """What an engine tells its listeners."""

    def __init__(self, engine: LocalEngine) -> None:
        self.engine = engine
        self.events: list[EngineEvent] = []
        self._news = asyncio.Event()
        engine.subscribe(self._listen)

    def _listen(self, event: EngineEvent) -> None:
        self.events.append(event)
        self._news.set()

    @property
    def states(self) -> list[str]:
        return [event.state for event in self.events if isinstance(event, Status)]

    def of(self, kind: type[EngineEvent]) -> list[EngineEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def reopened(self, times: int = 1) -> None:
        await self.until(lambda: len(self.of(LaneReopened)) >= times)


@asynccontextmanager
async def running(
    *, target: str = "tests.app.fake_host:main", host_timeout: float = PATIENCE, **options: Any
) -> AsyncGenerator[Recorder]:
    engine = LocalEngine(
        options,
        target=target,
        restart_delays=(0.0,),
        stop_timeout=PATIENCE,
        host_timeout=host_timeout,
    )
    recorder = Recorder(engine)
    await engine.start()
    try:
        yield recorder
    finally:
        await engine.stop()


async def frame(engine: LocalEngine, lane_id: str, after: int = -1) -> tuple[int, Frame]:
    """The next frame of a lane: its number and its content."""
    found = await engine.frames({lane_id: after}, PATIENCE)
    seq, data = found[lane_id]
    return seq, json.loads(data)


def kill(engine: LocalEngine) -> None:
    os.kill(engine.host_pids[0], signal.SIGKILL)


async def test_it_becomes_ready_and_stops() -> None:
    async with running() as recorder:
        await recorder.until(lambda: recorder.engine.status.state == "ready")
        assert recorder.states == ["warming", "warming", "ready"]
        assert recorder.engine.status == Status("ready", "ready", 1.0, "fake")
        assert len(recorder.engine.host_pids) == 1
        # What the host counts is passed on, and what only this side knows is added.
        figures = recorder.engine.figures
        assert (figures.ticks, figures.lanes, figures.steps) == (3, {"playing": 2}, 0)
        assert [figures.restarts, *figures.process_ids] == [0, *recorder.engine.host_pids]
    assert recorder.engine.host_pids == []


async def test_commands_and_frames_before_it_is_ready() -> None:
    async with running() as recorder:
        engine = recorder.engine
        opened = asyncio.create_task(engine.open("a", {"seed": 1}))
        commands = [
            asyncio.create_task(engine.command("a", id, {"type": type}))
            for id, type in enumerate(("play", "pause"), 1)
        ]
        assert await opened == {"lane": "a"}
        await asyncio.gather(*commands)
        seq, content = await frame(engine, "a")
        assert content == {"key": True, "applied": 2, "restored": False, "done": ["play", "pause"], "seed": 1}
        next_frame = asyncio.create_task(frame(engine, "a", seq))
        await engine.command("a", 3, {"type": "play"})
        seq, content = await next_frame
        assert (content["key"], content["applied"]) == (False, 3)
        assert await engine.frames({"a": seq}, 0.0) == {}
        await engine.command("a", 4, {"type": "pause"})
        assert (await frame(engine, "a", seq))[1]["applied"] == 4


async def test_opening_twice_is_opening_once() -> None:
    async with running() as recorder:
        engine = recorder.engine
        assert await engine.open("a", {"seed": 1}) == await engine.open("a", {"seed": 2})
        assert (await frame(engine, "a"))[1]["seed"] == 1


async def test_what_the_host_refuses_is_raised() -> None:
    async with running(max_lanes=1) as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        with pytest.raises(EngineBusy):
            await engine.open("b", {})
        with pytest.raises(EngineError, match="refused") as caught:
            await engine.command("a", 1, {"type": "refuse"})
        assert (caught.value.code, caught.value.expected) == ("invalid", "something else")
        for call in (
            engine.command("b", 1, {"type": "play"}),
            engine.snapshot("b"),
            engine.frames({"b": -1}, PATIENCE),
        ):
            with pytest.raises(LaneLost):
                await call
        await engine.close("b")
        await engine.close("a")
        await engine.open("c", {})
        with pytest.raises(LaneLost):
            await engine.command("a", 2, {"type": "play"})


async def test_a_blob_restores_a_lane() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        await engine.command("a", 1, {"type": "play"})
        blob = await engine.snapshot("a")
        await engine.open("b", {}, blob)
        assert (await frame(engine, "b"))[1]["done"] == ["play"]
        with pytest.raises(EngineError, match="broken"):
            await engine.open("c", {}, b"broken")


async def test_a_dead_host_is_replaced_and_its_lanes_go_on() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await asyncio.gather(engine.open("a", {"seed": 1}), engine.open("b", {"seed": 2}))
        await engine.command("a", 7, {"type": "play"})
        await engine.command("a", 8, {"type": "save"})
        await engine.command("a", 9, {"type": "pause"})
        seq, _ = await frame(engine, "a")
        waiting = asyncio.create_task(frame(engine, "a", seq))
        await recorder.until(lambda: engine.status.state == "ready")
        first = engine.host_pids
        kill(engine)
        await recorder.reopened(2)
        assert engine.host_pids != first
        assert [engine.figures.restarts, *engine.figures.process_ids] == [1, *engine.host_pids]
        assert recorder.of(LaneReopened) == [LaneReopened("a", True), LaneReopened("b", True)]
        await recorder.until(lambda: engine.status.state == "ready")
        assert recorder.states == ["warming", "warming", "ready", "restarting", "restarting", "ready"]
        _, content = await waiting
        assert content == {
            "key": True,
            "applied": 9,
            "restored": True,
            "done": ["play", "save", "pause"],
            "seed": 1,
        }
        assert (await frame(engine, "b"))[1]["seed"] == 2


async def test_a_host_that_hangs_is_replaced() -> None:
    async with running(host_timeout=2.0) as recorder:
        engine = recorder.engine
        await engine.open("a", {"seed": 1})
        await engine.command("a", 1, {"type": "save"})
        await recorder.until(lambda: engine.status.state == "ready")
        (hung,) = engine.host_pids
        os.kill(hung, signal.SIGSTOP)
        under_way = asyncio.create_task(engine.command("a", 2, {"type": "play"}))
        await recorder.reopened()
        await under_way
        assert engine.host_pids != [hung]
        with pytest.raises(ProcessLookupError):
            os.kill(hung, 0)
        assert (await frame(engine, "a"))[1]["done"] == ["save", "play"]


async def test_edits_and_conditions_outlive_a_host() -> None:
    weight = {"type": "weight", "layer": 1, "source": 0, "unit": 1, "value": 2.5}
    in_the_blob = [weight, {"type": "stop", "epochs": 9}, {"type": "save"}]
    since = [{**weight, "value": -1.5}, {"type": "set", "experiment": {"seed": 2}, "keep_weights": True}]
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {"seed": 1})
        for id, command in enumerate((*in_the_blob, *since), 1):
            await engine.command("a", id, command)
        kill(engine)
        await recorder.reopened()
        assert json.loads(await engine.snapshot("a")) == [*in_the_blob, *since]


async def test_applied_survives_when_the_blob_has_all_commands() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        await engine.command("a", 1, {"type": "watch", "watched": True})
        await engine.command("a", 41, {"type": "save"})
        await engine.snapshot("a")  # so that the blob has come
        kill(engine)
        await recorder.reopened()
        assert (await frame(engine, "a"))[1]["applied"] == 41


async def test_commands_under_way_at_a_death_are_carried_out(tmp_path: Path) -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        await asyncio.gather(
            engine.command("a", 1, {"type": "play"}),
            engine.command("a", 2, {"type": "die", "times": 1, "counter": str(tmp_path / "deaths")}),
            engine.command("a", 3, {"type": "pause"}),
        )
        assert (await frame(engine, "a"))[1]["done"] == ["play", "die", "pause"]
        assert recorder.of(LaneReopened) == [LaneReopened("a", True)]


async def test_commands_given_while_there_is_no_host_are_kept() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        await recorder.until(lambda: engine.status.state == "ready")
        kill(engine)
        await recorder.until(lambda: engine.status.state == "restarting")
        assert engine.host_pids == []
        opening = asyncio.create_task(engine.open("b", {}))
        await asyncio.gather(*(engine.command("a", id, {"type": "play"}) for id in (1, 2)))
        await opening
        assert (await frame(engine, "a"))[1]["done"] == ["play", "play"]


async def test_a_command_that_kills_every_host_is_given_up(tmp_path: Path) -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        death = {"type": "die", "times": 99, "counter": str(tmp_path / "deaths")}
        outcomes = await asyncio.gather(
            engine.command("a", 1, {"type": "play"}),
            engine.command("a", 2, death),
            engine.command("a", 3, {"type": "pause"}),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], EngineError)
        assert outcomes[1].code == "internal"
        assert (outcomes[0], outcomes[2]) == (None, None)
        assert (tmp_path / "deaths").read_text() == "2"
        assert (await frame(engine, "a"))[1]["done"] == ["play", "pause"]


async def test_an_experiment_that_kills_every_host_is_given_up() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        with pytest.raises(EngineError, match="twice"):
            await engine.open("b", {"poison": True})
        await engine.command("a", 1, {"type": "play"})
        with pytest.raises(LaneLost):
            await engine.command("b", 1, {"type": "play"})


@pytest.mark.parametrize("blob", [b"broken", b"poison"])
@pytest.mark.parametrize("change", [{"type": "set"}, {"type": "load", "blob": None, "weights": None}])
async def test_a_lane_whose_blob_will_not_do_begins_again(blob: bytes, change: dict[str, Any]) -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {"seed": 1})
        await engine.command("a", 1, {**change, "experiment": {"seed": 2}})
        await engine.command("a", 2, {"type": "save", "blob": blob})
        await engine.snapshot("a")
        kill(engine)
        await recorder.reopened()
        assert recorder.of(LaneReopened) == [LaneReopened("a", False)]
        content = (await frame(engine, "a"))[1]
        assert (content["seed"], content["applied"]) == (2, 2)


async def test_a_lane_that_cannot_be_opened_again_is_gone() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        await engine.command("a", 1, {"type": "set", "experiment": {"poison": True}})
        await engine.command("a", 2, {"type": "save"})
        seq, _ = await frame(engine, "a")
        waiting = asyncio.create_task(engine.frames({"a": seq}, PATIENCE))
        await engine.snapshot("a")
        kill(engine)
        await recorder.until(lambda: recorder.of(LaneGone) != [])
        with pytest.raises(LaneLost):
            await waiting


async def test_a_host_that_dies_at_its_start_is_tried_again(tmp_path: Path) -> None:
    async with running(starts=str(tmp_path / "starts"), dies_at_start=2) as recorder:
        await recorder.until(lambda: recorder.engine.status.state == "ready")
        assert (tmp_path / "starts").read_text() == "3"
        texts = [event.message for event in recorder.events if isinstance(event, Status)]
        assert any("stopped" in text for text in texts)


async def test_a_host_that_never_starts_is_left_alone_for_a_while() -> None:
    engine = LocalEngine({}, target="tests.app.fake_host:broken", restart_delays=(0.0, 3600.0))
    recorder = Recorder(engine)
    await engine.start()
    opening = asyncio.create_task(engine.open("a", {}))
    await recorder.until(lambda: "in a row" in engine.status.message)
    assert engine.status.state == "restarting"
    await engine.stop()
    with pytest.raises(EngineError):
        await opening


async def test_frames_of_an_earlier_connection_are_dropped() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        seq, _ = await frame(engine, "a")
        old = asyncio.create_task(engine.frames({"a": seq}, PATIENCE))
        await engine.snapshot("a")
        await engine.command("a", 1, {"type": "watch", "watched": True})
        content = (await frame(engine, "a"))[1]
        assert (content["key"], content["applied"]) == (True, 1)
        old.cancel()


async def test_frames_of_several_lanes_come_together() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await asyncio.gather(*(engine.open(lane, {}) for lane in "abc"))
        found: set[str] = set()
        while len(found) < 3:
            wanted = {lane: -1 for lane in "abc" if lane not in found}
            found |= set(await engine.frames(wanted, PATIENCE))
        assert found == set("abc")


async def test_stopping_answers_whoever_waits() -> None:
    async with running() as recorder:
        engine = recorder.engine
        await engine.open("a", {})
        seq, _ = await frame(engine, "a")
        waiting = asyncio.create_task(engine.frames({"a": seq}, PATIENCE))
        await engine.snapshot("a")
    with pytest.raises(LaneLost):
        await waiting


async def test_an_interrupt_of_the_terminal_does_not_end_the_host() -> None:
    async with running() as recorder:
        engine = recorder.engine
        os.kill(engine.host_pids[0], signal.SIGINT)  # while it starts
        await engine.open("a", {})
        os.kill(engine.host_pids[0], signal.SIGINT)
        await engine.command("a", 1, {"type": "play"})
        assert "restarting" not in recorder.states


async def test_a_host_that_does_not_stop_is_made_to() -> None:
    engine = LocalEngine({"stubborn": True}, target="tests.app.fake_host:main", stop_timeout=0.1)
    recorder = Recorder(engine)
    await engine.start()
    await recorder.until(lambda: engine.status.state == "ready")
    (pid,) = engine.host_pids
    await engine.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
