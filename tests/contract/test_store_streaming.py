"""Stream keys and restream targets, on both databases."""

import pytest
from sqlalchemy import Engine, inspect, select, text

from server.core.model import PersonId, SessionId
from server.core.refusal import Refusal
from server.store import streaming_rows, tables
from server.store.engines import normal_url, writing_engine
from server.store.keyring import SealBroken
from server.store.migrations import upgrade
from server.store.retention import DAY_MS, STREAMING_KEPT_DAYS, prune
from server.store.store import Connection, Store
from server.store.streaming_rows import RestreamTarget, Who
from tests.contract.conftest import a_keyring
from tests.contract.store_day import s0, s1

WHO = Who(by=PersonId("p_host"), at_ms=5)


def target(session: SessionId = s0, slot: int = 1) -> RestreamTarget:
    return RestreamTarget(
        session=session, slot=slot, name="抖音", url="rtmp://push.example.cn/live", key="geheim-1", running=False
    )


def lines(conn: Connection) -> list[tuple[str, str]]:
    found = conn.execute(select(tables.audit.c.what, tables.audit.c.subject).where(tables.audit.c.at_ms == 5))
    return [(row.what, row.subject) for row in found]


async def test_a_new_key_takes_the_place_of_the_old_one(store: Store):
    await store.transact(streaming_rows.make_stream_key, s0, "s1", b"one", WHO)
    await store.transact(streaming_rows.make_stream_key, s0, "s2", b"two", WHO)
    await store.transact(streaming_rows.make_stream_key, s1, "s3", b"three", WHO)
    assert await store.read(streaming_rows.key_of_stream, "s1") is None
    found = await store.read(streaming_rows.key_of_stream, "s2")
    assert found == await store.read(streaming_rows.stream_key, s0)
    assert found is not None
    assert (found.session, found.digest) == (s0, b"two")
    assert await store.transact(streaming_rows.revoke_stream_key, s0, WHO)
    assert not await store.transact(streaming_rows.revoke_stream_key, s0, WHO)
    assert await store.read(streaming_rows.stream_key, s0) is None
    assert await store.read(streaming_rows.stream_key, s1) is not None
    assert [what for what, _ in await store.read(lines)] == ["make_stream_key"] * 3 + ["revoke_stream_key"]
    with pytest.raises(Refusal, match="not_found"):
        await store.transact(streaming_rows.make_stream_key, SessionId("nobody"), "s4", b"four", WHO)


async def test_targets_are_sealed_each_for_its_own_row(store: Store):
    await store.transact(streaming_rows.put_target, target(), store.keyring, WHO)
    await store.transact(streaming_rows.put_target, target(slot=2), store.keyring, WHO)
    await store.transact(streaming_rows.run_target, s0, 2, True, WHO)
    one, two = await store.read(streaming_rows.targets_of, s0, store.keyring)
    assert (one, two.running) == (target(), True)
    assert await store.read(streaming_rows.running_targets, [s0, s1], store.keyring) == (two,)
    assert await store.read(streaming_rows.running_targets, [s1], store.keyring) == ()

    def raw(conn: Connection) -> bytes:
        return b"".join(row.sealed for row in conn.execute(select(tables.restream_targets)))

    assert b"geheim" not in await store.read(raw)
    assert "geheim" not in repr(one) + str(await store.read(lines))

    def swap(conn: Connection) -> None:
        sealed = conn.execute(
            select(tables.restream_targets.c.sealed).where(tables.restream_targets.c.slot == 2)
        ).scalar()
        conn.execute(tables.restream_targets.update().values(sealed=sealed))

    await store.transact(swap)
    with pytest.raises(SealBroken):
        await store.read(streaming_rows.targets_of, s0, store.keyring)
    await store.transact(streaming_rows.drop_target, s0, 1, WHO)
    await store.transact(streaming_rows.drop_target, s0, 2, WHO)
    assert await store.read(streaming_rows.targets_of, s0, store.keyring) == ()
    with pytest.raises(Refusal, match="not_found"):
        await store.transact(streaming_rows.run_target, s0, 1, True, WHO)


async def test_secrets_of_sessions_long_over_go(store: Store):
    await store.transact(streaming_rows.make_stream_key, s0, "s1", b"one", WHO)
    await store.transact(streaming_rows.put_target, target(), store.keyring, WHO)
    await store.transact(streaming_rows.put_target, target(s1), store.keyring, WHO)

    def end(conn: Connection) -> None:
        conn.execute(tables.sessions.update().where(tables.sessions.c.id == s0).values(ended_at_ms=1_000))

    await store.transact(end)
    week_ms = STREAMING_KEPT_DAYS * DAY_MS
    assert await store.transact(streaming_rows.prune_streaming, 1_000) == 0
    await store.transact(prune, 1_001 + week_ms)
    assert await store.read(streaming_rows.stream_key, s0) is None
    assert await store.read(streaming_rows.targets_of, s0, store.keyring) == ()
    assert len(await store.read(streaming_rows.targets_of, s1, store.keyring)) == 1


@pytest.fixture
def engine(store_url: str):
    engine = writing_engine(normal_url(store_url))
    yield engine
    engine.dispose()


def test_a_database_from_before_keeps_its_rows(engine: Engine):
    upgrade(engine, "0006")
    with engine.begin() as conn:
        row = "('220000', '吉林省', 'province', NULL, 0)"
        conn.execute(text(f"INSERT INTO regions (code, name, level, parent, place) VALUES {row}"))
    upgrade(engine)
    with engine.connect() as conn:
        assert conn.execute(text("SELECT name FROM regions")).scalars().all() == ["吉林省"]
        assert {"stream_keys", "restream_targets"} <= set(inspect(conn).get_table_names())
    assert a_keyring().stream_key_digest("x") != a_keyring().digest(b"x")
