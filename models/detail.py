"""How fine pictures are: no finer than they are shown, and coarser the more there is to show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Detail:
    """Cells a side of the output's picture and of a neuron's."""

    boundary: int
    neurons: int

    def within(self, most: "Detail") -> "Detail":
        """No finer than `most`."""
        return Detail(min(self.boundary, most.boundary), min(self.neurons, most.neurons))

    @property
    def bytes(self) -> int:
        """About what a frame of the default network weighs."""
        return self.boundary**2 + DEFAULT_NEURONS * self.neurons**2 + REST_BYTES


DEFAULT_NEURONS = 6
REST_BYTES = 1100  # header, weights, a few history rows

STILL = Detail(100, 24)  # of a network that does not train: one frame, and time to look at it
LEVELS = (Detail(80, 24), Detail(56, 18), Detail(40, 14), Detail(28, 10))  # of networks that train
FEWEST = 2  # cells a side of a picture

FEW = 4  # networks that train at once; more have to share a room's network
BITS = 1e6  # a second, that each of many may take
BUSY, IDLE = 0.3, 0.1  # of the host's time that frames take, for the next level and for the one before


def level(now: int, playing: int, frame_seconds: float, cost: float) -> int:
    """The place in `LEVELS` that fits the load, from the one in force.

    playing: networks that train and are watched, each of which is to get a frame every `frame_seconds`; cost:
    seconds that a frame took lately. A level has half the cells of the one before, so that `BUSY` and `IDLE`,
    a factor of three apart, never send it to and fro.
    """
    least = 0
    if playing > FEW:
        light = [place for place, detail in enumerate(LEVELS) if 8 * detail.bytes <= BITS * frame_seconds]
        least = light[0] if light else len(LEVELS) - 1
    share = playing * cost / frame_seconds
    if share > BUSY:
        now += 1
    elif share < IDLE:
        now -= 1
    return min(max(now, least), len(LEVELS) - 1)
