"""Bars, as SVG written by hand: a plotting library would be larger than the bench. Pure."""

from collections.abc import Sequence
from html import escape

import msgspec

from bench.figures import Row

BAR, GAP, LEFT, WIDTH, RIGHT, HEAD = 18, 6, 130, 420, 150, 34
OURS_COLOUR, OTHER_COLOUR = "#1a6dd4", "#9aa5b1"


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one shape (by the beginning of its name), a bar for each server."""

    title: str
    shape: str
    figure: str
    unit: str
    digits: int = 1


PANELS = (
    Panel(
        title="49 rooms x 400 viewers, 2 messages/s in each: CPU per delivery",
        shape="49 rooms, 2/s in each",
        figure="cpu_us_per_delivery",
        unit="us",
    ),
    Panel(
        title="the same: highest rate in each room with p99 <= 250 ms",
        shape="49 rooms, highest rate held",
        figure="held_per_s",
        unit="/s",
        digits=0,
    ),
    Panel(
        title="one message to 19,600 in one room, until the last has it",
        shape="one message to all",
        figure="until_last_ms",
        unit="ms",
        digits=0,
    ),
    Panel(
        title="the same: memory per viewer",
        shape="one message to all",
        figure="kb_per_viewer",
        unit="kB",
    ),
    Panel(
        title="the same: CPU to let a viewer in",
        shape="one message to all",
        figure="handshake_us",
        unit="us",
        digits=0,
    ),
    Panel(
        title="one room of 1,000, 3 messages/s: CPU per delivery",
        shape="one room, 3/s",
        figure="cpu_us_per_delivery",
        unit="us",
    ),
)


def plotted(rows: Sequence[Row], panels: Sequence[Panel] = PANELS) -> str:
    """A picture of the panels that were measured with anybody beside us; empty when none was."""
    parts: list[str] = []
    top = 8
    for panel in panels:
        found = [row for row in rows if row.shape.startswith(panel.shape) and panel.figure in row.figures]
        if len(found) < 2:
            continue
        parts.append(_panel(panel, found, top))
        top += HEAD + len(found) * (BAR + GAP) + 10
    if not parts:
        return ""
    width = LEFT + WIDTH + RIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="{width}" height="{top}" fill="#fff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _panel(panel: Panel, rows: Sequence[Row], top: int) -> str:
    most = max(row.figures[panel.figure].high for row in rows) or 1.0
    lines = [f'<text x="8" y="{top + 18}" font-weight="bold">{escape(panel.title)}</text>']
    for place, row in enumerate(rows):
        figure = row.figures[panel.figure]
        y = top + HEAD + place * (BAR + GAP)
        colour = OURS_COLOUR if row.server == "daigang" else OTHER_COLOUR
        middle, low, high = (LEFT + WIDTH * value / most for value in (figure.median, figure.low, figure.high))
        shown = f"{figure.median:,.{panel.digits}f} {panel.unit}"
        lines += [
            f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(row.server)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{max(1.0, middle - LEFT):.1f}" height="{BAR}" fill="{colour}"/>',
            f'<path d="M{low:.1f} {y + BAR / 2}H{high:.1f}" stroke="#111"/>',
            f'<text x="{max(middle, high) + 6:.1f}" y="{y + 13}">{shown}</text>',
        ]
    return "\n".join(lines)
