"""What the page loads: the files of `static/`, and what it needs of Plotly out of the installed package."""

import asyncio
import gzip
import hashlib
import importlib.util
import logging
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.plotly_part import lines_only

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"

# A browser refuses modules of another type, and some systems register another one.
mimetypes.add_type("text/javascript", ".js")


class RevalidatedFiles(StaticFiles):
    """Files that a browser keeps but asks after each time, so that no page mixes two versions."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


# In the order in which they apply.
SHEETS = [
    "tokens",
    "base",
    "controls",
    "layout",
    "header",
    "data",
    "network",
    "output",
    "card",
    "help",
    "messages",
    "more",
    "look",
    "present",
    "hides",
    "share",
    "touch",
    "forced",
]


async def stylesheet(request: Request) -> Response:
    """Serves all sheets of `static/styles/` as one: a browser has one file sooner than seventeen."""
    sheet = "".join(
        (STATIC / "styles" / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS
    ).encode()
    headers = {"Cache-Control": "no-cache", "ETag": f'"{hashlib.sha256(sheet).hexdigest()[:32]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(sheet, media_type="text/css", headers=headers)


def modules() -> list[str]:
    """Paths of the page's modules in `static/`, all of which it needs at once."""
    classic = {"theme.js"}
    return sorted({path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")} - classic)


@dataclass(frozen=True)
class Script:
    """A script as it is and compressed, with its ETag."""

    plain: bytes
    zipped: bytes
    etag: str


@cache
def plotly() -> Script:
    """The part of Plotly's script that the page needs, or all of it where that cannot be cut out."""
    package = importlib.util.find_spec("plotly")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package plotly is not installed")
    whole = (Path(package.origin).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    try:
        plain = lines_only(whole).encode()
    except ValueError as error:
        logger.warning("%s; the page gets all of it, which takes longer", error)
        plain = whole.encode()
    return Script(plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"')


async def plotly_script(request: Request) -> Response:
    """Serves `plotly`, compressed where the browser accepts it."""
    script = await asyncio.to_thread(plotly)
    headers: dict[str, Any] = {
        "Cache-Control": "public, max-age=86400",
        "ETag": f"W/{script.etag}",
        "Vary": "Accept-Encoding",
    }
    if script.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = script.plain
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = script.zipped
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type="text/javascript", headers=headers)
