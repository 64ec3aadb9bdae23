"""One measured round, the figures in it, and the middle of several rounds. Pure."""

from collections.abc import Iterable, Sequence
from statistics import median

import msgspec

from clients.python.histogram import Histogram


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one round of a shape at one server measured. `sent` are commands that were done, `deliveries` entries times
    viewers (or replies), `frames` the reads they came in; processor times are of the whole server process and of the
    whole load process between the first command and the last delivery."""

    shape: str
    server: str
    viewers: int
    sent: int
    refused: dict[str, int] = {}
    deliveries: int
    frames: int
    wall_s: float
    cpu_s: float
    load_cpu_s: float
    latency: Histogram
    missing: int = 0
    repeats: int = 0
    lost: dict[str, int] = {}
    beside: dict[str, float] = {}
    """Figures, by name, of those who were there beside the viewers, and of the hub meanwhile."""
    against: str = ""
    """The shape whose rounds this one's latencies are compared with, one by one."""


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """A hub before and after its viewers came, and what it costs while nothing happens."""

    shape: str
    viewers: int
    rss_before_bytes: int
    rss_after_bytes: int
    joined_in_s: float
    wall_s: float
    cpu_s: float


class Spread(msgspec.Struct, frozen=True):
    """A figure over several rounds."""

    median: float
    low: float
    high: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Rounds of the same shape, server and number of viewers, by figure."""

    shape: str
    server: str
    viewers: int
    rounds: int
    figures: dict[str, Spread]


def spread(values: Iterable[float]) -> Spread:
    """Median, least and greatest. Raises `ValueError` for nothing."""
    values = sorted(values)
    if not values:
        raise ValueError("nothing was measured")
    return Spread(median(values), values[0], values[-1])


def of_round(one: Round) -> dict[str, float]:
    """The figures of a round; those it cannot have are left out."""
    figures: dict[str, float] = {
        "sent_per_s": one.sent / one.wall_s,
        "deliveries_per_s": one.deliveries / one.wall_s,
        "server_busy": one.cpu_s / one.wall_s,
        "load_busy": one.load_cpu_s / one.wall_s,
        "missing": one.missing,
        "repeats": one.repeats,
        "lost": sum(one.lost.values()),
        "refused": sum(one.refused.values()),
    }
    if one.deliveries:
        figures["cpu_us_per_delivery"] = one.cpu_s * 1e6 / one.deliveries
    if one.frames:
        figures["deliveries_per_frame"] = one.deliveries / one.frames
        figures["cpu_us_per_frame"] = one.cpu_s * 1e6 / one.frames
    for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99), ("max_ms", 1.0)):
        value = one.latency.quantile_us(share)
        if value is not None:
            figures[name] = value / 1000
    return figures | one.beside


def of_idle(idle: Idle) -> dict[str, float]:
    """The figures of an idle hub."""
    return {
        "kb_per_viewer": (idle.rss_after_bytes - idle.rss_before_bytes) / idle.viewers / 1000,
        "rss_mb": idle.rss_after_bytes / 1e6,
        "joined_in_s": idle.joined_in_s,
        "server_busy": idle.cpu_s / idle.wall_s,
    }


def rows(rounds: Sequence[Round], idles: Sequence[Idle]) -> list[Row]:
    """Rounds put together, in the order in which each kind came first; then the ratios to C, and to the shape a round
    is compared with, where there is one."""
    groups: dict[tuple[str, str, int], list[dict[str, float]]] = {}
    compared: dict[tuple[str, str, int], str] = {}
    for one in rounds:
        groups.setdefault((one.shape, one.server, one.viewers), []).append(of_round(one))
        compared[one.shape, one.server, one.viewers] = one.against
    for idle in idles:
        groups.setdefault((idle.shape, "daigang", idle.viewers), []).append(of_idle(idle))
    for (shape, server, viewers), figures in groups.items():
        against = groups.get((shape, "C", viewers), [])
        if server == "C" or len(against) != len(figures):
            continue
        for ours, theirs in zip(figures, against, strict=True):
            if "cpu_us_per_delivery" in ours and theirs.get("cpu_us_per_delivery"):
                ours["ratio_to_c"] = ours["cpu_us_per_delivery"] / theirs["cpu_us_per_delivery"]
    for (shape, server, viewers), against_shape in compared.items():
        _compare(groups[shape, server, viewers], groups.get((against_shape, server, viewers), []))
    return [
        Row(
            shape=shape,
            server=server,
            viewers=viewers,
            rounds=len(figures),
            figures={
                name: spread([each[name] for each in figures])
                for name in figures[0]
                if all(name in each for each in figures)
            },
        )
        for (shape, server, viewers), figures in groups.items()
    ]


def _compare(figures: list[dict[str, float]], against: list[dict[str, float]]) -> None:
    if len(figures) != len(against):
        return
    for ours, theirs in zip(figures, against, strict=True):
        for name in ("p50_ms", "p99_ms"):
            if name in ours and theirs.get(name):
                ours[name.replace("_ms", "_ratio")] = ours[name] / theirs[name]
