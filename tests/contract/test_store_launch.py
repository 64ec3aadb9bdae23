"""开幕: on every stage of the branch that is not over and on its own channel, in one transaction, once."""

from sqlalchemy import select

from server.core.bodies import Launched, decode_body
from server.core.channels import Kind, channel
from server.core.model import Launch, PersonId, RegionCode
from server.core.protocol import RehearsalIs
from server.core.refusal import Code, Refusal
from server.store import log_queries, writes
from server.store.store import Store
from server.store.tables import audit
from tests.contract.store_day import CITY, ENDED, PROVINCE, change_state, outcome, rehearse, s0, s1, s2


def launch(key: str, *regions: RegionCode, text: str = "现在开幕", at_ms: int = 5_000) -> writes.Launch:
    return writes.Launch(by=PersonId("o1"), key=key, at_ms=at_ms, regions=regions, text=text, in_ms=2_000)


async def launches_on(store: Store, name: str) -> list[Launch]:
    entries = await store.read(log_queries.entries, name, 0, 500)  # type: ignore[arg-type]
    bodies = [decode_body(entry.body) for entry in entries]
    return [body.launch for body in bodies if isinstance(body, Launched)]


async def test_it_stands_on_every_stage_of_the_branch_once(store: Store) -> None:
    await outcome(store, change_state(s2, ENDED))
    rehearsal = await outcome(store, rehearse(s0))
    assert not isinstance(rehearsal, Refusal)
    assert isinstance(rehearsal.reply, RehearsalIs)
    done = await outcome(store, launch("launch-01", PROVINCE, CITY))
    again = await outcome(store, launch("launch-01", PROVINCE, CITY, at_ms=9_000))
    assert not isinstance(done, Refusal)
    assert not isinstance(again, Refusal)
    assert again.repeated
    assert again.publications == ()
    said = [Launch(text="现在开幕", region=PROVINCE, show_at_ms=7_000)]
    for hall in (s0, s1):
        assert await launches_on(store, channel(Kind.STAGE, hall)) == said
    assert await launches_on(store, channel(Kind.AREA, PROVINCE)) == said
    assert await launches_on(store, channel(Kind.AREA, CITY)) == []
    for other in (s2, rehearsal.reply.session):
        assert await launches_on(store, channel(Kind.STAGE, other)) == []
    noted = (await store.read(lambda conn: conn.execute(select(audit).where(audit.c.what == "launch")).all()))[0]
    assert (noted.by, noted.subject) == ("o1", f"region/{PROVINCE}: 现在开幕")


async def test_what_a_city_opens_is_not_the_provinces(store: Store) -> None:
    done = await outcome(store, launch("launch-03", CITY, text="全市开幕"))
    assert not isinstance(done, Refusal)
    said = [Launch(text="全市开幕", region=CITY, show_at_ms=7_000)]
    assert await launches_on(store, channel(Kind.AREA, CITY)) == said
    assert await launches_on(store, channel(Kind.STAGE, s1)) == said
    assert await launches_on(store, channel(Kind.AREA, PROVINCE)) == []


async def test_a_branch_without_halls_is_refused(store: Store) -> None:
    refused = await outcome(store, launch("launch-02", RegionCode("220999")))
    assert isinstance(refused, Refusal)
    assert refused.code is Code.NOT_FOUND
