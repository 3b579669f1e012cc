"""What hostile clients do, over and over, until they are told to stop; for servers of the tests' own."""

import json
import random
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from websockets.exceptions import InvalidStatus
from websockets.frames import Opcode
from websockets.sync.client import connect

from app.serve import MAX_WEBSOCKET_BYTES
from models.experiment import Experiment
from tests.faults.raw_page import connected, masked, raw_page

IMPATIENCE = 2.0  # seconds that an attacker waits for anything
HUGE = masked(Opcode.TEXT, b'"' + b"x" * 1_000_000 + b'"')
BEYOND_ALL_MEASURE = masked(Opcode.TEXT, b"x" * (MAX_WEBSOCKET_BYTES + 1))
BATCHES = 100  # of 48 messages that a flood has
BETWEEN = 0.05  # seconds between two rounds of an attack: its own processor time is not what counts
FULL = (503, 507)  # what a server may answer that has no room
Attack = Callable[[str, threading.Event, random.Random], None]


def _flood(url: str, stop: threading.Event, dice: random.Random) -> None:
    """Good commands and bad ones, as fast as they can be sent; answers are not read."""
    with raw_page(url) as page:
        page.connection.settimeout(IMPATIENCE)
        page.say(type="open", id=1, experiment=Experiment(seed=99).model_dump(mode="json"))
        for number in range(2, 50 * BATCHES, 50):
            messages: list[dict[str, object]] = [
                {"type": "play", "id": number},
                {"type": "speed", "id": number + 1, "speed": "full"},
                {"type": "weight", "id": number + 2, "layer": 1, "source": 0, "unit": 0, "value": 900.0},
                {"type": "rewind", "id": number + 3},
                {"type": "step", "id": number + 4, "unit": "epoch", "count": 10000},
                {"type": "set", "id": number + 5, "experiment": {"seed": number}},
                {"type": "ack", "seq": number},
                {"type": "open", "id": number + 6},
            ]
            texts = [json.dumps(message).encode() for message in messages * 6]
            page.write(b"".join(masked(Opcode.TEXT, text) for text in texts))
            if stop.is_set():
                return


def _garbage(url: str, stop: threading.Event, dice: random.Random) -> None:
    """Binary messages, text that is no JSON, and bytes that are no WebSocket."""
    with raw_page(url) as page:
        page.connection.settimeout(IMPATIENCE)
        for size in (0, 1, 10, 1000, 60_000):
            page.write(masked(Opcode.BINARY, dice.randbytes(size)))
            page.write(masked(Opcode.TEXT, b"{" * size))
            page.write(masked(Opcode.TEXT, b"[" * size))
        page.write(dice.randbytes(5000))
        page.wait_until_closed()


def _silence(url: str, stop: threading.Event, dice: random.Random) -> None:
    """Connections that begin and do not go on, and pages that play and read nothing."""
    with connected(url) as half, connected(url) as other, raw_page(url) as page:
        half.sendall(b"GET /ws HTTP/1.1\r\nHost: ")
        other.sendall(b"POST /api/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{")
        page.say(type="open", id=1)
        page.say(type="speed", id=2, speed="full")
        page.say(type="play", id=3)
        stop.wait(IMPATIENCE)


def _huge(url: str, stop: threading.Event, dice: random.Random) -> None:
    """Messages over every limit, whole and in endless parts, and pings without end."""
    with raw_page(url) as page:
        page.connection.settimeout(IMPATIENCE)
        page.write(HUGE)
        with suppress(OSError):
            page.write(BEYOND_ALL_MEASURE)
            page.wait_until_closed()
    with raw_page(url) as page, suppress(OSError):
        page.connection.settimeout(IMPATIENCE)
        page.write(masked(Opcode.TEXT, b"", fin=False) + 2000 * masked(Opcode.CONT, b"", fin=False))
        page.wait_until_closed()
    with raw_page(url) as page, suppress(OSError):
        page.connection.settimeout(IMPATIENCE)
        page.write(2000 * masked(Opcode.PING, b"x" * 100))
        page.wait_until_closed()


def _foreign(url: str, stop: threading.Event, dice: random.Random) -> None:
    """Another site's page, and somebody else's session."""
    address = url.replace("http", "ws", 1) + "/ws"
    with suppress(InvalidStatus), connect(address, origin="http://evil.example"):  # pyright: ignore[reportArgumentType]
        raise AssertionError("another site's page was let in")
    with connect(address) as page:
        page.send(json.dumps({"type": "open", "id": 1, "session": "A" * 32}))
        assert not json.loads(page.recv(IMPATIENCE))["resumed"]


def _requests(url: str, stop: threading.Event, dice: random.Random) -> None:
    """What the REST API should not take, and more of it than it gives."""
    session = {"X-Session": "A" * 32}
    for method, path, body, headers in (
        ("POST", "/api/runs", b"{", {}),
        ("POST", "/api/runs", json.dumps({"experiment": {"seed": 5}, "play": True}).encode(), {}),
        ("POST", "/api/runs", b"x" * 200_000, {}),
        ("POST", "/api/runs/import", dice.randbytes(5000), session),
        ("POST", "/api/tables", dice.randbytes(5000), session),
        ("POST", "/api/exports/keras", b"", session),
        ("POST", "/api/code", b"[" * 50_000, {}),
        ("GET", "/api/runs/" + "A" * 32, None, {}),
        ("DELETE", "/api/runs/../../etc/passwd", None, {}),
        ("GET", "/static/..%2f..%2fpyproject.toml", None, {}),
        ("GET", "/?" + "x" * 5000, None, {}),
    ):
        request = urllib.request.Request(
            url + path, body, {"Content-Type": "application/json", **headers}, method=method
        )
        code = _status(request)
        assert code < 500 or code in FULL, (method, path, code)


def _status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=IMPATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


ATTACKS: dict[str, Attack] = {
    "flood": _flood,
    "garbage": _garbage,
    "silence": _silence,
    "huge": _huge,
    "foreign": _foreign,
    "requests": _requests,
}


class Attacked:
    """How often each attack has been made, and what failed of its own."""

    def __init__(self) -> None:
        self.rounds: Counter[str] = Counter()
        self.failures: list[BaseException] = []


@contextmanager
def attacked(url: str) -> Generator[Attacked]:
    """All attacks at once."""
    stop = threading.Event()
    outcome = Attacked()

    def repeat(name: str) -> None:
        dice = random.Random(name)
        while not stop.is_set():
            try:
                ATTACKS[name](url, stop, dice)
            except OSError:
                pass  # the server has put an end to it
            except BaseException as failure:
                outcome.failures.append(failure)
                return
            finally:
                outcome.rounds[name] += 1
            stop.wait(BETWEEN)

    threads = [threading.Thread(target=repeat, args=(name,), daemon=True) for name in ATTACKS]
    for thread in threads:
        thread.start()
    try:
        yield outcome
    finally:
        stop.set()
        for thread in threads:
            thread.join()
