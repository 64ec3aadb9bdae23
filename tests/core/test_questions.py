"""Which quick questions a card asks for, and which free ones are the same."""

import json
from pathlib import Path
from typing import Final

import msgspec
import pytest

from server.core.questions import QUICK, SAID, TOPICS, is_question, normal_form, number_in, quick_of, topic_of
from server.core.samples import POSITION

LOCALES: Final = Path(__file__).parents[2] / "clients" / "web" / "locales"


def test_a_card_asks_for_what_it_lacks() -> None:
    bare = msgspec.structs.replace(POSITION, shift="", benefits=(), base_yuan=None)
    assert quick_of(bare) == tuple(quick.topic for quick in QUICK)
    full = msgspec.structs.replace(
        POSITION,
        shift="长白班",
        rest="单休",
        benefits=("五险", "包住", "夫妻房", "班车", "餐补"),
        duties="每月 15 号发工资，试用期一个月",
        requirements="18-45 周岁",
    )
    assert quick_of(full) == ()
    assert "housing" not in quick_of(POSITION)
    assert "bus" in quick_of(POSITION)


@pytest.mark.parametrize(
    "same",
    [
        ("包住吗", "请问包住吗？", "主播，包 住 吗", "12号包住吗？", "包住嘛"),
        ("几点上班", "请问一下几点上班呢？", "主播几点上班"),
        ("工资多少", "工资多少？", "这个岗位的工资多少啊"),
    ],
)
def test_courtesies_and_particles_make_no_other_question(same: tuple[str, ...]) -> None:
    assert len({topic_of(line) for line in same}) == 1, [normal_form(line) for line in same]


def test_other_words_are_another_question() -> None:
    assert topic_of("包住吗") != topic_of("包吃吗")
    assert topic_of("吗") != topic_of("呢")
    assert len(topic_of("包住吗" * 60)) <= 32


@pytest.mark.parametrize(
    ("line", "number"),
    [("12号包住吗", 12), ("１２ 号", 12), ("包住吗", 0), ("几号发工资", 0), ("15号发工资", 0), ("5号线到吗", 0)],
)
def test_the_number_a_line_speaks_of(line: str, number: int) -> None:
    assert number_in(line) == number


@pytest.mark.parametrize("line", ["包住吗", "工资多少", "有没有班车", "几点上班", "What time?", "在哪儿", "要不要体检"])
def test_questions_are_known(line: str) -> None:
    assert is_question(line)


@pytest.mark.parametrize("line", ["谢谢主播", "我投了", "已经到岗", "哈哈哈", "好的"])
def test_what_is_no_question(line: str) -> None:
    assert not is_question(line)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_words_of_a_quick_question_typed_are_that_question(language: str) -> None:
    words = json.loads((LOCALES / f"{language}.viewer.json").read_text(encoding="utf-8"))
    for quick in QUICK:
        button = words[f"ask.{quick.topic}"]
        for typed in (button, button.rstrip("？?"), f"主播，{button}！", f"12号{button}"):
            assert topic_of(typed) == quick.topic, typed


def test_what_is_typed_belongs_to_one_quick_question() -> None:
    every = [normal_form(words) for said in SAID.values() for words in said]
    assert set(SAID) == {quick.topic for quick in QUICK}
    assert all(every)
    assert topic_of("包住吗") == topic_of("有没有宿舍？") == "housing"
    assert topic_of("夜班多吗") not in TOPICS
