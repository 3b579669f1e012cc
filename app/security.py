"""Headers that every answer carries."""

from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


POLICY_VIOLATION = 1008
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class TrustedHosts(TrustedHostMiddleware):
    """Middleware that answers 400 unless it is asked under one of these names or of loopback; none: any."""

    def __init__(self, app: ASGIApp, names: tuple[str, ...]) -> None:
        super().__init__(app, [*names, *LOOPBACK] if names else None, www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def refused(message: Message) -> None:
            match message["type"]:
                case "websocket.http.response.start":
                    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                case "websocket.http.response.body":
                    pass  # uvicorn takes such an answer for a failure, and logs it as one
                case _:
                    await send(message)

        await super().__call__(scope, receive, refused if scope["type"] == "websocket" else send)


class SecurityHeaders:
    """Middleware that adds `HEADERS` to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
