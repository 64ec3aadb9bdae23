# mypy: ignore-errors
# Its library is not installed beside the product.
"""python-socketio under uvicorn: `enter_room` and `emit` to the room. Usage: python python_socketio.py PORT."""

import sys
from typing import Any

import socketio
import uvicorn

server = socketio.AsyncServer(async_mode="asgi", transports=["websocket"])


@server.on("join")
async def join(sid: str, room: int) -> None:
    """Into a room; returning acknowledges."""
    await server.enter_room(sid, str(room))


async def publish(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """`POST /pub/ROOM`."""
    if scope["type"] != "http":
        return
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    await server.emit("m", body.decode(), room=scope["path"].rpartition("/")[2])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


if __name__ == "__main__":
    app = socketio.ASGIApp(server, publish)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", backlog=4096, timeout_keep_alive=600)
