"""All platforms that pictures of this hub go on to."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from server.core.model import SessionId, is_rehearsal
from server.core.refusal import Refusal
from server.media.broadcasts import Broadcasts
from server.media.engines.inlets import Inlets
from server.media.outlet import Outlet, OutletState, Where

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.5


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a platform stands. `reason`: why not, a word: refused, address, certificate, slow,
    gone, broken."""

    state: OutletState
    reason: str = ""


class Outlets:
    """Invariant: an outlet runs for exactly those targets that are wanted and whose picture is in this hub."""

    def __init__(
        self,
        *,
        broadcasts: Broadcasts,
        wanted: Callable[[Sequence[SessionId]], Awaitable[Sequence[Where]]],
        private: tuple[str, ...],
    ) -> None:
        """`wanted`: what shall be sent of those sessions."""
        self._broadcasts = broadcasts
        self._wanted = wanted
        self._private = private
        self._outlets: dict[tuple[SessionId, int], Outlet] = {}
        self._task: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()

    def start(self) -> None:
        """Look after what runs, until `close`."""
        self._task = asyncio.create_task(self._look_after(), name="platforms")

    async def close(self) -> None:
        """No child is left when it returns."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await asyncio.gather(*(outlet.close() for outlet in self._outlets.values()))
        self._outlets.clear()

    def standing(self, session: SessionId, slot: int) -> Standing:
        """How that platform stands."""
        outlet = self._outlets.get((session, slot))
        if outlet is None:
            return Standing(state=OutletState.WAITING)
        return Standing(state=outlet.state, reason=outlet.reason)

    def states(self) -> Counter[OutletState]:
        """How many stand how."""
        return Counter(outlet.state for outlet in self._outlets.values())

    async def anew(self, session: SessionId, slot: int) -> None:
        """What stopped is tried again; what changed is taken up."""
        outlet = self._outlets.pop((session, slot), None)
        if outlet is not None:
            await outlet.close()
        await self.look()

    async def look(self) -> None:
        """Begin what is wanted, end what is not. Raises `Refusal`."""
        async with self._looking:
            here = [session for session in self._broadcasts.states() if not is_rehearsal(session)]
            wanted = {(one.session, one.slot): one for one in await self._wanted(here)} if here else {}
            for place, outlet in list(self._outlets.items()):
                if wanted.get(place) != outlet.where:
                    del self._outlets[place]
                    await outlet.close()
            for place, where in wanted.items():
                if place not in self._outlets:
                    self._outlets[place] = self._begin(where)

    def _begin(self, where: Where) -> Outlet:
        return Outlet(where, self._private, self._broadcasts.watch, self._broadcasts.unwatch)

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except Refusal:
                pass  # the store is away: what is sent goes on
            except Exception:
                log.exception("looking after platforms failed")


class Sides(msgspec.Struct, frozen=True):
    """Where pictures come from beside pages, and where they go on to."""

    inlets: Inlets
    outlets: Outlets
