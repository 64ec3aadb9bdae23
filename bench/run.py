"""`make bench` (`B="..."` hands it arguments), or `.venv/bin/python -m bench.run --shape one-room --viewers 1000`.

What is measured, exactly:

* The hub is `daigang run` as everybody runs it (SQLite, in-process bus), in a process of its own on the first core; the
  viewers are one process, the senders are this one, both on the other cores. There is no switch in the product for
  this: cards are shown by many hosts and lines said by many guests, each within the limits of the protocol.
* Latency is from just before a command is written to its websocket until a viewer has read the frame that carries the
  entry, so it holds parsing, the commit, fan-out, the kernel and the viewers' own queue. All of it is on one clock.
* CPU per delivery is user + system time of the whole hub process from the first command to the end of the round (the
  last delivery, if that is later), divided by entries times viewers; so it also holds commands, commits, pings, and
  everything else a hub does meanwhile.
* `cards` and `chat` send at a rate. `saturated` shows cards as fast as they arrive: at most 4 are on their way that the
  viewer who got in last, and so is written to last, has not read yet. Where `server busy` stays well below 1, the
  viewers' process (`load busy`) or the hosts' limit (--hosts times 4.8 per s) held it back, and its deliveries/s are
  not the most the hub can do.
* C is `reference.c`: upgrade, then one `send` per viewer, of a frame of the same size, to the same kind of viewers.
* Missing are entries that were committed and did not reach a viewer; chat may lose some, a stage must not.
* `slow` and `rude` are rounds of `cards` with bad company in the room and rounds without, in turns, each with a fresh
  hub; docs/performance.md says who they are and what is seen of them.
* `imports` is the same with an operator who uploads and confirms workbooks of 15,543 rows all the while.
* Memory is resident memory of the hub with its viewers less that before, by viewer; the kernel's is not in it.
"""

import argparse
import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path

from bench.beside import importing, rude, slow
from bench.figures import Idle, Round, rows
from bench.hub import HubError
from bench.machine import allow_many_files, cores, this_machine
from bench.report import Result, markdown, today, write
from bench.shapes import Options, applications, idle, one_room

SHAPES = ("one-room", "cards", "saturated", "chat", "idle", "applications", "slow", "rude", "imports", "all")
PACKAGES = ("aiohttp", "msgspec", "SQLAlchemy")


def main(argv: list[str] | None = None) -> int:
    """Run the shapes that are asked for; returns the exit code: 1 when a complete channel lost or repeated an entry."""
    arguments = sys.argv[1:] if argv is None else argv
    parser = _parser()
    asked = parser.parse_args(arguments)
    viewers = [int(part) for part in asked.viewers.split(",")]
    if asked.shape in ("slow", "all") and not 2 <= asked.slow < min(viewers):
        parser.error(f"--slow: wants 2 to {min(viewers) - 1}, got {asked.slow}")
    options = Options(
        seconds=asked.seconds,
        repeats=asked.repeats,
        cards_per_s=asked.cards,
        lines_per_s=asked.lines,
        hosts=asked.hosts,
        slow=asked.slow,
        slow_cards_per_s=asked.slow_cards,
        slow_seconds=asked.slow_seconds,
        trickle_bytes_per_s=asked.trickle * 1024,
        rude=asked.rude,
        rude_acts_per_s=asked.rude_acts,
        reference=not asked.no_reference,
        say=lambda text: print(text, flush=True),
    )
    allow_many_files()
    _leave_first_core()
    try:
        rounds, idles = asyncio.run(measured(options, asked.shape, viewers))
    except HubError as error:
        print(error, file=sys.stderr)
        return 2
    result = Result(
        measured_on=today(),
        command=shlex.join(["python", "-m", "bench.run", *arguments]),
        commit=_commit(),
        machine=this_machine(PACKAGES),
        rows=rows(rounds, idles),
        rounds=rounds,
        idles=idles,
        notes=notes(rounds),
    )
    print("\n" + markdown(result))
    page = Path(asked.markdown) if asked.markdown else None
    for file in write(result, Path(asked.out), page):
        print(f"written: {file}")
    return 1 if broken(rounds) else 0


async def measured(options: Options, shape: str, viewers: list[int]) -> tuple[list[Round], list[Idle]]:
    """The rounds of a shape for each number of viewers."""
    rounds: list[Round] = []
    idles: list[Idle] = []
    both = shape in ("one-room", "all")
    kinds = ("cards", "saturated", "chat") if both else (shape,)
    for count in viewers:
        if both or shape in ("cards", "saturated", "chat"):
            rounds += await one_room(options, count, kinds)
        if both or shape == "idle":
            idles += await idle(options, count)
        if shape in ("applications", "all"):
            rounds += await applications(options, count)
    # 20 cards a second to 5,000 viewers is more than a core can send, and then everybody waits: of several sizes, with
    # `all`, these take the least.
    for count in [min(viewers)] if shape == "all" else viewers:
        if shape in ("slow", "all"):
            rounds += await slow(options, count)
        if shape in ("rude", "all"):
            rounds += await rude(options, count)
        if shape in ("imports", "all"):
            rounds += await importing(options, count)
    return rounds, idles


def broken(rounds: list[Round]) -> list[Round]:
    """Rounds of ours in which a card was lost or came twice, or anything was refused."""
    return [
        one
        for one in rounds
        if one.server != "C" and (one.refused or one.repeats or one.lost or (one.missing and "chat" not in one.shape))
    ]


def notes(rounds: list[Round]) -> list[str]:
    """What a reader of the figures must know."""
    said = []
    if not cores()[0]:
        said.append("Processes were not pinned to cores: not Linux, or a single core.")
    for one in broken(rounds):
        said.append(
            f"{one.shape}, {one.viewers} viewers: missing {one.missing}, repeated {one.repeats}, "
            f"refused {one.refused or 'none'}, lost viewers {one.lost or 'none'}."
        )
    for one in rounds:
        seen = max(one.beside.get("let_go", 0), one.beside.get("left_slow", 0))  # the kernel tells on Linux only
        if seen < one.beside.get("asleep", 0):
            said.append(f"{one.shape}: not every sleeper was let go within the round; it wants more seconds.")
        if one.beside.get("wrong_ends"):
            said.append(f"{one.shape}: {one.beside['wrong_ends']:.0f} rude acts did not end as they should.")
        if one.shape.endswith("saturated") and one.server != "C" and one.cpu_s < 0.9 * one.wall_s:
            said.append(
                f"{one.shape}, {one.viewers} viewers: the hub was busy {one.cpu_s / one.wall_s:.0%} of the time only "
                f"(load {one.load_cpu_s / one.wall_s:.0%}); its deliveries/s may be higher."
            )
    return list(dict.fromkeys(said))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Measure a hub on this machine.")
    parser.add_argument("--shape", choices=SHAPES, default="all", help="one-room is cards, saturated, chat, idle")
    parser.add_argument("--viewers", default="1000", help="how many, by comma (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a round (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="rounds of each kind (default %(default)s)")
    parser.add_argument("--cards", type=float, default=5.0, help="cards a second (default %(default)s)")
    parser.add_argument("--lines", type=float, default=20.0, help="chat lines a second (default %(default)s)")
    parser.add_argument("--hosts", type=int, default=60, help="hosts that take turns at cards (default %(default)s)")
    parser.add_argument("--slow", type=int, default=50, help="viewers of `slow` that are (default %(default)s)")
    parser.add_argument("--slow-cards", type=float, default=20.0, help="its cards a second (default %(default)s)")
    parser.add_argument("--slow-seconds", type=float, default=20.0, help="its length of a round (default %(default)s)")
    parser.add_argument("--trickle", type=float, default=64.0, help="KiB/s half of them read (default %(default)s)")
    parser.add_argument("--rude", type=int, default=20, help="clients of `rude` that are (default %(default)s)")
    parser.add_argument("--rude-acts", type=float, default=5.0, help="acts/s of each, 0 no bound (default %(default)s)")
    parser.add_argument("--no-reference", action="store_true", help="leave the C loop out")
    parser.add_argument("--out", default="build/bench", help="directory for bench.json, bench.md (default %(default)s)")
    parser.add_argument("--markdown", default="", help="a page whose marked table is replaced (docs/performance.md)")
    return parser


def _leave_first_core() -> None:
    mine = cores()[1]
    if mine and sys.platform == "linux":
        os.sched_setaffinity(0, mine)


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
