"""The REST API: runs are started, read, changed and taken away as files."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import code, files, logs, openapi
from app.addresses import client_address
from app.answers import Failure
from app.api import experiment_of_query
from app.engine import EngineError
from app.json_route import JsonRoute
from app.openapi import errors
from app.protocol import OneWeight, ProtocolError
from app.room import RETRY_AFTER, Full
from app.run_forms import (
    Change,
    FileRow,
    History,
    HistoryRow,
    NewRun,
    RunState,
    Steps,
    Train,
    Weights,
    changed,
    opened,
)
from app.runs import Run, Runs, TooManyRuns
from app.settings import Settings
from app.socket import origin_allowed
from models import catalogue
from models.experiment import Experiment, explain

SPEED = next(row.name for row in catalogue.SPEEDS if not row.steps and not row.epochs)
FIRST_LOOK, LAST_LOOK = 0.02, 0.5  # seconds between looks at a run that somebody waits for

NOTEBOOK = FileRow(name="notebook", label="Notebook", file="notebook.ipynb", media_type=code.NOTEBOOK_TYPE)
FILES = (
    *(
        FileRow(name=row.name, label=row.label, file=row.file, media_type=row.media_type)
        for row in catalogue.EXPORTS
    ),
    *(
        FileRow(name=row.name, label=f"{row.label} code", file=f"{row.name}.py", media_type="text/x-python")
        for row in catalogue.CODE_STYLES
    ),
    NOTEBOOK,
)


class _Route(JsonRoute):
    """Lets no other site's page ask, and answers what the engine or the sessions refuse."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                _require_known_origin(request)
                return await handle(request)
            except Failure as wrong:
                return wrong.answer()
            except EngineError as error:
                return files.refused(error)
            except ProtocolError as error:
                return _turned_away(error)

        return handled


def _turned_away(error: ProtocolError) -> Response:
    """The server is full or stops, or this address has what it may have."""
    message = f"{error.message[:1].upper()}{error.message[1:]}."
    status = 429 if isinstance(error, Full) and error.reason == "address" else 503
    return Failure(status, message, error.expected, {"Retry-After": str(RETRY_AFTER)}).answer()


def _require_known_origin(request: Request) -> None:
    """Nothing happens because of another site's page, as with the WebSocket."""
    settings: Settings = request.app.state.settings
    headers = request.headers
    if request.method != "GET" and not origin_allowed(
        headers.get("origin"), headers.get("host"), settings.allowed_origins
    ):
        raise Failure(403, "Pages of this origin may not ask.", "a page of this server, or no page at all")


Id = Annotated[str, Path(description="the run's id, as its start answered it")]


def _runs(request: Request) -> Runs:
    return request.app.state.runs


def _require_engine(request: Request) -> None:
    status = request.app.state.engine.status
    if status.state != "ready":
        said = f": {status.message.rstrip('.')}" if status.message else ""
        raise Failure(
            503,
            f"The server cannot train yet{said}.",
            "another try when /readyz answers 200",
            {"Retry-After": "5"},
        )


def _held(request: Request, id: str) -> Run:
    """The run that the address names."""
    run = _runs(request).find(id)
    if run is None:
        raise Failure(404, "There is no such run, or not any more.", "the id of a run that was started here")
    logs.LANE_ID.set(run.session.lane_id)
    return run


async def _ready(request: Request, id: Id) -> Run:
    _require_engine(request)
    return _held(request, id)


Held = Annotated[Run, Depends(_ready)]

router = APIRouter(route_class=_Route, prefix="/api/runs", tags=["runs"])
OF_A_RUN = errors(404, 409, 503)
OF_A_BODY = errors(403, 413, 415, 422)
STILL_TRAINING = {202: {"model": RunState, "description": "It trains on: ask again."}}


USUAL = NewRun()


@router.post(
    "",
    status_code=201,
    response_model=RunState,
    responses={
        201: {"headers": {"Location": {"description": "the run's address", "schema": {"type": "string"}}}},
        **OF_A_BODY,
        **errors(404, 409, 429, 503),
    },
)
async def start(request: Request, new: NewRun = USUAL) -> Response:
    """Start a run, and train it at once if `epochs` says so."""
    _require_engine(request)
    experiment = new.experiment if new.link is None else _linked(new.link)
    try:
        run = _runs(request).open(client_address(request.scope), experiment)
    except TooManyRuns as error:
        raise Failure(
            429, f"This address holds {error} runs already.", "a DELETE of one of them before"
        ) from None
    try:
        await run.session.ask({"type": "speed", "speed": SPEED})
        if new.epochs is not None:
            await run.session.ask({"type": "step", "unit": "epoch", "count": new.epochs})
        blob = await _settled(request, run, new.wait)
    except EngineError as error:
        _runs(request).drop(run)
        if run.refusal is not None:  # what went wrong first says more
            raise EngineError(run.refusal.code, run.refusal.message, run.refusal.expected) from error
        raise
    location = f"{_home(request)}api/runs/{run.id}"
    return _shown(request, run, blob, 201, {"Location": location})


@router.get("/{id}", response_model=RunState, responses=OF_A_RUN)
async def read(request: Request, run: Held) -> Response:
    """A run as it is now."""
    return _shown(request, run, await run.session.snapshot())


@router.patch("/{id}", response_model=RunState, responses={**OF_A_RUN, **OF_A_BODY})
async def change(request: Request, run: Held, change: Change) -> Response:
    """Change a run's experiment. A run that plays goes on playing."""
    try:
        experiment = changed(run.session.experiment, change.experiment)
    except ValidationError as error:
        raise Failure(422, *explain(error)) from None
    await run.session.change(experiment, keep_weights=change.keep_weights)
    return _shown(request, run, await run.session.snapshot())


@router.delete("/{id}", status_code=204, responses=errors(403, 404))
async def delete(request: Request, id: Id) -> Response:
    """Give a run up."""
    _runs(request).drop(_held(request, id))
    return Response(status_code=204)


@router.post("/{id}/train", response_model=RunState, responses={**STILL_TRAINING, **OF_A_RUN, **OF_A_BODY})
async def train(request: Request, run: Held, train: Train) -> Response:
    """Train so many epochs more, or until a condition is met. Nothing is trained if one is met already."""
    session = run.session
    if train.until is None:
        await session.ask({"type": "step", "unit": "epoch", "count": train.epochs})
    else:
        conditions = train.until.model_dump()
        blob = await session.snapshot()
        if _is_met(conditions, opened(blob)[1][-1]):
            return _shown(request, run, blob)
        await session.ask({"type": "stop", **conditions})
        await session.ask({"type": "play"})
    return await _trained(request, run, train.wait)


@router.post("/{id}/step", response_model=RunState, responses={**STILL_TRAINING, **OF_A_RUN, **OF_A_BODY})
async def step(request: Request, run: Held, steps: Steps) -> Response:
    """Train so many batches, or to the end of so many epochs."""
    await run.session.ask({"type": "step", "unit": steps.unit, "count": steps.count})
    return await _trained(request, run, steps.wait)


@router.post("/{id}/pause", response_model=RunState, responses={**OF_A_RUN, **errors(403)})
async def pause(request: Request, run: Held) -> Response:
    """Stop training after the current step."""
    await run.session.ask({"type": "pause"})
    return _shown(request, run, await run.session.snapshot())


@router.post("/{id}/rewind", response_model=RunState, responses={**OF_A_RUN, **errors(403)})
async def rewind(request: Request, run: Held) -> Response:
    """Back to the same first weights, at epoch 0."""
    await run.session.ask({"type": "rewind"})
    return _shown(request, run, await run.session.snapshot())


@router.get("/{id}/history", response_model=History, responses=OF_A_RUN)
async def history(
    run: Held, after: Annotated[int, Query(ge=-1, description="rows of later epochs alone")] = -1
) -> Response:
    """The figures of every epoch. As a CSV file: `files/history_csv`."""
    header, rows = opened(await run.session.snapshot())
    shown = History(run=header["run"], rows=[HistoryRow.of(row) for row in rows if row[0] > after])
    return JSONResponse(shown.model_dump(mode="json"))


@router.get("/{id}/weights", response_model=Weights, responses=OF_A_RUN)
async def weights(run: Held) -> Response:
    """Every weight with the layer, and from where to where it leads: the file `weights_json`."""
    return await files.exported("weights_json", run.session)


@router.patch("/{id}/weights", response_model=RunState, responses={**OF_A_RUN, **OF_A_BODY})
async def set_weight(request: Request, run: Held, weight: OneWeight) -> Response:
    """Change one weight, or one bias, without a training step."""
    await run.session.ask({"type": "weight", **weight.model_dump()})
    return _shown(request, run, await run.session.snapshot())


@router.get("/{id}/files", response_model=list[FileRow], responses=OF_A_RUN)
async def list_files(run: Held) -> Response:
    """What of a run can be had as a file."""
    return JSONResponse([row.model_dump() for row in FILES])


@router.get(
    "/{id}/files/{name}",
    responses={
        **openapi.file("The file.", *sorted({row.media_type for row in FILES})),
        **OF_A_RUN,
        **errors(422),
    },
)
async def take_file(
    run: Held,
    name: Annotated[str, Path(description="a name of the list `files`")],
    weights: Annotated[
        bool, Query(description="whether a notebook goes on from the run's weights instead of the first ones")
    ] = False,
) -> Response:
    """The run as a file, as it is now: an export, code in one of the styles, or a notebook."""
    names = [row.name for row in FILES]
    if name not in names:
        raise Failure(404, f"There is no file {name!r}.", f"one of {', '.join(names)}")
    if name in catalogue.names(catalogue.EXPORTS):
        return await files.exported(name, run.session)
    blob = await run.session.snapshot()
    if name == NOTEBOOK.name:
        return await asyncio.to_thread(lambda: code.notebook_file(_wish(blob, weights=weights)))
    return await asyncio.to_thread(lambda: code.script_file(_wish(blob, weights=True, style=name)))


@router.post(
    "/{id}/import",
    response_model=files.Imported,
    responses={**OF_A_RUN, **errors(403, 413, 422, 507)},
    openapi_extra=files.FILE,
)
async def load(request: Request, run: Held) -> Response:
    """Go on with a file, paused: a run that was saved here, a Keras network, or an experiment."""
    return await files.loaded(request, run.session)


def _linked(link: str) -> Experiment:
    """What a page's link says, with or without what stands before its #."""
    try:
        return experiment_of_query(link.rpartition("#")[2])
    except ValidationError as error:
        raise Failure(422, *explain(error)) from None
    except ValueError as error:
        raise Failure.of(422, error) from None


def _is_met(conditions: dict[str, Any], row: Any) -> bool:
    from models.stops import Conditions, Stops  # with numpy, which the server need not wait for

    return Stops(Conditions(**conditions)).reason(row) is not None


async def _settled(request: Request, run: Run, wait: float) -> bytes:
    """The run's blob when it has paused, or after so many seconds; it lives on meanwhile.

    It looks again and again: frames would tell at once, but each has pictures, which cost more than training.
    """
    session = run.session
    until = time.monotonic() + wait
    pause = FIRST_LOOK
    while True:
        _held(request, run.id)
        blob = await session.snapshot()
        left = 0.0 if request.app.state.sessions.stopping else until - time.monotonic()
        if left <= 0 or opened(blob)[0]["state"] != "playing":
            return blob
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, LAST_LOOK)


async def _trained(request: Request, run: Run, wait: float) -> Response:
    blob = await _settled(request, run, wait)
    return _shown(request, run, blob, 202 if opened(blob)[0]["state"] == "playing" else 200)


def _home(request: Request) -> str:
    return request.scope.get("root_path", "") + "/"


def _shown(
    request: Request, run: Run, blob: bytes, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    state = RunState.of(run, blob, life=_runs(request).life, home=_home(request))
    return JSONResponse(state.model_dump(mode="json"), status, headers)


def _wish(blob: bytes, *, weights: bool, style: str = code.USUAL_STYLE) -> code.Wish:
    """What is to be written as code, of a run."""
    from models.packing import flat, normalized
    from models.saved_lane import SavedLane

    lane = SavedLane.of(blob)
    row = HistoryRow.of(lane.history[-1])
    normal = [
        array
        for layer, scale, moving in zip(range(len(lane.scales)), lane.scales, lane.moving, strict=True)
        if normalized(lane.experiment, layer)
        for array in (scale, moving)
    ]
    return code.Wish(
        experiment=lane.experiment,
        style=style,
        epochs=min(max(1, lane.epoch), catalogue.STOP_EPOCHS[1]),
        weights=[float(value) for value in flat(lane.weights)] if weights else None,
        normalization=[float(value) for value in flat(normal)] if weights else None,
        history_row=[None if value is None else float(value) for value in row.model_dump().values()],
    )
