"""Whether there is room for one more lane."""

from app.memory import MEGABYTE, Memory
from app.protocol import ProtocolError, Reason

RETRY_AFTER = 30  # seconds after which somebody who was turned away should ask again


class Full(ProtocolError):
    """There is no room for another lane."""

    def __init__(self, reason: Reason, message: str, expected: str) -> None:
        super().__init__("busy", message, expected)
        self.reason: Reason = reason


class Room:
    """Room for `lanes` lanes, `per_address` of one address, and for no more while memory is short."""

    def __init__(self, *, lanes: int, per_address: int, memory: Memory) -> None:
        self.memory = memory
        self._lanes = lanes
        self._per_address = per_address
        self._lanes_in_memory: int | None = None

    def obstacle(self, held: int, of_address: int) -> Reason | None:
        """What is in the way of one more lane where so many are held, so many of them by its address.

        While memory is short, who leaves makes room all the same: what a lane leaves behind is seldom given
        back to the operating system, but the next lane uses it. And one lane there may always be.
        """
        if held >= self._lanes:
            return "lanes"
        if not self.memory.exceeded:
            self._lanes_in_memory = None
        elif self._lanes_in_memory is None:
            self._lanes_in_memory = max(1, held)
        if self._lanes_in_memory is not None and held >= self._lanes_in_memory:
            return "memory"
        return "address" if of_address >= self._per_address else None

    def error(self, reason: Reason) -> Full:
        """The same in words."""
        somebody = "another try when somebody has left"
        match reason:
            case "lanes":
                return Full(reason, f"all {self._lanes} places of this server are taken", somebody)
            case "memory":
                most = f"{self.memory.limit // MEGABYTE} MB"
                return Full(reason, f"the server uses more memory than {most}", somebody)
            case "address":
                message = f"this address holds {self._per_address} networks, as many as it may"
                return Full(reason, message, "another try when one of them is closed")
