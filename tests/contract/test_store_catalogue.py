"""Loading a fair, reading it again; staff accounts."""

import asyncio

import msgspec
import pytest
from sqlalchemy import func, select

from server.core.bodies import Revoked, ShelfChanged, decode_body
from server.core.catalogue import Catalogue
from server.core.channels import Kind, channel
from server.core.model import EnterpriseId, Grant, PersonId, Role, SessionState, ShelfSlot
from server.core.refusal import Code, Refusal
from server.store import account_queries, catalogue_queries, log_queries, tables
from server.store import writes as w
from server.store.catalogue_writes import load_catalogue
from server.store.store import Store
from tests.contract.conftest import OpenStore
from tests.contract.store_day import (
    PROVINCE,
    apply,
    e0,
    e1,
    e2,
    key,
    loaded,
    outcome,
    q,
    s0,
    s1,
    s2,
    show,
    small_catalogue,
)

replace = msgspec.structs.replace


def everything(conn) -> dict[str, object]:
    """All rows of all tables."""
    return {name: sorted(map(repr, conn.execute(select(t)).all())) for name, t in tables.metadata.tables.items()}


def with_shelf(catalogue: Catalogue, slots: tuple[ShelfSlot, ...]) -> Catalogue:
    return replace(catalogue, shelves={**catalogue.shelves, s0: slots})


async def test_what_is_loaded_is_what_is_read(open_store: OpenStore):
    store = await loaded(await open_store(), live=False)
    day = small_catalogue()
    assert await store.read(catalogue_queries.regions) == day.regions
    assert await store.read(catalogue_queries.fair, day.fair.id) == day.fair
    assert await store.read(catalogue_queries.fairs) == (day.fair,)
    assert await store.read(catalogue_queries.venues, day.fair.id) == day.venues
    assert await store.read(catalogue_queries.enterprise, e1) == day.enterprises[1]
    assert await store.read(catalogue_queries.enterprises, [e2, e0, EnterpriseId("none")]) == (
        day.enterprises[0],
        day.enterprises[2],
    )
    assert await store.read(catalogue_queries.positions_of, e1) == tuple(day.positions[n] for n in (1, 5, 9))
    assert await store.read(catalogue_queries.position, q(3)) == day.positions[3]
    named = tuple(replace(s, venue_name=v.name) for s, v in zip(day.sessions, day.venues, strict=True))
    assert await store.read(catalogue_queries.sessions) == named
    assert await store.read(catalogue_queries.session, s1) == named[1]
    assert await store.read(catalogue_queries.shelf, s1) == day.shelves[s1]
    assert await store.read(catalogue_queries.is_region, "220100")
    assert not await store.read(catalogue_queries.is_region, "s0")


@pytest.mark.parametrize("what", ["fair", "enterprise", "position", "session", "shelf"])
async def test_what_is_not_there_is_not_found(store: Store, what: str):
    with pytest.raises(Refusal) as refused:
        await store.read(getattr(catalogue_queries, what), "none")
    assert refused.value.code is Code.NOT_FOUND


async def test_loading_again_changes_nothing(store: Store):
    await store.write(show(s0, q(0)))
    await store.write(apply(q(0)))
    before = await store.read(everything)
    assert await store.transact(load_catalogue, small_catalogue(), 99_000) == ()
    assert await store.read(everything) == before


async def test_a_changed_shelf_is_told_and_the_session_goes_on(store: Store):
    await store.write(show(s0, q(0)))
    day = small_catalogue()
    shorter = with_shelf(day, day.shelves[s0][1:])
    (publication,) = await store.transact(load_catalogue, shorter, 2_000)
    assert publication.channel == channel(Kind.STAGE, s0)
    assert decode_body(publication.entry.body) == ShelfChanged(revision=2)
    session, card, head = await store.read(log_queries.stage, s0)
    assert (session.state, session.shelf_revision, head.offset) == (SessionState.LIVE, 2, publication.entry.offset)
    assert card is not None
    assert card.position.id == q(0), "what stands, stands until the host changes it"
    assert await store.read(catalogue_queries.shelf, s0) == day.shelves[s0][1:]
    refused = await outcome(store, show(s0, q(0)))
    assert isinstance(refused, Refusal)
    assert refused.code is Code.NOT_ON_SHELF
    assert (await store.read(catalogue_queries.session, s1)).shelf_revision == 1


async def test_a_number_is_given_once(store: Store):
    day = small_catalogue()
    first, *rest = day.shelves[s0]
    await store.transact(load_catalogue, with_shelf(day, tuple(rest)), 2_000)
    taken = with_shelf(day, (ShelfSlot(number=1, position=day.positions[8]), *rest))
    with pytest.raises(Refusal) as refused:
        await store.transact(load_catalogue, taken, 3_000)
    assert refused.value.code is Code.BAD_MESSAGE
    (publication,) = await store.transact(load_catalogue, day, 4_000)
    assert decode_body(publication.entry.body) == ShelfChanged(revision=3)
    assert (await store.read(catalogue_queries.shelf, s0))[0] == first


async def test_other_facts_of_a_position_are_another_shelf(store: Store):
    day = small_catalogue()
    better = replace(day.positions[0], pay_min_yuan=6_000, version=2)
    positions = (better, *day.positions[1:])
    slots = (ShelfSlot(number=1, position=better), *day.shelves[s0][1:])
    published = await store.transact(load_catalogue, replace(with_shelf(day, slots), positions=positions), 2_000)
    assert [p.channel for p in published] == [channel(Kind.STAGE, s0)]
    assert (await store.read(catalogue_queries.position, q(0))).pay_min_yuan == 6_000
    await store.write(show(s0, q(0)))
    _, card, _ = await store.read(log_queries.stage, s0)
    assert card is not None
    assert card.position == better


async def test_a_position_stays_its_enterprises(store: Store):
    day = small_catalogue()
    stolen = replace(day, positions=(replace(day.positions[0], enterprise="e3"), *day.positions[1:]))
    before = await store.read(everything)
    with pytest.raises(Refusal):
        await store.transact(load_catalogue, stolen, 2_000)
    assert await store.read(everything) == before, "all of a catalogue or nothing"


async def test_the_plan_of_a_session_may_change(store: Store):
    day = small_catalogue()
    later = replace(day, sessions=tuple(replace(s, title="改期", starts_at_ms=5) for s in day.sessions))
    assert await store.transact(load_catalogue, later, 2_000) == ()
    session = await store.read(catalogue_queries.session, s0)
    assert (session.title, session.starts_at_ms, session.state) == ("改期", 5, SessionState.LIVE)
    assert (await store.read(catalogue_queries.session, s2)).state is SessionState.SCHEDULED


# ---- accounts --------------------------------------------------------------------------------------------------------


def add(name: str, password_hash: str = "hash-1", *grants: Grant) -> w.AddAccount:
    return w.AddAccount(
        by=PersonId("root"),
        key=key(),
        at_ms=1,
        name=name,
        shown_name=name.upper(),
        password_hash=password_hash,
        grants=grants,
    )


HR_OF = [Grant(role=Role.HR, scope=f"e{n}") for n in range(3)]


async def test_an_account_is_found_by_its_name(store: Store):
    await store.write(add("li", "hash-1", HR_OF[0], HR_OF[1], HR_OF[1]))
    found = await store.read(account_queries.account, "li")
    assert found is not None
    assert (found.name, found.shown_name, found.password_hash) == ("li", "LI", "hash-1")
    assert found.grants == (HR_OF[0], HR_OF[1])
    assert await store.read(account_queries.account, "LI") is None
    assert "hash-1" not in repr(found)


async def test_the_same_name_again_keeps_the_person(store: Store):
    await store.write(add("li", "hash-1", HR_OF[0], HR_OF[1]))
    await store.write(add("wang", "hash-9"))
    first = await store.read(account_queries.account, "li")
    await store.write(add("li", "hash-2", HR_OF[2]))
    again = await store.read(account_queries.account, "li")
    assert first is not None
    assert again is not None
    assert again.person == first.person
    assert (again.password_hash, again.grants) == ("hash-2", (HR_OF[2],))
    assert await store.read(account_queries.names) == ("li", "wang")


async def test_a_new_password_and_the_end_of_old_tokens_are_one_write(store: Store):
    """Whoever renews an account may be killed after any write: no token with the old roles may be left then."""
    committed = await store.write(add("li", "hash-1", HR_OF[0]))
    assert committed.publications == ()
    assert await store.read(account_queries.revocations) == {}
    account = await store.read(account_queries.account, "li")
    assert account is not None
    committed, other = await asyncio.gather(store.write(add("li", "hash-2")), store.write(add("wang", "hash-9")))
    (publication,) = committed.publications
    assert publication.channel == channel(Kind.HOUSE, PROVINCE)
    assert decode_body(publication.entry.body) == Revoked(person=account.person, before_ms=1)
    assert other.publications == ()
    assert await store.read(account_queries.revocations) == {account.person: 1}


async def test_a_revocation_is_told_and_never_moves_back(store: Store):
    def revoke(at_ms: int) -> w.RevokePerson:
        return w.RevokePerson(by=PersonId("root"), key=key(), at_ms=at_ms, person=PersonId("p9"))

    committed = await store.write(revoke(2_000))
    (publication,) = committed.publications
    assert publication.channel == channel(Kind.HOUSE, PROVINCE)
    assert decode_body(publication.entry.body) == Revoked(person=PersonId("p9"), before_ms=2_000)
    await store.write(revoke(1_000))
    assert await store.read(account_queries.revocations) == {"p9": 2_000}


async def test_accounts_leave_no_password_in_the_key_table(store: Store):
    await store.write(add("li", "$argon2id$secret"))

    def kept(conn):
        return conn.execute(select(tables.keys)).all(), conn.execute(
            select(func.count()).select_from(tables.keys)
        ).scalar()

    rows, _ = await store.read(kept)
    assert rows
    assert "argon2" not in repr(rows)
