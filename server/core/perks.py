"""What an enterprise gives besides pay, taken out of one cell.

五险一金、包住、班车 is three benefits; 长白班，双休 is working hours and rest; 夫妻房 餐补15元/天 is two benefits.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from server.core.cells import Cell, plain, shown

MOST_PERKS: Final = 20
LONGEST_PERK: Final = 30

# A stroke parts words, except in 15元/天.
_PARTS: Final = re.compile(r"[、，,；;。|+\s]+|(?<![元块])/(?![天月日餐年时人])")
_SHIFT: Final = re.compile(r"白班|夜班|[两二三四]班|倒班|轮班|班制|小时制|[0-9]小时")
_REST: Final = re.compile(r"[双单]休|轮休|上[五六]休[一二]|[月周每].{0,3}休|做[五六]休|大小周")
_SAME: Final[dict[str, tuple[str, ...]]] = {
    "包吃包住": ("包吃", "包住"),
    "包吃住": ("包吃", "包住"),
    "包食宿": ("包吃", "包住"),
    "免费食宿": ("包吃", "包住"),
    "提供食宿": ("包吃", "包住"),
    "管吃住": ("包吃", "包住"),
    "免费班车": ("班车",),
    "通勤车": ("班车",),
    "有班车": ("班车",),
    "通勤班车": ("班车",),
    "缴纳五险": ("五险",),
    "缴五险": ("五险",),
    "交五险": ("五险",),
    "免费工作餐": ("包吃",),
    "管吃": ("包吃",),
    "免费住宿": ("包住",),
    "提供住宿": ("包住",),
    "管住": ("包住",),
}
_NO: Final = frozenset(
    {"", "否", "不", "没有", "不提供", "不包", "不包吃", "不包住", "x", "×", "n", "no", "false", "0"}
)
_YES: Final = frozenset({"是", "有", "包", "提供", "√", "y", "yes", "true", "1", "免费"})


class Perks(NamedTuple):
    """One cell of 福利待遇, taken apart."""

    benefits: tuple[str, ...]
    shift: str
    rest: str


def read_perks(cell: Cell) -> Perks:
    """Benefits in the order written, each once; working hours and days of rest apart."""
    return _read(shown(cell))


@lru_cache(maxsize=4_096)
def _read(text: str) -> Perks:
    benefits: dict[str, None] = {}
    shift = rest = ""
    for part in _PARTS.split(text):
        word = part.strip("()（）.·:：")
        if _REST.search(word):
            rest = rest or word
        elif _SHIFT.search(word):
            shift = shift or word
        elif plain(word):
            benefits.update(dict.fromkeys(_SAME.get(word, (word,))))
    return Perks(tuple(benefits), shift, rest)


def read_yes(cell: Cell, word: str) -> tuple[str, ...]:
    """The benefits a column of its own stands for: 是 under 班车 is 班车, 夫妻房 under 包住 is what it says."""
    text = plain(cell)
    if text in _NO:
        return ()
    if text in _YES:
        return (word,)
    return read_perks(cell).benefits
