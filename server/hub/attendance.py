"""Who is in one stage room, kept as they come and go: to look at 20,000 members once a second took 6 % of what a hub
under load does, most of it waiting for memory.
"""

from server.core.model import PersonId, Principal, Role
from server.hub.connection import Connection


class Attendance:
    """Each person once, however many pages are open. Invariant: `_staff` are the members that hold grants, few."""

    __slots__ = ("_pages", "_staff")

    def __init__(self) -> None:
        self._pages: dict[PersonId, int] = {}
        self._staff: set[Connection] = set()

    def came(self, member: Connection) -> None:
        """One more page."""
        person = member.principal.person
        self._pages[person] = self._pages.get(person, 0) + 1
        self.renewed(member)

    def went(self, member: Connection) -> None:
        """A page that had come is gone."""
        person = member.principal.person
        left = self._pages[person] - 1
        if left:
            self._pages[person] = left
        else:
            del self._pages[person]
        self._staff.discard(member)

    def renewed(self, member: Connection) -> None:
        """The same person may have other grants now."""
        if member.principal.grants:
            self._staff.add(member)
        else:
            self._staff.discard(member)

    def online(self, session: str) -> int:
        """Persons, without the hosts and assistants of that session."""
        on_duty = {member.principal.person for member in self._staff if _on_duty(member.principal, session)}
        return len(self._pages) - len(on_duty)


def _on_duty(principal: Principal, session: str) -> bool:
    return any(grant.role in (Role.HOST, Role.ASSISTANT) and grant.scope == session for grant in principal.grants)
