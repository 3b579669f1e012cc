"""uvicorn's WebSocket, held to ending connections whose other end does not play along."""

import time
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame

from app.rate import TokenBucket

CONTROL_RATE, CONTROL_BURST = 10.0, 1000  # pings, pongs and parts of messages that one connection may send
LINGER_SECONDS = 10.0  # for what was still to be sent on a connection that is closed


class PageProtocol(WebSocketsSansIOProtocol):
    """One connection.

    To close a transport waits until all that was written has left, which a client that reads nothing, or has
    vanished, can put off for ever; so after some time it is aborted. Pings and empty parts of messages are no
    messages, which the connection counts; so they are counted here.
    """

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._control = TokenBucket(CONTROL_RATE, CONTROL_BURST, time.monotonic)

    def handle_ping(self) -> None:
        if self._take() and self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # the answer, which nobody reads: memory is not to grow by it

    def handle_pong(self, event: Frame) -> None:
        if self._take():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        if self._take():
            super().handle_cont(event)

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._linger()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self._linger()

    async def send(self, message: ASGISendEvent) -> None:
        """As it is sent, unless the connection was closed from this end meanwhile."""
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self._linger()

    def _take(self) -> bool:
        """Counts a frame that is no message; one too many ends the connection."""
        if self.transport.is_closing():
            return False
        if not self._control.take():
            self.transport.abort()
            return False
        return True

    def _linger(self) -> None:
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)
