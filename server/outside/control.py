"""Requests to the control door of a media engine: short, to an address of the configuration, followed nowhere else."""

import logging
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

log = logging.getLogger(__name__)

WITHIN_S: Final = 3.0


class Control:
    """`close()` it."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def ask(self, method: str, url: str, body: bytes | None = None) -> None:
        """Put the request. Raises `OSError` when it was not done; what went wrong is logged without the address."""
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=WITHIN_S), trust_env=False)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response:
                if response.status >= 300:
                    log.warning("the media engine answered %d", response.status)
                    raise OSError("refused")
        except (TimeoutError, ClientError) as error:
            log.warning("the media engine does not answer: %s", type(error).__name__)
            raise OSError("no answer") from None

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
