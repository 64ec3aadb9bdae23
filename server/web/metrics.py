"""`GET /metrics` in Prometheus' text format: what a hub counts (`web/metrics_families`), and how late its loop is.

Of several workers on one port any one may be asked, and the kernel chooses: so each answers for all of them, with a
label `worker`. Otherwise a counter would seem to jump with every look.
"""

import asyncio
import contextlib
import hmac
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families

from server.core.refusal import Code, Refusal
from server.web.issuing import bearer
from server.web.metrics_families import Families
from server.web.origin import from_this_machine, through_inner_door
from server.web.passing import Passing

LAG_EVERY_S: Final = 0.1
TYPE: Final = "text/plain; version=0.0.4"


class _Disk:
    """A collector of Prometheus' library. It asks a file system, which may take its time: never in the loop."""

    def __init__(self, var: Path) -> None:
        self._var = var

    def collect(self) -> Iterator[Metric]:
        """Nothing where the directory is away."""
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(self._var).free
            text = "Free where SQLite's database and recordings lie."
            yield GaugeMetricFamily("daigang_disk_free_bytes", text, value=free)


class Metrics:
    """Collects at the moment of asking; costs nothing in between but the measuring of the loop's lag."""

    def __init__(self, families: Families, *, var: Path, token: str, passing: Passing | None = None) -> None:
        """`var`: where the hub writes. `token`: what a monitor elsewhere shows; empty: only this machine may ask.
        `passing`: the way to the other workers, if there are any."""
        self._families = families
        self._token = token
        self._passing = passing
        self._registry = CollectorRegistry()
        self._registry.register(families)
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        GCCollector(registry=self._process)
        self._process.register(_Disk(var))

    async def watch_lag(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._families.lag.observe(max(0.0, loop.time() - due_s))

    async def get(self, request: web.Request) -> web.Response:
        """Handler of `/metrics`: for this machine, and for who shows the token."""
        inner = through_inner_door(request)
        if not inner and not from_this_machine(request) and not self._has_token(request):
            raise Refusal(Code.FORBIDDEN, needs="metrics_token")
        # The process is looked at in files of /proc, the disk by a call that waits; the hub by its own thread alone.
        own = generate_latest(self._registry) + await asyncio.to_thread(generate_latest, self._process)
        if self._passing is not None and not inner:
            own = merged({self._passing.number: own, **await self._passing.of_others("/metrics")})
        return web.Response(body=own, headers={"Content-Type": TYPE})

    def _has_token(self, request: web.Request) -> bool:
        return bool(self._token) and hmac.compare_digest(bearer(request).encode(), self._token.encode())


class _Told:
    """What others have collected, as a collector."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        """Prometheus' own name for it."""
        return self._families


def merged(texts: Mapping[int, bytes | None]) -> bytes:
    """One text of several workers', every sample with the label `worker`; None: that one did not answer."""
    families: dict[str, Metric] = {}
    up = GaugeMetricFamily("daigang_worker_up", "1 when the worker answered.", labels=("worker",))
    for number, text in sorted(texts.items()):
        up.add_metric((str(number),), int(text is not None))
        for family in text_string_to_metric_families((text or b"").decode()):
            known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                known.add_sample(sample.name, {**sample.labels, "worker": str(number)}, sample.value)
    registry = CollectorRegistry()
    registry.register(_Told((up, *families.values())))
    return generate_latest(registry)
