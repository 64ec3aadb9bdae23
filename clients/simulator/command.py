"""`daigang simulate`: play the day, say what happened; exit code 1 when accepted, stored and shown are not the same."""

import asyncio
import logging
import sys
from pathlib import Path

import msgspec

from clients.simulator.bulletin import Report, lines, report_of
from clients.simulator.playing import CannotPlay, Order, Outcome, Playing
from server.core.refusal import Refusal

CANNOT = 2


def play(order: Order, report: Path | None) -> tuple[int, Report | None]:
    """The exit code, and the report where there is one."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    try:
        outcome = asyncio.run(_played(order))
    except CannotPlay as error:
        print(f"daigang: {error}", file=sys.stderr)
        return CANNOT, None
    except (Refusal, OSError, TimeoutError, ExceptionGroup) as failed:
        why = _first(failed)
        if not isinstance(why, Refusal | OSError | TimeoutError):
            raise
        print(f"daigang: the hub failed while the day was played: {type(why).__name__}: {why}", file=sys.stderr)
        return 1, None
    found = report_of(order, outcome)
    for line in lines(found):
        print(line, flush=True)
    if report is not None:
        report.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
    return (1 if found.differences else 0), found


async def _played(order: Order) -> Outcome:
    async with Playing(order) as playing:
        await playing.day()
        return await playing.compare()


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
