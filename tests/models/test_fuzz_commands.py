"""Any sequence of what a page, a class and bad luck can do to a lane, from a message's text to the frame.

The whole way is there (connection, session, loop, lane, cohort) in one process, in which nothing happens but
when a turn is given. Two neighbours train in the same programs; to the bit as if they were alone.
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any, get_args

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.connection import HangUp
from app.engine import EngineError
from app.protocol import ErrorCode
from app.session import FRAME_CREDITS, TAKEN_OVER_CLOSE
from models import catalogue, frame
from models.bucket import WHOLE
from models.experiment import Experiment
from models.lane import Lane
from models.packing import flat
from models.spelling import from_query
from tests.app.client import Server, settle
from tests.models.by_hand import assert_pictured
from tests.models.experiments import json_of_experiments
from tests.models.in_process import InProcess
from tests.models.training import cohort_of, train_to
from tests.support.fuzz import fuzzed

Json = dict[str, Any]

# Of the two programs that are there: the default's, and the one that holds every network.
NEIGHBOURS = {
    "near": from_query(""),
    "far": from_query("hidden=33,3&batch_size=200&dropout=0.2&optimizer=adam"),
}
STORIES = 4  # in `make test`
STEPS = 2  # that a neighbour is asked for a turn


class Alone:
    """A network that trains by itself, and its weights after every step."""

    def __init__(self, experiment: Experiment) -> None:
        self._lane = Lane("alone", experiment)
        self._cohort = cohort_of(self._lane.bucket)
        self._cohort.seat(self._lane)
        self._weights = [flat(self._lane.weights).tobytes()]

    def at(self, step: int) -> bytes:
        while len(self._weights) <= step:
            train_to(self._cohort, {"alone": len(self._weights)}, [1])
            self._cohort.pull(self._lane)
            self._weights.append(flat(self._lane.weights).tobytes())
        return self._weights[step]


@cache
def alone(name: str) -> Alone:
    return Alone(NEIGHBOURS[name])


# --- what a page may say

NUMBERS = st.sampled_from([0, 1, -1, 0.03, 0.5, 10, 64, 1e-7, 1e9]) | st.floats(allow_nan=False, width=32)
ODD = st.sampled_from([None, True, "x", "", [], {}, [1], {"a": 1}, 2**53, -(2**60), 1e300, "tanh", "iris"])
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "data.name": st.sampled_from(catalogue.names(catalogue.DATA_SETS)),
    "data.seed": st.integers(0, 3),
    "data.noise": st.floats(0, 0.5),
    "data.points": st.none() | st.integers(*catalogue.POINTS),
    "data.train_share": st.sampled_from([0.1, 0.5, 0.9, 1.0]),
    "data.table": st.just("0" * 32),
    "features": st.lists(st.sampled_from(catalogue.names(catalogue.FEATURES)), max_size=4),
    "network.hidden": st.lists(
        st.fixed_dictionaries(
            {"neurons": st.sampled_from([1, 4, 8, 9, 40])},
            optional={
                "activation": st.sampled_from(catalogue.names(catalogue.ACTIVATIONS)),
                "dropout": st.sampled_from([0.0, 0.3]),
                "batch_normalization": st.booleans(),
            },
        ),
        max_size=4,
    ),
    "network.output_activation": st.sampled_from(["auto", *catalogue.OUTPUT_ACTIVATION_NAMES]),
    "network.bias": st.floats(*catalogue.BIAS),
    "training.loss": st.sampled_from(catalogue.names(catalogue.LOSSES)),
    "training.optimizer": st.sampled_from(catalogue.names(catalogue.OPTIMIZERS)),
    "training.learning_rate": st.sampled_from([0.0001, 0.03, 1.0, 10.0]),
    "training.regularization": st.sampled_from(catalogue.names(catalogue.REGULARIZATIONS)),
    "training.regularization_rate": st.sampled_from([0.0, 0.1, 10.0]),
    "training.batch_size": st.sampled_from([1, 7, 10, 30, 200, 512]),
    "training.schedule": st.sampled_from(catalogue.names(catalogue.SCHEDULES)),
    "training.clip_norm": st.sampled_from([0.0, 0.5]),
    "training.max_norm": st.sampled_from([0.0, 1.0]),
    "training.momentum": st.none() | NUMBERS,
    "seed": st.integers(0, 3),
}
CHANGES = st.dictionaries(st.sampled_from(sorted(MEMBERS)), st.booleans(), min_size=1, max_size=3)


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Some members by their paths, most of them as they may be."""
    return {
        path: draw(ODD | NUMBERS) if draw(st.integers(0, 9)) == 0 else draw(MEMBERS[path])
        for path in draw(CHANGES)
    }


def changed(experiment: Json, members: Mapping[str, Any]) -> Json:
    whole: Json = json.loads(json.dumps(experiment))
    for path, value in members.items():
        *parts, last = path.split(".")
        inner = whole
        for part in parts:
            inner = inner[part]
        inner[last] = value
    if "data.name" in members and draw_usual(members):
        whole = {**whole, "data": {"name": members["data.name"]}, "training": dict(whole["training"])}
        del whole["features"], whole["training"]["loss"]
        whole["network"]["output_activation"] = "auto"
    return whole


def draw_usual(members: Mapping[str, Any]) -> bool:
    """Whether another data set comes with what is usual for it, as the page does it."""
    return not {"features", "training.loss", "network.output_activation"} & set(members)


PLACES = st.none() | st.integers(-1, 5)
ASKED: dict[str, st.SearchStrategy[Any]] = {
    "verdict": st.just({}),
    "batch": st.just({}),
    "layers": st.just({}),
    "linear": st.just({}),
    "point": st.fixed_dictionaries({"at": st.lists(NUMBERS, max_size=4), "target": st.none() | NUMBERS}),
    "surface": st.fixed_dictionaries(
        {
            "weights": st.lists(
                st.fixed_dictionaries(
                    {"layer": st.integers(1, 4), "source": PLACES, "unit": st.integers(0, 5)}
                ),
                max_size=2,
            ),
            "low": st.lists(NUMBERS, min_size=1, max_size=2),
            "high": st.lists(NUMBERS, min_size=1, max_size=2),
            "seed": st.integers(0, 2),
        }
    ),
    "nothing": st.just({}),
}
COLUMNS = st.sampled_from(["x1", "petal length (cm)", "petal width (cm)", "alcohol", ""])
SPEEDS = st.sampled_from([*catalogue.names(catalogue.SPEEDS), "warp"])
COMMANDS: dict[str, st.SearchStrategy[Json]] = {
    "play": st.just({}),
    "pause": st.just({}),
    "rewind": st.just({}),
    "collapse": st.just({}),
    "step": st.fixed_dictionaries(
        {"unit": st.sampled_from(["epoch", "batch", "year"])},
        optional={"count": st.sampled_from([1, 2, 5, 30, 10_000, 0])},
    ),
    "speed": st.fixed_dictionaries({"speed": SPEEDS}),
    "weight": st.fixed_dictionaries(
        {
            "layer": st.integers(0, 5),
            "source": PLACES,
            "unit": st.integers(-1, 8),
            "value": st.floats(-1000, 1000) | NUMBERS,
        }
    ),
    "stop": st.fixed_dictionaries(
        {},
        optional={
            "epochs": st.none() | st.integers(0, 30),
            "test_loss": st.none() | st.floats(0, 1),
            "test_accuracy": st.none() | st.floats(0, 1),
            "patience": st.none() | st.integers(0, 5),
        },
    ),
    "hold": st.fixed_dictionaries({"column": COLUMNS, "value": NUMBERS}),
    "panels": st.fixed_dictionaries(
        {
            "open": st.lists(st.sampled_from(sorted(ASKED)), unique=True, max_size=3).flatmap(
                lambda names: st.fixed_dictionaries({name: ASKED[name] for name in names})
            )
        }
    ),
}
SAID = st.sampled_from(sorted(COMMANDS)).flatmap(
    lambda name: COMMANDS[name].map(lambda members: {"type": name, **members})
)
NONSENSE = st.sampled_from(
    [
        *(
            "",
            "{",
            "null",
            "[]",
            "5",
            '{"type":"play"}',
            '{"type":"dance","id":9999}',
            '{"type":"open","id":9998}',
        ),
        *('{"type":"play","id":0}', '{"type":"play","id":1}', '{"type":"set","id":9997}', '{"type":5}'),
        *(
            '{"type":"step","id":9996,"unit":"epoch","count":true}',
            '{"type":"ack"}',
            '{"type":"ack","seq":-1}',
        ),
        *('{"type":"weight","id":9995,"layer":1,"source":0,"unit":0,"value":1e999}', "[" * 2000),
    ]
) | st.text(max_size=20)


class Page:
    """What a page knows, and what must be true of every frame that it gets."""

    def __init__(self) -> None:
        self.before: Json | None = None  # the header of the last frame, with what earlier ones said
        self.key_is_due = True
        self.seq_is_due: int | None = None
        self.rows: list[float] = []
        self.waiting: list[int] = []
        self.was_told = True  # of something that can make a paused lane train, since the last frame
        self.went_back = False  # a run was loaded, or the epoch begins anew with other data

    def take(self, data: bytes, last_id: int) -> Json:
        """A frame; its header."""
        header, blocks = frame.decode(data)
        before = self.before
        assert header["key"] or not self.key_is_due
        assert self.seq_is_due in (None, header["seq"])
        self.seq_is_due, self.key_is_due = header["seq"] + 1, False
        self.waiting.append(header["seq"])
        assert len(self.waiting) <= FRAME_CREDITS
        assert 0 <= header["applied"] <= last_id
        assert 0 <= header["offset"] < header["train_points"]
        self.rows = (
            blocks["history"][:, 0].tolist()
            if header["key"]
            else self.rows + blocks["history"][:, 0].tolist()
        )
        assert self.rows == list(range(header["epoch"] + 1)), "the history has a gap"
        if before is not None:
            self._follows(header, before)
        kept = {} if before is None else {name: before[name] for name in ("experiment", "axes")}
        self.before = header = {**kept, **header}
        assert_pictured(header, blocks)
        units = [len(header["experiment"]["features"])]
        units += [layer["neurons"] for layer in header["experiment"]["network"]["hidden"]]
        assert header["layers"][:-1] == units
        assert header["state"] in ("paused", "playing", "diverged")
        assert (header["stopped"] is None) or header["state"] == "paused"
        self.was_told = self.went_back = False
        return header

    def _follows(self, header: Json, before: Json) -> None:
        assert header["run"] >= before["run"]
        if header["run"] > before["run"]:
            assert header["key"], "another run begins with a key frame"
            return
        assert header["applied"] >= before["applied"] or header["key"]
        if not self.went_back:
            for name in ("step", "epoch"):
                assert header[name] >= before[name], f"{name} went back"
            if header["epoch"] == before["epoch"]:
                assert header["offset"] >= before["offset"], "the epoch went back"
        if before["state"] == header["state"] == "paused" and not self.was_told:
            assert header["step"] == before["step"], "a paused lane trained"


class Commands(RuleBasedStateMachine):
    """A page, its lane, and two neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.runner = asyncio.Runner()
        self.engine = InProcess(self.patch)
        engine: Any = self.engine  # in place of the fake one that the server usually has
        self.server = Server(engine, max_lanes=8)
        self.saved: list[tuple[Experiment, bytes]] = []
        self.next: asyncio.Task[Any] | None = None
        self.wishes: list[asyncio.Future[Any]] = []  # of the neighbours
        self.sent: dict[int, Json | None] = {}  # by id: what the lane's experiment is when it is carried out
        self.errors: dict[int, Json] = {}
        self.expected: Json | None = None
        self.run(self._begin())

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    async def _begin(self) -> None:
        opening = [
            asyncio.ensure_future(self.engine.open(name, experiment.model_dump(mode="json")))
            for name, experiment in NEIGHBOURS.items()
        ]
        await asyncio.sleep(0)
        self.engine.turn()
        await asyncio.gather(*opening)
        await self._connect()

    async def _connect(self, token: str | None = None) -> None:
        self.client, self.page = self.server.client(), Page()
        self.next = None
        self.last_id = self.client.send(type="open", session=token)
        self.errors, self.sent = {}, {}
        await self._turns(1)

    @property
    def session(self) -> Any:
        sessions = self.server.sessions
        (session,) = [sessions.find(token) for token in sessions.tokens]
        return session

    # --- time

    async def _turns(self, count: int, seconds: float = 0.0) -> None:
        for _ in range(count):
            for name in NEIGHBOURS:
                wish = {"type": "step", "unit": "batch", "count": STEPS}
                self.wishes.append(self.engine.wish(name, wish))
            await settle()
            self.engine.turn(seconds)
            await settle()
            await self._read()

    async def _read(self) -> None:
        """Whatever the server has to say by now."""
        while True:
            if self.next is None:
                self.next = asyncio.ensure_future(self.client.connection.next())
            await settle()
            if not self.next.done():
                return
            said, self.next = self.next.result(), None
            if isinstance(said, bytes):
                self._shown(self.page.take(said, self.last_id))
            else:
                assert isinstance(said, str), said
                self._told(json.loads(said))

    def _told(self, event: Json) -> None:
        match event["type"]:
            case "welcome":
                self.token = event["session"]
            case "error":
                assert event["code"] in get_args(ErrorCode)
                assert event["code"] != "internal"
                assert event["message"]
                assert event["expected"]
                if event["id"] in self.sent:
                    self.sent.pop(event["id"])
                self.errors[event["id"]] = event
            case other:
                assert other in ("status", "notice")

    def _shown(self, header: Json) -> None:
        """The experiment in force is the one of the last command that was carried out."""
        done = [self.sent[id] for id in sorted(self.sent) if id <= header["applied"]]
        if done and done[-1] is not None:
            assert header["experiment"] == done[-1]
        self.in_force = header["experiment"]

    # --- what may happen

    async def _say(self, message: Json, experiment: Json | None = None) -> None:
        self.page.was_told = True
        self.last_id = self.client.send(**message)
        if message["type"] in ("set", "collapse"):
            self.sent[self.last_id] = experiment
            self.page.went_back = True
        await self._turns(1)

    @rule(message=SAID)
    def command(self, message: Json) -> None:
        self.run(self._say(message))

    @rule(members=changes(), keep=st.booleans())
    def change(self, members: dict[str, Any], keep: bool) -> None:
        self.run(self._change(changed(self.in_force, members), keep))

    @rule(experiment=json_of_experiments())
    def set(self, experiment: Json) -> None:
        self.run(self._change(experiment, False))

    async def _change(self, experiment: Json, keep: bool) -> None:
        wanted = None
        with suppress(ValueError):
            wanted = Experiment.model_validate(experiment).model_dump(mode="json")
        refused = len(self.errors)
        await self._say({"type": "set", "experiment": experiment, "keep_weights": keep}, wanted)
        assert (len(self.errors) > refused) or wanted is not None

    @rule(text=NONSENSE)
    def nonsense(self, text: str) -> None:
        async def say() -> None:
            self.client.say(text)
            await self._read()

        self.run(say())

    @rule(seconds=st.sampled_from([0.0, 0.001, 0.05, 1.0, 3.0]), count=st.integers(1, 3))
    def time_passes(self, seconds: float, count: int) -> None:
        self.run(self._turns(count, seconds))

    @initialize()
    def begin(self) -> None:
        """Whatever happens later, there is a history that can get a gap."""
        self.train_and_look(2)

    @rule(turns=st.integers(2, 6))
    def train_and_look(self, turns: int) -> None:
        """As fast as it can, with a page that shows whatever comes, so that a frame has many rows."""

        async def train() -> None:
            await self._say({"type": "speed", "speed": "full"})
            await self._say({"type": "play"})
            for _ in range(turns):
                while self.page.waiting:
                    self.client.ack(self.page.waiting.pop(0))
                await self._turns(1, 0.05)

        self.run(train())

    @rule(which=st.sampled_from(["oldest", "newest", "again", "future"]))
    def acknowledge(self, which: str) -> None:
        async def acknowledge() -> None:
            waiting = self.page.waiting
            known = {"oldest": waiting[:1], "newest": waiting[-1:], "again": [0], "future": [10**6]}[which]
            for seq in known:
                self.client.ack(seq)
                if seq in waiting:
                    del waiting[: waiting.index(seq) + 1]
            await self._turns(1, 0.05)

        self.run(acknowledge())

    @rule(at_once=st.booleans())
    def come_back(self, at_once: bool) -> None:
        """The page loses its connection, or is opened in another window at once."""

        async def come_back() -> None:
            old, waiting = self.client.connection, self.next
            if not at_once:
                old.disconnected()
                if waiting is not None:
                    waiting.cancel()
                await self._turns_unseen(2)
            await self._connect(self.token)
            if at_once:
                while not isinstance(said := await (waiting or old.next()), HangUp):
                    waiting = None
                assert said.code == TAKEN_OVER_CLOSE

        self.run(come_back())

    async def _turns_unseen(self, count: int) -> None:
        for _ in range(count):
            await settle()
            self.engine.turn(1.0)

    @rule()
    def save(self) -> None:
        async def save() -> None:
            blob = asyncio.ensure_future(self.session.snapshot())
            await self._turns(1)
            header, _ = frame.decode(await blob)
            self.saved.append((Experiment.model_validate(header["experiment"]), await blob))

        self.run(save())

    @rule(which=st.integers(0, 3), broken=st.booleans())
    def load(self, which: int, broken: bool) -> None:
        """A run that was saved, or one that no host can go on with."""

        async def load() -> None:
            experiment, blob = self.saved[which % len(self.saved)]
            self.page.was_told = self.page.went_back = True
            if not broken:
                self.sent[self.last_id] = experiment.model_dump(mode="json")
            loading = asyncio.ensure_future(self.session.load(experiment, blob[:-400] if broken else blob))
            await self._turns(1)
            if not broken:
                await loading
                return
            with pytest.raises(EngineError) as refused:
                await loading
            assert refused.value.code == "invalid"

        if self.saved:
            self.run(load())

    @rule()
    def another_host(self) -> None:
        """The host dies; another one goes on with every lane's last state."""

        async def replace() -> None:
            await self._turns(1)
            lanes = [*NEIGHBOURS, self.session.lane_id]
            blobs = [asyncio.ensure_future(self.engine.snapshot(lane)) for lane in lanes]
            await self._turns(1)
            self.page.key_is_due, self.page.seq_is_due = True, None
            found = {lane: await blob for lane, blob in zip(lanes, blobs, strict=True)}
            await self.engine.replace_host(found)
            await self._turns(1)

        self.run(replace())

    @invariant()
    def nothing_that_was_refused_changed_anything(self) -> None:
        assert self.engine.faults == []
        assert all(error.message and error.expected for error in self.engine.refused)

    def teardown(self) -> None:
        try:
            self.run(self._neighbours_are_as_if_alone())
        finally:
            self.runner.close()
            self.patch.undo()

    async def _neighbours_are_as_if_alone(self) -> None:
        blobs = {name: asyncio.ensure_future(self.engine.snapshot(name)) for name in NEIGHBOURS}
        await settle()
        self.engine.turn()
        for name, blob in blobs.items():
            header, blocks = frame.decode(await blob)
            assert header["exact"]
            assert blocks["weights"].tobytes() == alone(name).at(header["step"]), (
                f"{name} is not what it is alone"
            )


def test_the_neighbours_use_the_programs_that_are_there() -> None:
    assert [Lane("x", experiment).bucket == WHOLE for experiment in NEIGHBOURS.values()] == [False, True]


def test_any_sequence_of_commands_keeps_what_must_be_true() -> None:
    # It has an event loop of its own, which the main thread may not have beside Playwright's.
    with ThreadPoolExecutor(1) as pool:
        stories = fuzzed(STORIES, stateful_step_count=25)
        pool.submit(run_state_machine_as_test, Commands, settings=stories).result()
