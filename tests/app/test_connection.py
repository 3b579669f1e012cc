"""One connection after the other: opening, order, credits, limits, errors."""

import asyncio
import json
from itertools import cycle, islice

import pytest

from app import __version__
from app.connection import MOST_EVENTS_WAITING, POLICY_VIOLATION, HangUp
from app.engine import EngineBusy, EngineError, EngineState, LaneGone, LaneReopened, Status
from app.session import FRAME_CREDITS, MOST_COMMANDS_BEFORE_READY, MOST_COMMANDS_UNDER_WAY
from models.experiment import Experiment
from tests.app.client import Json, Server, settle
from tests.app.fake_engine import FakeEngine

WARMING = Status("warming", "Compiling.", 0.25)


async def test_opening_is_welcomed_and_brings_a_key_frame() -> None:
    server = Server()
    page = server.client()
    id = page.send(type="open", experiment={"seed": 9})
    assert await page.event("welcome") == {
        "type": "welcome",
        "id": id,
        "session": next(iter(server.sessions.tokens)),
        "resumed": False,
        "device": "CPU",
        "version": __version__,
    }
    assert (await page.event("status"))["state"] == "ready"
    assert await page.frame() == {"seq": 1, "key": True, "applied": id}
    ((_, experiment),) = server.engine.asked("open")
    assert experiment == Experiment(seed=9).model_dump(mode="json")
    assert server.engine.lane.watched


async def test_nothing_but_open_comes_first() -> None:
    server = Server()
    page = server.client()
    for type in ("play", "pause", "rewind"):
        id = page.send(type=type)
        error = await page.event("error")
        assert (error["id"], error["code"]) == (id, "illegal")
        assert "open" in error["expected"]
    page.ack(1)
    assert (await page.event("error"))["code"] == "illegal"
    assert server.engine.calls == []
    await page.open()


async def test_a_session_is_opened_once() -> None:
    server = Server()
    page = server.client()
    await page.open()
    id = page.send(type="open")
    error = await page.event("error")
    assert (error["id"], error["code"]) == (id, "illegal")
    await settle()
    assert len(server.engine.asked("open")) == 1


async def test_commands_reach_the_engine_in_order_also_before_it_is_ready() -> None:
    server = Server(FakeEngine(WARMING))
    server.engine.open_gate.clear()
    page = server.client()
    page.send(type="open")
    page.send(type="speed", speed="slow")
    page.send(type="set", experiment={"seed": 2})
    page.send(type="play")
    assert (await page.event("welcome"))["device"] == ""
    status = await page.event("status")
    assert (status["state"], status["progress"]) == ("warming", 0.25)
    server.engine.announce(Status("ready", "Ready.", 1.0, "GPU"))
    assert (await page.event("status"))["device"] == "GPU"
    server.engine.open_gate.set()
    assert (await page.frame())["key"]
    commands = [(id, command["type"]) for _, id, command in server.engine.asked("command")]
    assert commands == [(1, "watch"), (2, "speed"), (3, "set"), (4, "play")]
    assert server.engine.asked("command")[2][2] == {
        "type": "set",
        "experiment": Experiment(seed=2).model_dump(mode="json"),
        "keep_weights": False,
    }


async def test_edits_and_conditions_reach_the_engine_whole() -> None:
    server = Server()
    page = server.client()
    await page.open()
    await page.frame()
    page.send(type="weight", layer=2, source=None, unit=1, value=-3)
    page.send(type="stop", epochs=7, test_accuracy=0.9)
    page.send(type="stop")
    page.send(type="set", experiment={"seed": 2}, keep_weights=True)
    malformed: tuple[Json, ...] = (
        {"type": "weight", "layer": "2", "source": None, "unit": 1, "value": 1},
        {"type": "weight", "layer": 2, "source": None, "unit": 1, "value": float("nan")},
        {"type": "stop", "epochs": -7},
        {"type": "stop", "epochs": 7, "forever": True},
        {"type": "set", "experiment": {}, "keep_weights": "yes"},
    )
    for wrong in malformed:
        page.send(**wrong)
        error = await page.event("error")
        assert error["code"] in ("invalid", "malformed")
        assert error["expected"]
    await settle()
    none = {"epochs": None, "test_loss": None, "test_accuracy": None, "patience": None}
    assert [(id, command) for _, id, command in server.engine.asked("command")[1:]] == [
        (2, {"type": "weight", "layer": 2, "source": None, "unit": 1, "value": -3}),
        (3, {"type": "stop", **none, "epochs": 7, "test_accuracy": 0.9}),
        (4, {"type": "stop", **none}),
        (
            5,
            {
                "type": "set",
                "experiment": Experiment(seed=2).model_dump(mode="json"),
                "keep_weights": True,
            },
        ),
    ]


async def test_command_ids_grow() -> None:
    server = Server()
    page = server.client()
    await page.open()
    await page.frame()
    for id in (1, 5, 5, 4, 6):
        page.send(type="play", id=id)
    refused = [await page.event("error") for _ in range(3)]
    assert [error["id"] for error in refused] == [1, 5, 4]
    assert {error["code"] for error in refused} == {"illegal"}
    assert "above 5" in refused[2]["expected"]
    await settle()
    assert [id for _, id, _ in server.engine.asked("command")[1:]] == [5, 6]


async def test_no_third_frame_without_an_acknowledgement() -> None:
    server = Server()
    page = server.client()
    await page.open()
    seqs: list[int] = []
    for _ in range(FRAME_CREDITS):
        seqs.append((await page.frame())["seq"])
        server.engine.publish()
    waiting = asyncio.create_task(page.next())
    await settle()
    assert not waiting.done()
    assert len(server.engine.asked("frames")) == FRAME_CREDITS
    page.ack(seqs[0])
    server.engine.publish()
    frame = await waiting
    assert isinstance(frame, dict)
    assert frame["seq"] == seqs[-1] + 1
    page.ack(frame["seq"])  # and with it the one before
    for _ in range(FRAME_CREDITS):
        server.engine.publish()
        await page.frame()
    server.engine.publish()
    await settle()
    assert len(server.engine.asked("frames")) == 2 * FRAME_CREDITS + 1


async def test_each_frame_continues_the_one_before() -> None:
    server = Server()
    page = server.client()
    await page.open()
    for _ in range(5):
        page.ack((await page.frame())["seq"])
        server.engine.publish()
    asked = [next(iter(after.values())) for (after,) in server.engine.asked("frames")]
    assert asked == [-1, 1, 2, 3, 4]


async def test_events_go_before_frames() -> None:
    server = Server()
    page = server.client()
    await page.open()
    await page.frame()
    server.engine.publish()
    page.connection.receive("no JSON")
    await settle()
    assert (await page.event("error"))["code"] == "malformed"
    await page.frame()


async def test_only_frames_that_were_sent_are_acknowledged() -> None:
    server = Server()
    page = server.client()
    await page.open()
    page.ack(1)
    error = await page.event("error")
    assert (error["code"], error["id"]) == ("illegal", None)
    seq = (await page.frame())["seq"]
    page.ack(seq + 1)
    assert str(seq) in (await page.event("error"))["expected"]
    page.ack(seq)
    page.ack(seq)
    assert (await page.event("error"))["code"] == "illegal"


async def test_what_the_engine_refuses_is_reported_with_the_command() -> None:
    server = Server()
    page = server.client()
    await page.open()
    await page.frame()
    server.engine.refusal = EngineError("invalid", "no such thing", "another thing")
    id = page.send(type="play")
    assert await page.event("error") == {
        "type": "error",
        "id": id,
        "code": "invalid",
        "message": "no such thing",
        "expected": "another thing",
    }
    server.engine.refusal = EngineError("a code of its own", "oops", "luck")
    page.send(type="play")
    assert (await page.event("error"))["code"] == "internal"


async def test_a_lane_that_is_refused_can_be_opened_later() -> None:
    server = Server()
    page = server.client()
    server.engine.refusal = EngineBusy("full")
    await page.open()
    error = await page.event("error")
    assert (error["id"], error["code"]) == (1, "busy")
    assert len(server.sessions) == 0
    page.send(type="play")
    assert (await page.event("error"))["code"] == "illegal"
    await page.open()
    await page.frame()


MALFORMED = ("", "no JSON", "[]", '{"type": 3}', '{"type": "fly", "id": 1}', '{"type": "play"}', b"\0\1")
ILLEGAL = (
    '{"type": "open", "id": 90}',
    '{"type": "play", "id": 1}',
    '{"type": "ack", "seq": 77}',
    '{"type": "step", "id": 99, "unit": "epoch", "count": -1}',
    '{"type": "set", "id": 99, "experiment": {"network": {"hidden": [{"neurons": 0}]}}}',
)


async def test_a_thousand_bad_messages_get_an_error_each_and_change_nothing() -> None:
    server = Server(message_burst=2000)
    page = server.client()
    await page.open()
    seq = (await page.frame())["seq"]
    server.engine.publish()
    await page.frame()
    before = list(server.engine.calls)
    for message in islice(cycle(MALFORMED + ILLEGAL), 1000):
        page.say(message)
    for _ in range(1000):
        error = await page.event("error")
        assert error["message"]
        assert error["expected"]
    await settle()
    assert server.engine.calls == before
    page.ack(seq)
    page.send(type="play", id=2)
    server.engine.publish()
    assert (await page.frame())["applied"] == 2


async def test_a_long_message_is_refused() -> None:
    server = Server(max_message_bytes=1024)
    page = server.client()
    page.say(json.dumps({"type": "open", "id": 1, "session": "ü" * 600}, ensure_ascii=False))
    error = await page.event("error")
    assert error["code"] == "too_large"
    assert "1024" in error["expected"]
    page.say(b"x" * 1025)
    assert (await page.event("error"))["code"] == "too_large"
    await page.open()


async def test_too_many_messages_are_refused_until_time_has_passed() -> None:
    server = Server(max_messages_per_second=10, message_burst=5)
    page = server.client()
    await page.open()
    await page.frame()
    for _ in range(6):
        page.send(type="play")
    error = await page.event("error")
    assert error["code"] == "too_fast"
    assert "10" in error["expected"]
    error = await page.event("error")
    assert error["code"] == "too_fast"
    page.time += 0.1
    page.send(type="pause")
    await settle()
    types = [command["type"] for _, _, command in server.engine.asked("command")]
    assert types == ["watch", "play", "play", "play", "play", "pause"]


@pytest.mark.parametrize(
    ("state", "most"), [("ready", MOST_COMMANDS_UNDER_WAY), ("restarting", MOST_COMMANDS_BEFORE_READY)]
)
async def test_commands_do_not_pile_up_without_end(state: EngineState, most: int) -> None:
    server = Server(FakeEngine(Status(state, "")), message_burst=2000)
    server.engine.open_gate.clear()
    page = server.client()
    await page.open()
    for _ in range(most):
        page.send(type="play")
    assert (await page.event("error"))["code"] == "busy"
    server.engine.open_gate.set()
    await settle()
    page.send(type="pause")
    await settle()
    assert server.engine.asked("command")[-1][2] == {"type": "pause"}


async def test_who_never_reads_is_hung_up_on() -> None:
    server = Server(message_burst=MOST_EVENTS_WAITING + 10)
    page = server.client()
    for _ in range(MOST_EVENTS_WAITING + 1):
        page.say("no JSON")
    for _ in range(MOST_EVENTS_WAITING + 1):
        await page.event("error")
    outgoing = await page.next()
    assert isinstance(outgoing, HangUp)
    assert outgoing.code == POLICY_VIOLATION
    page.say("no JSON")
    assert await page.next() == outgoing


async def test_a_host_that_was_started_again_is_told() -> None:
    server = Server()
    page = server.client()
    await page.open()
    page.ack((await page.frame())["seq"])
    (lane_id,) = server.engine.lanes
    server.engine.announce(Status("restarting", "Stopped.", 0.0, "CPU"))
    server.engine.announce(LaneReopened(lane_id, restored=True))
    server.engine.announce(Status("ready", "Ready.", 1.0, "CPU"))
    assert (await page.event("status"))["state"] == "restarting"
    assert (await page.event("notice"))["code"] == "host_restarted"
    assert (await page.event("status"))["state"] == "ready"
    server.engine.announce(LaneReopened(lane_id, restored=False))
    assert (await page.event("notice"))["code"] == "run_lost"


async def test_a_lane_that_is_gone_begins_again_with_the_experiment_in_force() -> None:
    server = Server()
    page = server.client()
    await page.open()
    page.ack((await page.frame())["seq"])
    page.send(type="set", experiment={"seed": 4})
    await settle()
    (lane_id,) = server.engine.lanes
    del server.engine.lanes[lane_id]
    server.engine.announce(LaneGone(lane_id, "broken"))
    assert (await page.event("notice"))["code"] == "run_lost"
    await settle()
    assert server.engine.lane.experiment == Experiment(seed=4).model_dump(mode="json")
    assert server.engine.lane.watched
    assert server.engine.lane.applied == 2
