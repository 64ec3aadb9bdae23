"""Writes of what is said."""

from server.core.model import SessionId
from server.store.writes.write import Write


class Say(Write, frozen=True, kw_only=True):
    """One chat line. Publishes Line on chat/. Refused: SESSION_NOT_LIVE, SESSION_ENDED, NOT_FOUND."""

    session: SessionId
    author: str
    name: str
    text: str
    role: str = ""
