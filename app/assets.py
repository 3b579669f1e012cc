"""What the page loads: the files of `static/`, and what it needs of Plotly out of the installed package."""

import asyncio
import gzip
import hashlib
import importlib.util
import logging
import mimetypes
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.plotly_part import lines_only
from app.script import joined

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
    "verdict",
    "card",
    "inside",
    "calculations",
    "over_time",
    "surface",
    "help",
    "messages",
    "more",
    "look",
    "present",
    "hides",
    "share",
    "take",
    "live",
    "table",
    "back",
    "touch",
    "forced",
]


async def stylesheet(request: Request) -> Response:
    """Serves all sheets of `static/styles/` as one: a browser has one file sooner than twenty."""
    sheet = "".join(
        (STATIC / "styles" / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS
    ).encode()
    headers = {"Cache-Control": "no-cache", "ETag": f'"{hashlib.sha256(sheet).hexdigest()[:32]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(sheet, media_type="text/css", headers=headers)


@dataclass(frozen=True)
class Script:
    """A script as it is and compressed, with its ETag."""

    plain: bytes
    zipped: bytes
    etag: str

    @classmethod
    def of(cls, text: str) -> "Script":
        plain = text.encode()
        return cls(plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"')

    def answer(self, request: Request, cache_control: str) -> Response:
        """The script, compressed where the browser accepts it, or that it has not changed."""
        headers = {"Cache-Control": cache_control, "ETag": f"W/{self.etag}", "Vary": "Accept-Encoding"}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body = self.plain
        if "gzip" in request.headers.get("accept-encoding", ""):
            body = self.zipped
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type="text/javascript", headers=headers)


@lru_cache(maxsize=2)
def _page_script(entry: str, _newest: int) -> Script:
    return Script.of(joined(STATIC, entry))


def page_script(entry: str = "main.js") -> Script:
    """A page's modules as one script, joined again when one of them has changed."""
    return _page_script(entry, max(path.stat().st_mtime_ns for path in STATIC.rglob("*.js")))


async def page_script_answer(request: Request) -> Response:
    """Serves `page_script`."""
    script = await asyncio.to_thread(page_script)
    return script.answer(request, "no-cache")


async def live_script_answer(request: Request) -> Response:
    """The same for the page of a notebook's model."""
    script = await asyncio.to_thread(page_script, "live.js")
    return script.answer(request, "no-cache")


@cache
def plotly() -> Script:
    """The part of Plotly's script that the page needs, or all of it where that cannot be cut out."""
    package = importlib.util.find_spec("plotly")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package plotly is not installed")
    whole = (Path(package.origin).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    try:
        return Script.of(lines_only(whole))
    except ValueError as error:
        logger.warning("%s; the page gets all of it, which takes longer", error)
        return Script.of(whole)


async def plotly_answer(request: Request) -> Response:
    """Serves `plotly`."""
    script = await asyncio.to_thread(plotly)
    return script.answer(request, "public, max-age=86400")
