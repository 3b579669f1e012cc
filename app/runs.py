"""Runs without a page: sessions that programs hold over HTTP, and how long."""

import asyncio

from app.protocol import ErrorEvent, Event, Notice
from app.session import Session, SessionState
from app.sessions import Sessions
from models.experiment import Experiment

MOST_NOTES = 8


class TooManyRuns(Exception):
    """An address holds as many runs as it may, which is this number."""


class Run:
    """A session that is held by no page. Implements `app.session.Page`: what a page would show is noted.

    Its id is the session's token, so whoever has it may also bring tables and files, as a page does.
    """

    def __init__(self, session: Session, address: str) -> None:
        self.session = session
        self.address = address
        self.notes: list[str] = []  # what its holder should know, oldest first
        self.refusal: ErrorEvent | None = None  # why it could not be opened

    @property
    def id(self) -> str:
        return self.session.token

    @property
    def gone(self) -> bool:
        """Whether it is over: deleted, expired, or never opened."""
        return self.refusal is not None or self.session.state is SessionState.CLOSED

    def send(self, event: Event) -> None:
        match event:
            case Notice():
                self.notes = [*self.notes, event.message][-MOST_NOTES:]
            case ErrorEvent():
                self.refusal = event  # of opening: commands of runs are answered where they were asked
            case _:
                pass

    def keep(self, blob: bytes) -> None:
        """Programs keep what they want themselves."""

    def lost(self, session: Session) -> None:
        """The engine has no lane for it: `gone` from now on, and forgotten when it is next looked at."""

    def hang_up(self, code: int, reason: str) -> None:
        """A page has taken the session, and shows it; the run is still there for who holds its id."""

    async def closed(self) -> None:
        """There is nothing to be sent."""


class Runs:
    """At most `per_address` runs of an address; one that nobody asks about for `life` seconds is closed."""

    def __init__(self, sessions: Sessions, *, per_address: int, life: float) -> None:
        self.life = life
        self._sessions = sessions
        self._per_address = per_address
        self._runs: dict[str, Run] = {}
        self._expiries: dict[Run, asyncio.TimerHandle] = {}

    def open(self, address: str, experiment: Experiment) -> Run:
        """A new run; TooManyRuns, or Full if the server has no room."""
        for run in [run for run in self._runs.values() if run.gone]:
            self.drop(run)
        if sum(run.address == address for run in self._runs.values()) >= self._per_address:
            raise TooManyRuns(self._per_address)
        session, _ = self._sessions.open(None, experiment, address)
        run = self._runs[session.token] = Run(session, address)
        session.attach(run, 1)
        self._keep(run)
        return run

    def find(self, id: str) -> Run | None:
        """The run of that id, which lives on from now; None if there is none, or none any more."""
        run = self._runs.get(id)
        if run is None:
            return None
        if run.gone:
            self.drop(run)
            return None
        if run.session.state is SessionState.DETACHED:  # a page had it, and went away
            self._sessions.open(run.id, run.session.experiment)
            run.session.attach(run, 1)
        self._keep(run)
        return run

    def drop(self, run: Run) -> None:
        """Closes the run and forgets it."""
        if self._runs.pop(run.id, None) is not None:
            self._expiries.pop(run).cancel()
            self._sessions.drop(run.session)

    def close(self) -> None:
        """Forgets all runs; their sessions end with the others."""
        for handle in self._expiries.values():
            handle.cancel()
        self._runs, self._expiries = {}, {}

    def _keep(self, run: Run) -> None:
        if (handle := self._expiries.get(run)) is not None:
            handle.cancel()
        self._expiries[run] = asyncio.get_running_loop().call_later(self.life, self.drop, run)
