"""A server that says back what it hears, on the hub's own sockets, for suites that check conformance to RFC 6455.

python -m tests.hub.echo_process PORT
"""

import asyncio
import sys

from aiohttp import web
from websockets.frames import Frame, Opcode

from server.hub.socket import Socket
from server.hub.upgrading import accept_of, take_over

MOST_BYTES = 64 * 1024 * 1024
"""As large as the suites send."""


class Echo(Socket):
    """Says back what it hears, as the same kind of message."""

    def __init__(self) -> None:
        super().__init__(MOST_BYTES)

    def on_message(self, message: bytes | str) -> None:
        opcode = Opcode.BINARY if isinstance(message, bytes) else Opcode.TEXT
        data = message if isinstance(message, bytes) else message.encode()
        self.write(Frame(opcode, data).serialize(mask=False))


async def echo(request: web.Request) -> web.StreamResponse:
    return take_over(request, accept_of(request), Echo())


async def main(port: int) -> None:
    site = web.Application()
    site.router.add_get("/", echo)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
