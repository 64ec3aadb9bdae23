"""The first message on a websocket of pictures: who it is and what for, within its time."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from aiohttp import WSMsgType, web

from server.core.limits import HELLO_WITHIN_S
from server.core.refusal import Code, Refusal

T = TypeVar("T")


async def first_message(ws: web.WebSocketResponse, read: Callable[[str], object], wants: type[T], name: str) -> T:
    """The message, as `read` understands it. Raises `Refusal` NOT_SIGNED_IN (it did not come), BAD_MESSAGE,
    OUT_OF_TURN (it is another one; `name` is told), and what `read` raises."""
    try:
        async with asyncio.timeout(HELLO_WITHIN_S):
            message = await ws.receive()
    except TimeoutError:
        raise Refusal(Code.NOT_SIGNED_IN) from None
    if message.type is not WSMsgType.TEXT:
        raise Refusal(Code.BAD_MESSAGE, detail=f"the first message is {name}")
    hello = read(message.data)
    if not isinstance(hello, wants):
        raise Refusal(Code.OUT_OF_TURN, detail=f"the first message is {name}")
    return hello
