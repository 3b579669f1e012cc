"""What a notebook's callback may send: what will not do is refused and named."""

from typing import Any

import numpy as np
import pytest

from app import live_message
from app.live_message import MessageError
from app.settings import Settings
from models import frame
from tests.app.live_messages import (
    F4,
    POINTS,
    SIDE,
    about,
    begun,
    first,
    header,
    later,
    pictures,
    rows,
    served,
    write,
)

SEVERAL = {"classes": 3, "activation": "softmax"}
THREE = {"points": np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 1]], F4)}
HEADERS: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "no frame"),
    ("cut off", first()[:-40], "no frame"),
    ("no JSON", b"\4\0\0\0{{{{", "no frame"),
    ("deep", b"\xa0\x86\1\0" + b"[" * 100_000, "no frame"),
    ("huge shape", frame.encode(header(), {}).replace(b"[]", b'[["a","u1",[9999999999999]]]'), "no frame"),
    ("version", frame.encode({**header(), "version": 2}, {}), "version 2"),
    ("no version", frame.encode({}, {}), "version None"),
    ("state", frame.encode(header(state="asleep"), {}), "state"),
    ("member", frame.encode(header(colour=1), {}), "colour"),
    ("epoch", frame.encode(header(epoch=-1), {}), "epoch"),
    ("no model", frame.encode(header(), {**pictures(), **rows(1)}), "what is trained"),
    ("names", first(names=["a"]), "names"),
    ("long name", first(model="a" * 61), "about.model"),
    ("one class", first(classes=1), "classes"),
    ("classes of numbers", first(problem="regression"), "classes"),
    ("range", first(axes=[{"name": "a", "low": 1, "high": 1}, {"name": "b", "low": 0, "high": 1}]), "range"),
    ("one axis", first(axes=[{"name": "a", "low": 0, "high": 1}]), "axes"),
    ("too many points", first(train=2000, test=1), "points"),
    ("too few points", first(train=4), "points"),
    ("no picture", frame.encode(header(about=about()), POINTS), "boundary"),
]


def broken(name: str, block: Any, several: bool = False) -> bytes:
    """A first message of which one block is another."""
    members = SEVERAL if several else {}
    blocks = {**pictures(3 if several else 0, 40), **(THREE if several else POINTS), name: block}
    return frame.encode(header(about=about(**members)), blocks)


BLOCKS: list[tuple[str, bytes, str]] = [
    ("small", broken("boundary", np.zeros((9, 9), np.uint8)), "boundary"),
    ("large", broken("boundary", np.zeros((101, 101), np.uint8)), "boundary"),
    ("oblong", broken("boundary", np.zeros((SIDE, SIDE + 1), np.uint8)), "boundary"),
    ("floats", broken("boundary", np.zeros((SIDE, SIDE), F4)), "boundary"),
    ("byte 255", broken("boundary", np.full((SIDE, SIDE), 255, np.uint8)), "boundary"),
    ("no such class", broken("boundary", np.full((SIDE, SIDE), 96, np.uint8), several=True), "boundary"),
    ("no range", broken("ranges", np.array([[1, 0]], F4)), "ranges"),
    ("endless range", broken("ranges", np.array([[0, np.inf]], F4)), "ranges"),
    ("more ranges", broken("ranges", np.array([[0, 1], [0, 1]], F4)), "ranges"),
    ("outputs", broken("neurons", np.zeros((1, SIDE, SIDE), np.uint8)), "neurons"),
    ("few outputs", broken("neurons", np.zeros((2, SIDE, SIDE), np.uint8), several=True), "neurons"),
    ("point", broken("points", np.full((4, 3), np.nan, F4)), "points"),
    ("label", broken("points", np.full((4, 3), 0.5, F4), several=True), "points"),
    ("history", broken("history", np.zeros((1, 6), F4)), "history"),
    ("no epoch", broken("history", np.full((1, 7), np.nan, F4)), "history"),
    ("endless loss", broken("history", np.full((1, 7), np.inf, F4)), "history"),
    ("long history", broken("history", np.zeros((live_message.MOST_ROWS + 1, 7), F4)), "history"),
    ("other block", broken("weights", np.zeros(3, F4)), "weights"),
]


WRONG = [*HEADERS, *BLOCKS]


@pytest.mark.parametrize(("body", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
async def test_what_will_not_do_is_refused_and_named(body: bytes, said: str) -> None:
    async with served() as (app, http):
        made = await begun(http)
        answer = await write(http, made, body)
        error = answer.json()["error"]
        assert (answer.status_code, said in error["message"], bool(error["expected"])) == (422, True, True), (
            error
        )
        assert app.state.shows.find(made["id"]).state == "waiting"


def test_the_largest_that_will_do() -> None:
    side, classes = live_message.SIDES[1], 8
    names = ["n" * 60] * classes
    layer = {"name": "l" * 60, "kind": "k" * 60, "shape": "s" * 60, "parameters": 2**53}
    described = about(
        **SEVERAL | {"classes": classes}, names=names, layers=[layer] * live_message.MOST_LAYERS
    )
    body = frame.encode(
        header(about={**described, "train": 2000, "test": 0}),
        {
            "ranges": np.tile(np.array([0, 1], F4), (classes + 1, 1)),
            "boundary": np.full((side, side), 255, np.uint8),
            "neurons": np.full((classes, side, side), 254, np.uint8),
            "points": np.full((2000, 3), 7, F4),
            "history": np.ones((live_message.MOST_ROWS, 7), F4),
        },
    )
    assert len(body) < Settings().max_live_bytes
    assert live_message.read(body, None).about is not None


def test_later_messages_are_read_by_what_the_first_said() -> None:
    before = live_message.read(first(), None).about
    assert live_message.read(later(3), before).epoch == 3
    with pytest.raises(MessageError, match="only"):
        live_message.read(frame.encode(header(), {**pictures(), **POINTS}), before)
