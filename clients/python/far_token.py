"""What a person shows in another province: a short token for that one, had at home and had anew when it has run out.

    shown = FarToken(home, "210000", token=ticket.token)
    receipt = await Doors("https://…").call(Apply(...), await shown())

The token that is good at home is shown at home alone: whoever reads the other province's memory or logs could use it.
"""

import asyncio
import time

from clients.python.client import Token
from clients.python.doors import Doors

SOON_S = 90.0
"""Anew so long before the end: more than a `Session` asks ahead (RENEW_BEFORE_S), else it would get the old one."""


class FarToken:
    """Give it to `connect` as its `token`, or await it for each call. One question at a time, however many wait."""

    def __init__(self, home: Doors, province: str, token: Token) -> None:
        """`token`: of the person at home, or what fetches it."""
        self._home = home
        self._province = province
        self._token = token
        self._shown = ""
        self._until_s = 0.0
        self._asking = asyncio.Lock()

    async def __call__(self) -> str:
        """A token that is good for a while yet. Raises the `Refusal` of the home."""
        async with self._asking:
            asked_s = time.monotonic()
            if self._until_s - asked_s <= SOON_S:
                token = self._token if isinstance(self._token, str) else await self._token()
                ticket = await self._home.far_token(self._province, token)
                self._shown = ticket.token
                self._until_s = asked_s + (ticket.until_ms - ticket.now_ms) / 1000
            return self._shown
