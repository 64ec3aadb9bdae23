"""Where the hub is, and from which of this machine's addresses its viewers call."""

import ipaddress
import socket
import sys
from urllib.parse import urlsplit

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A hub. `origin` is that of its pages, `family` and `place` what a socket connects to."""

    origin: str
    host: str
    port: int
    family: int
    place: tuple[str, int]

    @property
    def websocket(self) -> str:
        """Where its websocket is."""
        return self.origin.replace("http", "ws", 1) + "/ws"

    def caller(self, hall: int) -> tuple[str, int] | None:
        """What a hall's viewers call from, as each hall of the day has an address of its own: a hub rations by address,
        and a system has 28,000 ports for each. None: the system chooses."""
        here = ipaddress.ip_address(self.place[0])
        if sys.platform != "linux" or here.version != 4 or not here.is_loopback:
            return None
        return f"127.0.{1 + hall % 250}.1", 0


def address_of(url: str) -> Address:
    """Raises `ValueError` for anything but http://HOST:PORT (the crowd speaks no TLS: nginx would be what is measured)
    and `OSError` for a name nobody knows."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(f"wants http://HOST:PORT of a hub, got {url!r}")
    port = parts.port or 80
    family, _, _, _, place = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)[0]
    return Address(
        origin=f"http://{parts.netloc}", host=parts.hostname, port=port, family=family, place=(str(place[0]), port)
    )
