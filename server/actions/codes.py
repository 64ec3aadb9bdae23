"""Codes to phones: sent, and named again by who reads them."""

import logging
from typing import Final, Literal

import msgspec

from server.core import rules
from server.core.limits import CODE_DIGITS, CODE_VALID_S
from server.core.model import PersonId, Principal
from server.core.protocol import AskCode, CodeSent, ConfirmCode
from server.core.refusal import Code, Refusal
from server.core.texts import code_text
from server.outside.message import Message, Purpose, Sender, SendFailed
from server.store import writes
from server.store.store import Store

log = logging.getLogger(__name__)

Confirmation = Literal["after", "before", "off"]
MINUTES: Final = int(CODE_VALID_S // 60)


class CodePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How the house deals with codes. `sign`: who sends, `origin`: its public address; `per_hour`: codes of the whole
    house; `shown`: a demonstration tells the page the code; `aloud`: codes go to the house's own terminal."""

    sign: str
    origin: str = ""
    confirmation: Confirmation = "after"
    per_hour: int = 1_000
    shown: bool = False
    aloud: bool = False

    @property
    def messages_per_hour(self) -> int:
        """Other messages of one kind: every code leads to some."""
        return 2 * self.per_hour


class Codes:
    """Sends codes and takes them back."""

    def __init__(self, store: Store, sender: Sender, policy: CodePolicy) -> None:
        self._store = store
        self.sender = sender
        self.policy = policy

    async def ask(self, principal: Principal, command: AskCode, at_ms: int) -> writes.Committed:
        """A code to the number, for this person. Raises `Refusal`."""
        if self.policy.confirmation == "off":
            raise Refusal(Code.CODES_OFF)
        sent = await self.send(principal.person, rules.normal_phone(command.phone), command.key, at_ms)
        return writes.Committed(reply=sent)

    async def send(self, person: PersonId, phone: str, key: str, at_ms: int) -> CodeSent:
        """A code to a number that is known to be one. It is sent once for one key. Raises `Refusal`."""
        keyring = self._store.keyring
        code = keyring.code(person, phone, key, CODE_DIGITS)
        committed = await self._store.write(
            writes.AskCode(
                by=person,
                key=key,
                at_ms=at_ms,
                phone=phone,
                code=keyring.code_digest(person, phone, code),
                per_hour=self.policy.per_hour,
            )
        )
        if not committed.repeated:
            await self._deliver(phone, code, f"code-{keyring.digest(f'{person}/{key}'.encode()).hex()[:32]}")
        assert isinstance(committed.reply, CodeSent)
        shown = self.policy.shown
        return msgspec.structs.replace(
            committed.reply, code=code if shown else "", aloud=self.policy.aloud and not shown
        )

    async def _deliver(self, phone: str, code: str, key: str) -> None:
        message = Message(
            purpose=Purpose.CODE,
            phone=phone,
            text=code_text(self.policy.sign, code, MINUTES),
            params={"code": code, "minutes": str(MINUTES)},
            key=key,
        )
        try:
            await self.sender.send(message)
        except SendFailed as failed:
            log.warning("a code was not sent: %s", failed)
            raise Refusal(Code.CODE_NOT_SENT) from None

    async def confirm(self, principal: Principal, command: ConfirmCode, at_ms: int) -> writes.Committed:
        """The number is this person's. Raises `Refusal`."""
        return await self.check(principal.person, rules.normal_phone(command.phone), command.code, command.key, at_ms)

    async def check(self, person: PersonId, phone: str, code: str, key: str, at_ms: int) -> writes.Committed:
        """The code that was sent to that number for that person. Raises `Refusal`."""
        digest = self._store.keyring.code_digest(person, phone, rules.normal_code(code))
        return await self._store.write(writes.ConfirmCode(by=person, key=key, at_ms=at_ms, phone=phone, code=digest))
