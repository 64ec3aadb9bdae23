"""`daigang run`."""

import argparse
import asyncio
import os
import resource

import msgspec

from server import journal
from server.cli import Mistake, configured
from server.config import Config

WORKERS_MOST = 64


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal."""
    config = _with_flags(configured(arguments), arguments)
    if arguments.play is not None:
        config = _to_play(config, arguments)
    try:
        journal.set_up(form=os.environ.get("DAIGANG_LOG", "line"), worker=arguments.worker)
    except ValueError as error:
        raise Mistake(str(error)) from None
    raise_file_limit()
    from server.app import serve
    from server.assembling import Start, WorkerPlace
    from server.listening import CannotListen

    if arguments.workers < 1 or arguments.workers > WORKERS_MOST:
        raise Mistake(f"--workers: wants 1 to {WORKERS_MOST}, got {arguments.workers}")
    if arguments.workers > 1 and arguments.worker is None:
        from server.cli.supervising import supervise

        return supervise(config, arguments)
    worker = None
    if arguments.worker is not None:
        worker = WorkerPlace(number=arguments.worker, count=arguments.workers, directory=arguments.doors)
    play = arguments.play or ""
    start = Start(demo=arguments.demo, dev=arguments.dev, alone=True, worker=worker, play=play)
    try:
        asyncio.run(serve(config, start, lambda line: print(line, flush=True)))
    except CannotListen as error:
        raise Mistake(str(error)) from None
    return 0


def _to_play(config: Config, arguments: argparse.Namespace) -> Config:
    """A fresh house for the day. Raises `Mistake`, `ConfigError`."""
    from server.cli.simulating import speed_of
    from server.playing import fresh_house

    if not arguments.demo or arguments.workers > 1:
        raise Mistake("--play: goes with --demo and one process")
    speed_of(arguments.play)
    return fresh_house(config)


def _with_flags(config: Config, arguments: argparse.Namespace) -> Config:
    server = config.server
    if arguments.host is not None:
        server = msgspec.structs.replace(server, host=arguments.host)
    if arguments.port is not None:
        if not 0 <= arguments.port <= 65535:
            raise Mistake(f"--port: wants 0 to 65535, got {arguments.port}")
        server = msgspec.structs.replace(server, port=arguments.port)
    return msgspec.structs.replace(config, server=server)


def raise_file_limit() -> None:
    """A viewer is an open file: take what the system allows us (often 1,024 until asked for)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 1_048_576
    if os.name == "posix" and soft != wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError):
            return
