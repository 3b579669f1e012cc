"""A page at the level of bytes: it can do what no WebSocket library does."""

import contextlib
import json
import socket
from collections.abc import Generator
from typing import Any
from urllib.parse import urlsplit

from websockets.frames import Frame, Opcode

SMALL = 4096  # bytes that its kernel takes for it while it does not read
PATIENCE = 120.0  # seconds


class RawPage:
    """A WebSocket that is open; it answers nothing by itself."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def say(self, **message: Any) -> None:
        self.write(masked(Opcode.TEXT, json.dumps(message).encode()))

    def write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def hear(self) -> dict[str, Any]:
        """The next event; what the server sends in one go is expected to come so."""
        first, length = self._exactly(2)
        assert first == 0x81, "no whole text message"
        if length == 126:
            length = int.from_bytes(self._exactly(2))
        return json.loads(self._exactly(length))

    def wait_until_closed(self) -> None:
        """Return when the server has ended the connection; what it sent before is not looked at."""
        with contextlib.suppress(ConnectionError):
            while self.connection.recv(65536):
                pass

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.connection.recv(count - len(data))
            if not more:
                raise ConnectionError("the server closed the connection")
            data += more
        return data


def masked(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    """A client's frame of RFC 6455."""
    return Frame(opcode, data, fin).serialize(mask=True)


def connected(url: str, receive_buffer: int | None = None) -> socket.socket:
    """A TCP connection to the server at this http address."""
    target = urlsplit(url)
    connection = socket.socket()
    if receive_buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(PATIENCE)
    connection.connect((target.hostname, target.port))
    return connection


@contextlib.contextmanager
def raw_page(url: str) -> Generator[RawPage]:
    """Connect and shake hands."""
    with connected(url, SMALL) as connection:
        host = urlsplit(url).netloc
        connection.sendall(
            f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += connection.recv(1)
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        yield RawPage(connection)
