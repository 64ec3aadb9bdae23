"""Whole numbers that an address may ask with (`?from_ms=…`)."""

import re

from aiohttp import web

from server.core.refusal import Code, Refusal


def asked_number(request: web.Request, name: str, *, digits: int, wants: str) -> int | None:
    """The number under that name, `None` when it is not asked with. Raises `Refusal(BAD_MESSAGE)`, saying what it
    `wants`, for anything but 1 to so many digits."""
    text = request.query.get(name)
    if text is None:
        return None
    if not re.fullmatch(rf"[0-9]{{1,{digits}}}", text):
        raise Refusal(Code.BAD_MESSAGE, detail=f"{name} wants {wants}")
    return int(text)
