"""`daigang run --demo --play 60x`: the demonstration's day plays by itself, in a child that ends with the house.

The house lies in a directory of its own below VAR, begun afresh each time: a day that was played is over, and what
people tried out in VAR itself stays as it is.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from server.config import Config, ConfigError
from server.core.model import Role
from server.opening import now_ms, sqlite_file
from server.simulated_staff import FILE_NAME, prepare_staff
from server.store.store import Store
from server.web.entrance import DEMO_NAMES

DIRECTORY = "play"
VIEWERS = 600
"""Persons, 225 of them at once at most: halls look lived in, and a laptop stays usable."""
END_WITHIN_S = 5.0


def fresh_house(config: Config) -> Config:
    """The configuration of a house for one played day, in an empty directory.

    Raises `ConfigError` where the store is elsewhere, where the directory holds something that was not played, or where
    another house plays in it now.
    """
    if sqlite_file(config) is None or config.store.url:
        raise ConfigError("--play: begins with an empty house each time, so not with a database of its own (store.url)")
    directory = Path(config.server.var_dir) / DIRECTORY
    _hold(directory.with_suffix(".lock"))
    if directory.exists():
        if any(directory.iterdir()) and not (directory / FILE_NAME).exists():
            raise ConfigError(f"--play: {directory} holds something that was never played; move it away")
        shutil.rmtree(directory)
    return msgspec.structs.replace(config, server=msgspec.structs.replace(config.server, var_dir=str(directory)))


def _hold(file: Path) -> None:
    """Until this process ends nobody else begins afresh in there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise ConfigError(
            f"--play: another house plays in {file.parent} now; give this one another DAIGANG_VAR"
        ) from None


@contextlib.asynccontextmanager
async def day_beside(
    store: Store, config: Config, origin: str, speed: str, say: Callable[[str], None]
) -> AsyncIterator[None]:
    """The day plays while the block runs; without a speed nothing does. Raises `ConfigError`."""
    if not speed:
        yield
        return
    staff = await prepare_staff(store, config, now_ms, leave_to=DEMO_NAMES[Role.HR])
    words = ["simulate", "--hub", origin, "--staff", str(staff), "--speed", speed]
    words += ["--viewers", str(VIEWERS), "--shared", "--beside"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.cli", *words, stdin=asyncio.subprocess.PIPE, env=_environment(config)
    )
    say(f"The day plays at {speed}: halls go on air within a minute, at 09:00 of the day.")
    try:
        yield
    finally:
        await _end(process)


def _environment(config: Config) -> dict[str, str]:
    return {**os.environ, "DAIGANG_VAR": config.server.var_dir}


async def _end(process: asyncio.subprocess.Process) -> None:
    """It ends when its standard input does, however this process ends; a child that does not is killed."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(END_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
