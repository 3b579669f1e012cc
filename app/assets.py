"""What the page loads: the files of `static/`, and Plotly's script out of the installed package."""

import asyncio
import gzip
import hashlib
import importlib.util
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

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


@dataclass(frozen=True)
class Script:
    """A script as it is and compressed, with its ETag."""

    plain: bytes
    zipped: bytes
    etag: str


@cache
def plotly() -> Script:
    """Plotly's script. Takes a second at first: 5 MB are compressed."""
    package = importlib.util.find_spec("plotly")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package plotly is not installed")
    plain = (Path(package.origin).parent / "package_data" / "plotly.min.js").read_bytes()
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
