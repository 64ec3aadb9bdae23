"""A socket that writes past its transport never writes to anybody else."""

import asyncio
import contextlib
import socket

import pytest

from server.core.limits import Close
from tests.hub.listening import Kept, listening
from tests.wire.hubs import WITHIN_S, eventually


@pytest.mark.parametrize("leaves", ["client", "cut", "part"])
async def test_what_is_put_to_who_has_gone_reaches_nobody(leaves: str) -> None:
    """The kernel gives the number of a closed descriptor to the next connection."""
    made: list[Kept] = []
    async with listening(made) as port, contextlib.AsyncExitStack() as clients:
        client = clients.enter_context(socket.create_connection(("127.0.0.1", port)))
        await eventually(lambda: bool(made) and hasattr(made[0], "transport"))
        (old,) = made
        # Here already, or their own numbers would be the next.
        others = [clients.enter_context(socket.socket()) for _ in range(50)]
        number = old.transport.get_extra_info("socket").fileno()
        put = old.put
        assert put(b"yours") == 5
        client.settimeout(WITHIN_S)
        assert await asyncio.to_thread(client.recv, 100) == b"yours"
        if leaves == "cut":
            old.cut()
        elif leaves == "part":
            old.part(Close.RENEW)
        client.close()
        await asyncio.wait_for(old.lost.wait(), WITHIN_S)
        await asyncio.sleep(0.05)  # the transport closes the descriptor after it said so
        for other in others:
            other.connect(("127.0.0.1", port))
        await eventually(lambda: len(made) == 51 and hasattr(made[-1], "transport"))
        numbers = {kept.transport.get_extra_info("socket").fileno() for kept in made[1:]}
        assert number in numbers, "nobody has the number again, so nothing was tried"
        with pytest.raises(OSError, match="Bad file descriptor"):
            put(b"not yours")
        assert old.put(b"not yours") == 0
        for other in others:
            other.setblocking(False)
            with pytest.raises(BlockingIOError):
                other.recv(100)
