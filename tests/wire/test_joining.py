"""Joining, coming back, and being told to start afresh (promises 5, 6, 7)."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from server.core.bodies import CardShown, decode_body
from server.core.model import Epoch, SessionState, Since
from server.core.protocol import Join, Joined, MeSnapshot, Push, Refused, Restart, StageSnapshot
from server.core.refusal import Code
from server.core.stage_fold import StageState, fold_stage
from server.store.epoch import renew_epoch
from tests.wire.hubs import HOST, Running, go_live, running, say, show

pytestmark = pytest.mark.usefixtures("blockbuster")


def stage_of(joined: Joined) -> StageSnapshot:
    assert isinstance(joined.snapshot, StageSnapshot)
    return joined.snapshot


async def test_a_newcomer_gets_what_stands(hub: Running) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        await show(host, 3)
        joined = await viewer.join("stage/S01")
        assert (joined.offset, joined.recovered) == (2, False)
        snapshot = stage_of(joined)
        assert snapshot.session.state is SessionState.LIVE
        assert snapshot.card is not None
        assert snapshot.card.position.id == "P013"
        await show(host, 4)
        assert await viewer.offsets("stage/S01", 3) == [3]


@pytest.mark.parametrize("missed", [0, 1, 40])
async def test_who_comes_back_gets_what_was_missed_in_order_once(hub: Running, missed: int) -> None:
    async with hub.line("host", HOST) as host:
        await go_live(host)
        async with hub.line("g1") as viewer:
            first = await viewer.join("stage/S01")
        for number in range(missed):
            await hub.show(number)
        async with hub.line("g1") as viewer:
            back = await viewer.join("stage/S01", Since(Epoch(first.epoch), first.offset))
            assert back.recovered
            assert [entry.offset for entry in back.entries] == list(range(2, missed + 2))
            await hub.show(0)
            assert await viewer.offsets("stage/S01", missed + 2) == [missed + 2]


async def test_what_the_ring_forgot_is_read_from_the_store(tmp_path: Path) -> None:
    async with running(tmp_path) as hub, hub.line("host", HOST) as host:
        await go_live(host)
        for number in range(10):
            await hub.show(number)
        epoch = hub.store.epoch
    # A hub that starts anew knows nothing; the store knows all.
    async with running(tmp_path) as hub, hub.line("g1") as viewer:
        back = await viewer.join("stage/S01", Since(epoch, 4))
        assert back.recovered
        assert [entry.offset for entry in back.entries] == list(range(5, 12))


@pytest.mark.parametrize("since", [Since(Epoch("another life"), 1), Since(Epoch(""), 99), Since(Epoch(""), 2**50)])
async def test_what_cannot_be_recovered_says_so_and_gives_the_whole(hub: Running, since: Since) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        await show(host, 1)
        if not since.epoch:
            since = msgspec.structs.replace(since, epoch=hub.store.epoch)
        joined = await viewer.join("stage/S01", since)
        assert not joined.recovered
        assert joined.entries == ()
        assert stage_of(joined).card is not None


async def test_a_snapshot_equals_the_fold_of_what_was_pushed(hub: Running) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as early, hub.line("g2") as late:
        await early.join("stage/S01")
        await go_live(host)
        for number in (1, 2, 3):
            await show(host, number)
        seen = await early.until(lambda m: isinstance(m, Push) and m.offset == 4)
        state = StageState()
        for push in seen:
            assert isinstance(push, Push)
            state = fold_stage(state, decode_body(bytes(push.body)))
        snapshot = stage_of(await late.join("stage/S01"))
        assert (snapshot.session.state, snapshot.card) == (state.state, state.card)


async def test_a_renewed_epoch_tells_members_to_start_afresh(hub: Running) -> None:
    """As after `daigang restore` beside a running hub: nobody is told a wrong "recovered"."""
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        before = await viewer.join("stage/S01")
        await hub.store.transact(renew_epoch)
        await show(host, 1)
        seen = await viewer.until(lambda m: isinstance(m, Restart))
        assert [m.channel for m in seen if isinstance(m, Restart)] == ["stage/S01"]
        back = await viewer.join("stage/S01", Since(Epoch(before.epoch), before.offset))
        assert not back.recovered
        assert back.epoch != before.epoch
        assert stage_of(back).card is not None


async def test_chat_gives_the_last_lines(hub: Running) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        for n in range(5):
            assert not isinstance(await say(host, f"第{n}句"), Refused)
        joined = await viewer.join("chat/S01")
        assert [entry.offset for entry in joined.entries] == [1, 2, 3, 4, 5]


async def test_what_came_while_history_was_read_comes_once(hub: Running) -> None:
    """Many join while cards are pushed: everybody ends with one unbroken sequence."""
    async with hub.line("host", HOST) as host:
        await go_live(host)

        async def viewer(n: int) -> list[int]:
            async with hub.line(f"g{n}") as line:
                joined = await line.join("stage/S01", Since(hub.store.epoch, 0))
                seen = [entry.offset for entry in joined.entries]
                return seen if seen and seen[-1] == 16 else seen + await line.offsets("stage/S01", 16)

        viewers = []
        for number in range(15):
            viewers += [asyncio.create_task(viewer(10 * number + k)) for k in range(3)]
            await hub.show(number)
        for seen in await asyncio.gather(*viewers):
            assert seen == list(range(1, 17))


async def test_channels_that_are_not_ones_own_are_closed(hub: Running) -> None:
    async with hub.line("g1") as viewer, hub.line("host", HOST) as host:
        for line, channel, code in [
            (viewer, "me/g2", Code.FORBIDDEN),
            (viewer, "desk/S01", Code.FORBIDDEN),
            (viewer, "firm/E1", Code.FORBIDDEN),
            (viewer, "house/220000", Code.FORBIDDEN),
            (viewer, "pulse/220000", Code.FORBIDDEN),
            (host, "desk/S02", Code.FORBIDDEN),
            (viewer, "stage/S99", Code.NOT_FOUND),
            (viewer, "chat/S99", Code.NOT_FOUND),
            (viewer, "pulse/S99", Code.NOT_FOUND),
            (viewer, "area/999999", Code.NOT_FOUND),
            (viewer, "nonsense/1", Code.NOT_FOUND),
            (viewer, "stage/", Code.NOT_FOUND),
        ]:
            reply = await line.call(Join(channel=channel))
            assert isinstance(reply, Refused), channel
            assert reply.code is code, channel
        assert isinstance((await viewer.join("me/g1")).snapshot, MeSnapshot)
        assert hub.hub.rooms.get("stage/S99") is None  # type: ignore[arg-type]


async def test_a_card_names_its_position(hub: Running) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        await viewer.join("stage/S01")
        await show(host, 7)
        push = (await viewer.until(lambda m: isinstance(m, Push)))[-1]
        assert isinstance(push, Push)
        body = decode_body(bytes(push.body))
        assert isinstance(body, CardShown)
        assert body.card.number == 8
