"""The region tree: paths, branches, and what may not be a tree; and the way from a written place to a unit."""

import pytest

from clients.simulator.facts import facts, regions
from server.core.model import Level, Region, RegionCode
from server.core.places import Gazetteer, without_code
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree

JILIN = RegionTree(regions(facts()))
PLACES = Gazetteer(JILIN)


def code(text: str) -> RegionCode:
    return RegionCode(text)


def test_jilin_has_71_units_with_the_local_one():
    levels = [region.level for region in JILIN]
    assert len(JILIN) == 71
    assert (levels.count(Level.PROVINCE), levels.count(Level.CITY), levels.count(Level.COUNTY)) == (1, 9, 61)
    assert JILIN.get(code("CBS")).parent == "220000"


def test_a_path_leads_up_to_the_root():
    assert [region.name for region in JILIN.parents(code("220106"))] == ["长春市", "吉林省"]
    assert JILIN.parents(code("220000")) == ()


def test_within_is_reflexive_and_goes_down_only():
    assert JILIN.within(code("220106"), code("220106"))
    assert JILIN.within(code("220106"), code("220100"))
    assert JILIN.within(code("220106"), code("220000"))
    assert not JILIN.within(code("220100"), code("220106"))
    assert not JILIN.within(code("220106"), code("220200"))


def test_a_branch_is_the_unit_and_all_below_parents_first():
    branch = [region.code for region in JILIN.branch(code("222400"))]
    assert branch[0] == "222400"
    assert set(branch[1:]) == {region.code for region in JILIN.children(code("222400"))}
    everything = [region.code for region in JILIN.branch(code("220000"))]
    assert everything == [region.code for region in JILIN]
    for region in JILIN:
        if region.parent is not None:
            assert everything.index(region.parent) < everything.index(region.code)


@pytest.mark.parametrize("ask", ["get", "parents", "children", "branch"])
def test_an_unknown_code_is_refused(ask):
    with pytest.raises(Refusal) as refused:
        getattr(JILIN, ask)(code("999999"))
    assert refused.value.code is Code.NOT_FOUND
    assert refused.value.params == {"what": "region", "id": "999999"}


@pytest.mark.parametrize(("inner", "outer"), [("999999", "220000"), ("220000", "999999")])
def test_within_refuses_an_unknown_code_on_either_side(inner, outer):
    with pytest.raises(Refusal):
        JILIN.within(code(inner), code(outer))


def unit(name: str, parent: str | None) -> Region:
    return Region(code=code(name), name=name, level=Level.COUNTY, parent=None if parent is None else code(parent))


@pytest.mark.parametrize(
    ("units", "complaint"),
    [
        ([unit("a", None), unit("a", None)], "twice"),
        ([unit("a", "b")], "unknown parent"),
        ([unit("a", "b"), unit("b", "a")], "below itself"),
        ([unit("a", "a")], "below itself"),
    ],
)
def test_what_is_no_tree_is_refused(units, complaint):
    with pytest.raises(ValueError, match=complaint):
        RegionTree(units)


def test_several_provinces_make_several_roots():
    tree = RegionTree([unit("b1", "b"), unit("a", None), unit("b", None)])
    assert [region.code for region in tree] == ["a", "b", "b1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("长春市绿园区", "220106"),
        ("吉林省长春市绿园区西安大路12号", "220106"),
        ("工作地点：吉林省延吉市", "222401"),
        ("220182 榆树市", "220182"),
        ("220182", "220182"),
        ("220100 绿园区", "220106"),
        ("四平铁西", "220302"),
        ("吉林丰满", "220211"),
        ("南关区朝阳大街", "220102"),
        ("伊通县", "220323"),
        ("前郭", "220721"),
        ("长白", "220623"),
        ("长白山", "CBS"),
        ("长白山保护开发区池北区", "CBS"),
        ("通化", "220500"),
        ("通化县", "220521"),
        ("吉林", "220000"),
        ("吉林市", "220200"),
    ],
)
def test_a_place_as_people_write_it(text, expected):
    assert PLACES.find(text).region == JILIN.get(code(expected))


@pytest.mark.parametrize("text", ["220182 农安县", "榆树市、德惠市", "四平市公主岭市", "220182 220183"])
def test_a_place_that_could_be_two_is_ambiguous(text):
    assert PLACES.find(text) == (None, True)


@pytest.mark.parametrize("text", ["", "经开区", "沈阳市", "999999", "全国", "12345678"])
def test_a_place_that_is_not_in_the_tree_is_not_guessed(text):
    assert PLACES.find(text) == (None, False)


def test_every_unit_is_found_by_its_own_full_name_and_path():
    for region in JILIN:
        path = "".join(up.name for up in reversed(JILIN.parents(region.code))) + region.name
        assert PLACES.find(path).region == region
        assert PLACES.find(region.name).region == region
        assert PLACES.find(f"{region.code} {region.name}").region == region


def test_a_card_shows_the_place_without_its_code():
    assert without_code("220182 榆树市") == "榆树市"
    assert without_code("220182") == "220182"
