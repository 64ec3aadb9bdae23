"""What the province day has to hold, and whether it did: one line for each target. Pure."""

from collections.abc import Sequence

import msgspec

from bench.figures import Row

OURS = "daigang"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The figure of a shape (by the beginning of its name) with so many viewers, and what it may be at most, or at
    least."""

    text: str
    shape: str
    figure: str
    limit: float
    at_least: bool = False
    aim: float | None = None
    unit: str = ""
    digits: int = 0
    viewers: int = 19_600

    def held(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value >= self.limit if self.at_least else value <= self.limit


def _flood(lines: int) -> tuple[Target, ...]:
    text, shape = f"49 x 400, {lines} lines/s in each room", f"flood, 49 x {lines} "
    return (
        Target(text=f"{text}: cards lost", shape=shape, figure="cards_missing", limit=0),
        Target(text="the same: stored lines lost", shape=shape, figure="chat_missing", limit=0),
        Target(text="the same: cards p99", shape=shape, figure="cards_p99_ms", limit=250, unit=" ms"),
        Target(text="the same: chat p99", shape=shape, figure="chat_p99_ms", limit=1000, unit=" ms"),
    )


TARGETS = (
    Target(
        text="49 x 400, 2 messages/s in each room: CPU per delivery, to C",
        shape="49 rooms, 2/s in each",
        figure="ratio_to_c",
        limit=1.6,
        aim=1.3,
        unit=" x C",
        digits=2,
    ),
    Target(
        text="49 x 400, urgent alone: messages/s in each room with p99 <= 250 ms",
        shape="49 rooms, highest rate held",
        figure="held_per_s",
        limit=3,
        at_least=True,
        unit="/s",
    ),
    *_flood(20),
    *_flood(60),
    Target(
        text="one message to 19,600 in one room, until the last has it",
        shape="one message to all",
        figure="until_last_ms",
        limit=380,
        aim=320,
        unit=" ms",
    ),
    Target(
        text="one room of 1,000, 400 lines/s: CPU per delivery",
        shape="flood, 1 x 400 ",
        viewers=1_000,
        figure="cpu_us_per_delivery",
        limit=1.0,
        unit=" us",
        digits=2,
    ),
    Target(
        text="the same: chat p99", shape="flood, 1 x 400 ", viewers=1_000, figure="chat_p99_ms", limit=150, unit=" ms"
    ),
    Target(
        text="memory per idle viewer in four channels",
        shape="idle",
        figure="kb_per_viewer",
        limit=16,
        aim=6,
        unit=" kB",
        digits=1,
    ),
    Target(
        text="19,600 come back after a kill: all whole again",
        shape="storm",
        figure="whole_s",
        limit=15,
        unit=" s",
        digits=1,
    ),
    Target(
        text="the same: store reads per room",
        shape="storm",
        figure="store_reads_per_room",
        limit=1,
        digits=3,
    ),
    Target(
        text="19,600 cold arrivals in 60 s, nginx before the hub: p99 until the card",
        shape="arrivals, nginx",
        figure="p99_ms",
        limit=3000,
        unit=" ms",
    ),
    Target(text="the same: refused", shape="arrivals, nginx", figure="refused", limit=0),
    Target(text="the same: joins put off", shape="arrivals, nginx", figure="put_off", limit=0),
    Target(
        text="applications acknowledged after fsync",
        shape="applications, 5000/s",
        viewers=6_000,
        figure="deliveries_per_s",
        limit=4950,
        at_least=True,
        unit="/s",
    ),
    Target(text="the same: p99", shape="applications, 5000/s", viewers=6_000, figure="p99_ms", limit=100, unit=" ms"),
)
"""4,950 of 5,000: the last of a round end a little after its time."""


def verdicts(rows: Sequence[Row]) -> str:
    """The targets that were measured as a Markdown table; empty when none was."""
    lines = []
    for target in TARGETS:
        found = [
            row
            for row in rows
            if row.shape.startswith(target.shape) and row.viewers == target.viewers and target.figure in row.figures
        ]
        ours = next((row for row in found if row.server == OURS), None)
        if ours is None:
            continue
        value = ours.figures[target.figure]
        others = ", ".join(
            f"{row.server} {shown(row.figures[target.figure].median, target)}" for row in found if row.server != OURS
        )
        lines.append((target.text, wanted(target), shown(value.median, target), verdict(value.median, target), others))
    if not lines:
        return ""
    heads = [("what", "target", "measured", "", "others"), ("---", "---", "---:", "---", "---")]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [*heads, *lines])


def wanted(target: Target) -> str:
    """The target in words."""
    aim = "" if target.aim is None else f", aim {target.aim:g}"
    return f"{'>=' if target.at_least else '<='} {target.limit:g}{target.unit}{aim}"


def verdict(value: float, target: Target) -> str:
    """Held or missed; by the median."""
    if not target.held(value):
        return "missed"
    return "held, and the aim" if target.aim is not None and value <= target.aim else "held"


def shown(value: float, target: Target) -> str:
    """A figure with its unit."""
    return f"{value:,.{target.digits}f}{target.unit}"
