"""Words found by how they are spoken."""

import pytest

from server.core.search.readings import readings
from server.core.search.spelling import WORDS_MOST, Spelling

TITLES = ["焊工", "氩弧焊工", "数控车床操作工", "会计", "保安", "长途司机", "银行柜员", "绿化工", "CNC操作员"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("hangong", ("焊工",)),
        ("hangon", ("焊工",)),
        ("shukong", ("数控",)),
        ("kuaiji", ("会计",)),
        ("baoan", ("保安",)),
        ("changtu", ("长途",)),
        ("yinhang", ("银行",)),
        ("lvhua", ("绿化",)),
        ("yahuhangong", ("氩弧焊工",)),
        ("hang", ("焊工",)),
        ("han", ()),
        ("xyzq", ()),
        ("hangongx", ()),
        ("焊工", ()),
        ("a" * 41, ()),
    ],
)
def test_letters_find_the_words_that_are_spoken_like_them(typed: str, words: tuple[str, ...]) -> None:
    assert Spelling().words(dict.fromkeys(TITLES), typed) == words


def test_a_vocabulary_may_grow() -> None:
    titles = dict.fromkeys(TITLES)
    spelling = Spelling()
    assert spelling.words(titles, "dianhan") == ()
    titles["电焊工"] = None
    assert spelling.words(titles, "dianhan") == ("电焊",)
    titles |= dict.fromkeys(f"焊工{chr(0x4E00 + n)}" for n in range(50))
    assert len(spelling.words(titles, "hangongyi")) <= WORDS_MOST


def test_every_common_character_has_a_reading() -> None:
    known = readings()
    assert len(known) == 6_763
    assert known["行"] == ("hang", "xing")
    assert all(reading.isascii() and reading.isalpha() for several in known.values() for reading in several)
