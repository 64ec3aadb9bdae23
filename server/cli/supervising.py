"""`daigang run --workers N`: the supervisor of several hubs on one port."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence

import msgspec

from server import listening
from server.cli import Mistake
from server.config import Config
from server.opening import sqlite_file
from server.public_address import public_origin, refuse_bare_http
from server.workers import Workers


def supervise(config: Config, arguments: argparse.Namespace) -> int:
    """Run the workers until a signal; the exit code. Raises `Mistake`, `ConfigError`."""
    if sqlite_file(config) is not None:
        raise Mistake("--workers: SQLite has one writer, so one process; several need PostgreSQL (store.url)")
    if config.bus.kind != "redis":
        raise Mistake("--workers: several processes hear of each other through Redis (bus.kind, DAIGANG_REDIS_URL)")
    if not arguments.dev:
        refuse_bare_http(config)
    # Only this user may enter: who comes through these doors is believed whom it speaks for.
    doors = tempfile.mkdtemp(prefix="daigang-workers-")
    try:
        held = listening.hold(config.server, config.limits)
    except listening.CannotListen as error:
        raise Mistake(str(error)) from None
    try:
        with held:
            port = held.getsockname()[1]
            config = msgspec.structs.replace(config, server=msgspec.structs.replace(config.server, port=port))

            def command(number: int) -> Sequence[str]:
                words = [sys.executable, "-m", "server.cli", "run", "--port", str(port), "--doors", doors]
                words += ["--workers", str(arguments.workers), "--worker", str(number)]
                for name in ("config", "host"):
                    if getattr(arguments, name) is not None:
                        words += [f"--{name}", getattr(arguments, name)]
                return words + [f"--{name}" for name in ("demo", "dev") if getattr(arguments, name)]

            def say() -> None:
                print(f"{arguments.workers} workers serve {public_origin(config, port)}", flush=True)

            return asyncio.run(Workers(command, arguments.workers).run(say))
    finally:
        shutil.rmtree(doors, ignore_errors=True)
