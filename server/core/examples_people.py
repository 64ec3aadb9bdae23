"""Worked examples of the messages about people; `examples` puts them beside the others."""

from typing import Final

from server.core import protocol
from server.core.model import Invitation, InvitationId, InvitationState, Member, PersonId, Role, ScopeView
from server.core.samples import AT_MS, CHANGCHUN, E01, JILIN, KEY

_I01: Final = InvitationId("I01")
_INVITATION: Final = Invitation(
    id=_I01,
    name="企业联系人",
    role=Role.HR,
    scope=E01,
    title="示例工厂",
    region=CHANGCHUN,
    phone="138****8000",
    state=InvitationState.OPEN,
    made_at_ms=AT_MS,
    expires_at_ms=AT_MS + 604_800_000,
)

COMMANDS: Final[tuple[tuple[str, protocol.Command], ...]] = (
    ("list_people, of a branch", protocol.ListPeople(id=60, region=JILIN, words="工厂")),
    ("list_people, of an enterprise", protocol.ListPeople(id=61, enterprise=E01)),
    ("list_scopes", protocol.ListScopes(id=66, region=JILIN, role=Role.HR, words="工厂")),
    ("invite", protocol.Invite(id=62, role=Role.HR, scope=E01, name="企业联系人", phone="13800138000", key=KEY)),
    ("show_invitation", protocol.ShowInvitation(id=63, invitation=_I01)),
    ("send_invitation", protocol.SendInvitation(id=67, invitation=_I01)),
    ("revoke_invitation", protocol.RevokeInvitation(id=64, invitation=_I01, key=KEY)),
    ("revoke_role", protocol.RevokeRole(id=65, person="H01", role=Role.HR, scope=E01, key=KEY)),
)

REPLIES: Final[tuple[tuple[str, protocol.Reply], ...]] = (
    (
        "people_are",
        protocol.PeopleAre(
            id=60,
            members=(
                Member(
                    person=PersonId("H01"),
                    name="企业联系人",
                    role=Role.HR,
                    scope=E01,
                    title="示例工厂",
                    region=CHANGCHUN,
                    phone="138****8000",
                    signed_in_at_ms=AT_MS,
                ),
            ),
            invitations=(_INVITATION,),
        ),
    ),
    ("scopes_are", protocol.ScopesAre(id=66, scopes=(ScopeView(id=E01, title="示例工厂", region=CHANGCHUN),))),
    ("invited", protocol.Invited(id=62, invitation=_I01)),
    (
        "invitation_is",
        protocol.InvitationIs(id=63, invitation=_INVITATION, link="https://example.org/join#I01.MARK", qr="<svg/>"),
    ),
)
