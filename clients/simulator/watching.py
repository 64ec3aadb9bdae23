"""What a hub says of itself while it is played with: processor and memory from `/metrics`."""

import asyncio
import http.client
import re
import time
import urllib.request

import msgspec

EVERY_S = 2.0
WITHIN_S = 5.0
_LINE = re.compile(r'^([a-z_]+)(?:\{worker="\d+"\})? ([0-9.e+-]+)$', re.MULTILINE)
"""Several workers of one hub are told apart by a label; here they are one."""
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def summed(text: str) -> dict[str, float]:
    """The samples of a text in Prometheus' format that have no label but the worker's, summed over the workers."""
    found: dict[str, float] = {}
    for name, value in _LINE.findall(text):
        found[name] = found.get(name, 0.0) + float(value)
    return found


class Peaks(msgspec.Struct):
    """The most that was seen. `cpu` is in parts of one core; 0 where the hub does not tell."""

    cpu: float = 0.0
    cpu_s: float = 0.0
    memory_bytes: int = 0
    connections: int = 0
    deliveries: int = 0


class Watching:
    """Asks every EVERY_S. A hub that does not answer (it is being restarted) is asked again."""

    def __init__(self, origin: str) -> None:
        self._url = origin + "/metrics"
        self._before: tuple[float, float] | None = None
        self.peaks = Peaks()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Once."""
        try:
            text = await asyncio.to_thread(self._get)
        except (OSError, ValueError, http.client.HTTPException):
            self._before = None
            return
        self._take(summed(text), time.monotonic())

    def _take(self, values: dict[str, float], now_s: float) -> None:
        peaks = self.peaks
        cpu_s = values.get("process_cpu_seconds_total", 0.0)
        if self._before is not None and cpu_s >= self._before[0]:
            peaks.cpu_s += cpu_s - self._before[0]
            peaks.cpu = max(peaks.cpu, (cpu_s - self._before[0]) / max(0.001, now_s - self._before[1]))
        self._before = (cpu_s, now_s)
        peaks.memory_bytes = max(peaks.memory_bytes, int(values.get("process_resident_memory_bytes", 0)))
        peaks.connections = max(peaks.connections, int(values.get("daigang_connections", 0)))
        peaks.deliveries = max(peaks.deliveries, int(values.get("daigang_deliveries_total", 0)))

    def _get(self) -> str:
        with _direct.open(self._url, timeout=WITHIN_S) as answer:
            return bytes(answer.read()).decode()
