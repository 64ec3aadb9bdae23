"""Puts the house together, starts and stops it; the only file that knows all of it."""

import asyncio
import contextlib
import logging
import os
import signal
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from server import listening
from server.assembling import VERSION, Assembly, Start
from server.assembling.garbage import Garbage
from server.bus.bus import CannotMeet
from server.config import Config, ConfigError
from server.core.model import Level, Region, RegionCode
from server.core.regions import RegionTree
from server.demo import prepare_demo
from server.hub.hub import Hub
from server.hub.tasks import Tasks
from server.jobs import clearing
from server.jobs.telling import EVERY_S
from server.media.broadcasts import Broadcasts
from server.opening import agree_on_time, alone_on_sqlite, now_ms, open_store, sender_of
from server.outside.message import Sender
from server.playing import day_beside
from server.public_address import public_origin, refuse_bare_http, refuse_open_demo
from server.real_fair import end_made_up_accounts
from server.store import catalogue_queries
from server.store.store import Store
from server.web import broken_requests
from server.web.broken_requests import BrokenRequests
from server.web.entrance import DEMO_NAMES
from server.web.guard import Guard
from server.web.issuing import Issuer
from server.web.passing import inner_door
from server.web.porch import Porch
from server.web.site import make_site
from server.web.tls_porch import TlsPorch
from server.workers import Lifeline

log = logging.getLogger("daigang.app")

STOP_WITHIN_S = 25.0
"""systemd's own patience is 90 s; a deploy should not need it."""


class House:
    """A hub with everything it needs. Invariant: what `start` opened, `stop` closes in the opposite order, also after
    a start that failed half-way."""

    def __init__(
        self, config: Config, start: Start, clock_ms: Callable[[], int] = now_ms, sender: Sender | None = None
    ) -> None:
        """`sender`: who delivers messages to phones, by default as configured. Raises `ConfigError` for what must not
        be started at all."""
        if start.demo:
            refuse_open_demo(config.server.host)
        if not start.dev:
            refuse_bare_http(config)
        self.config = config
        self._start = start
        self._clock_ms = clock_ms
        self._sender = sender
        self._open = contextlib.AsyncExitStack()
        self._tls: ssl.SSLContext | None = None
        self.origin = ""
        self.port = 0
        self.store: Store
        self.hub: Hub
        self.broadcasts: Broadcasts
        self.guard: Guard
        self.broken_requests: BrokenRequests
        self.issuer: Issuer
        self.site: web.Application

    async def start(self) -> None:
        """Serving when it returns. Raises `ConfigError`, `CannotListen`, `Refusal`."""
        try:
            await self._build()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Viewers are told to come back (4001), what was begun is finished, and everything is closed."""
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                await self._open.aclose()
        except TimeoutError:
            log.error("not everything ended within %d s", STOP_WITHIN_S)

    def reload_certificate(self) -> None:
        """Read the certificate again (SIGHUP); a bad one is logged and the old one stays."""
        if self._tls is None:
            return
        try:
            listening.load_certificate(self._tls, self.config.server)
            log.info("certificate read again")
        except ConfigError as error:
            log.error("%s", error)

    async def _build(self) -> None:
        config = self.config
        several = self._start.worker is not None
        sock = await asyncio.to_thread(listening.bind, config.server, config.limits, shared=several)
        self._open.callback(sock.close)
        self.port = sock.getsockname()[1]
        self.origin = public_origin(config, self.port)
        self._tls = await asyncio.to_thread(listening.tls_context, config.server)
        if self._start.alone:
            self._open.enter_context(alone_on_sqlite(config))
        self.store, secrets = await open_store(config, self._clock_ms)
        self._open.push_async_callback(self.store.close)
        await agree_on_time(self.store, self._clock_ms)
        province = RegionCode(config.province.code)
        if self._start.demo:
            await prepare_demo(self.store, province, DEMO_NAMES, self._clock_ms)
        else:
            await end_made_up_accounts(self.store, self._clock_ms)
        tree = await _tree(self.store, province, config.province.title)
        sender = self._sender or sender_of(config, secrets, demo=self._start.demo)
        self._open.push_async_callback(sender.close)
        if config.sender.kind == "console" and not sys.stdout.isatty() and not self._start.demo and not self._sender:
            log.warning("sender.kind is console and there is no terminal: codes and news reach nobody")
        assembly = Assembly(
            config, self._start, self.store, secrets, tree, self.origin, self.port, sender, self._clock_ms
        )
        self.broken_requests = assembly.broken_requests
        self.hub, self.guard, self.issuer = assembly.hub, assembly.guard, assembly.issuer
        await assembly.imports.open()
        self._open.push_async_callback(assembly.imports.close)
        parts = await assembly.parts()
        if parts.passing is not None:
            self._open.push_async_callback(parts.passing.close)
        runner = web.AppRunner(
            make_site(parts),
            handle_signals=False,
            access_log=None,
            logger=self.broken_requests,
            keepalive_timeout=self.guard.keepalive_s,
            shutdown_timeout=2.0,
        )
        self.site = runner.app
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        assert runner.server is not None
        parts.guard.stand_at(runner.server)
        self._open.push_async_callback(self.hub.close, self._start.spread_s)
        try:
            await self.hub.start()
        except CannotMeet as error:
            raise ConfigError(str(error)) from None
        jobs = self.jobs = Tasks()
        self._open.push_async_callback(jobs.close)
        jobs.every(broken_requests.EVERY_S, self.broken_requests.tell, name="telling of broken requests")
        jobs.every(EVERY_S, assembly.telling().step, name="telling phones")
        clear = assembly.picture.clearing().step
        jobs.start(clear(), name="clearing recordings once")
        jobs.every(clearing.EVERY_S, clear, name="clearing recordings")
        self.broadcasts = assembly.picture.broadcasts
        assembly.picture.start()
        self._open.push_async_callback(assembly.picture.close)
        lag = asyncio.create_task(parts.metrics.watch_lag(), name="loop lag")
        self._open.callback(lag.cancel)
        loop = asyncio.get_running_loop()
        if self._start.worker is not None:
            inner = inner_door(Path(self._start.worker.directory), self._start.worker.number)
            await asyncio.to_thread(inner.unlink, missing_ok=True)  # of an earlier life
            door = await loop.create_unix_server(runner.server, str(inner), backlog=listening.ACCEPTED_AT_ONCE)
            listening.hold_many(door)
            self._open.callback(door.close)
        porch = Porch(
            hub=self.hub,
            guard=parts.guard,
            origins=parts.origins,
            callers=assembly.callers,
            gates=assembly.gates,
            house=runner.server,
        )
        self._open.callback(porch.close)
        entry = porch if self._tls is None else TlsPorch(porch, self._tls)
        server = await loop.create_server(entry, sock=sock, backlog=listening.ACCEPTED_AT_ONCE)
        listening.hold_many(server)
        self._open.callback(server.close)

    def addresses(self) -> list[str]:
        """What to print when it runs: the four pages, and the one-click entries of a demonstration."""
        pages = (("viewer", "/"), ("host", "/host"), ("desk", "/desk"), ("screen", "/screen"))
        lines = [f"  {name:<11}{self.origin}{path}" for name, path in pages]
        if self._start.demo:
            entries = (
                ("host", "/host?demo=host"),
                ("assistant", "/host?demo=assistant"),
                ("HR", "/desk?demo=hr"),
                ("specialist", "/desk?demo=specialist"),
                ("operator", "/screen?demo=operator"),
            )
            lines += ["One click, without a password (this machine only):"]
            lines += [f"  {name:<11}{self.origin}{path}" for name, path in entries]
        return lines


async def _tree(store: Store, province: RegionCode, title: str) -> RegionTree:
    """The regions of the store; for a store that has none yet the province alone. Raises `ConfigError`."""
    regions = await store.read(catalogue_queries.regions)
    if not regions:
        return RegionTree([Region(code=province, name=title, level=Level.PROVINCE)])
    if province not in {region.code for region in regions}:
        raise ConfigError(f"province.code: {province} is not among the regions of the database")
    return RegionTree(regions)


async def serve(config: Config, start: Start, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT. Raises `ConfigError`, `CannotListen`, `Refusal` when it cannot start."""
    began_s = time.monotonic()
    house = House(config, start)
    await house.start()
    try:
        Garbage(lambda: house.hub.counts.connections).start(house.jobs)
        lifeline = None
        if start.worker is not None:
            lifeline = Lifeline()
            lifeline.serving()
            say = _nothing  # the supervisor says it once
        log.info("ready in %.2f s, pid %d, port %d", time.monotonic() - began_s, os.getpid(), house.port)
        for line in [f"daigang {VERSION} runs:", *house.addresses(), "Ctrl-C stops it."]:
            say(line)
        async with day_beside(house.store, config, house.origin, start.play, say):
            await _until_signal(house, lifeline)
    finally:
        log.info("stopping")
        await house.stop()


def _nothing(_line: str) -> None:
    return


async def _until_signal(house: House, lifeline: Lifeline | None) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    if lifeline is not None:
        lifeline.when_lost(stop.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, house.reload_certificate)
    await stop.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        # A second Ctrl-C ends at once, as people expect.
        loop.remove_signal_handler(number)
