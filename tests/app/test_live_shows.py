"""A notebook's model, by a clock of the test's own: when it is over, and what there is to see of it."""

from collections.abc import Callable

import numpy as np

from app import live_message
from app.live_shows import QUIET, Show, Shows
from tests.app.live_messages import POINTS, decoded, first, later, pictures


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def shows(clock: Callable[[], float], *, most: int = 2, grace: float = 60.0, most_rows: int = 10) -> Shows:
    return Shows(most=most, grace=grace, rate=4.0, most_rows=most_rows, clock=clock)


def tell(show: Show, body: bytes) -> None:
    show.take(live_message.read(body, show.about))


def test_a_show_is_over_when_nothing_came_for_long() -> None:
    clock = Clock()
    all_shows = shows(clock)
    show = all_shows.open()
    assert show
    clock.time += 60
    tell(show, first())
    clock.time += 60
    assert all_shows.find(show.id) is show
    clock.time += 0.001
    assert all_shows.find(show.id) is None
    assert len(all_shows) == 0


def test_states() -> None:
    clock = Clock()
    show = shows(clock).open()
    assert show
    clock.time += 2 * QUIET
    assert show.state == "waiting"
    tell(show, first())
    clock.time += QUIET
    assert show.state == "learning"
    clock.time += 0.001
    assert show.state == "quiet"
    tell(show, later(1, state="diverged"))
    assert show.state == "diverged"
    tell(show, later(2, state="finished"))
    clock.time += 2 * QUIET
    assert show.state == "finished"


def test_who_is_gone_or_finished_makes_room_unless_somebody_looks() -> None:
    clock = Clock()
    all_shows = shows(clock)
    one, two = all_shows.open(), all_shows.open()
    assert one
    assert two
    assert all_shows.open() is None  # both are waited for
    tell(one, first())
    tell(two, first())
    tell(one, later(1, state="finished"))
    one.viewers = 1
    assert all_shows.open() is None
    clock.time += QUIET + 1
    assert all_shows.open()  # in place of the second, which is quiet
    assert all_shows.find(two.id) is None
    assert all_shows.find(one.id) is one


def test_who_keeps_up_gets_what_is_new_and_who_does_not_gets_all() -> None:
    show = shows(Clock()).open()
    assert show
    assert show.since(0) is None
    tell(show, first())
    head, blocks = decoded(show.since(0))
    assert (head["key"], head["about"]["axes"][1]["high"]) == (True, 9.5)
    np.testing.assert_array_equal(blocks["points"], POINTS["points"])
    for epoch in (1, 2, 3):
        tell(show, later(epoch))
    update = show.since(3)
    assert update is show.since(3)  # the same bytes for everybody
    head, blocks = decoded(update)
    assert (head["key"], head["seq"], head["epoch"], "about" in head) == (False, 4, 3, False)
    assert blocks["history"][:, 0].tolist() == [3]
    for seen in (0, 2):
        head, blocks = decoded(show.since(seen))
        assert (head["key"], blocks["history"][:, 0].tolist()) == (True, [1, 2, 3])
        assert blocks["boundary"].tolist() == pictures(byte=3)["boundary"].tolist()
    assert show.since(4) is None


def test_a_long_history_loses_every_second_row_but_not_the_newest() -> None:
    show = shows(Clock(), most_rows=10).open()
    assert show
    tell(show, first())
    for epoch in range(1, 12):
        tell(show, later(epoch))
    assert decoded(show.key)[1]["history"][:, 0].tolist() == [1, 3, 5, 7, 9, 11]
    tell(show, later(11))  # sent again, since no answer came
    assert decoded(show.key)[1]["history"][:, 0].tolist() == [1, 3, 5, 7, 9, 11]
    tell(show, first())  # another training
    head, blocks = decoded(show.key)
    assert (head["run"], len(blocks["history"])) == (2, 0)
