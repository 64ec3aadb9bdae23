"""The load client: a process that is thousands of viewers of one hub, and counts what reaches them.

    python -m bench.viewers --address 127.0.0.1:8080 --var var --viewers 1000 --rooms S01,S02 --chat --seconds 10

Each viewer has its own guest token, signed here with the seed in VAR/secrets.env, says hello, joins `stage/ROOM` (and
with --chat `chat/ROOM`), answers pings, and notes when each entry came. Missing are entries a viewer's offsets jump
over, and those at the end that others got. Latency counts from the hub's own time in each entry; `bench.run`, which
knows when each command was sent, starts this with --orders and measures from there.
"""

import argparse
import os
import sys
import threading
from pathlib import Path

import msgspec

from bench.control import Begin, Ready, Report, Reported, Stop, answer_decoder, line
from bench.crowd import Crowd
from bench.machine import allow_many_files
from bench.plan import Plan
from server.secrets_file import load_secrets

plan_decoder = msgspec.json.Decoder(Plan)


def main(argv: list[str] | None = None) -> int:
    """Run the viewers; returns the exit code: 1 when any could not get in."""
    parser = argparse.ArgumentParser(prog="python -m bench.viewers", description="Viewers of one hub, counted.")
    parser.add_argument("--address", default="127.0.0.1:8080", help="HOST:PORT of the hub (default %(default)s)")
    parser.add_argument("--var", default="var", help="the hub's directory with secrets.env (default %(default)s)")
    parser.add_argument("--viewers", type=int, default=1000, help="how many (default %(default)s)")
    parser.add_argument("--rooms", default="S01", help="sessions, by comma; viewers take turns (default %(default)s)")
    parser.add_argument("--chat", action="store_true", help="join the chat as well")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to count (default %(default)s)")
    parser.add_argument("--orders", action="store_true", help="plan and orders come by standard input (bench.run)")
    options = parser.parse_args(argv)
    allow_many_files()
    if options.orders:
        plan = plan_decoder.decode(_first_line(0))
        Crowd(plan, 0, lambda data: os.write(1, data)).run()
        return 0
    return alone(plan_of(options), options.seconds)


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that the command line asks for."""
    host, _, port = options.address.rpartition(":")
    kinds = ("stage", "chat") if options.chat else ("stage",)
    return Plan(
        host=host,
        port=int(port),
        viewers=options.viewers,
        rooms=tuple(tuple(f"{kind}/{room}" for kind in kinds) for room in options.rooms.split(",")),
        seed=load_secrets(Path(options.var), os.environ, store_exists=True).signing_seed,
    )


def alone(plan: Plan, seconds: float) -> int:
    """Count for that long and print what was counted."""
    reading, writing = os.pipe()
    missed = 0

    def hear(data: bytes) -> None:
        nonlocal missed
        answer = answer_decoder.decode(data)
        if isinstance(answer, Ready):
            missed = answer.failed
            print(f"{answer.viewers} in, {answer.failed} not, after {answer.took_s:.1f} s. {answer.reason}")
            os.write(writing, line(Begin()))
            end = threading.Timer(seconds, os.write, (writing, line(Report()) + line(Stop())))
            end.daemon = True
            end.start()
        elif isinstance(answer, Reported):
            print(summary(answer, seconds))

    Crowd(plan, reading, hear).run()
    return 1 if missed else 0


def summary(report: Reported, seconds: float) -> str:
    """What was counted, in a few lines."""
    latency = report.latency
    quantiles = ", ".join(
        f"{name} {value / 1000:.1f} ms"
        for name, value in (
            ("p50", latency.quantile_us(0.5)),
            ("p99", latency.quantile_us(0.99)),
            ("max", latency.max_us if latency.total else None),
        )
        if value is not None
    )
    gone = ", ".join(f"{why}: {times}" for why, times in report.lost.items())
    return (
        f"{report.deliveries} deliveries in {report.frames} frames, {report.deliveries / seconds:.0f}/s\n"
        f"missing {report.missing}, repeated {report.repeats}, lost viewers {gone or 'none'}\n"
        f"latency {quantiles or 'of nothing'}\n"
        f"this process {report.cpu_s / seconds:.0%} of a core"
    )


def _first_line(fd: int) -> bytes:
    """The first line, and nothing of what follows it."""
    data = b""
    while not data.endswith(b"\n"):
        byte = os.read(fd, 1)
        if not byte:
            raise SystemExit("no plan came")
        data += byte
    return data


if __name__ == "__main__":
    sys.exit(main())
