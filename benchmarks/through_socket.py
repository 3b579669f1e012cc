"""How soon a change is seen, through the real server and its WebSocket, and what frames cost."""

import asyncio
import random
import tempfile
import time
from pathlib import Path

from benchmarks.changes import CHANGES, changed
from benchmarks.client import Client, Seen
from benchmarks.figure import Bar, Figure, percentile
from benchmarks.processor_time import Used, used
from models import catalogue
from models.experiment import Experiment
from tests.support.server import Server, running_server

CHANGED = 240
GAP = (0.1, 0.4)  # seconds between two changes
OTHERS = 30
WATCHED_SECONDS = 5.0
EIGHT = {"data": {"name": "arms", "classes": 8}}
# Name, experiment, and what its frames may weigh. Eight outputs have pictures of their own.
WEIGHED = (
    ("the default network", Experiment(), Bar(16)),
    ("the default layers and 8 classes", Experiment.model_validate(EIGHT), Bar(24)),
    (
        "2-8-8-8-8, 8 classes",
        Experiment.model_validate({**EIGHT, "network": {"hidden": [{"neurons": 8}] * 3}}),
        Bar(24),
    ),
)


async def _sizes(url: str, seconds: float) -> list[Figure]:
    """Bytes a frame."""
    return [figure for case in WEIGHED for figure in await _weighed(url, seconds, *case)]


async def _weighed(url: str, seconds: float, name: str, experiment: Experiment, bar: Bar) -> list[Figure]:
    figures: list[Figure] = []
    for speed in (catalogue.DEFAULT_SPEED, "full"):
        client = await Client.open(url, experiment)
        await client.send("speed", speed=speed)
        await client.send("play")
        await asyncio.sleep(seconds)
        await client.close()
        key = [seen.size for seen in client.frames if seen.header["key"]]
        rest = [seen.size for seen in client.frames if not seen.header["key"]]
        label = catalogue.row(catalogue.SPEEDS, speed).label
        figures.append(Figure(f"largest frame of {name}, {label}", max(rest) / 1024, "KiB", bar))
        if speed == catalogue.DEFAULT_SPEED:
            figures.append(Figure("its key frame", max(key) / 1024, "KiB"))
    return figures


class Changer:
    """One lane that plays while its experiment is changed at seeded random times."""

    def __init__(self, client: Client, dice: random.Random) -> None:
        self._client = client
        self._dice = dice
        self._sent: dict[int, tuple[str, float, Experiment]] = {}

    async def change(self, times: int) -> None:
        """Send changes, and wait until the last is seen."""
        experiment = Experiment()
        identifier = 0
        for _ in range(times):
            await asyncio.sleep(self._dice.uniform(*GAP))
            kind, experiment = changed(experiment, self._dice)
            at = time.perf_counter()
            identifier = await self._client.send("set", experiment=experiment.model_dump(mode="json"))
            self._sent[identifier] = (kind, at, experiment)
        await self._client.until(lambda: self._client.frames[-1].header["applied"] >= identifier)

    def latencies(self) -> list[tuple[str, float]]:
        """Kind and milliseconds of every change, from sending it to the first frame that shows it."""
        found: list[tuple[str, float]] = []
        for identifier, (kind, at, experiment) in self._sent.items():
            first = self._first(identifier)
            if first.header["applied"] == identifier and first.header["layers"] != list(experiment.units):
                raise RuntimeError(f"the frame of change {identifier} does not show it")
            found.append((kind, 1000.0 * (first.at - at)))
        return found

    def _first(self, identifier: int) -> Seen:
        return next(seen for seen in self._client.frames if seen.header["applied"] >= identifier)


def _other(dice: random.Random) -> Experiment:
    """What one of the others trains: no two alike, all in the default's bucket."""
    hidden = [
        {"neurons": dice.randint(2, 8), "activation": dice.choice(("tanh", "relu", "sigmoid"))}
        for _ in range(dice.randint(1, 3))
    ]
    return Experiment.model_validate({"network": {"hidden": hidden}, "seed": dice.randrange(2**32)})


async def _latency(
    server: Server, title: str, others: int, bar: Bar | None, times: int
) -> tuple[list[Figure], list[tuple[str, float]]]:
    """Change one lane while `others` play."""
    dice = random.Random(7)
    crowd = [await Client.open(server.url, _other(dice)) for _ in range(others)]
    for client in crowd:
        await client.send("play")
    client = await Client.open(server.url, Experiment())
    await client.send("play")
    await asyncio.sleep(2.0 if others else 0.5)  # the crowd takes its seats
    changer = Changer(client, dice)
    before, began = used(server.process.pid), time.perf_counter()
    await changer.change(times)
    elapsed, after = time.perf_counter() - began, used(server.process.pid)
    for one in (*crowd, client):
        await one.close()
    measured = changer.latencies()
    values = [value for _, value in measured]
    figures = [
        Figure(f"{title}: change to frame, median", percentile(values, 0.5), "ms"),
        Figure(f"{title}: change to frame, 95th percentile of {times}", percentile(values, 0.95), "ms", bar),
        Figure(f"{title}: change to frame, slowest", max(values), "ms"),
        Figure(f"{title}: frames a second for each client", _rate([*crowd, client], began, elapsed), "/s"),
        *_processor(title, before, after, elapsed),
    ]
    return figures, measured


def _rate(clients: list[Client], began: float, elapsed: float) -> float:
    frames = sum(1 for one in clients for seen in one.frames if began <= seen.at <= began + elapsed)
    return frames / elapsed / len(clients)


def _processor(title: str, before: Used | None, after: Used | None, elapsed: float) -> list[Figure]:
    if before is None or after is None:
        return []
    spent = after - before
    return [
        Figure(f"{title}: processor, web process", 100 * spent.web / elapsed, "% of a core"),
        Figure(f"{title}: processor, host", 100 * spent.host / elapsed, "% of a core"),
    ]


def _by_kind(measured: list[tuple[str, float]]) -> list[Figure]:
    kinds = {kind: [value for k, value in measured if k == kind] for kind in CHANGES}
    return [
        Figure(f"one lane: {kind}, 95th percentile of {len(values)}", percentile(values, 0.95), "ms")
        for kind, values in kinds.items()
        if values
    ]


def _listed(cache: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(cache.glob("made-*.json")))


async def background_done(cache: Path, patience: float = 600.0) -> None:
    """Wait until the server has compiled ahead what it will: the cache's list of programs stays as it is."""
    deadline = time.monotonic() + patience
    seen, since = "", time.monotonic()
    while time.monotonic() - since < 15.0:
        if time.monotonic() > deadline:
            raise TimeoutError(f"programs are still being compiled after {patience:g} s")
        await asyncio.sleep(0.5)
        listed = await asyncio.to_thread(_listed, cache)
        if listed != seen:
            seen, since = listed, time.monotonic()


def _tell(text: str) -> None:
    print(text, flush=True)


async def _measure(server: Server, cache: Path, quick: bool) -> list[Figure]:
    times = 40 if quick else CHANGED
    _tell("changing one lane while programs are compiled in the background ...")
    figures, _ = await _latency(server, "first minute after an empty cache", 0, None, times)
    _tell("waiting for the background to finish ...")
    await background_done(cache)
    _tell("changing one lane ...")
    alone, measured = await _latency(server, "one lane", 0, Bar(100), times)
    _tell(f"changing one lane while {OTHERS} others play ...")
    crowded, _ = await _latency(server, f"among {OTHERS} others", OTHERS, Bar(150), times)
    sizes = await _sizes(server.url, 1.0 if quick else WATCHED_SECONDS)
    return [*alone, *_by_kind(measured), *crowded, *sizes, *figures]


def run(quick: bool) -> list[Figure]:
    """Measure on a server with an empty cache of programs."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        with running_server(Path(folder) / "log", cache) as server:
            return asyncio.run(_measure(server, cache, quick))
