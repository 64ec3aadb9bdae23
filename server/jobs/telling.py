"""Steps that no open page received go out to the phone, once.

A message is claimed (committed), sent with a key that names application and step, then settled (committed). A hub that
dies between the two leaves a claim that ends after three minutes; the message then goes again with the same key, which
the gateway delivers once.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import msgspec

from server.core.texts import STEP_WORDS, step_text
from server.outside.message import Message, Purpose, Sender, SendFailed
from server.store import outgoing_rows
from server.store.outgoing_rows import Due
from server.store.store import Store

log = logging.getLogger(__name__)

EVERY_S: Final = 5.0
LOCK: Final = "telling"
LOCK_MS: Final = 180_000
AT_ONCE: Final = 8


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What the messages say beside the step: who sends, and the address of 我的投递; and how many go out within an
    hour."""

    sign: str
    link: str
    per_hour: int = 2_000


class TellingJob:
    """One step: send what is due. `holder` names this hub in the lock row."""

    def __init__(
        self, store: Store, sender: Sender, telling: Telling, holder: str, clock_ms: Callable[[], int]
    ) -> None:
        self._store = store
        self._sender = sender
        self._telling = telling
        self._holder = holder
        self._clock_ms = clock_ms
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def step(self) -> None:
        """Send what is due now, `CLAIM_LIMIT` at most. Raises `Refusal` when the store does not answer."""
        now_ms = self._clock_ms()
        if not await self._store.read(outgoing_rows.any_due, now_ms):
            return
        if not await self._store.transact(outgoing_rows.take_lock, LOCK, self._holder, now_ms, LOCK_MS):
            return
        due = await self._store.transact(outgoing_rows.claim, self._store.keyring, now_ms, self._telling.per_hour)
        await asyncio.gather(*(self._tell(one) for one in due))

    async def _tell(self, due: Due) -> None:
        message = Message(
            purpose=Purpose.STEP,
            phone=due.phone,
            text=step_text(self._telling.sign, due.title, due.step, self._telling.link),
            params={"title": due.title, "step": STEP_WORDS[due.step], "link": self._telling.link},
            key=due.key,
        )
        sent, again = True, True
        async with self._slots:
            try:
                await self._sender.send(message)
            except SendFailed as failed:
                sent, again = False, failed.again
                log.warning("a step was not told: %s", failed)
        await self._store.transact(outgoing_rows.settle, due, self._clock_ms(), sent=sent, again=again)
