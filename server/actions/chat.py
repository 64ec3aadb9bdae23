"""What anybody says in a session, and who sees to it that it can be read."""

import hashlib
from collections.abc import Coroutine, Iterable

from server.actions.duty import session_for
from server.core import questions, rules, wordfilter
from server.core.bodies import Line, decode_body
from server.core.limits import CAPTION_LIMIT, TEXT_LIMIT
from server.core.model import MuteLength, PersonId, Principal, Publication, SessionId
from server.core.protocol import DropLine, Mute, PassLine, RemoveLine, Say, Unmute
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.rules import Duty
from server.store import catalogue_queries, writes
from server.store.store import Store

TEN_MINUTES_MS = 600_000


def author_of(person: PersonId, session: SessionId) -> str:
    """The tag of a person within one session: the same all through it, another in the next, and no way back."""
    return hashlib.blake2s(f"{session}/{person}".encode(), digest_size=5).hexdigest()


class Talking:
    """Says lines. `must_confirm`: this house confirms phones, so free text needs one."""

    def __init__(self, store: Store, tree: RegionTree, *, must_confirm: bool) -> None:
        self._store = store
        self._tree = tree
        self._must_confirm = must_confirm

    async def say(self, principal: Principal, command: Say, at_ms: int) -> writes.Committed:
        """One chat line, marked with the role of who is on duty here. What it asks is counted by `further`."""
        session_id = SessionId(command.session)
        role = ""
        if principal.grants:
            session = await self._store.read(catalogue_queries.session, session_id)
            role = rules.staff_role(principal, session, self._tree.path(session.region))
        if command.caption and not role:
            raise Refusal(Code.FORBIDDEN, needs="host")
        text = _fit(command.text, is_staff=bool(role), limit=CAPTION_LIMIT if command.caption else TEXT_LIMIT)
        return await self._store.write(
            writes.Say(
                by=principal.person,
                key=command.key,
                at_ms=at_ms,
                session=session_id,
                author=author_of(principal.person, session_id),
                name=principal.name,
                text=text,
                role=role,
                must_confirm=self._must_confirm,
                caption=command.caption,
            )
        )

    def further(
        self, principal: Principal, command: Say, at_ms: int, said: writes.Committed
    ) -> Coroutine[None, None, writes.Committed] | None:
        """Counts a line that asks with the questions of the position it speaks of; None for any other. Not before the
        line is told: a room would wait for it, and give it up when counting takes long."""
        if not said.publications or not questions.is_question(command.text) or _is_of_staff(said.publications):
            return None
        return self._counted(principal, command, _fit(command.text, is_staff=True), at_ms)

    async def _counted(self, principal: Principal, command: Say, text: str, at_ms: int) -> writes.Committed:
        return await self._store.write(
            writes.Ask(
                by=principal.person,
                key=f"{command.key}?",
                at_ms=at_ms,
                session=SessionId(command.session),
                topic=questions.topic_of(text),
                number=questions.number_in(text),
                text=text,
            )
        )


def _is_of_staff(publications: Iterable[Publication]) -> bool:
    bodies = (decode_body(publication.entry.body) for publication in publications)
    return any(isinstance(body, Line) and body.role for body in bodies)


def _fit(text: str, *, is_staff: bool, limit: int = TEXT_LIMIT) -> str:
    """The line as it may be shown. Raises `Refusal` TEXT_EMPTY, TEXT_TOO_LONG or, for all but staff, CHAT_WORD."""
    said = rules.clean_line(text, limit)
    line = rules.clean_line(wordfilter.tidy(said))
    found = None if is_staff else wordfilter.found_said(said, line)
    if found is not None:
        raise Refusal(Code.CHAT_WORD, word=found.word, why=found.why.value)
    return line


async def settle_line(
    store: Store, tree: RegionTree, principal: Principal, command: PassLine | DropLine, at_ms: int
) -> writes.Committed:
    """A waiting line is passed or dropped."""
    session = await session_for(store, tree, principal, Duty.MODERATE, command.session)
    return await store.write(
        writes.SettleLine(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=session,
            line=command.line,
            passed=isinstance(command, PassLine),
        )
    )


async def remove_line(
    store: Store, tree: RegionTree, principal: Principal, command: RemoveLine, at_ms: int
) -> writes.Committed:
    """A line goes from every page."""
    session = await session_for(store, tree, principal, Duty.MODERATE, command.session)
    return await store.write(
        writes.RemoveLine(by=principal.person, key=command.key, at_ms=at_ms, session=session, offset=command.offset)
    )


async def mute(store: Store, tree: RegionTree, principal: Principal, command: Mute, at_ms: int) -> writes.Committed:
    """Somebody may not write for a while."""
    session = await session_for(store, tree, principal, Duty.MODERATE, command.session)
    return await store.write(
        writes.Mute(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=session,
            author=command.author,
            length=command.length,
            until_ms=at_ms + TEN_MINUTES_MS if command.length is MuteLength.TEN_MINUTES else 0,
            reason=rules.clean_optional_line(command.reason),
        )
    )


async def unmute(store: Store, tree: RegionTree, principal: Principal, command: Unmute, at_ms: int) -> writes.Committed:
    """Somebody may write again."""
    session = await session_for(store, tree, principal, Duty.MODERATE, command.session)
    return await store.write(
        writes.Unmute(by=principal.person, key=command.key, at_ms=at_ms, session=session, author=command.author)
    )
