"""Addresses of RTMP servers, taken apart and looked at before anybody connects to them."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

import msgspec

PORTS: Final = {"rtmp": 1935, "rtmps": 443}
URL_LIMIT: Final = 300
KEY_LIMIT: Final = 500
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadAddress(ValueError):
    """Not an address that may be connected to; the text says nothing of it."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An RTMP server and an application of it."""

    host: str
    port: int
    tls: bool
    app: str

    @property
    def url(self) -> str:
        """tcUrl as servers expect it."""
        scheme = "rtmps" if self.tls else "rtmp"
        port = "" if self.port == PORTS[scheme] else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}{port}/{self.app}"


def place_of(url: str) -> Place:
    """rtmp://HOST[:PORT]/APP taken apart. Raises `BadAddress`."""
    if len(url) > URL_LIMIT or not url.isascii() or any(ord(c) <= 32 or c in "\\'\"<>" for c in url):
        raise BadAddress("characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("form") from None
    app = parts.path.strip("/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme not in PORTS or not parts.hostname or not app or parts.username or parts.fragment:
        raise BadAddress("form")
    if port == 0:
        raise BadAddress("port")
    return Place(host=parts.hostname, port=port or PORTS[parts.scheme], tls=parts.scheme == "rtmps", app=app)


def resolved(place: Place, private: Iterable[Network]) -> tuple[int, str]:
    """Family and IP address to connect to, looked up now. One address that is not public spoils the name, unless it is
    in `private`: a name that points to both is meant to deceive. Raises `BadAddress`, and `OSError` for no such
    name."""
    found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    allowed = tuple(private)
    for _, _, _, _, name in found:
        if not may_connect(ipaddress.ip_address(str(name[0]).partition("%")[0]), allowed):
            raise BadAddress("private")
    if not found:
        raise OSError("no address")
    return found[0][0], str(found[0][4][0])


def may_connect(address: ipaddress.IPv4Address | ipaddress.IPv6Address, private: tuple[Network, ...]) -> bool:
    """Whether it is public, or in one of those networks. What hides an IPv4 address is as good as that."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.ipv4_mapped is None and any(address in each for each in private if each.version == 6):
            return True
        if inner is not None:
            return may_connect(inner, private)
        if address in _NAT64:
            return may_connect(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF), private)
        if address not in _GLOBAL_UNICAST:
            return False
    if any(address in each for each in private if each.version == address.version):
        return True
    return address.is_global and not address.is_multicast


_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ipaddress.ip_network("2000::/3")
"""All that was ever given out (RFC 4291 2.4). Outside of it the standard library takes for public what a network may
translate to its own IPv4 (64:ff9b:1::/48, ::ffff:0:0:0/96, ::/96) or still use inside (fec0::/10)."""
