"""Questions about positions: which quick ones a card asks for, what makes two free ones the same. Pure.

A quick question is offered where the card lacks the fact. The viewer's page has the same table
(clients/web/viewer/questions.js); tests/web/test_fold.py holds the two together.
"""

import re
import unicodedata
from functools import cache
from hashlib import blake2s
from typing import Final, NamedTuple

from server.core.model import Position

EXPLAIN: Final = "explain"
"""求讲解: the vote for a position to be explained."""


class Quick(NamedTuple):
    """A quick question. It is offered unless one of `facts` is filled in or one of `words` stands in the position's
    own words (benefits, duties, requirements, shift, rest, employment type)."""

    topic: str
    facts: tuple[str, ...]
    words: tuple[str, ...]


QUICK: Final[tuple[Quick, ...]] = (
    Quick("night", ("shift",), ("夜班", "白班", "倒班")),
    Quick("housing", (), ("包住", "住宿", "宿舍", "房补")),
    Quick("bus", (), ("班车", "通勤", "接送")),
    Quick("payday", (), ("发薪", "发工资", "号发")),
    Quick("probation", (), ("试用",)),
    Quick("meals", (), ("包吃", "餐", "食堂", "管饭", "伙食")),
    Quick("base", ("base_yuan",), ("底薪",)),
    Quick("couple", (), ("夫妻",)),
    Quick("insurance", (), ("五险", "社保", "保险")),
    Quick("rest", ("rest",), ("单休", "双休", "月休", "上六休一")),
    Quick("age", (), ("周岁", "岁")),
)
TOPICS: Final = frozenset(quick.topic for quick in QUICK) | {EXPLAIN}


def quick_of(position: Position) -> tuple[str, ...]:
    """The topics the position says nothing of, what most people ask first."""
    said = " ".join(
        (
            *position.benefits,
            position.duties,
            position.requirements,
            position.shift,
            position.rest,
            position.employment_type,
        )
    )
    return tuple(
        quick.topic
        for quick in QUICK
        if not any(getattr(position, fact) for fact in quick.facts) and not any(word in said for word in quick.words)
    )


_ASKS: Final = re.compile(
    r"吗|嘛|么$|呢$|是不是|有没有|要不要|能不能|可不可以|多少|多大|多久|多远|几[点号个天岁人]|哪|怎么|什么|啥|如何|为何"
)
_FILLERS: Final = re.compile(
    r"请问一下|请问|问一下|问下|想问|想知道|主播|老师|您好|你好|哈喽|"
    r"这个岗位|那个岗位|这个厂|咱们|你们|一下|那个|这个|"
    r"[吗嘛呢啊呀哦吧么哈的了]"
)
_NUMBER: Final = re.compile(r"(?<!\d)(\d{1,4})\s*号(?!线|楼|门|院|发|开|上(?!夜班|白班)|到)")


def is_question(text: str) -> bool:
    """Whether a chat line asks something."""
    clean = unicodedata.normalize("NFKC", text).strip()
    return clean.endswith("?") or bool(_ASKS.search(clean))


def number_in(text: str) -> int:
    """The number of the position a line speaks of, 12 in 「12号包住吗」; 0 for none."""
    found = _NUMBER.search(unicodedata.normalize("NFKC", text))
    return int(found[1]) if found else 0


def normal_form(text: str) -> str:
    """What two questions have in common that ask the same: letters and digits without courtesies and particles."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _NUMBER.sub("", plain)
    bare = "".join(c for c in plain if unicodedata.category(c)[0] in "LN")
    return _FILLERS.sub("", bare) or bare


SAID: Final[dict[str, tuple[str, ...]]] = {
    "night": ("上夜班吗", "夜班吗", "有夜班吗", "有没有夜班", "要上夜班吗", "倒班吗", "night shifts"),
    "housing": ("包住吗", "管住吗", "提供住宿吗", "有宿舍吗", "有没有宿舍", "能住宿吗", "dormitory"),
    "bus": ("班车到哪", "班车到哪里", "班车到哪儿", "有班车吗", "有没有班车", "where does the bus go"),
    "payday": ("几号发工资", "几号开工资", "几号发薪", "什么时候发工资", "when is payday"),
    "probation": ("试用期多久", "试用期多长", "试用期几个月", "试用多久", "有试用期吗", "how long is probation"),
    "meals": ("管饭吗", "包吃吗", "有食堂吗", "有没有食堂", "管吃吗", "meals"),
    "base": ("底薪多少", "底薪多少钱", "底薪是多少", "base pay"),
    "couple": ("有夫妻房吗", "有没有夫妻房", "夫妻房有吗", "room for couples"),
    "insurance": ("交社保吗", "有社保吗", "有五险吗", "交五险吗", "给交社保吗", "有没有社保", "insurance"),
    "rest": ("一周休几天", "休几天", "单休还是双休", "有双休吗", "双休吗", "days off"),
    "age": ("年龄有要求吗", "年龄要求", "有年龄要求吗", "年龄限制", "age limit"),
}
"""How people type what the quick questions ask, the words of the buttons among them."""


def topic_of(text: str) -> str:
    """The topic of a free question: that of the quick one where it asks the same, else one for all that have one
    normal form."""
    quick = _quick_forms().get(normal_form(text))
    if quick is not None:
        return quick
    return "t:" + blake2s(normal_form(text).encode(), digest_size=8).hexdigest()


@cache
def _quick_forms() -> dict[str, str]:
    return {normal_form(words): topic for topic, said in SAID.items() for words in said}
