"""`daigang check`: one line for each thing looked at, `ok` or `failed` and then what to do."""

import argparse
import asyncio
import contextlib
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.bus.bus import CannotMeet
from server.cli import configured
from server.cli.checking_media import look_at_engine
from server.config import Config, ConfigError
from server.core.channels import Kind, channel
from server.core.limits import PROTOCOL_VERSION
from server.core.refusal import Refusal
from server.opening import agree_on_time, bus_of, now_ms, opened, secrets_of, sqlite_file
from server.public_address import refuse_bare_http
from server.secrets_file import FILE_NAME, refuse_readable_by_others
from server.store import log_queries, numbers_queries

DISK_LEAST_BYTES = 2 * 1024**3
FILES_LEAST = 20_000


class Finding(msgspec.Struct, frozen=True):
    """One line. `text` says what was seen, and for a failure what to do."""

    good: bool
    what: str
    text: str

    def __str__(self) -> str:
        return f"{'ok' if self.good else 'FAILED':<7} {self.what}: {self.text}"


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; exit code 1 when one of them is bad."""
    if arguments.public:
        from server.cli.checking_public import look_from_outside

        findings = look_from_outside(arguments.public)
    else:
        findings = _look_here(configured(arguments))
    bad = 0
    for finding in findings:
        print(finding, flush=True)
        bad += not finding.good
    print("All is well." if not bad else f"{bad} to mend.")
    return 1 if bad else 0


def _look_here(config: Config) -> Iterator[Finding]:
    yield Finding(True, "configuration", "every key is known and fits")
    yield _public_url(config)
    yield _secrets(config)
    file = sqlite_file(config)
    if file is not None and not file.exists():
        yield Finding(True, "store", f"{file} is not there yet; the first start makes it")
    else:
        yield from asyncio.run(_store(config))
    if config.bus.kind == "redis":
        yield asyncio.run(_redis(config))
        for code, other in config.provinces.items():
            yield asyncio.run(_far(code, other.redis, config.province.code))
    else:
        yield Finding(True, "bus", "memory: one hub only")
    for good, text in look_at_engine(config.video):
        yield Finding(good, "encoders", text)
    yield _disk(config)
    yield _files()


def _public_url(config: Config) -> Finding:
    try:
        refuse_bare_http(config)
    except ConfigError as error:
        return Finding(False, "public address", str(error))
    return Finding(True, "public address", config.server.public_url or "this machine only (server.public_url is empty)")


def _secrets(config: Config) -> Finding:
    file = Path(config.server.var_dir) / FILE_NAME
    try:
        if file.exists():
            refuse_readable_by_others(file)
            secrets_of(config)
            return Finding(True, "secrets", f"{file} is whole and its owner's alone; is there a copy elsewhere?")
        database = sqlite_file(config)
        if database is not None and database.exists():
            secrets_of(config)
    except ConfigError as error:
        return Finding(False, "secrets", str(error))
    return Finding(True, "secrets", f"{file} is not there; the first start makes it, or they come by environment")


async def _store(config: Config) -> list[Finding]:
    try:
        async with opened(config) as store:
            await agree_on_time(store, now_ms)
            house = channel(Kind.HOUSE, store.province)
            head = await store.read(log_queries.head, house)
            found = [Finding(True, "store", f"answers, epoch {head.epoch}")]
            with contextlib.suppress(Refusal):
                wrong = await store.read(numbers_queries.differences)
                text = "equal the log" if not wrong else "differ from the log in " + ", ".join(sorted(wrong)[:5])
                found.append(Finding(not wrong, "numbers", text))
            return found
    except ConfigError as error:
        return [Finding(False, "store", str(error))]
    except Refusal as refusal:
        if says := refusal.params.get("says"):
            return [Finding(False, "store", f"does not let us in: {says}; are store.url's words right?")]
        return [Finding(False, "store", "does not answer; is PostgreSQL running, and are store.url's words right?")]


async def _redis(config: Config) -> Finding:
    bus = bus_of(config)
    try:
        await bus.meet(PROTOCOL_VERSION, now_ms())
        await bus.snapshot(channel(Kind.HOUSE, config.province.code))
    except CannotMeet as error:
        return Finding(False, "bus", str(error))
    except Refusal:
        return Finding(False, "bus", "Redis does not answer; hubs poll the store meanwhile, so mend it soon")
    finally:
        await bus.close()
    return Finding(True, "bus", "Redis answers")


async def _far(code: str, url: str, home: str) -> Finding:
    """Another province is no condition of ours: but who looks wants to know."""
    from server.bus.redis import RedisBus

    bus = RedisBus(url, code, home=home)
    try:
        await bus.greet()
    except CannotMeet as error:
        return Finding(False, f"province {code}", str(error))
    except Refusal:
        return Finding(
            False, f"province {code}", "its Redis does not answer; ask its operators. Everything else goes on"
        )
    finally:
        await bus.close()
    return Finding(True, f"province {code}", "its Redis answers")


def _disk(config: Config) -> Finding:
    var = Path(config.server.var_dir)
    there = next(path for path in (var.absolute(), *var.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    text = f"{free / 1024**3:.1f} GiB free at {there}"
    if free < DISK_LEAST_BYTES:
        return Finding(False, "disk", f"{text}; make room: a full disk refuses applications")
    return Finding(True, "disk", text)


def _files() -> Finding:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < FILES_LEAST:
        return Finding(False, "open files", f"{hard} at most, one per viewer: raise LimitNOFILE in the systemd unit")
    return Finding(True, "open files", "as many as viewers may come" if hard < 0 else f"up to {hard}")
