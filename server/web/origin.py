"""Who is asking, as far as HTTP tells: the Origin of a page, the address of a caller."""

import asyncio
import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from aiohttp import hdrs, web

from server.config import is_loopback
from server.core.refusal import Code, Refusal

OPEN_TO_FAR_PAGES: Final = frozenset({"/api/commands", "/ws"})
IPV6_BITS: Final = 64
"""What a household or a hosted machine is given."""


class Origins:
    """The origins whose pages may use this hub, compared exactly: scheme, host and port, no substring, no pattern."""

    def __init__(self, allowed: frozenset[str], provinces: frozenset[str] = frozenset()) -> None:
        """`provinces`: pages of other provinces may send commands, and nothing else."""
        self._allowed = allowed
        self._provinces = provinces

    def allows(self, origin: str, path: str = "") -> bool:
        """Whether pages of that origin may use the address."""
        return origin in self._allowed or (path in OPEN_TO_FAR_PAGES and origin in self._provinces)

    def require(self, request: web.Request) -> None:
        """Raises `Refusal(FORBIDDEN)` for a request of a page from elsewhere. A request without Origin passes: no
        browser sent it, or it is a plain GET; on the websocket the hub asks it for a token of kind `client`."""
        if not self.allow(request.headers.getall(hdrs.ORIGIN, ()), request.path):
            raise Refusal(Code.FORBIDDEN, needs="origin")

    def allow(self, origins: Sequence[str], path: str) -> bool:
        """Whether a request to the address that names these origins passes."""
        return all(self.allows(origin, path) for origin in origins)


def own_origins(origin: str, port: int) -> frozenset[str]:
    """That origin, and when it is this machine's own, the other names this machine has for itself."""
    scheme, _, rest = origin.partition("://")
    host = rest.rsplit(":", 1)[0] if not rest.endswith("]") else rest
    if not is_loopback(host.strip("[]")):
        return frozenset({origin})
    tail = "" if port == {"http": 80, "https": 443}[scheme] else f":{port}"
    return frozenset({origin} | {f"{scheme}://{name}{tail}" for name in ("127.0.0.1", "localhost", "[::1]")})


class Callers:
    """Finds the address of a caller. Addresses are used for limits of strangers only, and never written down."""

    def __init__(self, *, behind_proxy: bool) -> None:
        self._behind_proxy = behind_proxy

    def address(self, request: web.Request) -> str:
        """The caller's IP address, of IPv6 the network of 64 bits: whoever has one address of it has them all. Behind a
        proxy the last entry of X-Forwarded-For, which the proxy wrote itself; whatever stands before it was written by
        the caller."""
        return self.known_as(request.transport, request.headers.getall(hdrs.X_FORWARDED_FOR, ()))

    def known_as(self, transport: asyncio.BaseTransport | None, forwarded: Sequence[str]) -> str:
        """The same by the connection and the lines of X-Forwarded-For."""
        peer = _peer(transport)
        if _inner(transport) or (self._behind_proxy and _near(peer)):
            # A proxy may have added a line of its own to the caller's instead of a word.
            last = ",".join(forwarded).rpartition(",")[2].strip()
            if last:
                return _network(last[:45])
        return _network(peer)


def through_inner_door(request: web.Request) -> bool:
    """Whether another worker of this house asks, for somebody whose address it tells (`web/passing`): it comes through
    a socket file that nobody else can open."""
    return _inner(request.transport)


def peer_of(request: web.Request) -> str:
    """The address at the other end of the TCP connection; empty when it is gone."""
    return _peer(request.transport)


def _inner(transport: asyncio.BaseTransport | None) -> bool:
    return transport is not None and isinstance(transport.get_extra_info("sockname"), str)


def _peer(transport: asyncio.BaseTransport | None) -> str:
    name = transport.get_extra_info("peername") if transport is not None else None
    # A socket for both kinds of addresses shows IPv4 callers as ::ffff:192.0.2.1.
    return str(name[0]).removeprefix("::ffff:") if isinstance(name, tuple) and name else ""


def from_this_machine(request: web.Request) -> bool:
    """Whether a person at this very machine is asking: by the connection, by the name the page was called by (a page
    elsewhere whose name points to 127.0.0.1 carries its own), and not through a proxy."""
    host = request.headers.get(hdrs.HOST, "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    forwarded = any(h in request.headers for h in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"))
    return is_loopback(peer_of(request)) and is_loopback(name.strip("[]")) and not forwarded


@lru_cache(maxsize=4_096)
def _network(address: str) -> str:
    """The address as it is rationed; what is none stays what it is."""
    try:
        known = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, IPV6_BITS), strict=False).network_address)


@lru_cache(maxsize=4_096)
def _near(peer: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
