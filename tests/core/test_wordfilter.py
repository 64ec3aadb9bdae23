"""Lures and contacts are found in whatever dress they come; what seekers really write passes."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.core.lexicon import LEXICON, Why
from server.core.limits import TEXT_LIMIT
from server.core.wordfilter import MARKS, PICTURES, SAME_IN_A_ROW, Found, found_in, found_said, tidy

CHINESE = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
CIRCLED = dict(zip("0123456789", "⓪①②③④⑤⑥⑦⑧⑨", strict=True))
FULL_WIDTH = {str(n): chr(0xFF10 + n) for n in range(10)}
BETWEEN = ["", " ", "-", ".", "·", "　", "​", "*", "_", "，", "💰"]
mobiles = st.from_regex(r"\A1[3-9][0-9]{9}\Z")


@pytest.mark.parametrize(
    "line",
    [
        "包住吗？",
        "要交押金吗",
        "不收押金吧",
        "收押金的都是骗子",
        "培训贷是不是骗人的",
        "只要男的吗？",
        "工资3500到4500，月底发",
        "3500 4500 5000",
        "招12人 月薪6000",
        "十一点上班，晚上八点下班",
        "二〇二一年十一月二十七日",
        "每月1500，年底13薪2000多",
        "他妈妈也想来",
        "我妈的厂子在榆树",
        "操作工要求高吗",
        "废物回收工还招吗",
        "薇姐这个岗位好",
        "12号和15号哪个离家近",
        "微信能投吗",
        "400元一天",
        "有没有去农安的班车",
        "220000多人看",
        "哈哈哈哈",
        "👍👍",
        "5号线地铁到吗",
        "CNC 数控 三班倒",
        "8.5折餐补",
        "1.5倍加班费",
    ],
)
def test_what_seekers_write_passes(line: str) -> None:
    assert found_in(line) is None


@pytest.mark.parametrize(
    ("line", "word", "why"),
    [
        ("交押金300入职", "押金", Why.FEE),
        ("押　金 300", "押金", Why.FEE),
        ("刷 单 日结", "刷单", Why.LURE),
        ("刷​单", "刷单", Why.LURE),
        ("刷*单，来", "刷单", Why.LURE),
        ("想刷单吗", "刷单", Why.LURE),
        ("加微信聊", "加微信", Why.CONTACT),
        ("加 Ｖ Ｘ", "加vx", Why.CONTACT),
        ("招转培，包分配", "招转培", Why.LOAN),
        ("不要女的", "不要女的", Why.DISCRIMINATION),
        ("傻 逼", "傻逼", Why.INSULT),
        ("傻͓̽逼̷", "傻逼", Why.INSULT),
    ],
)
def test_a_word_is_named_with_its_reason(line: str, word: str, why: Why) -> None:
    assert found_in(line) == Found(word, why)


@pytest.mark.parametrize(
    "line",
    [
        "V信：zhang88888",
        "微信号是 abc_12345",
        "qq 123456789",
        "扣扣：一二三四五六七八",
        "www.abc.com",
        "abc点com",
        "看 abc . com",
        "https://x",
        "me@abc",
        "0431-88886666",
        "400-820-8820",
        "幺三八洞洞幺三八洞洞洞",
        "+86 138 0013 8000",
        "１３８００１３８０００",
    ],
)
def test_a_contact_is_found_and_not_repeated(line: str) -> None:
    assert found_in(line) == Found("", Why.CONTACT)


@given(
    number=mobiles,
    dress=st.lists(st.sampled_from([CHINESE, CIRCLED, FULL_WIDTH, {}]), min_size=11, max_size=11),
    between=st.lists(st.sampled_from(BETWEEN), min_size=11, max_size=11),
    before=st.sampled_from(["", "打我 ", "电话：", "联系"]),
)
def test_a_mobile_number_is_found_in_any_dress(number: str, dress: list, between: list, before: str) -> None:
    line = before + "".join(one.get(c, c) + gap for c, one, gap in zip(number, dress, between, strict=True))
    assert found_in(line) == Found("", Why.CONTACT)


@given(word=st.sampled_from([w for w in LEXICON if w.why is not Why.CONTACT]), marks=st.integers(1, 9))
def test_zalgo_hides_no_word(word, marks: int) -> None:
    hidden = "".join(c + "\u0335" * marks for c in word.text)
    found = found_in(hidden)
    assert found is not None or word.askable, word


@given(st.text(max_size=4 * TEXT_LIMIT))
def test_any_text_is_judged(text: str) -> None:
    found = found_in(text)
    assert found is None or found.word in {word.text for word in LEXICON} | {""}


@given(st.text(alphabet=st.sampled_from("哈a👍😂\u0335\u0301 号"), max_size=4 * TEXT_LIMIT))
@example("👍" * 7 + "a")
@example("aaaaaa\u0301\u0301a\u0301")
@example("aaaaaa\u0301a\u0301\u0301")
def test_a_tidy_line_has_no_floods(text: str) -> None:
    line = tidy(text)
    assert len(line) <= len(text)
    assert tidy(line) == line
    runs = pictures = marks = 0
    last = ""
    for char in line:
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            assert marks <= MARKS
            continue
        marks = 0
        runs = runs + 1 if char == last else 1
        last = char
        pictures += char in "👍😂"
        assert runs <= SAME_IN_A_ROW or char not in "👍😂"
    assert pictures <= PICTURES


def test_tidy_leaves_a_plain_line_alone() -> None:
    for line in ("包住吗？12号", "Café đẹp", "哈哈哈"):
        assert tidy(line) == line
    assert tidy("👍" * 100) == "👍" * SAME_IN_A_ROW


@given(digits=st.from_regex(r"\A[1-9][0-9]{0,30}\Z"), zeros=st.integers(0, 40), mark=st.sampled_from(["", "👍", "é"]))
@example(digits="1", zeros=7, mark="")
def test_a_number_is_shown_as_it_was_typed(digits: str, zeros: int, mark: str) -> None:
    said = f"注册资本{digits}{'0' * zeros}元{mark}，哈哈哈哈哈哈哈哈{'〇' * zeros}{'０' * zeros}"
    assert tidy(said) == said


def test_units_and_letters_in_circles_are_no_emoji() -> None:
    for line in ("℃" * 20, "12㎡ " * 20 + "x", "Ⓐ" * 20):
        assert tidy(line) == line.strip()


def test_every_word_is_in_the_form_it_is_searched_in() -> None:
    for word in LEXICON:
        assert found_in(f"{word.text}") is not None or word.askable, word
        assert word.text == unicodedata.normalize("NFKC", word.text).casefold()
    assert len({word.text for word in LEXICON}) == len(LEXICON)


def test_a_number_with_many_equal_digits_is_one() -> None:
    for said in ("电话幺九九零零零零零零零二，直接来", "19900000002", "1 9 9 0 0 0 0 0 0 0 2 打这个"):
        assert found_said(said, tidy(said)) == Found("", Why.CONTACT)
    assert found_said("刷👍👍👍👍👍👍👍👍👍单", tidy("刷👍👍👍👍👍👍👍👍👍单")) == Found("刷单", Why.LURE)
    assert found_said("哈" * 50, tidy("哈" * 50)) is None
    assert found_said("66666666666", tidy("66666666666")) is None
