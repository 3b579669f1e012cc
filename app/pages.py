"""The pages, from `templates/`."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from app import __version__, language
from app.assets import TEMPLATES
from models import menu

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(TEMPLATES)


@router.api_route("/", methods=["GET", "HEAD"])
async def playground(request: Request) -> Response:
    """The playground itself. What can be chosen is in the page, so that it need not ask."""
    settings = request.app.state.settings
    limits = {
        "most_upload_bytes": settings.max_upload_bytes,
        "most_model_bytes": settings.max_model_bytes,
        "most_upload_rows": settings.max_upload_rows,
    }
    return _answer(request, "playground.html", limits)


def live(request: Request, id: str | None) -> Response:
    """The page that shows a notebook's model; without an id, that there is no such page (any more)."""
    return _answer(request, "live.html", {"id": id}, 200 if id is not None else 404)


def _answer(request: Request, template: str, own: dict[str, Any], status: int = 200) -> Response:
    """A page in the reader's language, with the catalogue and what it has of its own."""
    chosen = language.chosen(request)
    context: dict[str, Any] = {
        **own,
        "catalogue": language.translated(menu.public(), chosen),
        "language": chosen,
        "languages": language.languages(),
        "messages": language.messages(chosen),
        "t": language.translator(chosen),
        "version": __version__,
        "root_path": request.scope.get("root_path", ""),
    }
    response = templates.TemplateResponse(request, template, context, status)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response
