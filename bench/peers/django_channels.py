# mypy: ignore-errors
# Its library is not installed beside the product.
"""Django Channels under uvicorn with its in-memory layer (one process): `group_add` and `group_send`. Usage: python
django_channels.py PORT."""

import sys
from typing import Any

import uvicorn
from channels.generic.http import AsyncHttpConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

settings.configure(
    SECRET_KEY="benchmark only",
    ALLOWED_HOSTS=["*"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)


class Viewer(AsyncWebsocketConsumer):
    """One websocket in one group."""

    async def connect(self) -> None:
        """Into the room of the path."""
        self.group = f"room-{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Out of it."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def message(self, event: dict[str, Any]) -> None:
        """What was published."""
        await self.send(text_data=event["text"])


class Publisher(AsyncHttpConsumer):
    """`POST /pub/ROOM`."""

    async def handle(self, body: bytes) -> None:
        """To everybody in the room."""
        group = f"room-{self.scope['url_route']['kwargs']['room']}"
        await get_channel_layer().group_send(group, {"type": "message", "text": body.decode()})
        await self.send_response(200, b"ok", headers=[(b"Content-Length", b"2")])


app = ProtocolTypeRouter(
    {
        "websocket": URLRouter([path("ws/<str:room>", Viewer.as_asgi())]),
        "http": URLRouter([path("pub/<str:room>", Publisher.as_asgi())]),
    }
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", backlog=4096, timeout_keep_alive=600, lifespan="off")
