"""Every address of the API, with what the schema allows and what it does not: the answer is always one of the
schema's, whatever the engine does meanwhile.

The engine is a fake: what it makes of commands is another test's (`tests/models/test_fuzz_commands.py`).
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, cast
from urllib.error import URLError

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.python import asgi

from app import downloads
from app.engine import EngineError
from app.main import create_app
from app.settings import Settings
from models import catalogue
from tests.app.caller import the_schema
from tests.app.fake_engine import FakeEngine
from tests.app.test_files import EXPERIMENT, blob_of
from tests.support.fuzz import fuzzed

EXAMPLES = 14  # of an operation, in `make test`

# These statuses are in the schema where they are meant; any other of 500 and more is a fault.
CHECKS = {"not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 502, 503, 507]}}
# What a schema cannot say of these: members of an experiment that go together, columns that a table has,
# what is in a file, that 3.0 is no integer here. So what the schema allows may be refused.
MORE_THAN_THE_SCHEMA = (
    *("GET /api/experiment", "GET /api/data.csv", "GET /api/code", "GET /api/notebook"),
    *("POST /api/code", "POST /api/notebook", "POST /api/runs", "PATCH /api/runs/{id}"),
    *("POST /api/runs/{id}/train", "POST /api/runs/{id}/step", "PATCH /api/runs/{id}/weights"),
    *("POST /api/tables", "POST /api/tables/{digest}", "POST /api/live/{id}/frames"),
    *("POST /api/runs/import", "POST /api/runs/{id}/import"),
)
OPERATIONS = [
    f"{method.upper()} {path}" for path, methods in the_schema()["paths"].items() for method in methods
]
REFUSALS = ("illegal", "busy", "lane_lost", "internal", "unknown_command")


class Api:
    """An application, a run and a notebook's page in it, and its operations as schemathesis knows them."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.engine.blob = blob_of(EXPERIMENT)
        self.app = create_app(Settings(max_runs=10_000, max_lanes=10_000, live_shows=4), self.engine)
        self._client: Any = asgi.get_client  # whose types are narrower than the application's
        config: Any = schemathesis.Config.from_dict(  # pyright: ignore[reportUnknownMemberType]
            {
                "checks": CHECKS,
                "operations": [
                    {"include-name": label, "checks": {"positive_data_acceptance": {"enabled": False}}}
                    for label in MORE_THAN_THE_SCHEMA
                ],
            }
        )
        self._schema: Any = schemathesis.openapi.from_asgi("/api/openapi.json", self.app, config=config)
        self.run = ""
        self.show: dict[str, str] = {}
        self.table = ""

    def operation(self, label: str) -> Any:
        return self._schema.find_operation_by_label(label)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        with self._client(self.app) as client:
            return client.request(method, path, **more)

    def prepare(self) -> None:
        """That there is a run, a table and a page of a notebook."""
        self.engine.refusal = None
        if not self.run or self.run not in self.app.state.sessions.tokens:
            self.run = self.ask("POST", "/api/runs").json()["id"]
            headers = {"X-Session": self.run}
            brought = self.ask("POST", "/api/tables", headers=headers, data=b"a,b\n1,x\n2,y\n3,x\n4,y\n")
            self.table = brought.json()["table"]
        if not self.show:
            self.show = self.ask("POST", "/api/live").json()


@cache
def strategy_of(api: Api, label: str, mode: GenerationMode) -> Any:
    return api.operation(label).as_strategy(generation_mode=mode)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    yield Api()
    asgi.shutdown_lifespans()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: Any, **__: Any) -> None:
        raise URLError("no network in tests")

    monkeypatch.setattr(downloads, "urlopen", nowhere)


def hit(draw: st.DrawFn, api: Api, case: Any) -> None:
    """Has a case name what is there, which no drawn text would ever do."""
    path = case.path
    known: dict[str, list[str]] = {
        "id": [api.show["id"] if path.startswith("/api/live") else api.run],
        "digest": [api.table],
        "kind": list(catalogue.names(catalogue.EXPORTS)),
        "name": list(catalogue.names(catalogue.DOWNLOADS))
        if path.startswith("/api/downloads")
        else [*catalogue.names(catalogue.EXPORTS), *catalogue.names(catalogue.CODE_STYLES), "notebook"],
    }
    for name in case.path_parameters:
        case.path_parameters[name] = draw(st.sampled_from(known[name]))
    if "X-Session" in case.headers:
        case.headers["X-Session"] = api.run
    if "Authorization" in case.headers:
        case.headers["Authorization"] = f"Bearer {api.show['token']}"


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_of_the_schema(label: str, api: Api) -> None:
    modes = [GenerationMode.POSITIVE]
    if api.operation(label).body or any(api.operation(label).iter_parameters()):
        modes.append(GenerationMode.NEGATIVE)

    # An engine finds something invalid only where there is something to say.
    refusals = (*REFUSALS, "invalid") if api.operation(label).body else REFUSALS

    @fuzzed(EXAMPLES if len(modes) > 1 else 2)
    @given(st.data(), st.sampled_from(modes), st.booleans(), st.none() | st.sampled_from(refusals))
    def check(data: st.DataObject, mode: GenerationMode, hits: bool, refusal: str | None) -> None:
        api.prepare()
        case: Any = data.draw(strategy_of(api, label, mode))
        if hits:
            hit(cast(Any, data.draw), api, case)
        if refusal is not None and label != "POST /api/runs":
            api.engine.refusal = EngineError(refusal, "the engine says no", "something else")
        case.call_and_validate()

    check()
