"""战报: the figures of a played day, as text and as JSON."""

import resource
import sys
from collections.abc import Iterator

import msgspec

from clients.python.histogram import Histogram
from clients.simulator.comparing import Difference
from clients.simulator.playing import Order, Outcome

SHOWN = 40
"""Differences that are printed; the report file has them all."""


class Latency(msgspec.Struct, frozen=True):
    """In milliseconds; `count` is of how many."""

    count: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--report FILE` holds."""

    seed: int
    speed: float
    viewers: int
    viewers_at_once: int
    visits: int
    halls: int
    cards: int
    applications: int
    intents: int
    took_s: float
    cards_seen: Latency
    receipts: Latency
    hub_cpu_peak: float
    hub_cpu_s: float
    hub_memory_bytes: int
    hub_connections: int
    own_cpu_s: float
    own_memory_bytes: int
    counts: dict[str, int]
    refused: dict[str, int]
    differences: tuple[Difference, ...]


def report_of(order: Order, outcome: Outcome) -> Report:
    """The figures."""
    ledger, plan, peaks = outcome.play.ledger, outcome.play.plan, outcome.peaks
    own = resource.getrusage(resource.RUSAGE_SELF)
    kinds = [entry.kind for entries in ledger.stage_done.values() for entry in entries.values()]
    return Report(
        seed=order.wish.seed,
        speed=order.speed,
        viewers=order.wish.viewers,
        viewers_at_once=outcome.viewers_peak,
        visits=len(plan.visits),
        halls=len(plan.halls),
        cards=kinds.count("card_shown") - kinds.count("card_undone"),
        applications=len(ledger.forms),
        intents=sum(held.intent for held in ledger.forms.values()),
        took_s=round(outcome.took_s, 1),
        cards_seen=_latency(ledger.card_us),
        receipts=_latency(ledger.receipt_us),
        hub_cpu_peak=round(peaks.cpu, 3),
        hub_cpu_s=round(peaks.cpu_s, 1),
        hub_memory_bytes=peaks.memory_bytes,
        hub_connections=peaks.connections,
        own_cpu_s=round(own.ru_utime + own.ru_stime, 1),
        own_memory_bytes=own.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        counts=dict(sorted(ledger.counts.items())),
        refused=dict(sorted(ledger.refused.items())),
        differences=tuple(outcome.differences),
    )


def _latency(histogram: Histogram) -> Latency:
    p50, p99 = histogram.quantile_us(0.5) or 0, histogram.quantile_us(0.99) or 0
    return Latency(histogram.total, p50 / 1000, p99 / 1000, histogram.max_us / 1000)


def lines(report: Report) -> Iterator[str]:
    """What is printed."""
    yield f"战报 (synthetic, seed {report.seed}, {report.speed:g}x, {report.took_s:.0f} s)"
    yield (
        f"  {report.halls} halls, {report.viewers:,} viewers in {report.visits:,} visits, "
        f"{report.viewers_at_once:,} at once"
    )
    yield f"  {report.cards:,} cards, {report.applications:,} applications, {report.intents:,} intents"
    for name, latency in (("card to viewer", report.cards_seen), ("application to receipt", report.receipts)):
        yield (
            f"  {name}: p50 {latency.p50_ms:.0f} ms, p99 {latency.p99_ms:.0f} ms, longest {latency.max_ms:.0f} ms "
            f"({latency.count:,})"
        )
    if report.hub_memory_bytes:
        yield (
            f"  hub: at most {report.hub_cpu_peak:.0%} of a core, {report.hub_memory_bytes / 1024**2:.0f} MiB, "
            f"{report.hub_connections:,} websockets"
        )
    yield (
        f"  simulator: {report.own_cpu_s / max(1.0, report.took_s):.0%} of a core in the mean, "
        f"{report.own_memory_bytes / 1024**2:.0f} MiB"
    )
    if report.refused:
        yield "  refused: " + ", ".join(f"{name} {count}" for name, count in report.refused.items())
    yield "  happened: " + ", ".join(f"{name} {count:,}" for name, count in report.counts.items())
    if not report.differences:
        yield "Accepted, stored and shown are the same."
        return
    yield f"{len(report.differences)} DIFFERENCES"
    rows = [("where", "what", "accepted", "found")]
    rows += [(one.where, one.what, one.held, one.found) for one in report.differences[:SHOWN]]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    if len(report.differences) > SHOWN:
        yield f"  and {len(report.differences) - SHOWN} more"
