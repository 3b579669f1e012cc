"""When frames are due, and how much is trained between them: the arithmetic of the host's loop."""

import math
from collections.abc import Sequence

FRAME_SHARE = 0.6  # of the host's time that frames may take before they come less often
TICK_SECONDS = 0.012  # how long a tick should take: a command waits no longer than that
SHORTEST_TICK = 0.002  # a call alone takes half of that
FEWEST_STEPS = 4  # in a tick, unless they take longer than that
UNEVEN = 2.0  # times as long, or as short, a cohort's tick may be for its steps' sake
PORTION_SECONDS = 0.02  # of training that a lane with a pace is given at once: less than a frame shows
LATE_SECONDS = 0.25  # a lane that fell behind its pace for longer does not make up for it
LATE_PORTIONS = 2.5  # that a lane is owed when the host is behind
STRETCHED = 1.5  # times as long as it should, a tick may take for the sake of whole epochs
SPARED = 0.8  # of the time between two frames that may pass for the sake of whole epochs
COMES_ALONG = 0.4  # of its portion that a lane is owed when it takes all of it with others
LEFT = 4  # full speed takes a quarter of a tick where it is the only work, while the host is behind

GOLDEN = 0.618033988749895


def interval(frame_seconds: float, playing: int, cost: float) -> float:
    """Seconds between two frames of a lane: as asked for, or so long that all get their share.

    playing: lanes that train and are watched; cost: seconds that a frame takes.
    """
    return max(frame_seconds, playing * cost / FRAME_SHARE)


def phase(number: int) -> float:
    """Where in the interval a lane's frames are due, 0 to 1: spread evenly however many lanes there are."""
    return number * GOLDEN % 1.0


def next_due(now: float, interval: float, phase: float) -> float:
    """The lane's next place on the grid of time, after `now`.

    On a grid, a frame that came late does not delay those after it.
    """
    return (math.floor(now / interval - phase) + 1 + phase) * interval


def portion_seconds(interval: float) -> float:
    """Of training that is saved up before it is done: a call costs as much as some thirty steps of a lane."""
    return max(PORTION_SECONDS, interval / 2)


def portion(pace: float, seconds: float) -> float:
    """The same in steps, of a lane that makes `pace` steps a second: at least one."""
    return max(1.0, pace * seconds)


def in_a_tick(wanted: int, most: int, to_end: int, epoch: int) -> int:
    """Steps of a lane beside others, of those that it wants: to the end of an epoch, if one comes in time.

    Lanes whose epochs end together are tested together, and none waits within a tick for another's end.
    most: that fit into a tick; to_end: steps left in the lane's epoch; epoch: in all of one.
    """
    longest = min(wanted, int(STRETCHED * most))
    return longest - (longest - to_end) % epoch if to_end <= longest else min(wanted, most)


def even_portion(pace: float, interval: float, to_end: int, epoch: int) -> float:
    """Steps that a lane with a pace is given at once beside others: to the end of an epoch, if one comes in
    time for the next frame."""
    most = int(SPARED * interval * pace)
    if to_end <= most:
        return float(most - (most - to_end) % epoch)
    return portion(pace, portion_seconds(interval))


def owed(before: float, seconds: float, pace: float, portion: float) -> float:
    """Steps that a lane may make, `seconds` after it was owed so many; below 0: it made some in advance."""
    return min(max(before, -portion) + seconds * pace, max(portion, LATE_SECONDS * pace))


def round_seconds(interval: float, paced: bool) -> float:
    """In which all cohorts have their tick, so that every frame has news: in half the time between two.

    Where nobody has a pace, whom a round could make wait for steps, in all of it: fewer calls.
    """
    return interval / 2 if paced else interval


def most_steps(step_seconds: float, of_all: Sequence[float], seconds: float) -> int:
    """How many steps a cohort's tick makes at most: its steps take so long, and those of all cohorts so long.

    seconds: in which all cohorts have their tick; one whose steps take longer gets longer ticks, within
    limits, so that all make about as many.
    """
    weight = step_seconds * len(of_all) / sum(of_all)
    seconds = min(TICK_SECONDS, max(SHORTEST_TICK, seconds / len(of_all)))
    steps = int(seconds * min(max(weight, 1 / UNEVEN), UNEVEN) / step_seconds)
    # In very short ticks the call alone makes a step seem long, so that the next tick would be shorter still.
    return max(1, steps, min(FEWEST_STEPS, int(TICK_SECONDS / step_seconds)))


def at_full_speed(most: int, paced: int, behind: bool) -> int:
    """Steps of a lane that takes what others leave.

    most: that fit into a tick; paced: those that the tick makes for lanes with a pace, which cost no more for
    another lane beside them; behind: whether some lane waits for the host.
    """
    return max(paced, most // LEFT, 1) if behind else most
