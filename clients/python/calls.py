"""Commands that wait for their replies, over more than one link if need be."""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from server.core.protocol import Command, Refused, Reply, refusal_of
from server.core.refusal import Code, Refusal

CALLS_LIMIT = 100
"""Commands that may wait at once."""


class Call:
    """A command that waits for its reply; its id is renewed for each link."""

    __slots__ = ("command", "reply")

    def __init__(self, command: Command) -> None:
        self.command = command
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()


class Calls:
    """Invariant: `send` has been given each waiting command since the last `again`."""

    def __init__(self, next_id: Callable[[], int], send: Callable[[Command], None]) -> None:
        self._next_id = next_id
        self._send = send
        self._waiting: dict[int, Call] = {}

    async def reply_to(self, command: Command, timeout_s: float) -> Reply:
        """Send a command and wait. Raises `Refusal`, and `TimeoutError` after `timeout_s`."""
        if len(self._waiting) >= CALLS_LIMIT:
            raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=1000)
        call = Call(command)
        self._start(call)
        try:
            async with asyncio.timeout(timeout_s):
                return await call.reply
        finally:
            self._waiting.pop(call.command.id, None)

    def again(self) -> None:
        """A new link is up: send everything that waits once more, under new ids, since ids grow within a link."""
        calls, self._waiting = list(self._waiting.values()), {}
        for call in calls:
            self._start(call)

    def replied(self, reply: Reply) -> None:
        """A reply came; one that nobody waits for any more is nobody's."""
        call = self._waiting.get(reply.id)
        if call is None or call.reply.done():
            return
        if isinstance(reply, Refused):
            call.reply.set_exception(refusal_of(reply))
        else:
            call.reply.set_result(reply)

    def end(self, error: Exception) -> None:
        """No reply will come any more."""
        for call in self._waiting.values():
            if not call.reply.done():
                call.reply.set_exception(error)

    def _start(self, call: Call) -> None:
        call.command = replace(call.command, id=self._next_id())
        self._waiting[call.command.id] = call
        self._send(call.command)
