"""What was decided about recordings, and the chat beside them by time."""

import pytest
from sqlalchemy import text

from server.core.model import PersonId, Picture, PictureKind, SessionId
from server.core.refusal import Code, Refusal
from server.store import chat_replay, picture_queries, recording_rows
from server.store.engines import normal_url, writing_engine
from server.store.migrations import upgrade
from server.store.recording_rows import Deciding, Hidden
from server.store.store import Store
from tests.contract.store_day import picture, s0, s1, say

WHO = Deciding(by=PersonId("p_operator"), at_ms=1_000)


async def test_hidden_shown_again_and_hidden_for_good(store: Store):
    await store.transact(recording_rows.hide, s0, WHO, delete=False)
    await store.transact(recording_rows.hide, s0, WHO, delete=False)
    assert await store.read(recording_rows.hidden) == {s0: Hidden(session=s0, at_ms=1_000, delete=False)}
    assert await store.read(recording_rows.is_hidden, s0)
    assert not await store.read(recording_rows.is_hidden, s1)
    await store.transact(recording_rows.show, s0, WHO)
    assert await store.read(recording_rows.hidden) == {}
    await store.transact(recording_rows.hide, s0, WHO, delete=True)
    await store.transact(recording_rows.hide, s0, WHO, delete=False)
    assert (await store.read(recording_rows.hidden))[s0].delete
    with pytest.raises(Refusal) as refused:
        await store.transact(recording_rows.hide, SessionId("nowhere"), WHO, delete=True)
    assert refused.value.code is Code.NOT_FOUND


async def test_what_was_deleted_stands_in_the_audit_log(store: Store):
    for n in range(3):
        await store.transact(recording_rows.note_deleted, s0, f"take {n} bytes 7 sha256 ab", n)
    assert [words for _, _, words in await store.read(recording_rows.deletions, 2)] == [
        "take 2 bytes 7 sha256 ab",
        "take 1 bytes 7 sha256 ab",
    ]


async def test_chat_by_time_without_what_was_removed(store: Store):
    committed = [await store.write(say(s0, f"第{n}句")) for n in range(9)]
    moments = [one.publications[0].entry.at_ms for one in committed]
    offsets = [one.publications[0].entry.offset for one in committed]
    found = await store.read(chat_replay.stretch, s0, moments[3], moments[6])
    wanted = [n for n in range(9) if moments[3] <= moments[n] < moments[6]]
    assert [offset for offset, _, _ in found] == [offsets[n] for n in wanted]
    assert await store.read(chat_replay.stretch, s0, moments[8] + 1, moments[8] + 99_999) == []
    assert await store.read(chat_replay.stretch, s1, 0, 2**50) == []
    assert len(await store.read(chat_replay.stretch, s0, 0, 2**50)) == 9
    assert await store.read(chat_replay.removed, s0) == frozenset()


def test_sessions_of_before_are_seen_as_they_were(store_url: str):
    engine = writing_engine(normal_url(store_url))
    upgrade(engine, "0007")
    with engine.begin() as conn:
        columns = "code, parent, level, name, place"
        conn.execute(text(f"INSERT INTO regions ({columns}) VALUES ('220000', NULL, 'province', '吉林', 0)"))
    upgrade(engine)
    with engine.begin() as conn:
        assert not recording_rows.is_hidden(conn, s0)
        assert conn.execute(text("SELECT name FROM regions")).scalar() == "吉林"
    engine.dispose()


async def test_whose_picture_is_not_here(store: Store):
    ids = [s0, s1]
    assert await store.read(picture_queries.not_here, ids) == frozenset()
    await store.write(picture(s0, Picture(kind=PictureKind.NONE)))
    assert await store.read(picture_queries.not_here, ids) == {s0}
    await store.write(picture(s0, Picture(kind=PictureKind.HERE)))
    assert await store.read(picture_queries.not_here, ids) == frozenset()
    assert await store.read(picture_queries.not_here, []) == frozenset()
