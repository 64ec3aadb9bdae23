"""Finding positions: words of two characters, other words for the same, facts, order, pages, counts; and random days
against a plain reading of the same."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.simulator.facts import facts, regions
from server.core.model import PayUnit, Position, PositionId, RegionCode, SessionId, SessionState
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.search import (
    EDUCATIONS,
    WORDS_LIMIT,
    Cursor,
    Flag,
    Found,
    Hall,
    Index,
    Query,
    read_cursor,
    search,
)
from server.core.search.bits import Bits, Column, greatest, members
from server.core.search.facts import base_of, flags_of, rung_of
from server.core.search.words import plain, terms, tokens, variants

TREE = RegionTree(regions(facts()))
YUSHU, CHANGCHUN, TONGHUA = RegionCode("220182"), RegionCode("220100"), RegionCode("220500")
GREEN = RegionCode("220106")  # a district of 长春
LIVE, SCHEDULED, ENDED = SessionState.LIVE, SessionState.SCHEDULED, SessionState.ENDED


def position(id: str, title: str = "普工", **facts: Any) -> Position:
    known = {"enterprise": "E1", "region": YUSHU, "openings": 2, **facts}
    return Position(id=PositionId(id), title=title, **known)


def index_of(*positions: Position) -> Index:
    index = Index(TREE)
    for n, one in enumerate(positions):
        index.put(one, 1_000 + n)
    return index


def hall(session: str, state: SessionState = LIVE, explained: str | None = None, region: RegionCode = YUSHU) -> Hall:
    return Hall(
        session=SessionId(session),
        venue="V" + session[1:],
        venue_name="会场" + session,
        region=region,
        state=state,
        explained=None if explained is None else PositionId(explained),
    )


def ids(found: Found) -> list[str]:
    return [hit.position.id for hit in found.hits]


def find(index: Index, words: str = "", **more: object) -> list[str]:
    return ids(search(index, Query(words=words, **more)))  # type: ignore[arg-type]


# ---- words -----------------------------------------------------------------------------------------------------------


def test_one_form_for_all_ways_of_writing():
    assert plain("ＣＮＣ数控　Ａ２") == "cnc数控 a2"
    assert plain("焊\u0301\u0302工\u200b") == "焊工"
    assert tokens("cnc数控车床 c1") == {"cnc", "数控", "控车", "车床", "c1"}
    assert terms("  焊工, 数控／CNC  ") == ("焊工", "数控", "cnc")
    assert terms("包吃住") == ("包吃", "包住")
    assert terms("🙂 !! ") == ()
    assert len(terms(" ".join(f"词{n}" for n in range(30)))) == 8


def test_another_word_for_the_same():
    assert variants("铲车")[0] == "铲车"
    assert "叉车" in variants("铲车")
    assert "焊工学徒" in variants("电焊工学徒")
    assert variants("飞行员") == ("飞行员",)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("焊工", ["weld", "arc"]),
        ("电焊工", ["arc", "weld"]),
        ("数控", ["cnc"]),
        ("CNC", ["cnc"]),
        ("c1", ["driver"]),
        ("叉车", ["fork"]),
        ("铲车", ["fork"]),
        ("保安", ["guard"]),
        ("榆树 焊工", ["weld", "arc"]),
        ("榆树焊工", ["weld", "arc"]),
        ("长春焊工", ["weld", "arc"]),
        ("通化 焊工", []),
        ("红旗", ["guard"]),
        ("食堂", ["weld"]),
        ("工", ["fork", "weld", "arc", "cnc"]),
        ("hangong", ["weld", "arc"]),
        ("Han Gong", ["weld", "arc"]),
        ("yushu hangong", ["weld", "arc"]),
        ("chache", ["fork"]),
        ("hangongx", []),
        ("宇航员", []),
        ("焊铺工", []),
        ("🙂", []),
        ("\x00%_'\"", []),
    ],
)
def test_what_people_type_finds_what_they_mean(words: str, expected: list[str]):
    index = index_of(
        position("arc", "电焊工", place="榆树市"),
        position("cnc", "数控车工", region=TONGHUA, duties="操作加工中心"),
        position("driver", "半挂司机（C1）", region=TONGHUA),
        position("guard", "安保员", region=TONGHUA, enterprise_name="通化红旗有限公司"),
        position("weld", "焊工（持证）", duties="焊接钢构，食堂免费"),
        position("fork", "叉车工", region=TONGHUA),
    )
    assert sorted(find(index, words)) == sorted(expected)
    if len(expected) == 2:
        assert find(index, words) == expected


def test_a_long_text_is_refused_and_a_long_word_costs_nothing():
    index = index_of(position("p"))
    with pytest.raises(Refusal) as refused:
        search(index, Query(words="工" * (WORDS_LIMIT + 1)))
    assert refused.value.code is Code.TEXT_TOO_LONG
    assert find(index, "工" * WORDS_LIMIT) == []


# ---- facts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"shift": "长白班"}, {Flag.DAY}),
        ({"shift": "白班/夜班倒"}, set()),
        ({"shift": "两班倒"}, set()),
        ({"benefits": ("包吃住",)}, {Flag.MEALS, Flag.LODGING}),
        ({"benefits": ("夫妻房",)}, {Flag.COUPLE, Flag.LODGING}),
        ({"benefits": ("不包住", "住宿补贴", "餐补10元/天", "住房公积金")}, set()),
        ({"benefits": ("免费班车接送",)}, {Flag.BUS}),
        ({"benefits": ("包三餐", "免费工作餐")}, {Flag.MEALS}),
        ({}, set()),
    ],
)
def test_flags_are_what_is_said_and_no_more(facts: dict[str, Any], expected: set[Flag]):
    assert flags_of(position("p", **facts)) == expected


@pytest.mark.parametrize(
    ("text", "rung"),
    [
        ("", 0),
        ("不限", 0),
        ("小学", 1),
        ("初中及以上", 2),
        ("高中/中专", 3),
        ("大专", 4),
        ("本科以上", 5),
        ("硕士", 6),
    ],
)
def test_education_is_the_lowest_that_is_taken(text: str, rung: int):
    assert rung_of(position("p", education=text)) == rung


def test_a_wage_of_the_hour_is_compared_by_the_month():
    assert base_of(position("p", base_yuan=20, pay_unit=PayUnit.HOUR)) == 3480
    assert base_of(position("p")) == 0


def test_filters_and_their_counts():
    index = index_of(
        position("a", base_yuan=2000, pay_min_yuan=4500, pay_max_yuan=6000, shift="长白班", education="初中及以上"),
        position("b", base_yuan=3000, pay_max_yuan=7000, benefits=("包住",), education="大专"),
        position("c", region=GREEN, benefits=("包住", "夫妻房")),
        position("d", region=TONGHUA, base_yuan=100_000),
    )
    assert find(index, base=2000) == ["d", "b", "a"]
    assert find(index, base=2001) == ["d", "b"]
    assert find(index, pay=5000) == ["b"]
    assert find(index, flags=frozenset({Flag.LODGING})) == ["c", "b"]
    assert find(index, flags=frozenset({Flag.LODGING, Flag.COUPLE})) == ["c"]
    assert find(index, education=EDUCATIONS.index("junior") + 1) == ["d", "c", "a"]
    assert sorted(find(index, region=CHANGCHUN)) == ["a", "b", "c"]
    assert find(index, region=GREEN) == ["c"]
    assert find(index, region=RegionCode("000000")) == []

    counts = search(index, Query(region=CHANGCHUN, base=2500)).counts
    assert counts.regions == {CHANGCHUN: 1, YUSHU: 1, TONGHUA: 1, RegionCode("220000"): 2}
    assert counts.base == {2000: 2, 2500: 1, 3000: 1, 4000: 0}
    assert counts.flags[Flag.LODGING] == 1
    assert counts.education["college"] == 1
    assert counts.education["junior"] == 0


# ---- order -----------------------------------------------------------------------------------------------------------


def test_what_is_explained_now_comes_first_then_live_halls_then_near_then_new():
    welders = [position(p, "焊工") for p in ("old", "near", "live", "now", "new")]
    index = index_of(*welders, position("text", duties="焊工"))
    index.put(position("near", "焊工", region=TONGHUA), 1_001)
    index.shelf(SessionId("S1"), {PositionId("live"): 1, PositionId("now"): 2, PositionId("text"): 3})
    index.shelf(SessionId("S2"), {PositionId("now"): 7, PositionId("old"): 8})
    index.hall(hall("S1", explained="now"))
    index.hall(hall("S2", SCHEDULED, explained="old"))
    assert find(index, "焊工", near=TONGHUA) == ["now", "live", "near", "new", "old", "text"]
    hit = search(index, Query(words="焊工", limit=1)).hits[0]
    assert [(spot.session, spot.number, spot.explained) for spot in hit.spots] == [("S1", 2, True), ("S2", 7, False)]

    index.hall(hall("S1", ENDED, explained="now"))
    assert find(index, "焊工", flags=frozenset({Flag.LIVE})) == []
    assert find(index, "焊工")[0] == "near"


def test_the_title_comes_before_another_word_for_it():
    index = index_of(position("exact", "铲车司机"), position("other", "叉车司机"), position("text", duties="会铲车"))
    assert find(index, "铲车") == ["exact", "other", "text"]


def test_what_changes_is_found_anew_and_what_goes_is_gone():
    index = index_of(position("p", "焊工"), position("q", "焊工"))
    index.shelf(SessionId("S1"), {PositionId("p"): 1})
    index.hall(hall("S1"))
    index.put(position("p", "保安"), 2_000)
    index.drop(PositionId("q"))
    index.drop(PositionId("nobody"))
    assert find(index, "焊工") == []
    assert find(index, "保安", flags=frozenset({Flag.LIVE})) == ["p"]
    assert (len(index), index.dead) == (1, 2)
    index.shelf(SessionId("S1"), {})
    assert find(index, "保安", flags=frozenset({Flag.LIVE})) == []
    assert search(index, Query()).hits[0].spots == ()


# ---- pages -----------------------------------------------------------------------------------------------------------


def test_pages_give_everything_once_and_in_one_order():
    index = index_of(*(position(f"p{n:03}", "焊工" if n % 3 else "保安", duties="焊工") for n in range(97)))
    index.shelf(SessionId("S1"), {PositionId(f"p{n:03}"): n + 1 for n in range(0, 97, 5)})
    index.hall(hall("S1", explained="p010"))
    whole = find(index, "焊工", limit=50)
    pages, after = [], None
    while True:
        found = search(index, Query(words="焊工", limit=7, after=after))
        assert found.total == 97
        pages += ids(found)
        if found.after is None:
            break
        after = read_cursor(found.after.text())
    assert len(pages) == len(set(pages)) == 97
    assert pages[:50] == whole


@pytest.mark.parametrize("text", ["x", "!!", "MA", "焊工", "a" * 5_000, "MS4yLg", "\x00", "Li4u"])
def test_a_cursor_that_is_none_is_refused(text: str):
    with pytest.raises(Refusal) as refused:
        read_cursor(text)
    assert refused.value.code is Code.BAD_MESSAGE


def test_a_cursor_of_any_hub_means_the_same():
    cursor = Cursor(3, 1_700_000_000_000, PositionId("位置.1"))
    assert read_cursor(cursor.text()) == cursor


# ---- against a plain reading -----------------------------------------------------------------------------------------

WORDS = ("焊工", "保安", "数控", "叉车", "工")
POSITIONS = st.builds(
    position,
    st.sampled_from([f"p{n}" for n in range(12)]),
    st.lists(st.sampled_from([*WORDS, "cnc"]), min_size=1, max_size=3).map(" ".join),
    region=st.sampled_from([YUSHU, GREEN, CHANGCHUN, TONGHUA]),
    base_yuan=st.one_of(st.none(), st.integers(0, 9_000)),
    benefits=st.lists(st.sampled_from(["包住", "班车", "夫妻房"]), max_size=2).map(tuple),
    duties=st.sampled_from(["", "会焊工", "数控经验"]),
)


@given(
    st.lists(st.one_of(POSITIONS, st.sampled_from([f"p{n}" for n in range(12)])), max_size=40),
    st.sampled_from(["", *WORDS]),
    st.sampled_from([0, 1, 2_000, 4_321, 9_000]),
    st.sets(st.sampled_from([Flag.LODGING, Flag.BUS])),
    st.sampled_from([None, CHANGCHUN, YUSHU]),
)
def test_it_finds_what_a_plain_reading_finds(steps, words, base, flags, region):
    index, kept = Index(TREE), {}
    for n, step in enumerate(steps):
        if isinstance(step, Position):
            index.put(step, n)
            kept[step.id] = step
        else:
            index.drop(PositionId(step))
            kept.pop(step, None)
    expected = {
        id
        for id, one in kept.items()
        if any(w in f"{one.title}\n{one.duties}" for w in variants(words))
        and (one.base_yuan or 0) >= base
        and flags <= flags_of(one)
        and (region is None or TREE.within(one.region, region))
    }
    found = search(index, Query(words=words, base=base, flags=frozenset(flags), region=region))
    assert set(ids(found)) == expected
    assert found.total == len(expected)
    for flag, number in found.counts.flags.items():
        if flag is not Flag.LIVE:
            again = search(index, Query(words=words, base=base, flags=frozenset({*flags, flag}), region=region))
            assert again.total == number


@given(st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300)))
def test_bits_are_a_set(added, taken):
    bits = Bits()
    for n in added:
        bits.add(n)
    for n in taken:
        bits.discard(n)
    left = sorted(added - taken)
    assert list(members(bits.frozen)) == left
    assert greatest(bits.frozen, 5) == left[::-1][:5]


@given(st.lists(st.integers(0, 70_000), max_size=40), st.integers(0, 70_000))
def test_a_column_knows_who_has_at_least_so_much(values, least):
    column = Column()
    for n, value in enumerate(values):
        column.put(n, value)
    everybody = (1 << len(values)) - 1
    top = 2**16 - 1
    expected = [n for n, value in enumerate(values) if min(value, top) >= least]
    assert list(members(column.at_least(least, everybody))) == expected


def test_an_answer_travels_as_json():
    found = search(index_of(position("p")), Query())
    assert b'"2000":' in msgspec.json.encode(found.counts)
