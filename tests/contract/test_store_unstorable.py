"""What PostgreSQL takes in no text (U+0000) is refused in words before it gets into a batch, on both databases alike:
nobody beside it waits for it."""

import asyncio

from server.core.model import (
    ApplicationId,
    EnterpriseId,
    PersonId,
    Picture,
    PictureKind,
    PositionId,
    SessionId,
)
from server.core.refusal import Code, Refusal
from server.store import writes as w
from server.store.store import Store
from tests.contract.store_day import HOST, apply, erase, key, look, outcome, picture, pin, q, s0, say, show

UNSTORABLE = (
    say(s0, "x", key="\0" * 8),
    erase(key="key-00\0"),
    say(s0, "x", by=PersonId("210000.p\0")),
    say(s0, "x", name="\0"),
    say(s0, "x\0"),
    say(SessionId("s\0"), "x"),
    show(s0, PositionId("q\0")),
    pin(s0, "\0"),
    picture(s0, Picture(kind=PictureKind.ELSEWHERE, url="https://example.com/\0")),
    apply(q(0), source="\0"),
    apply(q(0), phone="1991234006\0"),
    look(ApplicationId("a"), (EnterpriseId("e0"), EnterpriseId("e\0"))),
    w.Saw(by=HOST, key=key(), at_ms=1, seen=((ApplicationId("a\0"), 1),)),
    w.Unmute(by=HOST, key=key(), at_ms=1, session=s0, author="a\0"),
)


def commits(store: Store) -> int:
    return sum(store.commits.counts)


async def test_what_no_database_takes_is_refused_and_nobody_beside_it_notices(store: Store) -> None:
    lines = [say(s0, f"{n}") for n in range(60)]
    before = commits(store)
    results = await asyncio.gather(*(outcome(store, one) for one in (*lines[:30], *UNSTORABLE, *lines[30:])))
    refused = results[30 : 30 + len(UNSTORABLE)]
    said = [(one.code, one.temporary, one.params) for one in refused if isinstance(one, Refusal)]
    assert said == [(Code.BAD_MESSAGE, False, {"detail": "a text holds U+0000"})] * len(UNSTORABLE)
    assert all(isinstance(one, w.Committed) for one in (*results[:30], *results[30 + len(UNSTORABLE) :]))
    assert commits(store) - before < 10, "a batch with poison in it is done one by one"


async def test_numbers_and_lists_that_hold_a_zero_byte_are_written(store: Store) -> None:
    """What is looked for in a write's bytes is a text's U+0000, not every byte of that value."""
    for write in (apply(q(0), version=0), apply(q(1), name="一" * 90), say(s0, "x" * 256)):
        assert isinstance(await outcome(store, write), w.Committed)
