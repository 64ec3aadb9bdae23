"""`/api/sessions/ID/restream`: the platforms a session's picture goes on to. Addresses and keys come in and never
go out."""

from typing import TypeVar

import msgspec
from aiohttp import web

from server.actions.restreaming import Restreaming, shown_address
from server.actions.streaming import Streaming
from server.core.model import Principal, SessionId
from server.core.refusal import Code, Refusal
from server.core.unreadable import UNREADABLE
from server.hub.hub import Hub
from server.media.outlet import OutletState
from server.media.outlets import Outlets
from server.store.streaming_rows import RestreamTarget
from server.web.answers import json_answer
from server.web.issuing import bearer

T = TypeVar("T")


class TargetAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST …/SLOT`: server and stream key as the platform shows them. Never printed."""

    name: str
    url: str
    key: str

    def __repr__(self) -> str:
        return "TargetAsked(…)"


class RunAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST …/SLOT/run`."""

    running: bool


class TargetShown(msgspec.Struct, frozen=True, kw_only=True):
    """A platform as pages show it: of its address the host, of its key nothing."""

    slot: int
    name: str
    host: str
    running: bool
    state: OutletState
    reason: str


class RestreamAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET`."""

    targets: tuple[TargetShown, ...]


_asked = msgspec.json.Decoder(TargetAsked)
_run = msgspec.json.Decoder(RunAsked)


class RestreamDoor:
    """Handlers of the addresses."""

    def __init__(self, *, hub: Hub, streaming: Streaming, restreaming: Restreaming, outlets: Outlets) -> None:
        self._hub = hub
        self._streaming = streaming
        self._restreaming = restreaming
        self._outlets = outlets

    async def get(self, request: web.Request) -> web.Response:
        """All of the session, and how they stand."""
        _, session = await self._who(request)
        return json_answer(RestreamAnswer(targets=await self._shown(session)))

    async def put(self, request: web.Request) -> web.Response:
        """`POST …/SLOT`: set up, not yet sent to."""
        principal, session = await self._who(request)
        asked = _read(_asked, await request.read())
        target = RestreamTarget(
            session=session, slot=_slot(request), name=asked.name, url=asked.url, key=asked.key, running=False
        )
        await self._restreaming.put(principal, target, self._hub.clock_ms())
        await self._outlets.anew(session, target.slot)
        return json_answer(RestreamAnswer(targets=await self._shown(session)))

    async def run(self, request: web.Request) -> web.Response:
        """`POST …/SLOT/run`: send, or stop; what was given up is tried again."""
        principal, session = await self._who(request)
        asked = _read(_run, await request.read())
        await self._restreaming.run(principal, session, _slot(request), asked.running, self._hub.clock_ms())
        await self._outlets.anew(session, _slot(request))
        return json_answer(RestreamAnswer(targets=await self._shown(session)))

    async def drop(self, request: web.Request) -> web.Response:
        """`POST …/SLOT/drop`: forgotten."""
        principal, session = await self._who(request)
        await self._restreaming.drop(principal, session, _slot(request), self._hub.clock_ms())
        await self._outlets.anew(session, _slot(request))
        return json_answer(RestreamAnswer(targets=await self._shown(session)))

    async def _shown(self, session: SessionId) -> tuple[TargetShown, ...]:
        return tuple(self._shown_as(target) for target in await self._restreaming.targets(session))

    def _shown_as(self, target: RestreamTarget) -> TargetShown:
        standing = self._outlets.standing(target.session, target.slot)
        return TargetShown(
            slot=target.slot,
            name=target.name,
            host=shown_address(target.url),
            running=target.running,
            state=standing.state if target.running else OutletState.STOPPED,
            reason=standing.reason if target.running else "",
        )

    async def _who(self, request: web.Request) -> tuple[Principal, SessionId]:
        principal = self._hub.verify(bearer(request))
        return principal, await self._streaming.allowed(principal, request.match_info["session"])


def _slot(request: web.Request) -> int:
    return int(request.match_info["slot"])


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The body. What was sent is never quoted: a key may be in it."""
    try:
        return decoder.decode(body)
    except UNREADABLE:
        raise Refusal(Code.BAD_MESSAGE, detail="not what this address takes") from None
