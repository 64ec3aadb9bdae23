"""Invitations: one per number, role and scope, used once by who has the code; and lists that show a branch only."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from server.core.bodies import Revoked, decode_body
from server.core.limits import INVITATION_DAYS
from server.core.model import EnterpriseId, Grant, InvitationId, InvitationState, PersonId, RegionCode, Role
from server.core.protocol import Invited
from server.core.refusal import Code, Refusal
from server.store import account_queries, people_queries, tables
from server.store import writes as w
from server.store.invitation_writes import note_sent
from server.store.people_queries import Over
from server.store.phone_queries import phones_of
from server.store.retention import INVITATIONS_KEPT_DAYS, prune
from server.store.store import Store
from tests.contract.conftest import OpenStore, a_keyring
from tests.contract.store_day import CITY, OTHER_CITY, PROVINCE, e0, e1, key, loaded, outcome, s0, s2
from tests.contract.test_store_codes import DAY_MS, T0, ask

PHONE, OTHER_PHONE = "13900000001", "13900000002"
OPERATOR = PersonId("operator")
HASH = "$argon2id$not-a-real-one"


def invite(role: Role = Role.HR, scope: str = e0, phone: str = PHONE, at_ms: int = T0, **more: Any) -> w.Invite:
    fields = {"by": OPERATOR, "key": key(), "at_ms": at_ms, "name": "王经理", "region": CITY}
    return w.Invite(**{**fields, "role": role, "scope": scope, "phone": phone, **more})


async def invited(store: Store, *args: Any, **more: Any) -> InvitationId:
    reply = (await store.write(invite(*args, **more))).reply
    assert isinstance(reply, Invited)
    return reply.invitation


def join(identity: InvitationId, at_ms: int = T0 + 1, code: str = "123456", phone: str = PHONE, **more: Any):
    by = w.invited(identity)
    digest = a_keyring().code_digest(by, phone, code)
    fields = {"by": by, "key": key(), "at_ms": at_ms, "invitation": identity, "phone": phone, "code": digest}
    return w.JoinHouse(**{**fields, "password_hash": HASH, **more})


async def coded(store: Store, identity: InvitationId, at_ms: int = T0, phone: str = PHONE) -> None:
    await store.write(ask(w.invited(identity), phone, at_ms=at_ms))


async def code_of(store: Store, write: w.Write) -> Code | None:
    result = await outcome(store, write)
    return result.code if isinstance(result, Refusal) else None


async def account(store: Store, phone: str = PHONE) -> account_queries.Account | None:
    return await store.read(account_queries.account_by_phone, a_keyring().phone_hmac(phone))


def audited(conn) -> list[str]:
    return list(conn.execute(select(tables.audit.c.what).order_by(tables.audit.c.n)).scalars())


async def test_who_is_invited_joins_once_with_the_code(store: Store):
    identity = await invited(store)
    assert await code_of(store, join(identity)) is Code.CODE_UNKNOWN
    await coded(store, identity)
    assert await code_of(store, join(identity, code="000000")) is Code.CODE_WRONG
    assert await account(store) is None
    assert await code_of(store, join(identity)) is None
    made = await account(store)
    assert made is not None
    assert (made.shown_name, made.password_hash, made.grants) == ("王经理", HASH, (Grant(role=Role.HR, scope=e0),))
    assert await store.read(account_queries.account_for_login, "139 0000 0001", a_keyring()) == made
    assert PHONE not in made.name
    assert await store.read(phones_of, [made.person]) == {made.person: frozenset({a_keyring().phone_hmac(PHONE)})}
    assert await code_of(store, join(identity)) is Code.INVITATION_USED
    assert await store.read(audited) == ["invite", "give_role", "join"]


async def test_ten_at_once_are_one(open_store: OpenStore):
    one = await loaded(await open_store("one"))
    two = await open_store("two")
    identity = await invited(one)
    await coded(one, identity)
    codes = await asyncio.gather(*(code_of(store, join(identity)) for store in (one, two) for _ in range(5)))
    assert sorted(code or "" for code in codes) == [""] + [Code.INVITATION_USED] * 9


async def test_old_and_taken_back_ones_and_those_nobody_made(store: Store):
    identity = await invited(store)
    await coded(store, identity, at_ms=T0 + INVITATION_DAYS * DAY_MS)
    assert await code_of(store, join(identity, at_ms=T0 + INVITATION_DAYS * DAY_MS)) is Code.INVITATION_EXPIRED
    again = await invited(store, at_ms=T0 + INVITATION_DAYS * DAY_MS)
    assert again != identity, "a link that was dead stays dead"
    assert await code_of(store, join(identity)) is Code.NOT_FOUND
    revoke = w.RevokeInvitation(by=OPERATOR, key=key(), at_ms=T0, invitation=again)
    assert await code_of(store, revoke) is None
    assert await code_of(store, join(again, at_ms=T0 + INVITATION_DAYS * DAY_MS)) is Code.INVITATION_REVOKED
    assert await code_of(store, join(InvitationId("none"))) is Code.NOT_FOUND
    await coded(store, await invited(store, phone=OTHER_PHONE), phone=OTHER_PHONE)


async def test_the_same_wish_again_keeps_the_link_and_renews_it(store: Store):
    first = await invited(store)
    assert await invited(store, at_ms=T0 + DAY_MS) == first
    shown, phone, _ = await store.read(people_queries.invitation, first, T0)
    assert (shown.expires_at_ms, phone, shown.phone) == (T0 + (1 + INVITATION_DAYS) * DAY_MS, PHONE, "139****0001")
    assert await invited(store, scope=e1) != first


async def test_a_second_role_joins_the_first_and_keeps_the_password(store: Store):
    first, second = await invited(store), await invited(store, Role.SPECIALIST, e1)
    await coded(store, first)
    await store.write(join(first))
    await coded(store, second, at_ms=T0 + 60_000)
    done = await store.write(join(second, at_ms=T0 + 60_001, password_hash=""))
    made = await account(store)
    assert made is not None
    assert made.password_hash == HASH
    assert set(made.grants) == {Grant(role=Role.HR, scope=e0), Grant(role=Role.SPECIALIST, scope=e1)}
    assert done.publications == ()


async def test_a_new_password_voids_the_tokens_before(store: Store):
    first, second = await invited(store), await invited(store, Role.SPECIALIST, e1)
    await coded(store, first)
    await store.write(join(first))
    await coded(store, second, at_ms=T0 + 60_000)
    done = await store.write(join(second, at_ms=T0 + 60_001, password_hash="$other"))
    made = await account(store)
    assert made is not None
    assert made.password_hash == "$other"
    (publication,) = done.publications
    assert decode_body(publication.entry.body) == Revoked(person=made.person, before_ms=T0 + 60_001)


async def test_a_first_account_needs_a_password(store: Store):
    identity = await invited(store)
    await coded(store, identity)
    assert await code_of(store, join(identity, password_hash="")) is Code.PASSWORD_INVALID
    assert await code_of(store, join(identity)) is None


async def test_roles_are_given_and_taken_one_by_one(store: Store):
    identity = await invited(store)
    await coded(store, identity)
    await store.write(join(identity))
    made = await account(store)
    assert made is not None
    hr, host = Grant(role=Role.HR, scope=e0), Grant(role=Role.HOST, scope=s0)

    def change(**how: tuple[Grant, ...]) -> w.ChangeGrants:
        return w.ChangeGrants(by=OPERATOR, key=key(), at_ms=T0 + 5, person=made.person, **how)

    given = await store.write(change(add=(host, hr)))
    assert given.publications == ()
    taken = await store.write(change(remove=(hr,)))
    assert decode_body(taken.publications[0].entry.body) == Revoked(person=made.person, before_ms=T0 + 5)
    assert (await store.read(account_queries.revocations))[made.person] == T0 + 5
    found = await account(store)
    assert found is not None
    assert found.grants == (host,)
    again = await store.write(change(remove=(hr,)))
    assert again.publications == (), "who takes what is not there ends nobody's tokens"
    nobody = w.ChangeGrants(by=OPERATOR, key=key(), at_ms=T0, person=PersonId("nobody"), add=(host,))
    assert await code_of(store, nobody) is Code.NOT_FOUND


async def test_lists_show_their_branch_and_no_number(store: Store):
    hall = await invited(store, Role.HOST, s2, OTHER_PHONE, region=OTHER_CITY)
    firm = await invited(store)
    await coded(store, firm)
    await store.write(join(firm))

    async def listed(**over: Any) -> tuple[list[str], list[tuple[str, InvitationState]]]:
        members, more = await store.read(people_queries.members, Over(**over))
        asked, _ = await store.read(people_queries.invitations, Over(**over), T0 + 2)
        assert not more
        assert all("****" in phone for phone in [one.phone for one in members] + [one.phone for one in asked])
        return [one.title for one in members], [(one.id, one.state) for one in asked]

    used, open_ = (firm, InvitationState.USED), (hall, InvitationState.OPEN)
    assert await listed(region=PROVINCE) == (["企业0"], sorted([used, open_]))
    assert await listed(region=CITY) == (["企业0"], [used])
    assert await listed(region=OTHER_CITY) == ([], [open_])
    assert await listed(enterprise=e0) == (["企业0"], [used])
    assert await listed(enterprise=EnterpriseId("e1")) == ([], [])
    assert await listed(region=PROVINCE, words="企业") == (["企业0"], [used])
    assert await listed(region=PROVINCE, words="%") == ([], [])
    assert await listed(region=PROVINCE, skip=1) == ([], sorted([used, open_])[1:])
    member = (await store.read(people_queries.members, Over(enterprise=e0)))[0][0]
    assert (member.name, member.signed_in_at_ms, member.phone) == ("王经理", T0 + 1, "139****0001")


async def test_a_sign_in_is_remembered_and_an_account_of_the_terminal_has_its_number(store: Store):
    added = {"name": "anna", "shown_name": "安娜", "password_hash": HASH, "phone": PHONE}
    grants = (Grant(role=Role.OPERATOR, scope=PROVINCE),)
    await store.write(w.AddAccount(by=OPERATOR, key=key(), at_ms=T0, grants=grants, **added))
    member = (await store.read(people_queries.members, Over(region=PROVINCE)))[0][0]
    assert (member.signed_in_at_ms, member.title) == (None, "吉林")
    await store.write(w.SignedIn(by=member.person, key="in", at_ms=T0 + 7))
    await store.write(w.AddAccount(by=OPERATOR, key=key(), at_ms=T0, grants=grants, **{**added, "phone": ""}))
    member = (await store.read(people_queries.members, Over(region=PROVINCE)))[0][0]
    assert (member.signed_in_at_ms, member.phone) == (T0 + 7, "139****0001")


@pytest.mark.parametrize(
    ("role", "scope"), [(Role.HR, "none"), (Role.HOST, "e0"), (Role.OPERATOR, "s0"), (Role.ADMIN, "999999")]
)
async def test_a_role_over_nothing_is_none(store: Store, role: Role, scope: str):
    with pytest.raises(Refusal) as caught:
        await store.read(people_queries.place_of, role, scope)
    assert caught.value.code is Code.NOT_FOUND
    assert (await store.read(people_queries.place_of, Role.OPERATOR, CITY)).region == RegionCode(CITY)


async def test_who_never_came_is_forgotten_after_a_while(store: Store):
    identity = await invited(store)
    ended_ms = T0 + INVITATION_DAYS * DAY_MS
    await store.transact(lambda conn: prune(conn, ended_ms + INVITATIONS_KEPT_DAYS * DAY_MS))
    await store.read(people_queries.invitation, identity, T0)
    await store.transact(lambda conn: prune(conn, ended_ms + INVITATIONS_KEPT_DAYS * DAY_MS + 1))
    with pytest.raises(Refusal):
        await store.read(people_queries.invitation, identity, T0)


async def test_links_by_message_are_bounded_by_the_hour(store: Store):
    """A house sends so many links within any hour, whoever asks; the wait says when the oldest is an hour old."""
    hour_ms = 3_600_000
    made = [await invited(store, phone=f"1390000{n:04d}") for n in range(6)]
    for n, identity in enumerate(made[:5]):
        await store.transact(note_sent, OPERATOR, identity, T0 + n * 1_000)
    now_ms = T0 + 10_000

    async def wait_ms(per_hour: int, at_ms: int) -> int:
        return await store.read(people_queries.links_wait_ms, per_hour, at_ms)

    assert await wait_ms(6, now_ms) == 0
    assert await wait_ms(5, now_ms) == T0 + hour_ms - now_ms
    assert await wait_ms(5, T0 + hour_ms) == 0, "the first is no more within the hour"
    assert await wait_ms(4, T0 + hour_ms) > 0
    assert await wait_ms(1, T0 + 4_000 + hour_ms) == 0
