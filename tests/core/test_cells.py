"""What cells may hold and what is read from them; whatever they hold, a reader answers."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core import cells, linter, uscc
from server.core.cells import Why, read_base, read_date, read_openings, read_pay, read_uscc
from server.core.model import PayUnit
from server.core.perks import Perks, read_perks, read_yes

ANY_CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.text(max_size=200),
    st.text("0123456789.,-~～—至到kK千万wW元／/月薪以上下起面议小时计件人名约十二 五年日+", max_size=24),
    st.text("0123456789", min_size=3_000, max_size=6_000),
)


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        ("4-6K", 4000, 6000),
        ("4K-6K", 4000, 6000),
        ("4000-6000", 4000, 6000),
        ("4,000-6,000", 4000, 6000),
        ("4000元-6000元/月", 4000, 6000),
        ("3500—4500元", 3500, 4500),
        ("５０００～８０００元／月", 5000, 8000),
        ("7000至8000", 7000, 8000),
        ("0.6-0.9万", 6000, 9000),
        ("0.57-1.1万", 5700, 11000),
        ("6千-9千", 6000, 9000),
        ("4000-6K", 4000, 6000),
        ("月薪5500", 5500, 5500),
        (5500, 5500, 5500),
        (5500.0, 5500, 5500),
        ("5000以上", 5000, None),
        ("5000+", 5000, None),
        ("3000+提成", 3000, None),
        ("8000以下", None, 8000),
        ("年薪12-18万", 10000, 15000),
        ("面议(4000-6000)", 4000, 6000),
    ],
)
def test_pay_by_the_month(cell, low, high):
    pay = read_pay(cell)
    assert (pay.min_yuan, pay.max_yuan, pay.unit, pay.why) == (low, high, PayUnit.MONTH, None)


def test_pay_counted_otherwise():
    assert read_pay("25元/小时") == cells.Pay(25, 25, PayUnit.HOUR)
    assert read_pay("计件4000-7000") == cells.Pay(4000, 7000, PayUnit.PIECE)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (None, Why.PAY_MISSING),
        (" / ", Why.PAY_MISSING),
        ("#N/A", Why.PAY_MISSING),
        ("面议", Why.PAY_NEGOTIABLE),
        ("工资面谈", Why.PAY_NEGOTIABLE),
        ("优厚", Why.PAY_UNREADABLE),
        ("底薪3000+提成2000", Why.PAY_UNREADABLE),
        ("4000-6000，转正后7000", Why.PAY_UNREADABLE),
        ("200元/天", Why.PAY_UNREADABLE),
        ("不到4000", Why.PAY_UNREADABLE),
        (date(2027, 4, 6), Why.PAY_UNREADABLE),
        (True, Why.PAY_UNREADABLE),
        ("46-60", Why.PAY_UNLIKELY),
        ("8000-5000", Why.PAY_UNLIKELY),
        ("4000-6000K", Why.PAY_UNLIKELY),
        (-5500, Why.PAY_UNREADABLE),
        (float("nan"), Why.PAY_UNREADABLE),
    ],
)
def test_pay_that_is_none(cell, why):
    pay = read_pay(cell)
    assert (pay.min_yuan, pay.max_yuan, pay.why) == (None, None, why)


@given(ANY_CELL)
def test_pay_never_raises_and_either_says_a_sane_figure_or_why_not(cell):
    pay = read_pay(cell)
    figures = [yuan for yuan in (pay.min_yuan, pay.max_yuan) if yuan is not None]
    assert bool(figures) == (pay.why is None)
    assert all(5 <= yuan <= 200_000 for yuan in figures)
    assert figures == sorted(figures)


@given(st.integers(500, 200_000), st.integers(0, 100_000), st.sampled_from("-~～—至到"))
def test_every_range_that_is_written_is_read_back(low, more, dash):
    high = min(low + more, 200_000)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    for text in (f"{low}{dash}{high}", f"{low}{dash}{high}元/月", f"{low} {dash} {high}元".translate(wide)):
        assert read_pay(text) == cells.Pay(low, high)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2200元", (2200, None)),
        (1900, (1900, None)),
        ("2000-2400", (2000, None)),
        ("", (None, Why.BASE_MISSING)),
        ("无", (None, Why.BASE_MISSING)),
        (0, (None, Why.BASE_MISSING)),
        ("面议", (None, Why.BASE_UNREADABLE)),
        ("15元/小时", (None, Why.BASE_UNREADABLE)),
    ],
)
def test_base_pay(cell, expected):
    assert read_base(cell) == expected


@given(ANY_CELL)
def test_base_pay_never_raises(cell):
    base, why = read_base(cell)
    assert (base is None) == (why is not None)


@pytest.mark.parametrize(
    ("cell", "openings"),
    [
        (1, 1),
        (20.0, 20),
        ("20", 20),
        ("8-10", 8),
        ("５人", 5),
        ("约30名", 30),
        ("十人", 10),
        ("二十五", 25),
        ("两名", 2),
    ],
)
def test_openings(cell, openings):
    assert read_openings(cell) == (openings, None)


@pytest.mark.parametrize(
    "cell", ["若干", "不限", "多名", 0, -3, 2.5, "10-8", "男3女2", "一二", True, date(2026, 8, 10), "1" * 5000, 10**9]
)
def test_openings_that_are_no_number(cell):
    assert read_openings(cell) == (None, Why.OPENINGS_UNREADABLE)


def test_openings_that_are_missing():
    assert read_openings(" ") == (None, Why.OPENINGS_MISSING)


@given(ANY_CELL)
def test_openings_never_raise(cell):
    openings, why = read_openings(cell)
    assert (openings is None) == (why is not None)
    assert openings is None or 1 <= openings <= cells.MOST_OPENINGS


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (46387, "2026-12-31"),
        (46387.0, "2026-12-31"),
        ("46387", "2026-12-31"),
        ("2027.1.15", "2027-01-15"),
        ("2027-03-31", "2027-03-31"),
        ("2027-03-31 00:00:00", "2027-03-31"),
        ("2027/12/31", "2027-12-31"),
        ("2027年6月30日", "2027-06-30"),
        ("２０２７年６月３０日止", "2027-06-30"),
        ("2028年2月", "2028-02-29"),
        ("20270331", "2027-03-31"),
        (datetime(2027, 3, 31, 12, 30), "2027-03-31"),
        (date(2027, 3, 31), "2027-03-31"),
    ],
)
def test_dates(cell, day):
    assert read_date(cell) == (day, None)


@pytest.mark.parametrize(
    "cell", ["长期", "2027-02-30", "2027-13-01", "31/12/2027", 5, 2027.1, "27.1.15", True, "9" * 5000]
)
def test_dates_that_are_none(cell):
    assert read_date(cell) == ("", Why.VALID_UNTIL_UNREADABLE)


def test_a_workbook_that_counts_from_1904():
    assert read_date(44925, since_1904=True) == ("2026-12-31", None)


@given(ANY_CELL, st.booleans())
def test_dates_never_raise_and_are_dates(cell, since_1904):
    day, why = read_date(cell, since_1904=since_1904)
    assert bool(day) == (why is None)
    if day:
        date.fromisoformat(day)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_date_is_read_back_however_it_is_written(day):
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    written = f"{day.year}年{day.month}月{day.day}日"
    for cell in (
        day,
        serial,
        str(serial),
        day.isoformat(),
        f"{day:%Y.%m.%d}",
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
        written,
    ):
        assert read_date(cell) == (day.isoformat(), None)


@pytest.mark.parametrize(
    "code", ["91990000MA0001000F", "91220000MA0Y33UY6H"[:17] + uscc.check_character("91220000MA0Y33UY6")]
)
def test_codes_are_checked(code):
    assert read_uscc(f" {code.lower()} ") == (code, None)
    for at in range(2, 18):
        other = "1" if code[at] != "1" else "2"
        assert read_uscc(code[:at] + other + code[at + 1 :]) == ("", Why.USCC_INVALID)


@given(ANY_CELL)
def test_codes_never_raise(cell):
    code, _ = read_uscc(cell)
    assert code == "" or uscc.is_valid(code)


def test_made_up_codes_are_well_formed_and_different():
    codes = {uscc.synthetic_code(serial) for serial in range(0, 1_000_000, 997)}
    assert len(codes) == 1004
    assert all(uscc.is_valid(code) and uscc.is_synthetic(code) for code in codes)
    assert not uscc.is_synthetic("91220000MA0Y33UY6H")
    with pytest.raises(ValueError, match="serial"):
        uscc.synthetic_code(1_000_000)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("五险一金、包住、班车", Perks(("五险一金", "包住", "班车"), "", "")),
        ("五险，包吃", Perks(("五险", "包吃"), "", "")),
        ("长白班，双休", Perks((), "长白班", "双休")),
        ("夫妻房 餐补15元/天", Perks(("夫妻房", "餐补15元/天"), "", "")),
        ("包吃住/五险/包住", Perks(("包吃", "包住", "五险"), "", "")),
        ("两班倒；上六休一；", Perks((), "两班倒", "上六休一")),
        ("无", Perks((), "", "")),
        (None, Perks((), "", "")),
    ],
)
def test_benefits_are_taken_apart(cell, expected):
    assert read_perks(cell) == expected


def test_a_column_for_one_benefit():
    assert read_yes("是", "班车") == ("班车",)
    assert read_yes("否", "班车") == ()
    assert read_yes("夫妻房", "包住") == ("夫妻房",)


@pytest.mark.parametrize(
    "text",
    [
        "限男性，45岁以下",
        "女士优先",
        "18-45岁",
        "30岁以下大专",
        "35周岁以上",
        "要求女",
        "90后优先",
        "男工",
        "年龄45以下",
        "限 男",
    ],
)
def test_limits_of_sex_and_age_are_seen(text):
    assert linter.limits_sex_or_age(text)


@pytest.mark.parametrize(
    "text",
    [
        "男女不限",
        "性别不限，年龄不限",
        "年满18周岁",
        "18周岁以上",
        "子女教育补贴",
        "男装缝纫工",
        "夫妻房",
        "8:30-17:30",
        "20人以下",
        "",
    ],
)
def test_what_limits_neither_sex_nor_age_passes(text):
    assert not linter.limits_sex_or_age(text)


@pytest.mark.parametrize(
    ("text", "seen"), [("18-45", True), ("45以下", True), ("不限", False), ("18岁以上", False), ("", False)]
)
def test_the_column_of_ages(text, seen):
    assert bool(linter.limits_in_column(text, column_of_ages=True)) is seen


@pytest.mark.parametrize(
    ("text", "seen"), [("男", True), ("女性", True), ("男女不限", False), ("男/女", False), ("不限", False)]
)
def test_the_column_of_sexes(text, seen):
    assert bool(linter.limits_in_column(text, column_of_ages=False)) is seen


@pytest.mark.parametrize(
    "text",
    [
        "入职交服装费300元",
        "押金300不退",
        "收押金",
        "先交钱后上岗",
        "可办培训贷",
        "入职需交300元",
        "免费住宿押金300",
        "无需经验入职交押金",
    ],
)
def test_fees_are_seen(text):
    assert linter.asks_fee(text)


@pytest.mark.parametrize(
    "text",
    ["不收取任何费用", "无押金", "免费培训", "体检费报销", "免体检费", "服装费由公司承担", "交通补贴300元", ""],
)
def test_what_asks_for_nothing_passes(text):
    assert not linter.asks_fee(text)


@pytest.mark.parametrize("text", ["电话19900000000", "加微信abc", "0431-80000000", "a@b.cn", "详见 https://x"])
def test_contacts_are_seen(text):
    assert linter.has_contact(text)


@given(st.text(max_size=300))
def test_the_linter_never_raises(text):
    linter.limits_sex_or_age(text)
    linter.asks_fee(text)
    linter.has_contact(text)
    linter.limits_in_column(text, column_of_ages=True)
    read_perks(text)
