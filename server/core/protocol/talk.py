"""What is said in a session."""

from server.core.protocol.message import CommandBase, Key, ShortId, Text


class Say(CommandBase, frozen=True, kw_only=True, tag="say"):
    """One chat line. Replied by `done`."""

    session: ShortId
    text: Text
    key: Key
