"""Migrations, epochs, retention: what a store is on disk and from one life to the next."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text

from server.core.channels import DELIVERY, Kind, channel
from server.core.limits import KEYS_KEPT_DAYS
from server.core.model import Channel, PersonId
from server.core.refusal import Refusal
from server.store import application_batch, log_queries, migrations, numbers_queries, tables
from server.store.batch import scoped_key
from server.store.engines import normal_url, writing_engine
from server.store.migrations import DatabaseTooNew, upgrade
from server.store.retention import DAY_MS, MINIMUM_DAYS, prune
from server.store.store import Store, renew
from tests.contract.conftest import OpenStore, a_keyring
from tests.contract.store_day import PROVINCE, apply, e0, loaded, look, q, receipt, s0, s1, say, show


@pytest.fixture
def engine(store_url: str):
    engine = writing_engine(normal_url(store_url))
    yield engine
    engine.dispose()


# ---- migrations ------------------------------------------------------------------------------------------------------


def test_migrations_build_exactly_the_tables(engine):
    upgrade(engine)
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        if conn.dialect.name == "sqlite":
            sql = dict(conn.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
            wanted = {
                t.name for t in tables.metadata.tables.values() if t.dialect_options["sqlite"]["with_rowid"] is False
            }
            assert {name for name, made in sql.items() if "WITHOUT ROWID" in made} == wanted
        else:
            collations = "SELECT collation_name FROM information_schema.columns WHERE column_name = 'channel'"
            assert set(conn.execute(text(collations)).scalars()) == {"C"}


def test_positions_of_the_first_release_keep_their_last_day(engine):
    """Migration 0003: what stands in the facts becomes a column; a made-up position has no end, and nobody's body may
    hinder the move."""
    bodies = {
        "q1": {"id": "q1", "valid_until": "2099-03-31"},
        "q2": {"id": "q2", "valid_until": "2021-11-27", "synthetic": True},
        "q3": {"id": "q3"},
        "q4": {"id": "q4", "valid_until": ""},
    }
    upgrade(engine, "0001")
    with engine.begin() as conn:
        no = "0" if conn.dialect.name == "sqlite" else "false"
        conn.execute(text("INSERT INTO regions (code, name, level, place) VALUES ('22', 'x', 'province', 0)"))
        conn.execute(text(f"INSERT INTO enterprises VALUES ('e', 'x', '22', '', '', NULL, {no})"))
        for id_, body in bodies.items():
            conn.execute(
                text(f"INSERT INTO positions VALUES ('{id_}', 'e', '22', 'x', {no}, :body, 1)"),
                {"body": msgspec.msgpack.encode(body)},
            )
    upgrade(engine)
    with engine.connect() as conn:
        columns = (tables.positions.c.id, tables.positions.c.shown_until, tables.positions.c.review)
        rows = conn.execute(select(*columns).order_by(tables.positions.c.id)).all()
    assert [(row.id, row.shown_until) for row in rows] == [("q1", "2099-03-31"), ("q2", ""), ("q3", ""), ("q4", "")]
    assert {row.review for row in rows} == {"approved"}


def test_keys_that_were_kept_are_known_after_they_were_turned(engine):
    """Migration 0012. A key may hold a slash, a person's id holds none."""
    kept = [
        (PersonId("p1"), "0123456789abcdef"),
        (PersonId("p2"), "with/a/slash"),
        (PersonId("钱"), "键键键键键键键键"),
    ]
    upgrade(engine, "0011")
    with engine.begin() as conn:
        rows = [{"scoped": f"{person}/{key}", "digest": b"d", "reply": b"r", "at_ms": 1} for person, key in kept]
        conn.execute(tables.keys.insert(), rows)
    upgrade(engine)
    with engine.connect() as conn:
        names = set(conn.execute(select(tables.keys.c.scoped)).scalars())
    assert names == {scoped_key(person, key) for person, key in kept}


def test_an_id_that_only_one_device_knows_is_found_by_its_index(tmp_path: Path):
    """PostgreSQL reads a small table whole, so this asks SQLite."""
    engine = writing_engine(normal_url(f"sqlite:///{tmp_path}/x.db"))
    upgrade(engine)
    sql = application_batch.KNOWN_AS.params(wanted=["a1", "a2"]).compile(engine, compile_kwargs={"literal_binds": True})
    with engine.connect() as conn:
        plan = conn.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all()
    engine.dispose()
    assert "ix_application_senders_shown_id" in str(plan), plan


def test_the_newest_revision_is_the_one_the_program_names():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.NEWEST


def test_a_second_start_changes_nothing(engine):
    upgrade(engine)
    upgrade(engine)


async def test_several_hubs_may_start_at_once(store_url: str):
    engines = [writing_engine(normal_url(store_url)) for _ in range(4)]
    await asyncio.gather(*(asyncio.to_thread(upgrade, engine) for engine in engines))
    for engine in engines:
        engine.dispose()


async def test_a_new_file_may_be_opened_by_several_at_once(tmp_path: Path):
    def connect(engine, ready: threading.Barrier) -> None:
        ready.wait(timeout=10)
        with engine.connect():
            pass
        engine.dispose()

    for n in range(30):  # without a wait of ours, one round in four failed
        engines = [writing_engine(normal_url(f"sqlite:///{tmp_path}/{n}.db")) for _ in range(4)]
        ready = threading.Barrier(len(engines))
        await asyncio.gather(*(asyncio.to_thread(connect, engine, ready) for engine in engines))


def test_a_database_of_a_later_version_is_refused_untouched(engine):
    upgrade(engine)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="9999"):
        upgrade(engine)


def test_a_migration_that_fails_leaves_nothing(engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(migrations, "NEWEST", "no such revision")
    with pytest.raises(Exception, match="no such revision"):
        upgrade(engine)
    assert inspect(engine).get_table_names() == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y"])
async def test_urls_that_cannot_be_a_store(url: str, tmp_path: Path):
    with pytest.raises(ValueError, match="store"):
        await Store.open(url, keyring=a_keyring(), province=PROVINCE, var_dir=tmp_path, clock_ms=lambda: 1)


async def test_plain_postgresql_urls_are_taken(postgres_url: str, tmp_path: Path):
    plain = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    store = await Store.open(plain, keyring=a_keyring(), province=PROVINCE, var_dir=tmp_path, clock_ms=lambda: 1)
    await store.close()


# ---- epochs ----------------------------------------------------------------------------------------------------------


async def test_the_epoch_lasts_from_start_to_start(open_store: OpenStore, tmp_path: Path):
    first = await open_store()
    assert len(first.epoch) == 16
    assert (tmp_path / "var/epoch").read_text().strip() == first.epoch
    await first.close()
    assert (await open_store()).epoch == first.epoch


async def test_an_epoch_from_elsewhere_is_renewed_and_offsets_go_on(open_store: OpenStore, tmp_path: Path):
    first = await loaded(await open_store())
    await first.write(say(s0, "一"))
    await first.close()
    (tmp_path / "var/epoch").write_text("of another database\n")
    second = await open_store()
    assert second.epoch != first.epoch
    assert (tmp_path / "var/epoch").read_text().strip() == second.epoch
    committed = await second.write(say(s0, "二"))
    (publication,) = committed.publications
    assert (publication.epoch, publication.entry.offset) == (second.epoch, 2)
    assert (await second.read(log_queries.head, publication.channel)).epoch == second.epoch


async def test_a_hub_with_a_past_epoch_adopts_the_new_one(open_store: OpenStore, store_url: str, tmp_path: Path):
    """`daigang restore` ran on one machine; the province's other hubs start with the file of before."""
    first = await open_store("one")
    await first.close()
    other = await open_store("two") if "postgresql" in store_url else None
    if other:
        assert other.epoch == first.epoch, "a further hub adopts what is there"
        await other.close()
    renewed = await renew(store_url, tmp_path / "restore")
    assert renewed != first.epoch
    assert (await open_store("one")).epoch == renewed


async def test_a_running_hub_sees_a_renewed_epoch(open_store: OpenStore, store_url: str, tmp_path: Path):
    store = await loaded(await open_store())
    renewed = await renew(store_url, tmp_path / "restore")
    (publication,) = (await store.write(say(s0, "x"))).publications
    assert publication.epoch == renewed
    assert (await store.read(log_queries.head, publication.channel)).epoch == renewed


async def test_a_database_moved_without_its_file(open_store: OpenStore, store_url: str, tmp_path: Path):
    first = await open_store("one")
    await first.close()
    second = await open_store("elsewhere")
    assert (second.epoch == first.epoch) == ("postgresql" in store_url)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_copy_made_while_writing_is_whole_and_starts_a_new_life(open_store: OpenStore, tmp_path: Path):
    """PROMISES 30, SQLite: VACUUM INTO beside a hub that writes, then the restore's new epoch."""
    store = await loaded(await open_store())
    load = asyncio.gather(*(store.write(apply(q(n % 4), phone=f"139{n:08d}")) for n in range(400)))
    await asyncio.sleep(0.02)
    with closing(sqlite3.connect(tmp_path / "daigang.db")) as beside:
        beside.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    await load
    url = f"sqlite:///{tmp_path}/copy.db"
    epoch = await renew(url, tmp_path / "restored")
    assert epoch != store.epoch
    copy = await Store.open(
        url, keyring=a_keyring(), province=PROVINCE, var_dir=tmp_path / "restored", clock_ms=lambda: 1
    )
    try:
        assert copy.epoch == epoch
        assert await copy.read(numbers_queries.differences) == {}
        for name, head in (await copy.read(all_heads)).items():
            entries = await copy.read(log_queries.entries, name, 0, 1_000)
            assert [entry.offset for entry in entries] == list(range(1, head.offset + 1))
        committed = await copy.write(say(s0, "goes on"))
        assert committed.publications[0].epoch == epoch
    finally:
        await copy.close()


def all_heads(conn):
    return log_queries.heads(conn, conn.execute(select(tables.heads.c.channel)).scalars().all())


# ---- retention -------------------------------------------------------------------------------------------------------


def count(conn, table) -> int:
    return conn.execute(select(func.count()).select_from(table)).scalar_one()


async def test_each_class_is_kept_as_long_as_it_asks(store: Store):
    made = receipt(await store.write(apply(q(0))))
    await store.write(say(s0, "一"))
    await store.write(show(s0, q(0)))
    await store.write(look(made.application, (e0,)))
    names = [channel(*x) for x in ((Kind.CHAT, s0), (Kind.STAGE, s0), (Kind.FIRM, "e0"), (Kind.ME, "seeker"))]

    async def left(day: int) -> list[int]:
        while await store.transact(prune, 1_001 + day * DAY_MS):
            pass
        return [len(await store.read(log_queries.entries, name, 0, 100)) for name in names]

    assert await left(59) == [1, 2, 2, 2]
    assert await left(60) == [0, 0, 2, 2]
    assert await store.read(count, tables.audit) == 1
    assert await left(180) == [0, 0, 2, 2]
    assert await store.read(count, tables.audit) == 0
    assert await left(1094) == [0, 0, 2, 2]
    assert await left(1095) == [0, 0, 0, 0]
    assert await store.read(count, tables.applications) == 1


async def test_offsets_are_never_given_again(store: Store):
    await store.write(say(s0, "一"))
    await store.transact(prune, 100 * DAY_MS)
    (publication,) = (await store.write(say(s0, "二"))).publications
    assert publication.entry.offset == 2
    entries = await store.read(log_queries.entries, publication.channel, 0, 10)
    assert [entry.offset for entry in entries] == [2], "a reader that asks from 0 sees the hole"


async def test_keys_go_after_their_days_and_not_before(store: Store):
    write = say(s0, "一")
    await store.write(write)
    await store.transact(prune, 1_000 + KEYS_KEPT_DAYS * DAY_MS)
    assert (await store.write(write)).repeated
    await store.transact(prune, 1_001 + KEYS_KEPT_DAYS * DAY_MS)
    assert not (await store.write(write)).repeated


async def test_old_things_go_in_pieces(store: Store):
    await asyncio.gather(*(store.write(say((s0, s1)[n % 2], f"{n}")) for n in range(50)))
    now_ms = 100 * DAY_MS
    assert 0 < await store.transact(prune, now_ms, None, 20) <= 60
    assert await store.read(count, tables.log) > 0
    while await store.transact(prune, now_ms, None, 20):
        pass
    assert await store.read(count, tables.log) == 0
    assert await store.read(count, tables.heads) > 0


async def test_the_store_forgets_by_its_own_clock(open_store: OpenStore):
    store = await loaded(await open_store())
    await store.write(say(s0, "at 1 s, as the store's clock"))
    assert await store.forget_old() == 0


async def test_less_than_the_law_asks_is_refused(store: Store):
    with pytest.raises(ValueError, match="chat"):
        await store.transact(prune, 1, {"chat": 59})
    assert await store.transact(prune, 1, {"chat": 61}) == 0


def test_every_logged_kind_has_a_class():
    assert {d.retention for d in DELIVERY.values() if d.logged} <= MINIMUM_DAYS.keys()
    assert all(days >= 60 for days in MINIMUM_DAYS.values())


async def test_a_mistake_in_a_transaction_of_its_own_reaches_its_author(store: Store):
    def mistaken(conn):
        conn.execute(tables.heads.insert(), {"channel": "me/x", "top": 1})
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await store.transact(mistaken)

    def twice(conn):
        conn.execute(tables.heads.insert(), [{"channel": "me/y", "top": 1}] * 2)

    with pytest.raises(Refusal):
        await store.transact(twice)
    assert (await store.write(say(s0, "goes on"))).publications
    heads = await store.read(log_queries.heads, [Channel("me/x"), Channel("me/y")])
    assert [head.offset for head in heads.values()] == [0, 0]
