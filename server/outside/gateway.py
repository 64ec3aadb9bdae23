"""The sender for real gateways: one JSON POST per message, tried again with the same key when the answer is lost."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

from server.outside.message import Message, SendFailed

log = logging.getLogger(__name__)

TRIES: Final = 2
PAUSE_S: Final = 0.3
AT_ONCE: Final = 16
"""Messages under way to the gateway together."""
WAITING: Final = 64
"""Messages that may wait for their turn; more are sent back."""


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages are posted to. `secret` goes as a bearer token; `templates` by purpose, empty where the gateway
    takes the whole text. Never printed."""

    url: str
    timeout_s: float
    secret: str = ""
    headers: Mapping[str, str] = {}
    templates: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return "Gateway(…)"


class HttpSender:
    """Posts `{phone, text, template, params, key}` and takes any 2xx for delivered. The key also travels as the header
    `Idempotency-Key`: the gateway delivers a key once. Invariant: at most AT_ONCE posts run and WAITING wait."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._session: ClientSession | None = None

    async def send(self, message: Message) -> None:
        """Deliver it, TRIES times at most, within twice the gateway's time. Raises `SendFailed`."""
        if self._waiting >= AT_ONCE + WAITING:
            raise SendFailed("too many messages wait for the gateway", again=True)
        self._waiting += 1
        try:
            async with asyncio.timeout(TRIES * self._gateway.timeout_s + 1), self._slots:
                await self._try(message)
        except TimeoutError:
            raise SendFailed("the gateway does not answer", again=True) from None
        finally:
            self._waiting -= 1

    async def _try(self, message: Message) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._post(message)
            except SendFailed as failed:
                if attempt == TRIES or not failed.again:
                    log.warning("message %s not delivered: %s", message.purpose.value, failed)
                    raise
            await asyncio.sleep(PAUSE_S * attempt)
        raise AssertionError("the last try returns or raises")

    async def _post(self, message: Message) -> None:
        gateway = self._gateway
        body = {
            "phone": message.phone,
            "text": message.text,
            "template": gateway.templates.get(message.purpose.value, ""),
            "params": message.params,
            "key": message.key,
        }
        headers = {**gateway.headers, "Content-Type": "application/json", "Idempotency-Key": message.key}
        if gateway.secret:
            headers["Authorization"] = f"Bearer {gateway.secret}"
        try:
            session = self._open()
            async with session.post(
                gateway.url, data=msgspec.json.encode(body), headers=headers, allow_redirects=False
            ) as answer:
                status = answer.status
        except (ClientError, TimeoutError, OSError) as error:
            # Only its kind: the text of some names the address with what stands in it.
            raise SendFailed(f"no answer ({type(error).__name__})", again=True) from None
        if not 200 <= status < 300:
            raise SendFailed(f"it answered {status}", again=status >= 500 or status == 429)

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=self._gateway.timeout_s))
        return self._session

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
