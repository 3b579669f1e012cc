"""Runs the application under uvicorn."""

import errno
import logging
import socket
import sys
import time
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from app.engine import Engine, EngineEvent, Status
from app.main import create_app
from app.settings import Settings

MAX_WEBSOCKET_BYTES = (
    16 * 2**20
)  # a longer message closes the connection; the setting's limit only refuses it


class _Server(uvicorn.Server):
    """Says where it listens as soon as it does."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Neural Playground: {self._address}", flush=True)


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves the application: one worker, and WebSockets fast enough for a class."""
    return uvicorn.Config(
        app,
        log_level=settings.log_level,
        log_config=None,
        access_log=False,
        root_path=settings.root_path,
        loop="auto",  # uvloop, where there is one
        ws="websockets-sansio",
        ws_max_size=MAX_WEBSOCKET_BYTES,
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


def _say_when_ready(engine: Engine) -> None:
    begun = time.monotonic()
    told: list[str] = []

    def listen(event: EngineEvent) -> None:
        if isinstance(event, Status) and [event.state] != told[-1:]:
            told.append(event.state)
            if event.state == "ready":
                print(f"Ready after {time.monotonic() - begun:.1f} s on {event.device}.", flush=True)
            else:
                print(event.message, flush=True)

    engine.subscribe(listen)


def serve(settings: Settings) -> int:
    """Serves until interrupted; returns the exit code."""
    try:
        listener = _listen(settings)
    except OSError as error:
        reason = str(error.strerror).partition(" (while ")[0]  # Python repeats the address there
        text = f"neural-playground: cannot listen on port {settings.port} of {settings.host}: {reason}."
        if error.errno == errno.EADDRINUSE:
            text += " Another server may be running; --port chooses another port, 0 a free one."
        print(text, file=sys.stderr)
        return 1
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    app = create_app(settings)
    _say_when_ready(app.state.engine)
    server = _Server(server_config(app, settings), _address(settings, listener.getsockname()[1]))
    with suppress(KeyboardInterrupt):  # how a server is stopped; everything has ended in order
        server.run(sockets=[listener])
    return 0 if server.started else 1
