"""What a host does with the stage."""

from server.core.protocol.message import CommandBase, Key, ShortId


class GoLive(CommandBase, frozen=True, kw_only=True, tag="go_live"):
    """开播. Replied by `done`."""

    session: ShortId
    key: Key


class EndSession(CommandBase, frozen=True, kw_only=True, tag="end_session"):
    """下播. Replied by `done`."""

    session: ShortId
    key: Key


class ShowCard(CommandBase, frozen=True, kw_only=True, tag="show_card"):
    """讲解: every viewer sees this position's card. Replied by `done`."""

    session: ShortId
    position: ShortId
    key: Key


class UndoCard(CommandBase, frozen=True, kw_only=True, tag="undo_card"):
    """Take the last show back. Replied by `done`."""

    session: ShortId
    key: Key


class HideCard(CommandBase, frozen=True, kw_only=True, tag="hide_card"):
    """No card any more. Replied by `done`."""

    session: ShortId
    key: Key
