"""The load tool itself, small: a hub and the C loop beside each other, and a flood of chat. What is asserted is what
was counted, never how fast it was."""

import pytest

from bench.flood import Flood, floods
from bench.province import province
from bench.reference import compiler
from bench.sides import Options

pytestmark = pytest.mark.faults
SMALL = Options(seconds=1.0, repeats=1, rooms=2, say=lambda _text: None)


async def test_every_card_reaches_every_viewer_of_every_server() -> None:
    rounds = await province(SMALL, 20, 3)
    assert [one.server for one in rounds] == (["daigang", "C"] if compiler() else ["daigang"])
    for one in rounds:
        assert (one.sent, one.deliveries) == (6, 60)
        assert (one.missing, one.repeats, one.lost, one.refused) == (0, 0, {}, {})
        assert one.latency.total == 60


@pytest.mark.real_numbers
async def test_every_line_of_a_flood_is_stored_and_seen() -> None:
    (one,) = await floods(SMALL, 20, (Flood(2, 10, 2.0),))
    assert 38 <= one.beside["lines_stored"] <= 42
    assert one.beside["chat_missing"] == one.beside["cards_missing"] == one.beside["lines_not_in_log"] == 0
    assert one.refused == {}
