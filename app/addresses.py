"""Whose request it is: the client's address as limits count it, and how many connections each address has."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

PREFIX = 64  # bits of an IPv6 address that a network gets as a whole: who has one has 2**64 addresses


def client_address(scope: Scope) -> str:
    """The address that limits count by: IPv4 as it is, IPv6 as its /64 network; empty where there is none.

    Nothing but the scope's `client` is asked. Whether a proxy's headers may change it is the server's matter.
    """
    client: tuple[str, int] | None = scope.get("client")
    if client is None:
        return ""
    text = client[0].partition("%")[0]  # without the zone of a link-local address
    try:
        address = ip_address(text)
    except ValueError:
        return text  # a Unix socket, or a name
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, PREFIX), strict=False))


class Connections:
    """At most `most` connections of an address at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._open.total()

    @contextmanager
    def hold(self, address: str) -> Generator[bool]:
        """Whether the address may have one more connection; it counts until the end of the block."""
        if self._open[address] >= self.most:
            yield False
            return
        self._open[address] += 1
        try:
            yield True
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]  # or addresses that were here once would be kept for ever
