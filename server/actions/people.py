"""Asking people to work for the house, and looking after who does."""

import logging
from collections.abc import Sequence

from server.actions.codes import Codes
from server.core import rules
from server.core.limits import INVITATION_DAYS
from server.core.model import EnterpriseId, Grant, InvitationId, InvitationState, PersonId, Principal, RegionCode, Role
from server.core.protocol import (
    Done,
    InvitationIs,
    Invite,
    ListPeople,
    ListScopes,
    PeopleAre,
    RevokeInvitation,
    RevokeRole,
    ScopesAre,
    SendInvitation,
    ShowInvitation,
)
from server.core.qr import qr_svg
from server.core.quiet import DAY_MS
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.texts import ROLE_WORDS, invitation_text
from server.outside.message import Message, Purpose, SendFailed
from server.store import people_queries, writes
from server.store.invitation_writes import note_sent, note_shown
from server.store.people_queries import Over
from server.store.store import Store

log = logging.getLogger(__name__)


class People:
    """`codes` knows the public address, which links carry, and who delivers messages."""

    def __init__(self, store: Store, tree: RegionTree, codes: Codes) -> None:
        self._store = store
        self._tree = tree
        self._policy = codes.policy
        self._sender = codes.sender

    async def list_people(self, principal: Principal, command: ListPeople, at_ms: int) -> writes.Committed:
        """Who works in a branch or for an enterprise, masked."""
        if command.enterprise:
            place = await self._store.read(people_queries.place_of, Role.HR, command.enterprise)
            self._require_may_invite(principal, Role.HR, command.enterprise, place.region)
        else:
            rules.require_operator(principal, self._tree.path(RegionCode(command.region)))
        over = Over(
            region=RegionCode(command.region),
            enterprise=EnterpriseId(command.enterprise),
            words=command.words.strip(),
            skip=command.skip,
        )
        members, more_members = await self._store.read(people_queries.members, over)
        invitations, more = await self._store.read(people_queries.invitations, over, at_ms)
        return writes.Committed(reply=PeopleAre(members=members, invitations=invitations, more=more or more_members))

    async def list_scopes(self, principal: Principal, command: ListScopes) -> writes.Committed:
        """Where in a branch a role can be held."""
        region = RegionCode(command.region)
        rules.require_operator(principal, self._tree.path(region))
        if command.role is Role.GUEST:
            raise Refusal(Code.BAD_MESSAGE, detail="role")
        over = Over(region=region, words=command.words.strip())
        scopes, more = await self._store.read(people_queries.scopes, command.role, over)
        return writes.Committed(reply=ScopesAre(scopes=scopes, more=more))

    async def invite(self, principal: Principal, command: Invite, at_ms: int) -> writes.Committed:
        """Somebody is asked to join."""
        if command.role is Role.GUEST:
            raise Refusal(Code.BAD_MESSAGE, detail="role")
        place = await self._store.read(people_queries.place_of, command.role, command.scope)
        self._require_may_invite(principal, command.role, command.scope, place.region)
        return await self._store.write(
            writes.Invite(
                by=principal.person,
                key=command.key,
                at_ms=at_ms,
                name=rules.clean_name(command.name),
                phone=rules.normal_phone(command.phone),
                role=command.role,
                scope=command.scope,
                region=place.region,
            )
        )

    async def show(self, principal: Principal, command: ShowInvitation, at_ms: int) -> writes.Committed:
        """The link, for who may invite like that."""
        identity = InvitationId(command.invitation)
        shown, _, _ = await self._store.read(people_queries.invitation, identity, at_ms)
        self._require_may_invite(principal, shown.role, shown.scope, shown.region)
        if shown.state is not InvitationState.OPEN:
            raise gone(shown.state)
        await self._store.transact(note_shown, principal.person, identity, at_ms)
        link = self._link(identity)
        return writes.Committed(reply=InvitationIs(invitation=shown, link=link, qr=qr_svg(link)))

    def _link(self, identity: InvitationId) -> str:
        return f"{self._policy.origin}/join#{self._store.keyring.invitation_token(identity)}"

    async def send(self, principal: Principal, command: SendInvitation, at_ms: int) -> writes.Committed:
        """The link goes to the number on file: who gets it there also gets the code there. Raises `Refusal`."""
        identity = InvitationId(command.invitation)
        shown, phone, _ = await self._store.read(people_queries.invitation, identity, at_ms)
        self._require_may_invite(principal, shown.role, shown.scope, shown.region)
        if shown.state is not InvitationState.OPEN:
            raise gone(shown.state)
        if shown.sent_at_ms is not None and shown.sent_at_ms > at_ms - DAY_MS:
            raise Refusal(Code.CODE_TOO_OFTEN, retry_ms=shown.sent_at_ms + DAY_MS - at_ms)
        wait_ms = await self._store.read(people_queries.links_wait_ms, self._policy.messages_per_hour, at_ms)
        if wait_ms > 0:
            raise Refusal(Code.CODE_TOO_OFTEN, retry_ms=wait_ms)
        link = self._link(identity)
        message = Message(
            purpose=Purpose.INVITATION,
            phone=phone,
            text=invitation_text(self._policy.sign, shown.role, shown.title, link),
            params={"role": ROLE_WORDS[shown.role], "title": shown.title, "link": link},
            key=f"invitation-{identity}-{at_ms // DAY_MS}",
        )
        try:
            await self._sender.send(message)
        except SendFailed as failed:
            log.warning("an invitation was not sent: %s", failed)
            raise Refusal(Code.CODE_NOT_SENT) from None
        await self._store.transact(note_sent, principal.person, identity, at_ms)
        return writes.Committed(reply=Done())

    async def revoke_invitation(self, principal: Principal, command: RevokeInvitation, at_ms: int) -> writes.Committed:
        """Its link works no more."""
        identity = InvitationId(command.invitation)
        shown, _, _ = await self._store.read(people_queries.invitation, identity, at_ms)
        self._require_may_invite(principal, shown.role, shown.scope, shown.region)
        return await self._store.write(
            writes.RevokeInvitation(by=principal.person, key=command.key, at_ms=at_ms, invitation=identity)
        )

    async def revoke_role(self, principal: Principal, command: RevokeRole, at_ms: int) -> writes.Committed:
        """One role less; the person's tokens end, and who has other roles signs in again."""
        place = await self._store.read(people_queries.place_of, command.role, command.scope)
        self._require_may_invite(principal, command.role, command.scope, place.region)
        return await self._store.write(
            writes.ChangeGrants(
                by=principal.person,
                key=command.key,
                at_ms=at_ms,
                person=PersonId(command.person),
                remove=(Grant(role=command.role, scope=command.scope),),
            )
        )

    def _require_may_invite(self, principal: Principal, role: Role, scope: str, region: RegionCode) -> None:
        path: Sequence[RegionCode] = self._tree.path(region) if region in self._tree else (region,)
        if not rules.may_invite(principal, role, scope, path):
            raise Refusal(Code.FORBIDDEN, needs="operator")


def gone(state: InvitationState) -> Refusal:
    """Why an invitation that is not open cannot be used."""
    match state:
        case InvitationState.EXPIRED:
            return Refusal(Code.INVITATION_EXPIRED, days=INVITATION_DAYS)
        case InvitationState.REVOKED:
            return Refusal(Code.INVITATION_REVOKED)
        case _:
            return Refusal(Code.INVITATION_USED)
