"""Frames say what open panels show, when it is new, and nothing for closed ones."""

import time
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.panels import asked as benchmarked
from models import catalogue, frame, panels
from models.desk import Refused
from models.lane import Lane
from models.snapshot import snapshot
from tests.models.test_desk import Counter


def said(lane: Lane, key: bool = False) -> dict[str, Any]:
    """What a frame says of panels."""
    header, _ = frame.decode(snapshot(lane, 1, key, False))
    return header["panels"]


def test_a_panel_is_shown_while_it_is_open_and_when_it_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels.time, "monotonic", lambda: 100.0)  # looks take no time
    counter = Counter()
    lane = counter.lane
    assert said(lane) == {}
    counter.do("panels", open={"verdict": {}})
    assert set(said(lane)) == {"verdict"}
    assert said(lane) == {}, "nothing has changed since"
    assert set(said(lane, key=True)) == {"verdict"}, "a frame that stands alone has all of it"
    lane.version += 1
    assert set(said(lane)) == {"verdict"}
    counter.do("panels", open={})
    lane.version += 1
    assert said(lane, key=True) == {}


def test_open_panels_outlive_the_host() -> None:
    counter = Counter()
    counter.do("panels", open={"verdict": {}})
    assert set(said(Lane.restored("again", counter.lane.blob()))) == {"verdict"}


def test_a_costly_panel_is_not_looked_at_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(panels.time, "monotonic", lambda: now[0])
    slow = tuple(replace(row, seconds=0.5) for row in catalogue.PANELS)
    monkeypatch.setattr(catalogue, "PANELS", slow)
    counter = Counter()
    lane = counter.lane
    assert panels.due(lane, now[0]) is None
    counter.do("panels", open={"verdict": {}})
    assert panels.due(lane, now[0]) == 0.0
    assert said(lane)
    assert panels.due(lane, now[0]) is None
    lane.version += 1
    now[0] += 0.2
    assert not panels.wanted(lane, everything=False)
    assert panels.due(lane, now[0]) == pytest.approx(0.3)
    assert not said(lane)
    now[0] += 0.4
    assert panels.due(lane, now[0]) == 0.0
    assert said(lane)


def test_a_look_takes_a_small_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a look takes, it is so many times as long until the next; one slow look does not count."""
    now, cost = [100.0], [0.0]
    monkeypatch.setattr(panels.time, "monotonic", lambda: now[0])

    def look(lane: Lane, asked: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        now[0] += cost[0]
        return {}, {}

    monkeypatch.setattr(panels, "LOOKS", {"layers": look})
    counter = Counter()
    lane = counter.lane
    counter.do("panels", open={"layers": {}})
    least = catalogue.row(catalogue.PANELS, "layers").seconds
    # The first look has to load what the others have; one of the others was held up.
    for seconds, rest in ((9.0, least), (0.001, least), (0.05, least), (0.05, 1.0), (4.0, 1.0), (0.1, 2.0)):
        cost[0] = seconds
        assert said(lane)
        lane.version += 1
        assert panels.due(lane, now[0]) == pytest.approx(rest)
        assert not said(lane)
        now[0] += rest + 1e-6


def test_a_panel_that_was_closed_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of a lane whose panels were open have the very bytes of one that never had one."""
    plain, looked = Counter(), Counter()
    for name in catalogue.names(catalogue.PANELS):
        looked.do("panels", open={name: benchmarked(catalogue.row(catalogue.PANELS, name))})
        assert set(said(looked.lane, key=True)) == {name}
    looked.do("panels", open={})
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)  # a frame says when it was made
    frames = [snapshot(counter.lane, 1, True, True) for counter in (plain, looked)]
    assert frames[0] == frames[1]
    assert not any("." in block for block, *_ in frame.decode(frames[1])[0]["blocks"])


def test_every_panel_is_measured_with_something_that_it_can_show() -> None:
    for row in catalogue.PANELS:
        asked = row.asked.model_validate(benchmarked(row))
        look = panels.LOOKS[row.name](Counter().lane, asked)
        assert (look is None) == (row.name == "linear"), "the default network is not linear"
    with pytest.raises(KeyError, match="'unheard-of'"):
        benchmarked(catalogue.Panel("unheard-of", "", asked=catalogue.AskedPoint))


@pytest.mark.parametrize("opened", [{"nothing": {}}, {"verdict": {"of": 1}}])
def test_panels_that_there_are_not_are_refused(opened: dict[str, Any]) -> None:
    counter = Counter()
    counter.do("panels", open={"verdict": {}})
    with pytest.raises(Refused) as refused:
        counter.do("panels", open=opened)
    assert refused.value.code == "invalid"
    assert refused.value.expected
    assert set(counter.lane.panels) == {"verdict"}


def test_closed_panels_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the look of the one that is open is called, and none where nothing is."""
    called: list[str] = []

    def counted(name: str) -> Any:
        def look(lane: Lane, asked: Any) -> None:
            called.append(name)

        return look

    monkeypatch.setattr(panels, "LOOKS", {name: counted(name) for name in panels.LOOKS})
    counter = Counter()
    said(counter.lane, key=True)
    assert not panels.wanted(counter.lane, everything=True)
    counter.do("panels", open={"layers": {}})
    said(counter.lane, key=True)
    assert called == ["layers"]
    assert not panels.need_slots(panels.wanted(counter.lane, everything=True))
    counter.do("panels", open={"batch": {}})
    assert panels.need_slots(panels.wanted(counter.lane, everything=False))
    assert panels.need_slots(panels.wanted(counter.lane, everything=True))
    counter.do("panels", open={})
    said(counter.lane, key=True)
    assert called == ["layers"]


def test_every_panel_has_a_look() -> None:
    assert set(panels.LOOKS) == set(catalogue.names(catalogue.PANELS))
