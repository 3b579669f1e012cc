"""The application: routes and lifespan."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.websockets import WebSocket

from app import __version__, api, assets, pages
from app.engine import Engine
from app.errors import add_error_handlers
from app.local_engine import LocalEngine
from app.security import SecurityHeaders
from app.sessions import Sessions
from app.settings import Settings
from app.socket import serve_page


def host_options(settings: Settings) -> dict[str, Any]:
    """What the host needs to know."""
    return {
        "device": settings.device,
        "cache_dir": str(settings.cache_dir),
        "max_lanes": settings.max_lanes,
        "nice": settings.nice,
        "frames_per_second": settings.frames_per_second,
    }


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> FastAPI:
    """The whole server. It answers at once, also while the engine still warms up."""
    settings = settings or Settings()
    engine = engine or LocalEngine(host_options(settings))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        app.state.sessions = Sessions(engine, max_lanes=settings.max_lanes, grace=settings.session_grace)
        await engine.start()
        compressing = asyncio.create_task(asyncio.to_thread(assets.plotly))
        try:
            yield
        finally:
            await asyncio.wait([compressing])
            await engine.stop()  # answers all that is under way, so that the sessions can end
            await app.state.sessions.close()

    app = FastAPI(
        title="Neural Playground",
        version=__version__,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.engine = engine
    app.add_middleware(SecurityHeaders)
    add_error_handlers(app)
    app.include_router(pages.router)
    app.include_router(api.router)
    app.add_route("/vendor/plotly.min.js", assets.plotly_answer, methods=["GET"], include_in_schema=False)
    app.add_route("/page.js", assets.page_script_answer, methods=["GET"], include_in_schema=False)
    app.add_route("/style.css", assets.stylesheet, methods=["GET"], include_in_schema=False)
    app.mount("/static", assets.RevalidatedFiles(directory=assets.STATIC, check_dir=False), name="static")

    async def socket(websocket: WebSocket) -> None:
        await serve_page(websocket, app.state.sessions, settings)

    app.add_api_websocket_route("/ws", socket)
    return app
