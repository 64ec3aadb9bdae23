"""The Jilin day: every sum exact, everything marked as made up, and the same everywhere."""

from collections import Counter
from hashlib import sha256

import msgspec
import pytest

from clients.simulator import day
from clients.simulator.facts import facts
from clients.simulator.luck import apportion
from clients.simulator.pay import floors
from clients.simulator.trades import TRADES
from server.core import linter, uscc
from server.core.catalogue import Catalogue
from server.core.model import Level, RegionCode, SessionId
from server.core.places import Gazetteer
from server.core.regions import RegionTree

DAY = day.generate()
FIRMS = {firm.id: firm for firm in DAY.enterprises}
DIGEST = "d93c80e6a089c35a26d968333c9d7b76776d5d6884e16f54d618367c08cd0ca4"


def share(holds) -> float:
    """Of all openings, the part at positions of which it holds."""
    return sum(position.openings for position in DAY.positions if holds(position)) / DAY.openings


def test_the_sums_of_the_day():
    assert (len(DAY.venues), len(DAY.sessions), len(DAY.shelves)) == (49, 49, 49)
    assert len(DAY.enterprises) == 802
    assert len(DAY.positions) == 1749
    assert DAY.openings == 15_543
    halls = day.turnout()
    assert (sum(hall.visitors for hall in halls), sum(hall.intents for hall in halls)) == (20_000, 6_000)


def test_every_hall_has_exactly_what_the_facts_say():
    for hall, session in zip(day.turnout(), DAY.sessions, strict=True):
        shelf = [slot.position for slot in DAY.shelves[session.id]]
        assert (session.venue, session.region) == (hall.id, hall.unit)
        assert len({position.enterprise for position in shelf}) == hall.enterprises
        assert len(shelf) == hall.titles
        assert sum(position.openings for position in shelf) == hall.openings
    assert (day.turnout()[0].enterprises, day.turnout()[0].titles, day.turnout()[0].openings) == (166, 362, 3160)


def test_shelves_hold_each_position_once_under_running_numbers():
    on_shelves = [slot.position for session in DAY.sessions for slot in DAY.shelves[session.id]]
    assert tuple(on_shelves) == DAY.positions
    for shelf in DAY.shelves.values():
        assert [slot.number for slot in shelf] == list(range(1, len(shelf) + 1))


def test_ids_are_stable_and_name_what_is_there():
    assert [venue.id for venue in DAY.venues][::48] == ["V01", "V49"]
    assert [session.id for session in DAY.sessions][::48] == ["S01", "S49"]
    assert [firm.id for firm in DAY.enterprises][::801] == ["E001", "E802"]
    assert [position.id for position in DAY.positions][::1748] == ["P0001", "P1749"]
    assert {DAY.fair.id} == {venue.fair for venue in DAY.venues} == {"F1"}


def test_everything_made_up_says_so_and_can_be_nobody():
    assert DAY.fair.synthetic
    assert all(firm.synthetic and uscc.is_valid(firm.uscc) for firm in DAY.enterprises)
    assert all(uscc.is_synthetic(firm.uscc) for firm in DAY.enterprises)
    assert all(position.synthetic for position in DAY.positions)
    assert len({firm.uscc for firm in DAY.enterprises}) == len({firm.name for firm in DAY.enterprises}) == 802
    assert not any("佐丹力" in firm.name for firm in DAY.enterprises)


def test_positions_lie_in_a_county_of_their_hall_and_say_so_readably():
    tree = RegionTree(DAY.regions)
    places = Gazetteer(tree)
    for session in DAY.sessions:
        for slot in DAY.shelves[session.id]:
            position = slot.position
            assert tree.get(position.region).level is Level.COUNTY
            assert tree.within(position.region, session.region)
            assert places.find(position.place).region == tree.get(position.region)
            assert FIRMS[position.enterprise].region == position.region
            assert FIRMS[position.enterprise].name == position.enterprise_name


def test_pay_is_a_band_over_a_base_that_is_not_under_the_minimum_wage():
    wages = floors(facts().units)
    assert len(wages) == 60
    for position in DAY.positions:
        if position.base_yuan is not None:
            assert position.base_yuan >= wages.get(position.region, 1540)
        if position.pay_negotiable:
            assert position.pay_min_yuan is position.pay_max_yuan is None
        else:
            assert position.pay_min_yuan is not None
            assert position.pay_max_yuan is not None
            assert (position.base_yuan or 0) <= position.pay_min_yuan < position.pay_max_yuan <= 12_000


def test_counties_pay_less_than_changchun():
    def mean(of: str) -> float:
        paid = [
            position.pay_max_yuan
            for position in DAY.positions
            if position.region.startswith(of) and position.title in ("普工", "维修电工") and position.pay_max_yuan
        ]
        return sum(paid) / len(paid)

    assert mean("22010") > mean("22018") > 0


def test_what_is_asked_for_is_spread_as_the_trades_say():
    trades = {title.name: trade for trade in TRADES for title in trade.titles}
    assert sum(trade.share for trade in TRADES) == 100
    for trade in TRADES:
        found = 100 * share(lambda position, wanted=trade: trades[position.title] is wanted)
        assert found == pytest.approx(trade.share, abs=2.5), trade.titles[0].name


def test_conditions_are_as_frequent_as_they_are_said_to_be():
    wanted = {"五险一金": 0.34, "包吃": 0.46, "包住": 0.41, "夫妻房": 0.09, "班车": 0.38}
    for word, part in wanted.items():
        assert share(lambda position, word=word: word in position.benefits) == pytest.approx(part, abs=0.07), word
    assert share(lambda position: bool({"五险", "五险一金"} & {*position.benefits})) == pytest.approx(0.78, abs=0.06)
    for shift, part in (("长白班", 0.52), ("两班倒", 0.35), ("三班倒", 0.13)):
        assert share(lambda position, shift=shift: position.shift == shift) == pytest.approx(part, abs=0.06)
    assert share(lambda position: position.rest == "单休") == pytest.approx(0.58, abs=0.06)
    count = len(DAY.positions)
    assert sum(p.base_yuan is None for p in DAY.positions) / count == pytest.approx(0.03, abs=0.015)
    assert sum(p.pay_negotiable for p in DAY.positions) / count == pytest.approx(0.04, abs=0.015)


def test_openings_have_a_long_tail_and_titles_are_many():
    per_firm = Counter[str]()
    for position in DAY.positions:
        per_firm[position.enterprise] += position.openings
        assert 1 <= position.openings <= 150
    assert max(per_firm.values()) <= 300
    assert sorted(per_firm.values())[len(per_firm) // 2] < 15_543 / 802
    assert len({position.title for position in DAY.positions}) >= 60
    titles = Counter((position.enterprise, position.title) for position in DAY.positions)
    assert set(titles.values()) == {1}
    assert all(p.openings == 1 for p in DAY.positions if p.title == "财务经理")


def test_no_position_says_what_it_may_not():
    for position in DAY.positions:
        for text in (position.title, position.duties, position.requirements, " ".join(position.benefits)):
            assert not linter.limits_sex_or_age(text)
            assert not linter.asks_fee(text)
            assert not linter.has_contact(text)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_the_same_sums():
    assert msgspec.json.encode(day.generate()) == msgspec.json.encode(DAY)
    other = day.generate(7)
    assert (len(other.enterprises), len(other.positions), other.openings) == (802, 1749, 15_543)
    assert other.enterprises != DAY.enterprises


def test_the_day_is_the_same_on_every_python():
    """Ids are links: whoever changes the day on purpose changes this digest with it."""
    assert sha256(msgspec.json.encode(DAY)).hexdigest() == DIGEST


def test_the_day_travels_as_a_file(tmp_path, capsys):
    path = tmp_path / "day.json"
    day.main([str(path)])
    assert "15543 openings" in capsys.readouterr().out
    assert msgspec.json.decode(path.read_bytes(), type=Catalogue) == DAY


def test_sessions_begin_at_nine_in_all_halls():
    assert {session.starts_at_ms for session in DAY.sessions} == {1_637_974_800_000}
    last = next(session for session in DAY.sessions if session.id == SessionId("S49"))
    assert (last.region, last.venue_name) == (RegionCode("CBS"), "长白山保护开发区会场")


def test_apportion_keeps_the_sum_and_the_caps():
    assert apportion(10, [1, 1, 8], [10, 10, 4]) == [3, 3, 4]
    assert sum(apportion(97, [3, 0, 7, 1], [50, 50, 50, 50])) == 97
    with pytest.raises(ValueError, match="fit nowhere"):
        apportion(10, [1, 1], [4, 4])
    with pytest.raises(ValueError, match="less than one"):
        apportion(1, [1, 1], [4, 4])
