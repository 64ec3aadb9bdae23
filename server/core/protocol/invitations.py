"""Asking people to work for the house, and looking after who does."""

from typing import Annotated

from msgspec import Meta

from server.core.model import Invitation, InvitationId, Member, Role, ScopeView
from server.core.protocol.message import NO_CONTROLS, CommandBase, Key, Name, ReplyBase, ShortId
from server.core.protocol.people import Phone

Words = Annotated[str, Meta(max_length=40)]


class ListPeople(CommandBase, frozen=True, kw_only=True, tag="list_people"):
    """Who works in a branch (operators of it) or for an enterprise (its specialists), and who is asked to. One of the
    two is named; `words` must stand in a name or title; `skip` rows of each list were read before. Replied by
    `people_are`."""

    region: Annotated[str, Meta(max_length=64, pattern=NO_CONTROLS)] = ""
    enterprise: Annotated[str, Meta(max_length=64, pattern=NO_CONTROLS)] = ""
    words: Words = ""
    skip: Annotated[int, Meta(ge=0, le=100_000)] = 0


class ListScopes(CommandBase, frozen=True, kw_only=True, tag="list_scopes"):
    """Where in this branch somebody could hold that role; `words` must stand in the title. Replied by `scopes_are`."""

    region: ShortId
    role: Role
    words: Words = ""


class Invite(CommandBase, frozen=True, kw_only=True, tag="invite"):
    """Ask somebody to join in one role. The same number, role and scope again renews the invitation. Replied by
    `invited`."""

    role: Role
    scope: ShortId
    name: Name
    phone: Phone
    key: Key


class ShowInvitation(CommandBase, frozen=True, kw_only=True, tag="show_invitation"):
    """The link of an open invitation, and its QR code. Replied by `invitation_is`."""

    invitation: ShortId


class SendInvitation(CommandBase, frozen=True, kw_only=True, tag="send_invitation"):
    """Send the link of an open invitation to the number on file, once a day at most. Replied by `done`."""

    invitation: ShortId


class RevokeInvitation(CommandBase, frozen=True, kw_only=True, tag="revoke_invitation"):
    """Its link works no more. Replied by `done`."""

    invitation: ShortId
    key: Key


class RevokeRole(CommandBase, frozen=True, kw_only=True, tag="revoke_role"):
    """Take one role from a person, at once and on every page. Replied by `done`."""

    person: ShortId
    role: Role
    scope: ShortId
    key: Key


class PeopleAre(ReplyBase, frozen=True, kw_only=True, tag="people_are"):
    """Roles held and invitations made, 200 of each at most; `more`: there are others, ask with `skip` or `words`."""

    members: tuple[Member, ...]
    invitations: tuple[Invitation, ...]
    more: bool = False


class ScopesAre(ReplyBase, frozen=True, kw_only=True, tag="scopes_are"):
    """By title, 50 at most; `more`: there are others, ask with `words`."""

    scopes: tuple[ScopeView, ...]
    more: bool = False


class Invited(ReplyBase, frozen=True, kw_only=True, tag="invited"):
    """The invitation stands; `show_invitation` gives its link."""

    invitation: InvitationId


class InvitationIs(ReplyBase, frozen=True, kw_only=True, tag="invitation_is"):
    """`link` is for the invited alone; `qr` is an SVG of it. Who opens it needs the code sent to the number on file."""

    invitation: Invitation
    link: str
    qr: str
