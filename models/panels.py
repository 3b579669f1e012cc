"""The panels that a page has open: what frames say of the lane for each, and when."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from models import catalogue
from models.collapse import linear
from models.health import layers
from models.lane import Lane, Look, OpenPanel
from models.next_update import batch, point
from models.surface import surface
from models.verdict import verdict

# A look may take a twentieth of the time: it is to cost a playing network less than a tenth of its frames.
SPACING = 20.0

LOOKS: dict[str, Callable[[Lane, Any], Look]] = {
    "verdict": lambda lane, _: (verdict(lane), {}),
    "point": point,
    "batch": lambda lane, _: batch(lane),
    "layers": lambda lane, _: layers(lane),
    "linear": lambda lane, _: linear(lane),
    "surface": surface,
}


def wanted(lane: Lane, everything: bool) -> list[str]:
    """The open panels of which there is something new to show now; all of them if `everything`."""
    now = time.monotonic()
    return [
        name
        for name, opened in lane.panels.items()
        if everything or (opened.version != lane.version and opened.due <= now)
    ]


def need_slots(names: Iterable[str]) -> bool:
    """Whether one of these shows what follows from the optimizer's own numbers, which cost more to fetch."""
    return any(catalogue.row(catalogue.PANELS, name).slots for name in names)


def due(lane: Lane, now: float) -> float | None:
    """Seconds until a panel should be looked at again; None if all are up to date."""
    waits = [opened.due - now for opened in lane.panels.values() if opened.version != lane.version]
    return max(0.0, min(waits)) if waits else None


def looks(lane: Lane, names: Iterable[str]) -> Iterator[tuple[str, Look]]:
    """What these panels show. The lane's weights are up to date, and its slots if `need_slots`."""
    for name in names:
        opened, began = lane.panels[name], time.monotonic()
        found = LOOKS[name](lane, opened.asked)
        ended = time.monotonic()
        opened.version = lane.version
        opened.due = ended + _rest(name, opened, ended - began)
        yield name, found


def _rest(name: str, opened: OpenPanel, cost: float) -> float:
    """Seconds until the next look after one that took `cost` seconds.

    By the lesser of the last two costs: the first look of all may have to load what later ones have, and any
    may be held up by another process.
    """
    usual, opened.cost = min(opened.cost, cost), cost
    return max(catalogue.row(catalogue.PANELS, name).seconds, SPACING * usual)
