"""Which Redis is the primary, asked of Sentinels at each new connection.

`redis+sentinel://USER:PASSWORD@HOST:26379,HOST:26379,HOST:26379/NAME/0` names the Sentinels and what they call the
primary; `rediss+sentinel` speaks TLS with both. User and password are Redis's own; Sentinels that want some get
`?sentinel_username=…&sentinel_password=…`.

Nothing more is needed for a failover: a Sentinel that demotes a primary ends its clients, and a connection that is
lost is made anew (`redis_link.forever`).
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec
from redis.asyncio import Redis
from redis.asyncio.connection import Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ConnectionError, RedisError

ASK_WITHIN_S: Final = 0.3
"""One Sentinel's answer: two that are gone still leave time for the third within a connection's second."""
SENTINEL_PORT: Final = 26379


class Place(msgspec.Struct, frozen=True):
    """What a `redis+sentinel` address says. `redis` is what the primary is to be told: user, password, database."""

    sentinels: tuple[tuple[str, int], ...]
    name: str
    tls: bool
    redis: Mapping[str, str | int]
    sentinel: Mapping[str, str]


def by_sentinels(url: str) -> bool:
    """Whether that address is one of Sentinels."""
    return url.startswith(("redis+sentinel://", "rediss+sentinel://"))


def place_of(url: str) -> Place:
    """Raises `ValueError` for what is no such address; the text holds nothing of it but what is wrong."""
    # By hand: `urlsplit` of some Pythons refuses an IPv6 host that is not the first.
    scheme, _, rest = url.partition("://")
    place, _, query = rest.partition("?")
    netloc, _, path = place.partition("/")
    login, _, hosts = netloc.rpartition("@")
    user, _, password = login.partition(":")
    name, _, database = path.strip("/").partition("/")
    sentinels = tuple(_host(text) for text in hosts.split(",") if text)
    if not sentinels or not name or not (database or "0").isdecimal():
        raise ValueError("wants redis+sentinel://:PASSWORD@HOST:26379,HOST:26379/NAME/0")
    redis: dict[str, str | int] = {"db": int(database or 0)}
    redis |= {key: unquote(text) for key, text in (("username", user), ("password", password)) if text}
    asked = dict(parse_qsl(query))
    sentinel = {key: asked[f"sentinel_{key}"] for key in ("username", "password") if f"sentinel_{key}" in asked}
    return Place(sentinels, name, scheme == "rediss+sentinel", redis, sentinel)


def _host(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"\[?(?P<host>(?<=\[)[0-9a-fA-F:]+(?=\])|[^:\[\]]+)\]?(:(?P<port>\d{1,5}))?", text)
    if found is None:
        raise ValueError("wants HOST:PORT for each Sentinel")
    return found["host"], int(found["port"] or SENTINEL_PORT)


class NoPrimary(ConnectionError):
    """None of the Sentinels answers, or none knows that name."""


class Primary:
    """Finds it. The Sentinel that answered last is asked first."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._sentinels = list(place.sentinels)

    async def where(self) -> tuple[str, int]:
        """Host and port. Raises `NoPrimary`, and `AuthenticationError` when a Sentinel wants another password."""
        for sentinel in tuple(self._sentinels):
            try:
                found = await self._ask(sentinel)
            except AuthenticationError:
                raise
            except (RedisError, OSError, TimeoutError):
                continue
            if found:
                self._sentinels.remove(sentinel)
                self._sentinels.insert(0, sentinel)
                return found[0].decode(), int(found[1])
        raise NoPrimary("no Sentinel knows the primary")

    async def _ask(self, sentinel: tuple[str, int]) -> list[bytes] | None:
        host, port = sentinel
        options: dict[str, Any] = {
            "ssl": self._place.tls,
            "socket_timeout": ASK_WITHIN_S,
            "socket_connect_timeout": ASK_WITHIN_S,
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,
            **self._place.sentinel,
        }
        redis: Any = Redis(host=host, port=port, **options)
        async with asyncio.timeout(ASK_WITHIN_S), redis:
            answer: list[bytes] | None = await redis.execute_command(
                "SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._place.name
            )
            return answer


class PrimaryConnection(Connection):
    """A connection to whoever is the primary when it is made."""

    def __init__(self, *, primary: Primary, **options: Any) -> None:
        self._primary = primary
        super().__init__(**options)

    async def _connect(self) -> None:
        self.host, self.port = await self._primary.where()
        await super()._connect()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped


class PrimaryTlsConnection(PrimaryConnection, SSLConnection):
    """The same by TLS."""


def connection_options(url: str) -> dict[str, Any]:
    """What a connection pool is made with for that address. Raises `ValueError` as `place_of` does."""
    place = place_of(url)
    kind = PrimaryTlsConnection if place.tls else PrimaryConnection
    return {"connection_class": kind, "primary": Primary(place), **place.redis}
