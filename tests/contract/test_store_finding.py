"""What a search is made of, read from the store; and an index that follows it, with every kind of change."""

import msgspec
import pytest
from sqlalchemy import select, update

from server.core.model import ON_AIR, PositionId, VenueId
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.search import Query
from server.hub import finder as finding
from server.hub.finder import Finder
from server.store import finding_queries, tables
from server.store.catalogue_writes import load_catalogue
from server.store.store import Store
from tests.contract.conftest import OpenStore
from tests.contract.store_day import (
    CITY,
    ENDED,
    LIVE,
    OTHER_CITY,
    apply,
    change_state,
    hide,
    loaded,
    q,
    s0,
    s1,
    s2,
    show,
    small_catalogue,
)

replace = msgspec.structs.replace


def finder_of(store: Store) -> Finder:
    return Finder(store, RegionTree(small_catalogue().regions), lambda: 60_000)


def total(finder: Finder, words: str = "") -> int:
    return finder.search(Query(words=words)).total


async def set_position(store: Store, position: PositionId, at_ms: int, **values: object) -> None:
    def change(conn) -> None:
        where = tables.positions.c.id == position
        conn.execute(update(tables.positions).where(where).values(changed_at_ms=at_ms, **values))

    await store.transact(change)


async def test_an_index_follows_the_store(store: Store):
    finder = finder_of(store)
    with pytest.raises(Refusal) as refused:
        total(finder)
    assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)

    await finder.refresh()
    assert total(finder) == 11  # 12, and one of them is closed
    await store.write(show(s0, q(2)))
    await finder.refresh()
    best = finder.search(Query(limit=1)).hits[0]
    assert best.position.id == q(2)
    assert [(spot.session, spot.number, spot.explained) for spot in best.spots] == [(s0, 3, True)]

    await store.write(hide(s0))
    await store.write(change_state(s0, ENDED))
    await finder.refresh()
    hits = finder.search(Query()).hits
    assert hits[0].spots[0].session == s1
    assert not any(spot.explained for hit in hits for spot in hit.spots)
    assert {spot.session for hit in hits for spot in hit.spots if spot.state in ON_AIR} == {s1}


async def test_only_what_was_approved_and_is_open_is_found(store: Store):
    finder = finder_of(store)
    await finder.refresh()
    await set_position(store, q(0), 10, review="waiting")
    await set_position(store, q(1), 10, closed=True)
    await set_position(store, q(11), 10, closed=False)
    await finder.refresh()
    assert {hit.position.id for hit in finder.search(Query(limit=50)).hits} == {q(n) for n in range(2, 12)}
    await set_position(store, q(0), 11, review="approved")
    await finder.refresh()
    assert total(finder) == 11


async def test_what_was_valid_until_yesterday_is_gone_today(store: Store):
    day_ms = 24 * 3_600_000
    now_ms = 60_000
    finder = Finder(store, RegionTree(small_catalogue().regions), lambda: now_ms)
    await set_position(store, q(0), 10, shown_until="1970-01-01")
    await set_position(store, q(1), 10, shown_until="1969-12-31")
    await finder.refresh()
    assert total(finder) == 10
    now_ms += day_ms
    await finder.refresh()
    assert total(finder) == 9
    assert (await store.read(finding_queries.position, q(0), "1970-01-02")).position.closed


async def test_what_commits_late_with_an_older_time_is_found_all_the_same(store: Store):
    finder = finder_of(store)
    await set_position(store, q(3), 59_000)
    await finder.refresh()
    await set_position(store, q(4), 50_000, closed=True)
    for _ in range(finding.LOOK_BACK_EVERY):
        await finder.refresh()
    assert total(finder) == 10


async def test_an_import_changes_titles_shelves_and_numbers(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "CHANGED_AT_ONCE", 5)
    monkeypatch.setattr(finding, "READ_AT_ONCE", 2)
    monkeypatch.setattr(finding, "DEAD_LIMIT", 3)
    finder = finder_of(store)
    await finder.refresh()
    day = small_catalogue()
    for round_ in range(1, 4):
        renamed = tuple(replace(p, title=f"焊工{round_}") for p in day.positions)
        await store.transact(load_catalogue, replace(day, positions=renamed), 10 + round_)
        await finder.refresh()
    assert total(finder, "岗位") == 0
    assert total(finder, "焊工") == 11
    assert len(finder.search(Query(words="焊工", limit=50)).hits) == 11
    assert all(hit.spots for hit in finder.search(Query(words="焊工", limit=50)).hits)


async def test_one_position_with_its_halls(store: Store):
    await store.write(show(s1, q(5)))
    found = await store.read(finding_queries.position, q(5), "2026-01-01")
    assert (found.position.id, found.enterprise.name) == (q(5), "企业1")
    assert [(spot.session, spot.number, spot.explained) for spot in found.spots] == [(s1, 2, True)]
    assert (await store.read(finding_queries.position, q(11), "2026-01-01")).position.closed
    await set_position(store, q(5), 20, review="refused")
    for id in (q(5), PositionId("none"), PositionId("'; --")):
        with pytest.raises(Refusal) as refused:
            await store.read(finding_queries.position, id, "2026-01-01")
        assert refused.value.code is Code.NOT_FOUND


async def test_a_number_keeps_its_position_also_when_it_left_the_shelf(open_store: OpenStore):
    store = await loaded(await open_store())
    assert await store.read(finding_queries.numbered, VenueId("v0"), 2) == (s0, q(1), True)
    day = small_catalogue()
    shelves = {**day.shelves, s0: day.shelves[s0][2:]}
    await store.transact(load_catalogue, replace(day, shelves=shelves), 10)
    assert await store.read(finding_queries.numbered, VenueId("v0"), 2) == (s0, q(1), False)
    for venue, number in (("v0", 99), ("nowhere", 1)):
        with pytest.raises(Refusal) as refused:
            await store.read(finding_queries.numbered, VenueId(venue), number)
        assert refused.value.code is Code.NOT_FOUND


async def test_a_venue_with_several_sessions_means_the_one_on_air(open_store: OpenStore):
    store = await loaded(await open_store(), live=False)
    day = small_catalogue()
    moved = tuple(replace(s, venue=VenueId("v0")) for s in day.sessions)
    await store.transact(load_catalogue, replace(day, sessions=moved), 10)
    await store.write(change_state(s1, LIVE))
    assert await store.read(finding_queries.numbered, VenueId("v0"), 1) == (s1, q(4), True)
    await store.write(change_state(s1, ENDED))
    session, _, _ = await store.read(finding_queries.numbered, VenueId("v0"), 1)
    assert session in {s0, s2}


async def test_applications_are_counted_by_source_within_the_regions_asked_for(store: Store):
    await store.write(change_state(s2, LIVE))
    for n, (position, session, source) in enumerate(
        [(q(0), s0, "poster"), (q(1), s0, "poster"), (q(4), s1, ""), (q(8), s2, "bus")]
    ):
        await store.write(apply(position, session, phone=f"1991234006{n}", source=source))
    assert await store.read(finding_queries.sources, [CITY]) == {"poster": 2, "": 1}
    assert await store.read(finding_queries.sources, [OTHER_CITY]) == {"bus": 1}
    assert await store.read(finding_queries.sources, []) == {}


async def test_a_rehearsal_is_not_found_by_anybody(store: Store):
    def rehearse(conn) -> None:
        real = conn.execute(select(tables.sessions).where(tables.sessions.c.id == s0)).mappings().one()
        conn.execute(tables.sessions.insert(), [{**real, "id": "s0~secret", "rehearses": s0, "state": "rehearsal"}])
        slots = conn.execute(select(tables.shelf_slots).where(tables.shelf_slots.c.session == s0)).mappings().all()
        conn.execute(tables.shelf_slots.insert(), [{**slot, "session": "s0~secret"} for slot in slots])

    await store.transact(rehearse)
    finder = finder_of(store)
    await finder.refresh()
    sessions = {spot.session for hit in finder.search(Query(limit=50)).hits for spot in hit.spots}
    assert sessions == {s0, s1, s2}
    assert [spot.session for spot in (await store.read(finding_queries.position, q(0), "2026-01-01")).spots] == [s0]
    assert (await store.read(finding_queries.numbered, VenueId("v0"), 1))[0] == s0
