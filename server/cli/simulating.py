"""`daigang simulate`. The simulator is a client: it is loaded by name, because the server as such knows none."""

import argparse
import asyncio
import importlib
import os
import re
import threading
from pathlib import Path

from server.cli import Mistake, configured
from server.cli.running import raise_file_limit
from server.config import Config
from server.opening import now_ms, opened
from server.public_address import public_origin
from server.simulated_staff import FILE_NAME, prepare_staff

FASTEST = 600.0
NICE = 10


def run(arguments: argparse.Namespace) -> int:
    """Prepare or play."""
    config = configured(arguments)
    if arguments.what == "prepare":
        file = asyncio.run(_prepare(config))
        print(f"{file} has the accounts of the day's staff; it is as good as their password, so keep it to yourself.")
        return 0
    raise_file_limit()
    if arguments.beside:
        _stay_beside()
    command = importlib.import_module("clients.simulator.command")
    code: int = command.play(_order(arguments, config), Path(arguments.report) if arguments.report else None)[0]
    return code


def _stay_beside() -> None:
    """Yield to whatever else runs here, and end with the house that started this, however it ends."""
    os.nice(NICE)

    def wait() -> None:
        while os.read(0, 1024):  # not sys.stdin, whose lock the interpreter wants at its own end
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True, name="end with the house").start()


async def _prepare(config: Config) -> Path:
    async with opened(config) as store:
        return await prepare_staff(store, config, now_ms)


def _order(arguments: argparse.Namespace, config: Config) -> object:
    speed = speed_of(arguments.speed)
    plan = importlib.import_module("clients.simulator.plan")
    curve = importlib.import_module("clients.simulator.curve")
    playing = importlib.import_module("clients.simulator.playing")
    try:
        until_s = curve.seconds_of(arguments.until)
    except ValueError as error:
        raise Mistake(f"--until: {error}") from None
    halls: int = arguments.halls
    if not 1 <= halls <= 49 - arguments.without_main:
        raise Mistake(f"--halls: wants 1 to {49 - arguments.without_main}, got {halls}")
    if arguments.viewers < halls or arguments.at_once < 0 or arguments.at_once > arguments.viewers:
        raise Mistake("--viewers: wants one for each hall at least, and no fewer than --at-once")
    wish = plan.Wish(
        seed=arguments.seed,
        viewers=arguments.viewers,
        at_once=arguments.at_once,
        halls=halls,
        main=not arguments.without_main,
        until_s=until_s,
        gap_s=speed * plan.LEAST_GAP_S,
        faults=not arguments.without_faults,
    )
    return playing.Order(
        url=arguments.hub or public_origin(config, config.server.port),
        staff=Path(arguments.staff or Path(config.server.var_dir) / FILE_NAME),
        wish=wish,
        speed=speed,
        restart=arguments.restart_hub,
        shared=arguments.shared,
    )


def speed_of(text: str) -> float:
    """60 of `60x`. Raises `Mistake`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)x?", text)
    if found is None or not 1 <= float(found[1]) <= FASTEST:
        raise Mistake(f"--speed: wants 1x to {FASTEST:g}x, got {text}")
    return float(found[1])
