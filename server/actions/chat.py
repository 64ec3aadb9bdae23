"""What anybody says in a session."""

import hashlib

from server.core import rules
from server.core.model import PersonId, Principal, SessionId
from server.core.protocol import Say
from server.core.regions import RegionTree
from server.store import catalogue_queries, writes
from server.store.store import Store


def author_of(person: PersonId, session: SessionId) -> str:
    """The tag of a person within one session: the same all through it, another in the next, and no way back."""
    return hashlib.blake2s(f"{session}/{person}".encode(), digest_size=5).hexdigest()


async def say(store: Store, tree: RegionTree, principal: Principal, command: Say, at_ms: int) -> writes.Committed:
    """One chat line, marked with the role of who is on duty here."""
    text = rules.clean_line(command.text)
    session_id = SessionId(command.session)
    role = ""
    if principal.grants:
        session = await store.read(catalogue_queries.session, session_id)
        role = rules.staff_role(principal, session, tree.path(session.region))
    return await store.write(
        writes.Say(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=session_id,
            author=author_of(principal.person, session_id),
            name=principal.name,
            text=text,
            role=role,
        )
    )
