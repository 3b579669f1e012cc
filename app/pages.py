"""The pages, from `templates/`."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from app import __version__
from app.assets import TEMPLATES
from models import menu

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(TEMPLATES)


@router.api_route("/", methods=["GET", "HEAD"])
async def playground(request: Request) -> Response:
    """The playground itself. What can be chosen is in the page, so that it need not ask."""
    context: dict[str, Any] = {
        "catalogue": menu.public(),
        "version": __version__,
        "root_path": request.scope.get("root_path", ""),
    }
    response = templates.TemplateResponse(request, "playground.html", context)
    response.headers["Cache-Control"] = "no-cache"
    return response
