"""From the configuration to an open store and a bus, for the hub and for every command of the command line."""

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from server.bus.bus import Bus
from server.config import Config, ConfigError, is_loopback
from server.core.clocks import clock_off
from server.core.model import RegionCode
from server.outside.console import ConsoleSender
from server.outside.gateway import Gateway, HttpSender
from server.outside.message import Sender
from server.secrets_file import FILE_NAME, Secrets, load_secrets
from server.store import account_queries, clock_queries
from server.store.keyring import Keyring
from server.store.migrations import DatabaseTooNew
from server.store.store import Store


def now_ms() -> int:
    """The clock of the house: milliseconds UTC."""
    return time.time_ns() // 1_000_000


def store_url(config: Config) -> str:
    """The database: as configured, else SQLite below `server.var_dir`."""
    return config.store.url or f"sqlite:///{Path(config.server.var_dir) / 'daigang.db'}"


def sqlite_file(config: Config) -> Path | None:
    """The database's file, None for PostgreSQL."""
    url = store_url(config)
    return Path(url.partition(":///")[2].partition("?")[0]) if url.startswith("sqlite") else None


@contextlib.contextmanager
def alone_on_sqlite(config: Config) -> Iterator[None]:
    """Held by the hub that serves from an SQLite database, for as long as it does. Commands beside it need not.

    Raises `ConfigError` when another hub holds it: with a bus of its own each, what is shown at one would reach the
    other's viewers seconds later, and both would write recordings to the same place.
    """
    file = sqlite_file(config)
    if file is None:
        yield
        return
    name = file.with_name(f"{file.name}.hub")
    try:
        name.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(f"server.var_dir {name.parent}: {error.strerror}; it has to be writable") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        other = os.pread(lock, 20, 0).decode(errors="replace").strip()
        os.close(lock)
        raise ConfigError(
            f"another daigang (process {other}) serves from {file}: one hub stands on SQLite. Stop it, give this one a "
            "directory of its own (DAIGANG_VAR), or take PostgreSQL and Redis for several (docs/operations.md, 9)"
        ) from None
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def recordings_of(config: Config) -> Path:
    """The directory of what pictures were recorded."""
    return Path(config.server.var_dir) / "recordings"


def clips_of(config: Config) -> Path:
    """The directory of clips cut from them."""
    return Path(config.server.var_dir) / "clips"


def secrets_of(config: Config) -> Secrets:
    """The keys of the house; made at the first start. Raises `ConfigError`."""
    file = sqlite_file(config)
    return load_secrets(Path(config.server.var_dir), os.environ, store_exists=file is not None and file.exists())


async def open_store(config: Config, clock_ms: Callable[[], int] = now_ms) -> tuple[Store, Secrets]:
    """The store of that configuration, which the caller closes, and the keys of the house.

    Raises `ConfigError`, also when the keys were made just now and the database has accounts already: a second hub
    with keys of its own would seal numbers the first cannot open and miss applications that are there. Raises
    `Refusal(UNAVAILABLE)` when the database does not answer.
    """
    try:
        secrets = await asyncio.to_thread(secrets_of, config)
    except OSError as error:
        raise ConfigError(f"server.var_dir {config.server.var_dir}: {error.strerror}; it has to be writable") from None
    try:
        store = await Store.open(
            store_url(config),
            keyring=Keyring(dict(secrets.phone_keys), secrets.phone_keys[0][0], secrets.phone_hmac_key),
            province=RegionCode(config.province.code),
            var_dir=Path(config.server.var_dir),
            clock_ms=clock_ms,
        )
    except DatabaseTooNew as error:
        raise ConfigError(
            f"{error}: a later daigang has been at it. Start that one, or put back the copy from before the update"
        ) from None
    except ValueError as error:
        raise ConfigError(f"store.url: {error}") from None
    accounts = await store.read(account_queries.names) if secrets.fresh else ()
    if accounts:
        await store.close()
        file = Path(config.server.var_dir) / FILE_NAME
        await asyncio.to_thread(file.unlink)
        raise ConfigError(f"this database is in use and has its keys: copy {FILE_NAME} of its first hub to {file}")
    return store, secrets


async def agree_on_time(store: Store, clock_ms: Callable[[], int]) -> None:
    """Raises `ConfigError` when this machine's clock is far from that of the database's."""
    there_ms = await store.read(clock_queries.now_ms)
    if there_ms is not None and (wrong := clock_off(clock_ms(), there_ms, "PostgreSQL")) is not None:
        raise ConfigError(wrong)


@contextlib.asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Store]:
    """The configured store, open for the length of a command; a running hub may use it at the same time.

    Raises `ConfigError`, `Refusal`.
    """
    store, _ = await open_store(config)
    try:
        yield store
    finally:
        await store.close()


def bus_of(config: Config) -> Bus:
    """The bus of that configuration, not started."""
    if config.bus.kind == "redis":
        from server.bus.provinces import Provinces
        from server.bus.redis import RedisBus  # 60 ms of imports that a county never needs

        home, others = config.province.code, config.provinces
        own = RedisBus(config.bus.url, home, others=others.keys())
        far = {code: RedisBus(other.redis, code, home=home) for code, other in others.items()}
        return Provinces(own, far) if far else own
    from server.bus.memory import MemoryBus

    return MemoryBus()


def sender_of(config: Config, secrets: Secrets, *, demo: bool) -> Sender:
    """Who delivers messages to phones, as configured. The caller closes it. Raises `ConfigError`: numbers never travel
    in the clear."""
    sender = config.sender
    if sender.kind == "http":
        parts = urlsplit(sender.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ConfigError("sender.url: wants https://… when sender.kind is http (http:// on this machine only)")
        gateway = Gateway(
            url=sender.url,
            timeout_s=sender.timeout_s,
            secret=secrets.sender_secret,
            headers=sender.headers,
            templates={str(purpose): template for purpose, template in sender.templates.items()},
        )
        return HttpSender(gateway)
    return ConsoleSender(mute_is_fine=demo)
