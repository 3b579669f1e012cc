"""An experiment as code over HTTP: scripts and notebooks."""

import asyncio
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from app import openapi
from app.answers import failure, failure_of
from app.api import spelled
from app.settings import Settings
from app.uploads import body_of
from models import catalogue
from models.experiment import Experiment, explain
from models.table import TableError

router = APIRouter(tags=["code"])

OPTIONS = ("style", "epochs")  # what a query says beside the experiment
USUAL_STYLE = catalogue.CODE_STYLES[0].name


class Wish(BaseModel):
    """What is to be written as code. `weights` are as in frames: kernel and bias of every layer.

    `normalization`: of every hidden layer with batch normalization its scales, shifts, moving means and
    moving variances. `history_row`: the last one of a frame.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    experiment: Experiment
    style: str = USUAL_STYLE
    epochs: Annotated[int, Field(ge=1, le=catalogue.STOP_EPOCHS[1])] = 100
    weights: list[float] | None = None
    normalization: list[float] | None = None
    history_row: Annotated[list[float | None], Field(min_length=7, max_length=7)] | None = None


NOTEBOOK_TYPE = "application/x-ipynb+json"
QUERY = (
    openapi.parameter(
        "style", "query", "how it is written", enum=[row.name for row in catalogue.CODE_STYLES]
    ),
    openapi.parameter("epochs", "query", "how many epochs it trains"),
)
BODY = openapi.body("what is to be written", "application/json", model=Wish)


@router.get(
    "/api/code",
    responses={**openapi.file("The script.", "text/x-python"), **openapi.errors(404, 422)},
    openapi_extra=openapi.experiment_query(*QUERY),
)
def code(request: Request) -> Response:
    """The experiment that the query spells as a Python script; `style` and `epochs` beside it."""
    wish = _asked(request)
    return script_file(wish) if isinstance(wish, Wish) else wish


@router.post(
    "/api/code",
    responses={**openapi.file("The script.", "text/x-python"), **openapi.errors(404, 413, 422)},
    openapi_extra=BODY,
)
async def code_with_weights(request: Request) -> Response:
    """The experiment in the body as a Python script. With weights, as the style numpy needs them."""
    wish = await _sent(request)
    return await asyncio.to_thread(script_file, wish) if isinstance(wish, Wish) else wish


@router.get(
    "/api/notebook",
    responses={**openapi.file("The notebook.", NOTEBOOK_TYPE), **openapi.errors(404, 422)},
    openapi_extra=openapi.experiment_query(*QUERY),
)
def notebook(request: Request) -> Response:
    """The experiment that the query spells as a Jupyter notebook; `style` and `epochs` beside it."""
    wish = _asked(request)
    return notebook_file(wish) if isinstance(wish, Wish) else wish


@router.post(
    "/api/notebook",
    responses={**openapi.file("The notebook.", NOTEBOOK_TYPE), **openapi.errors(404, 413, 422)},
    openapi_extra=BODY,
)
async def notebook_with_weights(request: Request) -> Response:
    """The experiment in the body as a Jupyter notebook. With weights it goes on from these."""
    wish = await _sent(request)
    return await asyncio.to_thread(notebook_file, wish) if isinstance(wish, Wish) else wish


def _asked(request: Request) -> Wish | Response:
    """What a query asks for, or the answer to one that will not do."""
    experiment = spelled(request, OPTIONS)
    if isinstance(experiment, Response):
        return experiment
    members: dict[str, object] = {"experiment": experiment}
    for name in OPTIONS:
        if (text := request.query_params.get(name)) is not None:
            members[name] = int(text) if text.isascii() and text.isdigit() else text
    try:
        return Wish.model_validate(members)
    except ValidationError as error:
        return failure(422, *explain(error))


async def _sent(request: Request) -> Wish | Response:
    """What a body asks for, or the answer to one that will not do."""
    settings: Settings = request.app.state.settings
    body = await body_of(request, settings.max_code_bytes)
    if body is None:
        return failure(413, "The request is too large.", f"at most {settings.max_code_bytes:,} bytes")
    try:
        return Wish.model_validate_json(body)
    except ValidationError as error:
        return failure(422, *explain(error))


def script_file(wish: Wish) -> Response:
    """The script that is wished for, or what is wrong with the wish."""
    from models.code import script, weights  # with numpy, which the server need not wait for when it starts

    if (wrong := _wrong_style(wish.style, catalogue.names(catalogue.CODE_STYLES))) is not None:
        return wrong
    try:
        layers = None
        if not catalogue.row(catalogue.CODE_STYLES, wish.style).trains and wish.weights is not None:
            layers = weights.layers_of(wish.experiment, wish.weights, wish.normalization or ())
        text = script.keras_code(wish.experiment, wish.style, layers, wish.epochs)
    except TableError as error:
        return failure(404, f"{error.message}.", error.expected)
    except ValueError as error:
        return failure_of(422, error)
    return _file(text, "text/x-python", f"{wish.experiment.data.name}.py")


def notebook_file(wish: Wish) -> Response:
    """The notebook that is wished for, or what is wrong with the wish."""
    from models.code import notebook, weights

    training = tuple(row.name for row in catalogue.CODE_STYLES if row.trains)
    if (wrong := _wrong_style(wish.style, training)) is not None:
        return wrong
    try:
        layers = None
        if wish.weights is not None:
            layers = weights.layers_of(wish.experiment, wish.weights, wish.normalization or ())
        text = notebook.notebook(
            wish.experiment, wish.style, epochs=wish.epochs, row=wish.history_row, layers=layers
        )
    except TableError as error:
        return failure(404, f"{error.message}.", error.expected)
    except ValueError as error:
        return failure_of(422, error)
    return _file(text, NOTEBOOK_TYPE, f"{wish.experiment.data.name}.ipynb")


def _wrong_style(style: str, known: tuple[str, ...]) -> Response | None:
    if style in known:
        return None
    return failure(422, f"style: {style!r} will not do", f"one of {', '.join(known)}")


def _file(text: str, media_type: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(text, media_type=media_type, headers={"Content-Disposition": disposition})
