"""The feeds of every session, whether it has a picture or not: who watches waits for it to begin."""

from server.core.limits import Close
from server.core.model import SessionId
from server.media.feed import Feed


class Watchers:
    """Invariant: `of` gives the same set for a session as long as anybody holds it."""

    def __init__(self) -> None:
        self._feeds: dict[SessionId, set[Feed]] = {}

    def of(self, session: SessionId) -> set[Feed]:
        """The feeds of that session; a broadcast keeps it and fills them."""
        return self._feeds.setdefault(session, set())

    def add(self, session: SessionId, feed: Feed) -> None:
        """One more."""
        self.of(session).add(feed)

    def remove(self, session: SessionId, feed: Feed, *, has_picture: bool) -> None:
        """One less. `has_picture`: a broadcast still holds the set."""
        feeds = self.of(session)
        feeds.discard(feed)
        if not feeds and not has_picture:
            del self._feeds[session]

    def forget(self, session: SessionId) -> None:
        """Its broadcast is over."""
        if not self.of(session):
            del self._feeds[session]

    def end(self, code: Close) -> None:
        """Everybody is sent away."""
        for feeds in self._feeds.values():
            for feed in feeds:
                feed.end(code)
