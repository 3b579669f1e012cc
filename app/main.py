"""The application: routes and lifespan."""

import os
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI
from starlette.websockets import WebSocket

from app import (
    __version__,
    api,
    api_docs,
    assets,
    code,
    files,
    live,
    metrics,
    openapi,
    own_tables,
    pages,
    run_requests,
)
from app.addresses import Connections
from app.engine import Engine
from app.errors import add_error_handlers
from app.live_shows import Shows
from app.local_engine import LocalEngine
from app.memory import MEGABYTE, Memory, resident
from app.metrics import Metrics
from app.own_tables import OwnTables
from app.request_log import RequestLog
from app.room import Room
from app.runs import Runs
from app.security import SecurityHeaders, TrustedHosts
from app.sessions import Sessions
from app.settings import Settings
from app.socket import serve_page

MOST_BY_ITSELF = 4  # training processes that are started without being told to: each takes some 700 MB


def host_options(settings: Settings) -> dict[str, Any]:
    """What the host needs to know."""
    return {
        "device": settings.device,
        "cache_dir": str(settings.cache_dir),
        "compile_ahead": settings.compile_ahead,
        "max_lanes": settings.max_lanes,
        "nice": settings.nice,
        "frames_per_second": settings.frames_per_second,
        "log_format": settings.log_format,
        "log_level": settings.log_level,
    }


def training_processes(settings: Settings) -> int:
    """How many hosts there may be."""
    return settings.max_training_processes or min(MOST_BY_ITSELF, os.cpu_count() or 1)


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> FastAPI:
    """The whole server. It answers at once, also while the engine still warms up."""
    settings = settings or Settings()
    engine = engine or LocalEngine(
        host_options(settings), hosts=training_processes(settings), host_timeout=settings.host_timeout
    )
    counted = Metrics(engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        with TemporaryDirectory(prefix="neural-playground-") as folder:
            own = app.state.own_tables = OwnTables(Path(folder))
            app.state.sessions = Sessions(
                engine,
                room=Room(
                    lanes=settings.max_lanes,
                    per_address=settings.max_lanes_per_address,
                    memory=app.state.memory,
                ),
                most_waiting=settings.max_waiting,
                grace=settings.session_grace,
                held=own,
                metrics=counted,
            )
            app.state.runs = Runs(app.state.sessions, per_address=settings.max_runs, life=settings.run_life)
            await engine.start()
            # A thread that nobody waits for: a server that is stopped at once is not to finish it first.
            threading.Thread(target=assets.plotly, name="plotly", daemon=True).start()
            try:
                yield
            finally:
                await engine.stop()  # answers all that is under way, so that the sessions can end
                app.state.runs.close()
                await app.state.sessions.close()

    app = FastAPI(
        title="Neural Playground",
        version=__version__,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere; api_docs has another
        redoc_url=None,
    )
    app.state.engine = engine
    app.state.settings = settings
    app.state.connections = Connections(settings.max_connections_per_address)
    app.state.memory = Memory(
        settings.max_memory_mb * MEGABYTE,
        measure=lambda: resident(os.getpid(), *engine.figures.process_ids),
        clock=time.monotonic,
    )
    app.state.metrics = counted
    app.state.shows = Shows(
        most=settings.live_shows,
        grace=settings.live_grace,
        rate=settings.live_frames_per_second,
        most_rows=settings.live_rows,
        clock=time.monotonic,
    )
    app.add_middleware(TrustedHosts, names=settings.allowed_hosts)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLog, metrics=counted)  # the last is the outermost
    add_error_handlers(app)
    app.include_router(pages.router)
    app.include_router(api.router)
    app.include_router(metrics.router)
    app.include_router(own_tables.router)
    app.include_router(code.router)
    app.include_router(files.router)
    app.include_router(run_requests.router)
    app.include_router(api_docs.router)
    app.include_router(live.router)
    app.add_route("/vendor/plotly.min.js", assets.plotly_answer, methods=["GET"], include_in_schema=False)
    app.add_route("/page.js", assets.page_script_answer, methods=["GET"], include_in_schema=False)
    app.add_route("/live.js", assets.live_script_answer, methods=["GET"], include_in_schema=False)
    app.add_route("/style.css", assets.stylesheet, methods=["GET"], include_in_schema=False)
    app.mount("/static", assets.RevalidatedFiles(directory=assets.STATIC, check_dir=False), name="static")

    async def socket(websocket: WebSocket) -> None:
        await serve_page(websocket, app.state.sessions, settings, counted)

    app.add_api_websocket_route("/ws", socket)
    openapi.describe(app, code.Wish)
    return app
