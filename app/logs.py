"""What is logged and how: no address, no token, no query, nothing of what anybody sent."""

import json
import logging
import re
import secrets
import sys
import threading
import time
import traceback
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal, TextIO

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
# Of a lane, its name in the engine: drawn apart from the session's token, which it says nothing of.
LANE_ID: ContextVar[str] = ContextVar("lane_id", default="")

# No dots, colons or blanks: neither an address nor a sentence fits in.
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")

logger = logging.getLogger(__name__)


def request_id(given: str | None) -> str:
    """The id that a proxy or a program gave a request, if it is well-formed, or a new one."""
    return given if given and WELL_FORMED.fullmatch(given) else secrets.token_hex(8)


def fields(**values: Any) -> dict[str, Any]:
    """As `extra` of a log call: members of the line beside its message."""
    return {"fields": values}


class TextFormatter(logging.Formatter):
    """A line for people: level, logger, message and what else there is."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the name is logging's)
        more = "".join(f" {name}={value}" for name, value in _fields(record).items())
        return super().formatMessage(record) + more


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `logger`, `message`, and what else there is.

    Of an exception it says the type and where it happened, not its text, which may quote what somebody sent.
    """

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = type(error).__name__
            line["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
        return json.dumps(line)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    found = {"request": REQUEST_ID.get(), "lane": LANE_ID.get(), **getattr(record, "fields", {})}
    return {name: value for name, value in found.items() if value != ""}


def set_up(form: Literal["text", "json"], level: str, stream: TextIO | None = None) -> None:
    """Sends all that is logged in this process, at this level and above, to a stream, or standard error."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Below warnings, these write addresses and messages.
    for name in ("uvicorn", "websockets", "asyncio", "httpx"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    if form == "json":
        logging.captureWarnings(True)
        sys.excepthook = _uncaught
        threading.excepthook = _uncaught_in_thread


def say(form: Literal["text", "json"], text: str) -> None:
    """Tells whoever started the server, at any level."""
    if form == "json":
        record = logging.LogRecord("app", logging.INFO, "", 0, text, None, None)
        text = JsonFormatter().format(record)
    print(text, flush=True)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logger.critical("an exception was not caught", exc_info=(kind, error, trace))


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
