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
* `province`, `steps`, `lone`, `peers` put hub, C and peers (`python -m bench.peers` installs them) side by side: each
  round starts one of them anew with all of its viewers, and they take turns.
* Memory is resident memory of the hub with its viewers less that before, by viewer; the kernel's is not in it.

`--shape all-province` is the whole table of the province day; the command says first how long it takes.
"""

import argparse
import asyncio
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from bench.figures import Idle, Round, rows
from bench.machine import allow_many_files, cores, this_machine
from bench.menu import GROUPS, SHAPES, names_of, takes_s
from bench.peers.known import PEERS, installed
from bench.report import Result, markdown, today, write
from bench.sides import Options

PACKAGES = ("aiohttp", "msgspec", "SQLAlchemy")
WITH_LEAST = ("slow", "rude", "imports", "pictures")
"""20 cards a second to 5,000 viewers is more than a core can send, and then everybody waits: of several sizes these
take the least."""


def main(argv: list[str] | None = None) -> int:
    """Run the shapes that are asked for; returns the exit code: 1 when a complete channel lost or repeated an entry."""
    arguments = sys.argv[1:] if argv is None else argv
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        names = names_of(asked.shape)
        options = _options(asked)
    except ValueError as error:
        parser.error(str(error))
    viewers = [int(part) for part in asked.viewers.split(",") if part]
    if "slow" in names and not 2 <= asked.slow < min(viewers, default=1000):
        parser.error(f"--slow: wants 2 to {min(viewers, default=1000) - 1}, got {asked.slow}")
    print(f"{', '.join(names)}: about {takes_s(options, names, viewers) / 60:.0f} minutes", flush=True)
    allow_many_files()
    _leave_first_core()
    try:
        rounds, idles, failed = asyncio.run(measured(options, names, viewers))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped: every process has ended, nothing is written", file=sys.stderr)
        return 130
    versions = installed()
    result = Result(
        measured_on=today(),
        command=shlex.join(["python", "-m", "bench", *arguments]),
        commit=_commit(),
        machine=this_machine(PACKAGES),
        rows=rows(rounds, idles),
        rounds=rounds,
        idles=idles,
        notes=failed + notes(rounds),
        peers={name: versions[name] for name in options.peers if name in versions},
    )
    print("\n" + markdown(result))
    page = Path(asked.markdown) if asked.markdown else None
    for file in write(result, Path(asked.out), page, asked.marks or _marks(asked.shape)):
        print(f"written: {file}")
    return 1 if failed or broken(rounds) else 0


async def measured(options: Options, names: list[str], viewers: list[int]) -> tuple[list[Round], list[Idle], list[str]]:
    """The rounds of each shape for each number of viewers, and which shapes failed: the others are not lost by it."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    rounds: list[Round] = []
    idles: list[Idle] = []
    failed: list[str] = []
    for name in names:
        shape = SHAPES[name]
        counts = viewers or [shape.viewers]
        for count in [min(counts)] if name in WITH_LEAST else counts:
            within_s = 120 + 3 * takes_s(options, [name], [count])
            try:
                async with asyncio.timeout(within_s):
                    found = await shape.run(options, count)
            except Exception as error:  # an hour of other shapes is worth more than a trace
                failed.append(f"{name}, {count} viewers: not measured: {type(error).__name__} {error}"[:400])
                print(failed[-1], file=sys.stderr, flush=True)
                continue
            rounds += found[0]
            idles += found[1]
    return rounds, idles, failed


def broken(rounds: list[Round]) -> list[Round]:
    """Rounds of ours in which a card was lost or came twice, or anything was refused."""
    ours = [one for one in rounds if one.server == "daigang"]
    return [one for one in ours if one.refused or one.repeats or one.lost or (one.missing and "chat" not in one.shape)]


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
        if one.shape.endswith("saturated") and one.server == "daigang" and one.cpu_s < 0.9 * one.wall_s:
            said.append(
                f"{one.shape}, {one.viewers} viewers: the hub was busy {one.cpu_s / one.wall_s:.0%} of the time only "
                f"(load {one.load_cpu_s / one.wall_s:.0%}); its deliveries/s may be higher."
            )
    return list(dict.fromkeys(said))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Measure a hub on this machine.")
    shapes = "; ".join(f"{name}: {shape.text}" for name, shape in SHAPES.items())
    groups = "; ".join(f"{name} is {', '.join(names)}" for name, names in GROUPS.items())
    parser.add_argument("--shape", default="all", help=f"one or several by comma. {shapes}. {groups}")
    parser.add_argument("--viewers", default="", help="how many, by comma (default: each shape's own)")
    parser.add_argument("--rooms", type=int, default=49, help="halls of the province day (default %(default)s)")
    parser.add_argument("--per-room", type=float, default=2.0, help="messages/s in each of them (default %(default)s)")
    parser.add_argument("--flood-seconds", type=float, default=60.0, help="length of a flood (default %(default)s)")
    parser.add_argument("--applying", type=float, default=5000.0, help="applications/s (default %(default)s)")
    parser.add_argument("--peers", default="all", help="by comma, `all` that are installed, or `none`")
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
    parser.add_argument("--streams", type=int, default=8, help="pictures sent in `pictures` (default %(default)s)")
    parser.add_argument("--no-reference", action="store_true", help="leave the C loop out")
    parser.add_argument("--out", default="build/bench", help="directory for bench.json, bench.md (default %(default)s)")
    parser.add_argument("--markdown", default="", help="a page whose marked table is replaced (docs/performance.md)")
    parser.add_argument("--marks", default="", help="name of the marks (default: province for its shapes, else bench)")
    return parser


def _marks(shape: str) -> str:
    return "province" if "province" in shape else "bench"


def _options(asked: argparse.Namespace) -> Options:
    """Raises `ValueError` for a peer that is none."""
    wanted = {"all": list(PEERS), "none": []}.get(asked.peers, asked.peers.split(","))
    unknown = [name for name in wanted if name not in PEERS]
    if unknown:
        raise ValueError(f"--peers: there are {', '.join(PEERS)}, not {', '.join(unknown)}")
    return Options(
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
        streams=asked.streams,
        reference=not asked.no_reference,
        rooms=asked.rooms,
        per_room=asked.per_room,
        flood_seconds=asked.flood_seconds,
        applications_per_s=asked.applying,
        peers=tuple(wanted),
        say=lambda text: print(text, flush=True),
    )


def _leave_first_core() -> None:
    mine = cores()[1]
    if mine and sys.platform == "linux":
        os.sched_setaffinity(0, mine)


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
