"""Figures as a Markdown table and as JSON."""

from datetime import datetime
from pathlib import Path

import msgspec

from bench.figures import Idle, Round, Row, Spread
from bench.machine import Machine
from bench.plot import plotted
from bench.targets import verdicts

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
PICTURE = "province.svg"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one run of the benchmark found out."""

    measured_on: str
    command: str
    commit: str
    machine: Machine
    rows: list[Row]
    rounds: list[Round]
    idles: list[Idle]
    notes: list[str]
    peers: dict[str, str] = {}


COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("sent/s", "sent_per_s", 1),
    ("deliveries/s", "deliveries_per_s", 0),
    ("CPU us per delivery", "cpu_us_per_delivery", 2),
    ("to C", "ratio_to_c", 2),
    ("deliveries per frame", "deliveries_per_frame", 1),
    ("p50 ms", "p50_ms", 1),
    ("p99 ms", "p99_ms", 1),
    ("max ms", "max_ms", 1),
    ("until the last has it ms", "until_last_ms", 0),
    ("missing", "missing", 0),
    ("server busy", "server_busy", 2),
    ("load busy", "load_busy", 2),
    ("CPU us per handshake", "handshake_us", 0),
    ("all in after s", "joined_in_s", 1),
    ("kB per viewer", "kb_per_viewer", 1),
)
FLOOD_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("deliveries/s", "deliveries_per_s", 0),
    ("CPU us per delivery", "cpu_us_per_delivery", 2),
    ("deliveries per frame", "deliveries_per_frame", 1),
    ("cards p99 ms", "cards_p99_ms", 1),
    ("chat p99 ms", "chat_p99_ms", 1),
    ("cards missing", "cards_missing", 0),
    ("lines missing", "chat_missing", 0),
    ("lines stored", "lines_stored", 0),
    ("answered but not in the log", "lines_not_in_log", 0),
    ("refused", "refused", 0),
    ("server busy", "server_busy", 2),
    ("load busy", "load_busy", 2),
)
STORM_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("all whole after s", "whole_s", 1),
    ("of it after the hub answered", "whole_after_up_s", 1),
    ("CPU us per viewer", "handshake_us", 0),
    ("tries per viewer", "tries_per_viewer", 2),
    ("told a snapshot instead", "fresh", 0),
    ("joins put off", "put_off", 0),
    ("store reads", "store_reads", 0),
    ("store reads per room", "store_reads_per_room", 3),
    ("missing afterwards", "missing", 0),
)
ARRIVAL_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("in/s", "deliveries_per_s", 0),
    ("requests each", "requests", 0),
    ("kB each", "shell_kb", 0),
    ("p50 ms until the card", "p50_ms", 0),
    ("p99 ms", "p99_ms", 0),
    ("max ms", "max_ms", 0),
    ("refused or failed", "refused", 0),
    ("joins put off", "put_off", 0),
    ("hub CPU us each", "handshake_us", 0),
    ("nginx CPU us each", "front_us", 0),
    ("server busy", "server_busy", 2),
    ("load busy", "load_busy", 2),
)
HELD_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("held, messages/s in each room", "held_per_s", 0),
    ("p99 ms at it", "p99_ms", 1),
    ("deliveries/s at it", "deliveries_per_s", 0),
    ("CPU us per delivery at it", "cpu_us_per_delivery", 2),
)
BESIDE_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("p50 ms", "p50_ms", 1),
    ("p99 ms", "p99_ms", 1),
    ("max ms", "max_ms", 1),
    ("p50 with / without", "p50_ratio", 2),
    ("p99 with / without", "p99_ratio", 2),
    ("missing", "missing", 0),
    ("asleep", "asleep", 0),
    ("let go", "let_go", 0),
    ("by the counter", "left_slow", 0),
    ("s from waiting to let go", "let_go_s", 1),
    ("longest", "let_go_longest_s", 1),
    ("longest by the counter", "left_slow_longest_s", 1),
    ("slow readers lost", "trickle_lost", 0),
    ("rude acts/s", "rude_acts_per_s", 0),
    ("wrong ends", "wrong_ends", 0),
    ("RSS MB before", "rss_before_mb", 1),
    ("most grown", "rss_grown_mb", 1),
    ("after", "rss_after_mb", 1),
    ("loop lag at most ms", "loop_lag_at_most_ms", 0),
    ("server busy", "server_busy", 2),
    ("load busy", "load_busy", 2),
    ("others busy", "company_busy", 2),
)
IDLE_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("kB per viewer", "kb_per_viewer", 1),
    ("RSS MB", "rss_mb", 0),
    ("all in after s", "joined_in_s", 1),
    ("server busy", "server_busy", 3),
)


TABLES = {
    "moving": COLUMNS,
    "held": HELD_COLUMNS,
    "flood": FLOOD_COLUMNS,
    "storm": STORM_COLUMNS,
    "arrivals": ARRIVAL_COLUMNS,
    "beside": BESIDE_COLUMNS,
    "idle": IDLE_COLUMNS,
}


def kind_of(row: Row) -> str:
    """The table a row belongs to, by a figure that only its kind has."""
    if "rss_grown_mb" in row.figures:
        return "beside"
    if "held_per_s" in row.figures:
        return "held"
    kind = row.shape.partition(",")[0]
    return kind if kind in ("idle", "flood", "storm", "arrivals") else "moving"


def markdown(result: Result) -> str:
    """The tables, each figure as median (least to greatest), with the machine and the command."""
    machine = result.machine
    packages = ", ".join(f"{name} {number}" for name, number in machine.packages.items())
    parts = [
        f"Measured on {result.measured_on} at commit {result.commit}: {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_gib} GiB, {machine.system}, Python {machine.python}, {packages}.",
        *([f"Beside us: {', '.join(f'{n} {v}' for n, v in result.peers.items())}."] if result.peers else []),
        f"Command: `{result.command}`. Figures are medians, in brackets least and greatest.",
    ]
    summary = verdicts(result.rows)
    if summary:
        parts.append(summary)
    for kind, columns in TABLES.items():
        some = [row for row in result.rows if kind_of(row) == kind]
        if some:
            parts.append(table(some, columns))
    if result.notes:
        parts.append("\n".join(f"* {note}" for note in result.notes))
    return "\n\n".join(parts) + "\n"


def table(rows: list[Row], columns: tuple[tuple[str, str, int], ...]) -> str:
    """Rows as a Markdown table; columns nobody has are left out."""
    used = [column for column in columns if any(column[1] in row.figures for row in rows)]
    heads = ["shape", "viewers", "server", "rounds", *(head for head, _, _ in used)]
    lines = [heads, ["---", "---:", "---", "---:", *("---:" for _ in used)]]
    for row in rows:
        cells = [shown(row.figures.get(name), digits) for _, name, digits in used]
        lines.append([row.shape, f"{row.viewers:,}", row.server, str(row.rounds), *cells])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def shown(figure: Spread | None, digits: int) -> str:
    """Median (least to greatest); the brackets only where they say something."""
    if figure is None:
        return ""
    middle, low, high = (f"{value:,.{digits}f}" for value in (figure.median, figure.low, figure.high))
    return middle if low == high else f"{middle} ({low} to {high})"


def write(result: Result, directory: Path, page: Path | None, marks: str = "bench") -> list[Path]:
    """Write `bench.json`, `bench.md` and a picture into the directory, and the tables into the page between its two
    marks of that name, the picture beside it. Returns what was written. Raises `ValueError` for a page without them."""
    directory.mkdir(parents=True, exist_ok=True)
    data, text = directory / "bench.json", directory / "bench.md"
    data.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    text.write_text(markdown(result), "utf-8")
    written = [data, text]
    picture = plotted(result.rows)
    if picture:
        written.append(directory / PICTURE)
        written[-1].write_text(picture, "utf-8")
    if page is None:
        return written
    tables = markdown(result)
    if picture:
        written.append(page.parent / "pictures" / PICTURE)
        written[-1].parent.mkdir(exist_ok=True)
        written[-1].write_text(picture, "utf-8")
        tables = f"![Us and others](pictures/{PICTURE})\n\n{tables}"
    page.write_text(put_into(page.read_text("utf-8"), tables, marks), "utf-8")
    return [*written, page]


def put_into(page: str, tables: str, marks: str = "bench") -> str:
    """The page with what stands between its marks of that name replaced. Raises `ValueError`."""
    first, last = (mark.replace("bench", marks) for mark in (BEGIN, END))
    head, begin, rest = page.partition(first)
    _, end, tail = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"the page wants the two lines {first} and {last}")
    return f"{head}{first}\n\n{tables}\n{last}{tail}"


def today() -> str:
    """Today's date, ISO 8601."""
    return datetime.now().astimezone().date().isoformat()
