"""Words as they are compared in a search: one form for all ways of writing, bigrams, and other words for the same job.

焊工 and 数控 are words of two characters, which no trigram index finds: Chinese runs are cut into pairs, Latin and
number runs (CNC, C1) stay whole.
"""

import itertools
import re
import unicodedata
from typing import Final

WORDS_LIMIT: Final = 200
"""Characters of a search text; a longer one is refused."""
TERMS_LIMIT: Final = 8
"""Terms of a search that are looked at; nobody types more on purpose."""
VARIANTS_LIMIT: Final = 12

_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u200b-\u200f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)
"""What is heaped on letters without being one; NFKC keeps it."""
_RUNS: Final = re.compile(r"[a-z0-9]+(?:[+#.\-][a-z0-9]+)*[+#]*|[^\W_a-z0-9]+")

SAME: Final[tuple[tuple[str, ...], ...]] = (
    ("电焊工", "焊工", "氩弧焊工", "二保焊工", "气保焊工", "焊接工"),
    ("叉车工", "叉车司机", "叉车", "铲车", "铲车司机"),
    ("保安", "安保", "保安员", "安保员", "门卫", "秩序维护员"),
    ("夜班", "大夜", "晚班"),
    ("倒班", "两班倒", "三班倒", "轮班"),
    ("白班", "常白班", "长白班", "正常班"),
    ("保洁", "保洁员", "清洁工", "保洁工"),
    ("普工", "操作工", "普通工人", "小工", "一线工人", "作业员", "操作员"),
    ("装配工", "组装工", "装配", "组装"),
    ("质检", "质检员", "检验员", "品检", "质量检验", "qc"),
    ("包装工", "打包工", "包装"),
    ("库管", "仓管", "仓库管理员", "库管员", "仓管员", "保管员"),
    ("缝纫工", "车工缝纫", "缝制工", "平车工", "车位工"),
    ("厨师", "炒菜", "大厨", "厨工"),
    ("司机", "驾驶员"),
    ("钳工", "机修钳工", "机修工", "维修工", "维修钳工"),
    ("电工", "维修电工", "电气维修"),
    ("数控", "cnc", "加工中心"),
    ("车工", "车床工", "车床"),
    ("会计", "财务"),
    ("销售", "业务员", "销售员"),
    ("客服", "客服专员", "话务员"),
    ("学徒", "学徒工", "徒工"),
    ("包住", "管住", "提供住宿", "宿舍"),
    ("包吃", "管吃", "包餐", "工作餐"),
    ("夫妻房", "夫妻间", "夫妻宿舍"),
    ("班车", "通勤车", "接送", "通勤"),
    ("五险", "社保"),
    ("搬运工", "装卸工", "搬运", "装卸"),
    ("护工", "护理员", "陪护"),
    ("服务员", "传菜员"),
    ("挤奶工", "饲养员", "养殖工"),
)
"""Words for the same thing; who asks for one finds all. Written as `plain` writes."""

_BOTH: Final = re.compile("包吃包住|[包管]吃住|包食宿|管吃管住")
"""Two wishes in one word."""

_GROUP: Final = {word: group for group in SAME for word in group}
_KNOWN: Final = sorted(_GROUP, key=len, reverse=True)


def plain(text: str) -> str:
    """The form in which texts are compared: NFKC (full width, ligatures), lower case, without marks and what is
    invisible. Characters beyond a limit are the caller's business."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _MARKS.sub("", folded)


def runs(text: str) -> list[str]:
    """The runs of a plain text: Latin and numbers together, other scripts together; what stands between parts them."""
    return _RUNS.findall(text)


def is_latin(run: str) -> bool:
    """Whether a run is one of letters and numbers, which is found whole or by its beginning."""
    return run[0].isascii()


def pairs(run: str) -> list[str]:
    """The bigrams of a run that is not Latin; the run itself where it has one character."""
    return [a + b for a, b in itertools.pairwise(run)] or [run]


def tokens(text: str) -> set[str]:
    """What a plain text is found by."""
    found: set[str] = set()
    for run in runs(text):
        if is_latin(run):
            found.add(run)
        else:
            found.update(pairs(run))
    return found


def terms(text: str) -> tuple[str, ...]:
    """What is asked for: the runs of the text, each once, at most TERMS_LIMIT."""
    return tuple(dict.fromkeys(runs(_BOTH.sub(" 包吃 包住 ", plain(text)))))[:TERMS_LIMIT]


def variants(term: str) -> tuple[str, ...]:
    """The term, and the same with another word for the longest known word in it: 电焊工学徒, 焊工学徒."""
    for word in _KNOWN:
        if word in term:
            others = (term.replace(word, other) for other in _GROUP[word])
            return tuple(dict.fromkeys((term, *others)))[:VARIANTS_LIMIT]
    return (term,)


def known_words() -> frozenset[str]:
    """Every word that has another for the same thing."""
    return frozenset(_GROUP)
