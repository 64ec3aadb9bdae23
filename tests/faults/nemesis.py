"""Whoever means harm to a province of two hubs, by a seed: processes die, freeze and return, links swallow and break.

Everything it does ends by itself, so that afterwards the province has to become whole again.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from tests.faults.history import History, What
from tests.faults.link import Fault, FaultLink
from tests.faults.processes import HubProcess, hub_process
from tests.services import PostgresServer, RedisServer, Server

BACK_WITHIN_S: Final = 60.0


class Province(msgspec.Struct, frozen=True):
    """Two hubs on one PostgreSQL, the links they reach Redis by, and those by which viewers reach them."""

    hubs: tuple[HubProcess, HubProcess]
    bus_links: tuple[FaultLink, FaultLink]
    viewer_links: tuple[FaultLink, FaultLink]
    redis: RedisServer
    postgres: PostgresServer


@contextlib.asynccontextmanager
async def province(path: Path, store_url: str, postgres: PostgresServer, redis: RedisServer) -> AsyncIterator[Province]:
    """Both hubs serve."""
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        hubs, bus_links, viewer_links = [], [], []
        for name in ("one", "other"):
            bus_links.append(await enter(FaultLink("127.0.0.1", redis.port)))
            environ = {
                "DAIGANG_STORE_URL": store_url,
                "DAIGANG_REDIS_URL": f"redis://127.0.0.1:{bus_links[-1].port}/0",
            }
            hubs.append(stack.enter_context(hub_process(path / "var", environ, name)))
            viewer_links.append(await enter(FaultLink("127.0.0.1", hubs[-1].port)))
        for hub in hubs:
            await hub.start()
        yield Province(
            (hubs[0], hubs[1]), (bus_links[0], bus_links[1]), (viewer_links[0], viewer_links[1]), redis, postgres
        )


class Nemesis:
    """Does one or two harms at a time, each to another part, until told to end."""

    def __init__(self, province: Province, history: History, seed: int, longest_s: float) -> None:
        self._province = province
        self._history = history
        self._chance = random.Random(seed)
        self._longest_s = longest_s
        self._harms = self._all_harms()
        self._unseen: list[tuple[str, str]] = []
        self.done: list[str] = []

    async def rage(self, for_s: float) -> None:
        """Returns when everything is back."""
        clock = asyncio.get_running_loop().time
        until_s = clock() + for_s
        while clock() < until_s:
            parts = self._chance.sample(sorted(self._harms), self._chance.choice([1, 1, 2]))
            await asyncio.gather(*(self._one(part) for part in parts))
            await asyncio.sleep(self._chance.uniform(0.0, self._longest_s / 2))

    async def _one(self, part: str) -> None:
        name = self._next_of(part)
        lasts_s = self._chance.uniform(0.1, self._longest_s)
        self.done.append(f"{part} {name} {lasts_s:.1f} s")
        self._history.note("nemesis", What.FAULT, text=self.done[-1])
        await self._harms[part][name](lasts_s)
        self._history.note("nemesis", What.FAULT, text=f"{part} {name}: over")

    def _next_of(self, part: str) -> str:
        """Every harm of a part comes before one comes again."""
        left = [harm for harm in self._unseen if harm[0] == part]
        if not left:
            left = [(part, name) for name in self._harms[part]]
            self._chance.shuffle(left)
            self._unseen += left
        self._unseen.remove(left[0])
        return left[0][1]

    # ---- what it can do; each returns when it is over

    def _all_harms(self) -> Mapping[str, Mapping[str, Callable[[float], Awaitable[None]]]]:
        province = self._province
        harms: dict[str, Mapping[str, Callable[[float], Awaitable[None]]]] = {
            "redis": {
                "killed": self._killed(province.redis),
                "frozen": self._frozen(province.redis),
                "emptied": self._emptied,
            },
            "postgres": {"killed": self._killed(province.postgres), "frozen": self._frozen(province.postgres)},
            "both links to redis": {
                "swallow": self._swallow(*province.bus_links),
                "cut": self._cut(*province.bus_links),
            },
        }
        for n, hub in enumerate(province.hubs):
            viewers, bus = province.viewer_links[n], province.bus_links[n]
            harms[f"hub {n}"] = {
                "killed": self._hub_killed(n),
                "frozen": self._hub_frozen(hub),
                "renewed": self._hub_renewed(n),
            }
            harms[f"viewers of hub {n}"] = {"swallow": self._swallow(viewers), "cut": self._cut(viewers)}
            harms[f"link of hub {n} to redis"] = {"swallow": self._swallow(bus), "cut": self._cut(bus)}
        return harms

    def _killed(self, server: Server) -> Callable[[float], Awaitable[None]]:
        async def harm(lasts_s: float) -> None:
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(lasts_s)
            await asyncio.to_thread(server.start)

        return harm

    def _frozen(self, server: Server) -> Callable[[float], Awaitable[None]]:
        async def harm(lasts_s: float) -> None:
            server.stop_signal()
            await asyncio.sleep(lasts_s)
            server.cont()

        return harm

    async def _emptied(self, _: float) -> None:
        await asyncio.to_thread(self._province.redis.flush)

    def _hub_killed(self, n: int) -> Callable[[float], Awaitable[None]]:
        hub = self._province.hubs[n]

        async def harm(lasts_s: float) -> None:
            hub.kill()
            self._lead(n, 1 - n)
            await asyncio.sleep(lasts_s)
            await self._start(n)

        return harm

    def _hub_renewed(self, n: int) -> Callable[[float], Awaitable[None]]:
        async def harm(_: float) -> None:
            self._lead(n, 1 - n)
            with contextlib.suppress(TimeoutError):
                await self._province.hubs[n].terminate()
            await self._start(n)

        return harm

    def _hub_frozen(self, hub: HubProcess) -> Callable[[float], Awaitable[None]]:
        async def harm(lasts_s: float) -> None:
            hub.pause()
            await asyncio.sleep(lasts_s)
            hub.resume()

        return harm

    def _swallow(self, *links: FaultLink) -> Callable[[float], Awaitable[None]]:
        async def harm(lasts_s: float) -> None:
            for link in links:
                link.fault = Fault.BLACKHOLE
            await asyncio.sleep(lasts_s)
            for link in links:
                link.fault = Fault.PASS
                link.reset()  # what was swallowed is missing in the middle: no line goes on after that

        return harm

    def _cut(self, *links: FaultLink) -> Callable[[float], Awaitable[None]]:
        async def harm(_: float) -> None:
            for link in links:
                link.reset()

        return harm

    def _lead(self, n: int, to: int) -> None:
        """New viewers of that hub's link are led to this hub, as nginx does."""
        self._province.viewer_links[n].target = ("127.0.0.1", self._province.hubs[to].port)

    async def _start(self, n: int) -> None:
        """A hub that finds no database ends, and is started again, as systemd does."""
        async with asyncio.timeout(BACK_WITHIN_S):
            while True:
                try:
                    await self._province.hubs[n].start()
                    break
                except AssertionError:
                    self._province.hubs[n].kill()
                    await asyncio.sleep(0.5)
        self._lead(n, n)
