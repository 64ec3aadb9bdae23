"""What a position is filtered by, read from the words an enterprise used. What is not said is not assumed."""

import re
from enum import StrEnum
from typing import Final

from server.core.model import PayUnit, Position

HOURS_A_MONTH: Final = 174
"""Hours by which a wage of the hour is compared with one of the month (21.75 days of 8 hours: 劳社部发〔2008〕3号)."""
EDUCATIONS: Final = ("primary", "junior", "senior", "college", "bachelor", "master")
"""Rungs of 学历 somebody can have, lowest first; a position's need is 0 for none, else the rung's number from 1."""


class Flag(StrEnum):
    """What seekers ask first. `day`: 白班 only, `lodging`: 包住, `couple`: 夫妻房, `meals`: 包吃, `bus`: 班车, `live`:
    in a hall that is on air now."""

    DAY = "day"
    LODGING = "lodging"
    COUPLE = "couple"
    MEALS = "meals"
    BUS = "bus"
    LIVE = "live"


_DAY: Final = re.compile("白班|正常班|日班")
_NOT_DAY: Final = re.compile("夜|[两二三四]班|倒|轮|大小")
_PERKS: Final = {
    Flag.LODGING: re.compile("包吃住|[包管]住|免费住宿|提供(?:免费)?(?:食宿|住宿|宿舍)|包食宿|宿舍|夫妻[房间宿]"),
    Flag.COUPLE: re.compile("夫妻[房间宿]"),
    Flag.MEALS: re.compile("[包管]吃|包食宿|免费食宿|提供食宿|(?:[包供管]|免费|提供).{0,2}餐"),
    Flag.BUS: re.compile("班车|通勤车|接送"),
}
_DENIED: Final = re.compile("不|无|没|自理")
_RUNGS: Final = (
    (6, re.compile("硕士|研究生|博士")),
    (5, re.compile("本科|学士")),
    (4, re.compile("大专|专科|高职")),
    (3, re.compile("高中|中专|中技|技校|职高")),
    (2, re.compile("初中")),
    (1, re.compile("小学")),
)
_NO_RUNG: Final = re.compile("不限|无要求|不要求")


def flags_of(position: Position) -> frozenset[Flag]:
    """The flags a position earns by what it says (`live` is a matter of halls)."""
    found = {
        flag
        for flag, wanted in _PERKS.items()
        if any(wanted.search(benefit) and not _DENIED.search(benefit) for benefit in position.benefits)
    }
    if _DAY.search(position.shift) and not _NOT_DAY.search(position.shift):
        found.add(Flag.DAY)
    return frozenset(found)


def rung_of(position: Position) -> int:
    """The lowest rung of EDUCATIONS a position takes, from 1; 0 when it asks for none, or says nothing."""
    text = position.education
    if _NO_RUNG.search(text):
        return 0
    rungs = [rung for rung, words in _RUNGS if words.search(text)]
    return min(rungs, default=0)


def base_of(position: Position) -> int:
    """底薪 in yuan a month, 0 when it is not said."""
    return _monthly(position, position.base_yuan)


def pay_of(position: Position) -> int:
    """The lower end of 综合 in yuan a month, 0 when it is not said: what is asked for is what everybody gets."""
    low = position.pay_min_yuan if position.pay_min_yuan is not None else position.pay_max_yuan
    return _monthly(position, low)


def _monthly(position: Position, yuan: int | None) -> int:
    if yuan is None:
        return 0
    return yuan * HOURS_A_MONTH if position.pay_unit is PayUnit.HOUR else yuan
