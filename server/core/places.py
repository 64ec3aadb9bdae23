"""Which region a place means, as people write it: 长春市绿园区, 220182 榆树市, 农安县, 前郭.

The names of the tree, full and short, are followed from left to right and downwards. What could be two places is
said to be so; nothing is guessed.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from server.core.cells import Why
from server.core.model import Level, Region, RegionCode
from server.core.regions import RegionTree

LOCAL_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "220721": ("前郭", "前郭县"),
    "CBS": ("长白山", "长白山管委会", "长白山保护开发区管委会"),
}
"""Names people use that cannot be made from the official ones."""

_PEOPLES: Final = (
    "蒙古族|回族|藏族|维吾尔族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|傣族|"
    "黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|"
    "毛南族|仡佬族|锡伯族|普米族|塔吉克族|塔吉克|怒族|鄂温克族|德昂族|保安族|裕固族|独龙族|鄂伦春族|各族"
)
_AUTONOMOUS: Final = re.compile(rf"^(?P<stem>.+?)(?:{_PEOPLES})*自治(?P<unit>[州县区旗])$")
_UNIT: Final = re.compile(r"^(?P<stem>.{2,}?)(?:省|市|县|区|旗|地区|盟)$")
_CODE: Final = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?![0-9])")
_BETWEEN: Final = re.compile(r"[\s·\-/()（）,，:：]*")
_ANOTHER: Final = re.compile(r"[、,，/;；和及或]\s*")


_REMEMBERED: Final = 20_000
"""Texts whose county is remembered: a job list says the same places again and again."""


class Place(NamedTuple):
    """What a text says: the unit (`None` if none or several), and whether it could be several."""

    region: Region | None
    ambiguous: bool = False


class Gazetteer:
    """The names of a tree's units, ready for finding. Build it once, it costs a pass over the tree."""

    def __init__(self, tree: RegionTree) -> None:
        self._tree = tree
        self._full: dict[str, list[Region]] = {}
        self._any: dict[str, list[Region]] = {}
        for region in tree:
            self._full.setdefault(region.name, []).append(region)
            for name in {region.name, *short_names(region)}:
                self._any.setdefault(name, []).append(region)
        self._longest = max(map(len, self._any), default=0)

    def find(self, text: str) -> Place:
        """The deepest unit that the text names. A code in the text must agree with the name beside it."""
        text = text.strip()[:200]
        coded = [self._tree.get(RegionCode(code)) for code in _CODE.findall(text) if code in self._tree]
        named = self._first_named(_CODE.sub("", text))
        if not coded:
            return named
        if len({region.code for region in coded}) > 1 or named.ambiguous:
            return Place(None, ambiguous=True)
        if named.region is None or self._tree.within(coded[0].code, named.region.code):
            return Place(coded[0])
        if self._tree.within(named.region.code, coded[0].code):
            return Place(named.region)
        return Place(None, ambiguous=True)

    def _first_named(self, text: str) -> Place:
        """Follows the first name downwards; a second place after 、 or 和 makes the text ambiguous."""
        for start in range(len(text)):
            candidates, end = self._longest_at(text, start, self._any if start == 0 else self._full)
            if candidates:
                break
        else:
            return Place(None)
        candidates, end = self._downwards(text, candidates, end)
        if not candidates:
            return Place(None, ambiguous=True)
        top = self._common(candidates)
        other = _ANOTHER.match(text, end)
        if top is None or (other is not None and self._elsewhere(text, other.end(), top)):
            return Place(None, ambiguous=True)
        return Place(top)

    def _downwards(self, text: str, candidates: list[Region], end: int) -> tuple[list[Region], int]:
        while True:
            gap = _BETWEEN.match(text, end)
            start = gap.end() if gap else end
            following, after = self._longest_at(text, start, self._any)
            if not following:
                return candidates, end
            below = [
                region
                for region in following
                if any(region is not up and self._tree.within(region.code, up.code) for up in candidates)
            ]
            if not below:
                contradicts = start == end and text[start:after] in self._full
                return ([], end) if contradicts else (candidates, end)
            candidates, end = below, after

    def _longest_at(self, text: str, start: int, names: dict[str, list[Region]]) -> tuple[list[Region], int]:
        for end in range(min(len(text), start + self._longest), start, -1):
            if text[start:end] in names:
                return names[text[start:end]], end
        return [], start

    def _common(self, candidates: list[Region]) -> Region | None:
        """The one unit that all candidates lie within: 通化 may be the city or its county, so it is the city."""
        for region in candidates:
            if all(self._tree.within(other.code, region.code) for other in candidates):
                return region
        return None

    def _elsewhere(self, text: str, start: int, first: Region) -> bool:
        others, _ = self._longest_at(text, start, self._any)
        return bool(others) and not any(
            self._tree.within(other.code, first.code) or self._tree.within(first.code, other.code) for other in others
        )


def short_names(region: Region) -> tuple[str, ...]:
    """What people say for the official name: 德惠 for 德惠市, 伊通 and 伊通县 for 伊通满族自治县."""
    local = LOCAL_NAMES.get(region.code, ())
    autonomous = _AUTONOMOUS.match(region.name)
    if autonomous:
        return (autonomous["stem"], autonomous["stem"] + autonomous["unit"], *local)
    plain = _UNIT.match(region.name)
    return (plain["stem"], *local) if plain else local


def without_code(text: str) -> str:
    """The place as a card shows it: 220182 榆树市 is 榆树市; a code alone stays."""
    return " ".join(_CODE.sub(" ", text).split()).strip(" -·:：") or text


def is_county(region: Region) -> bool:
    """Whether the unit is of county level, which is as exact as a position's place has to be (人社厅发〔2025〕60号)."""
    return region.level is Level.COUNTY


class Atlas:
    """Which county of the house a text means, with the rest of the country known: 北京市朝阳区 is elsewhere, although
    长春 has a 朝阳区 as well. Build it once, it costs a pass over all units."""

    def __init__(self, tree: RegionTree, country: Iterable[Region] = ()) -> None:
        self._tree = tree
        self.house = Gazetteer(tree)
        beyond = [region for region in country if region.code not in tree]
        self._wide = Gazetteer(RegionTree([*tree, *beyond])) if beyond else None
        self._known: dict[str, tuple[RegionCode | None, Why | None]] = {}

    def county(self, text: str) -> tuple[RegionCode | None, Why | None]:
        """The county a position's place lies in, or why it is not known."""
        known = self._known.get(text)
        if known is None:
            known = self._county(text)
            if len(self._known) < _REMEMBERED:
                self._known[text] = known
        return known

    def _county(self, text: str) -> tuple[RegionCode | None, Why | None]:
        if not text:
            return None, Why.PLACE_MISSING
        # First the whole country: what is unique in it is meant. What could be several is read as people here mean it.
        wide = self._wide.find(text).region if self._wide is not None else None
        if wide is not None and wide.code not in self._tree:
            return None, Why.PLACE_OUTSIDE
        place = Place(wide) if wide is not None else self.house.find(text)
        if place.ambiguous:
            return None, Why.PLACE_AMBIGUOUS
        if place.region is None:
            return None, Why.PLACE_UNKNOWN
        return (place.region.code, None) if is_county(place.region) else (None, Why.PLACE_TOO_WIDE)
