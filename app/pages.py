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
    chosen = language.chosen(request)
    context: dict[str, Any] = {
        "catalogue": language.translated(menu.public(), chosen),
        "language": chosen,
        "languages": language.languages(),
        "messages": language.messages(chosen),
        "t": language.translator(chosen),
        "version": __version__,
        "root_path": request.scope.get("root_path", ""),
    }
    response = templates.TemplateResponse(request, "playground.html", context)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response
