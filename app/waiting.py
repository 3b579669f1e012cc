"""Who waits for a lane, and who is next."""

from collections.abc import Callable
from typing import Protocol

from app.protocol import Reason


class Guest(Protocol):
    """Who waits for a lane."""

    @property
    def address(self) -> str: ...

    def admit(self) -> None:
        """There is room: the lane is to be opened at once."""
        ...

    def tell_place(self, place: int, reason: Reason) -> None:
        """The place in the queue, from 1, and why it goes no further."""
        ...

    def say_goodbye(self) -> None:
        """It waits in vain: the server stops."""
        ...


class QueueFull(Exception):
    """So many wait already that nobody else can."""


class Queue:
    """First come, first served; who may not come in yet because of its own address is passed by others.

    `obstacle` says what is in the way of an address's next lane. It is called again after each `admit`.
    """

    def __init__(self, most: int, obstacle: Callable[[str], Reason | None]) -> None:
        self._most = most
        self._obstacle = obstacle
        self._guests: dict[Guest, tuple[int, Reason]] = {}  # in order, and what each was told last
        self._moving = False
        self._moved = False  # meanwhile, so that it has to be looked at again

    def __len__(self) -> int:
        return len(self._guests)

    def join(self, guest: Guest) -> None:
        """Admits the guest, or tells it its place; QueueFull."""
        self.move()
        reason = self._obstacle(guest.address)
        if reason is None:  # nobody before it could come in, so it passes nobody by
            guest.admit()
        elif len(self) >= self._most:
            raise QueueFull
        else:
            told = self._guests[guest] = (len(self) + 1, reason)
            guest.tell_place(*told)

    def leave(self, guest: Guest) -> None:
        """The guest does not wait any more; nothing happens if it does not anyway."""
        if self._guests.pop(guest, None) is not None:
            self.move()

    def close(self) -> None:
        """Nobody waits any more."""
        guests, self._guests = list(self._guests), {}
        for guest in guests:
            guest.say_goodbye()

    def move(self) -> None:
        """Admits those there is room for, and tells the others what is new for them."""
        if self._moving:
            self._moved = True
            return
        self._moving = True
        try:
            self._moved = True
            while self._moved:
                self._moved = False
                self._move()
        finally:
            self._moving = False

    def _move(self) -> None:
        place = 0
        closed: Reason | None = None
        for guest in list(self._guests):
            if guest not in self._guests:  # it left when it, or another, was told something
                continue
            reason = closed or self._obstacle(guest.address)
            if reason is None:
                del self._guests[guest]
                guest.admit()
                continue
            if reason != "address":
                closed = reason  # for everybody
            place += 1
            if self._guests[guest] != (place, reason):
                self._guests[guest] = (place, reason)
                guest.tell_place(place, reason)
