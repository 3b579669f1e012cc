"""Runs the application under uvicorn."""

import errno
import signal
import socket
import sys
import time
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app import logs
from app.engine import Engine, EngineEvent, Status
from app.main import create_app
from app.page_protocol import PageProtocol
from app.settings import Settings

# A longer message closes the connection; the setting's limit only refuses it.
MAX_WEBSOCKET_BYTES = 2**20
FAREWELL_SHARE = 0.4  # of `shutdown_grace`, for telling pages and giving them their runs


class Server(uvicorn.Server):
    """Says where it listens as soon as it does, and says goodbye before it stops."""

    def __init__(self, config: uvicorn.Config, settings: Settings, app: FastAPI, address: str) -> None:
        super().__init__(config)
        self._settings = settings
        self._app = app
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            logs.say(self._settings.log_format, f"Neural Playground: {self._address}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Pages are told while the server still listens, so that /readyz says what is going on."""
        begun = time.monotonic()
        grace = self._settings.shutdown_grace
        await self._app.state.sessions.say_goodbye(FAREWELL_SHARE * grace)
        left = grace - (time.monotonic() - begun)
        self.config.timeout_graceful_shutdown = max(1, round(left))
        await super().shutdown(sockets)


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves the application: one worker, and WebSockets fast enough for a class."""
    return uvicorn.Config(
        app,
        log_level="error" if settings.log_level == "error" else "warning",  # below, it logs addresses
        log_config=None,
        access_log=False,  # request_log has one line of each request, without who it was
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        root_path=settings.root_path,
        loop="auto",  # uvloop, where there is one
        ws=PageProtocol,
        ws_ping_interval=settings.ping_interval,
        ws_ping_timeout=settings.ping_timeout,
        ws_max_size=max(MAX_WEBSOCKET_BYTES, 2 * settings.max_message_bytes),
        ws_per_message_deflate=False,  # frames hardly get smaller, and the server several times slower
        timeout_graceful_shutdown=round(settings.shutdown_grace),
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)


def _address(settings: Settings, port: int) -> str:
    everywhere = settings.host in ("0.0.0.0", "::", "")
    host = "127.0.0.1" if everywhere else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{settings.root_path}/"


def _say_when_ready(engine: Engine, settings: Settings) -> None:
    begun = time.monotonic()
    told: list[str] = []

    def listen(event: EngineEvent) -> None:
        if isinstance(event, Status) and [event.state] != told[-1:]:
            told.append(event.state)
            if event.state == "ready":
                text = f"Ready after {time.monotonic() - begun:.1f} s on {event.device}."
            else:
                text = event.message
            logs.say(settings.log_format, text)

    engine.subscribe(listen)


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    # uvicorn repeats the signal that it stopped for; by default it would end the process as a failure.
    raise KeyboardInterrupt


def serve(settings: Settings) -> int:
    """Serves until interrupted or terminated; returns the exit code."""
    try:
        listener = _listen(settings)
    except OSError as error:
        reason = str(error.strerror).partition(" (while ")[0]  # Python repeats the address there
        text = f"neural-playground: cannot listen on port {settings.port} of {settings.host}: {reason}."
        if error.errno == errno.EADDRINUSE:
            text += " Another server may be running; --port chooses another port, 0 a free one."
        print(text, file=sys.stderr)
        return 1
    logs.set_up(settings.log_format, settings.log_level)
    app = create_app(settings)
    _say_when_ready(app.state.engine, settings)
    address = _address(settings, listener.getsockname()[1])
    server = Server(server_config(app, settings), settings, app, address)
    signal.signal(signal.SIGTERM, _terminated)
    with suppress(KeyboardInterrupt):  # how a server is stopped; everything has ended in order
        server.run(sockets=[listener])
    return 0 if server.started else 1
