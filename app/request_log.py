"""Middleware: every request gets an id, is counted, and leaves one line in the log, without whom and what."""

import logging
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs
from app.metrics import Metrics

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
SWITCHING, FORBIDDEN, FAILED = 101, 403, 500


class RequestLog:
    """The id is in the answer's `X-Request-ID` and in every log line of the request.

    Paths are logged as routes: what stands in a path may be a secret.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = logs.request_id(Headers(scope=scope).get(HEADER))
        # Each request runs in a task of its own, so that these need not be taken back.
        logs.REQUEST_ID.set(given)
        logs.LANE_ID.set("")
        root, path = scope.get("root_path", ""), scope["path"]
        begun = time.monotonic()
        status: int = 0

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] in STARTS:
                status = message.get("status", SWITCHING)
                MutableHeaders(scope=message)[HEADER] = given
            elif message["type"] == "websocket.close" and not status:
                status = FORBIDDEN
            elif message["type"] == "http.response.body":
                self._metrics.sent_bytes.labels("http").inc(len(message.get("body", b"")))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception:
            status = FAILED
            raise
        finally:
            if scope["type"] == "http":
                self._metrics.requests.labels(f"{(status or FAILED) // 100}xx").inc()
                if status == FAILED:
                    self._metrics.errors.labels("http").inc()
            logger.info(
                "request",
                extra=logs.fields(
                    method=scope.get("method", "WEBSOCKET"),
                    route=route_of(scope, root, path),
                    status=status,
                    seconds=round(time.monotonic() - begun, 4),
                ),
            )


def route_of(scope: Scope, root: str, path: str) -> str:
    """What was asked for, in the words of the program alone, such as /api/runs/{id}.

    `root` and `path` are those of the request: what has handled it changes them in the scope.
    """
    route: Any = scope.get("route")
    if (template := getattr(route, "path", None)) is not None:
        return template
    if scope.get("endpoint") is None:
        return "unknown"
    if (mounted := scope.get("root_path", "")) != root:
        return mounted.removeprefix(root) + "/{path}"
    return path.removeprefix(root)  # a route without parameters
