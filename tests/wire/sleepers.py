"""Viewers that fall asleep: sockets that nobody reads."""

import asyncio
import socket

from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Hello, Join, encode


async def asleep(port: int, token: str, *channels: str, origin: str = "") -> socket.socket:
    """A viewer on a bare socket with a small window that joins and then never reads again. `origin`: of its page."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", port))
    from_page = f"Origin: {origin}\r\n" if origin else ""
    await loop.sock_sendall(
        sock,
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{from_page}Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
    )
    answer = await asyncio.wait_for(loop.sock_recv(sock, 4096), 5)
    assert b"101" in answer.split(b"\r\n")[0]
    joins = [Join(id=2 + n, channel=name) for n, name in enumerate(channels)]
    for message in (Hello(id=1, version=PROTOCOL_VERSION, token=token), *joins):
        payload = encode(message)
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        await loop.sock_sendall(sock, b"\x82" + size + b"\0\0\0\0" + payload)
    return sock
